//! Contacts: links of people to clients.

use super::corrupt;
use crate::domain::{
    clients::{Name, Phone},
    contacts::{Access, Contact, ContactFields, LetterKind},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{
    email::EmailAddress,
    id::{ClientId, ContactId, PersonId},
};
use uuid::Uuid;

struct Row {
    id: Uuid,
    client_id: Uuid,
    person_id: Uuid,
    access: String,
    letters: Vec<String>,
    main: bool,
    revision: i64,
    created_at: DateTime<Utc>,
    email: String,
    given_name: String,
    family_name: String,
    phone: String,
}

impl TryFrom<Row> for Contact {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let id = ContactId(row.id);
        let name = |column, text: &str| Name::parse_optional(text).map_err(|_| corrupt(column, id));
        let letters = row.letters.iter().map(|w| LetterKind::from_word(w));
        Ok(Self {
            id,
            client: ClientId(row.client_id),
            person: PersonId(row.person_id),
            fields: ContactFields {
                email: EmailAddress::parse(&row.email).map_err(|_| corrupt("email", id))?,
                given_name: name("given_name", &row.given_name)?,
                family_name: name("family_name", &row.family_name)?,
                phone: Phone::parse(&row.phone).map_err(|_| corrupt("phone", id))?,
                access: Access::from_word(&row.access).ok_or_else(|| corrupt("access", id))?,
                letters: letters.collect::<Option<_>>().ok_or_else(|| corrupt("letters", id))?,
            },
            main: row.main,
            revision: row.revision,
            created_at: row.created_at,
        })
    }
}

/// Letter kinds as they are stored.
fn words(letters: &[LetterKind]) -> Vec<String> {
    letters.iter().map(|l| l.as_str().to_owned()).collect()
}

/// Stores a link.
///
/// # Errors
/// Those of the database; constraint `contacts_person_key` when the person is linked already.
pub async fn insert(conn: &mut PgConnection, contact: &Contact) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into contacts (id, client_id, person_id, access, letters, main, revision,
                               created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        contact.id.0,
        contact.client.0,
        contact.person.0,
        contact.fields.access.as_str(),
        &words(&contact.fields.letters),
        contact.main,
        contact.revision,
        contact.created_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores what changed of a link, its revision included.
///
/// # Errors
/// Those of the database.
pub async fn update(conn: &mut PgConnection, contact: &Contact) -> sqlx::Result<()> {
    sqlx::query!(
        "update contacts set access = $2, letters = $3, main = $4, revision = $5 where id = $1",
        contact.id.0,
        contact.fields.access.as_str(),
        &words(&contact.fields.letters),
        contact.main,
        contact.revision,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a link.
///
/// # Errors
/// Those of the database.
pub async fn delete(
    conn: &mut PgConnection,
    id: ContactId,
    deleted_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!("update contacts set deleted_at = $2 where id = $1", id.0, deleted_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes the mark of the main contact off whoever has it.
///
/// # Errors
/// Those of the database.
pub async fn clear_main(conn: &mut PgConnection, client: ClientId) -> sqlx::Result<()> {
    sqlx::query!(
        "update contacts set main = false, revision = revision + 1
         where client_id = $1 and main and deleted_at is null",
        client.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One link that has not ended.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: ContactId) -> sqlx::Result<Option<Contact>> {
    sqlx::query_as!(
        Row,
        "select k.id, k.client_id, k.person_id, k.access, k.letters, k.main, k.revision,
                k.created_at, p.email, p.given_name, p.family_name, p.phone
         from contacts k join people p on p.id = k.person_id
         where k.id = $1 and k.deleted_at is null",
        id.0,
    )
    .fetch_optional(conn)
    .await?
    .map(Contact::try_from)
    .transpose()
}

/// The link of a person to a client that has not ended.
///
/// # Errors
/// Those of the database.
pub async fn of_person(
    conn: &mut PgConnection,
    client: ClientId,
    person: PersonId,
) -> sqlx::Result<Option<Contact>> {
    sqlx::query_as!(
        Row,
        "select k.id, k.client_id, k.person_id, k.access, k.letters, k.main, k.revision,
                k.created_at, p.email, p.given_name, p.family_name, p.phone
         from contacts k join people p on p.id = k.person_id
         where k.client_id = $1 and k.person_id = $2 and k.deleted_at is null",
        client.0,
        person.0,
    )
    .fetch_optional(conn)
    .await?
    .map(Contact::try_from)
    .transpose()
}

/// Contacts of clients, by client and id, after an id.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    clients: &[ClientId],
    after: Option<Uuid>,
    limit: i64,
) -> sqlx::Result<Vec<Contact>> {
    let clients: Vec<Uuid> = clients.iter().map(|c| c.0).collect();
    sqlx::query_as!(
        Row,
        "select k.id, k.client_id, k.person_id, k.access, k.letters, k.main, k.revision,
                k.created_at, p.email, p.given_name, p.family_name, p.phone
         from contacts k join people p on p.id = k.person_id
         where k.client_id = any($1) and k.deleted_at is null and ($2::uuid is null or k.id > $2)
         order by k.id
         limit $3",
        &clients,
        after,
        limit,
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Contact::try_from)
    .collect()
}

/// How many contacts a client has, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, client: ClientId, cap: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "select count(*) as \"count!\" from (
             select 1 from contacts where client_id = $1 and deleted_at is null limit $2) found",
        client.0,
        cap,
    )
    .fetch_one(conn)
    .await
}
