//! Clients.

use super::{corrupt, prefix};
use crate::domain::clients::{Client, ClientFields, Kind, Language, Name, Phone, Stage};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{
    email::EmailAddress,
    id::{ClientId, PersonId, StaffId},
};
use uuid::Uuid;

/// A client with its main person, as it is read.
struct Row {
    id: Uuid,
    number: i64,
    kind: String,
    company: String,
    main_person_id: Uuid,
    language: String,
    zone: String,
    security_question: String,
    manager_id: Option<Uuid>,
    never_suspend: bool,
    no_overdue_notices: bool,
    no_late_fees: bool,
    stage: String,
    revision: i64,
    created_at: DateTime<Utc>,
    email: String,
    given_name: String,
    family_name: String,
    phone: String,
}

impl TryFrom<Row> for Client {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let id = ClientId(row.id);
        let name = |column, text: &str| Name::parse_optional(text).map_err(|_| corrupt(column, id));
        Ok(Self {
            id,
            number: row.number,
            person: PersonId(row.main_person_id),
            fields: ClientFields {
                kind: Kind::from_word(&row.kind).ok_or_else(|| corrupt("kind", id))?,
                given_name: name("given_name", &row.given_name)?,
                family_name: name("family_name", &row.family_name)?,
                company: name("company", &row.company)?,
                email: EmailAddress::parse(&row.email).map_err(|_| corrupt("email", id))?,
                phone: Phone::parse(&row.phone).map_err(|_| corrupt("phone", id))?,
                language: Language::from_word(&row.language)
                    .ok_or_else(|| corrupt("language", id))?,
                zone: row.zone.parse().map_err(|_| corrupt("zone", id))?,
                security_question: name("security_question", &row.security_question)?,
                manager: row.manager_id.map(StaffId),
                never_suspend: row.never_suspend,
                no_overdue_notices: row.no_overdue_notices,
                no_late_fees: row.no_late_fees,
            },
            stage: Stage::from_word(&row.stage).ok_or_else(|| corrupt("stage", id))?,
            revision: row.revision,
            created_at: row.created_at,
        })
    }
}

/// The next human number. Taken last: the row is locked until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn next_number(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!("update client_counter set last = last + 1 returning last")
        .fetch_one(conn)
        .await
}

/// Stores a new client.
///
/// # Errors
/// Those of the database; constraint `clients_main_email_key` when the main address is taken.
pub async fn insert(conn: &mut PgConnection, client: &Client) -> sqlx::Result<()> {
    let f = &client.fields;
    sqlx::query!(
        "insert into clients (id, number, kind, company, main_person_id, main_email_key, language,
                              zone, security_question, stage, revision, created_at, manager_id,
                              never_suspend, no_overdue_notices, no_late_fees)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        client.id.0,
        client.number,
        f.kind.as_str(),
        f.company.as_str(),
        client.person.0,
        f.email.key(),
        f.language.as_str(),
        f.zone.name(),
        f.security_question.as_str(),
        client.stage.as_str(),
        client.revision,
        client.created_at,
        f.manager.map(|id| id.0),
        f.never_suspend,
        f.no_overdue_notices,
        f.no_late_fees,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores what changed of a client, its revision included.
///
/// # Errors
/// Those of the database; constraint `clients_main_email_key` when the main address is taken.
pub async fn update(conn: &mut PgConnection, client: &Client) -> sqlx::Result<()> {
    let f = &client.fields;
    sqlx::query!(
        "update clients
         set kind = $2, company = $3, main_person_id = $4, main_email_key = $5, language = $6,
             zone = $7, security_question = $8, stage = $9, revision = $10, manager_id = $11,
             never_suspend = $12, no_overdue_notices = $13, no_late_fees = $14
         where id = $1",
        client.id.0,
        f.kind.as_str(),
        f.company.as_str(),
        client.person.0,
        f.email.key(),
        f.language.as_str(),
        f.zone.name(),
        f.security_question.as_str(),
        client.stage.as_str(),
        client.revision,
        f.manager.map(|id| id.0),
        f.never_suspend,
        f.no_overdue_notices,
        f.no_late_fees,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One client.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: ClientId) -> sqlx::Result<Option<Client>> {
    sqlx::query_as!(
        Row,
        "select c.id, c.number, c.kind, c.company, c.main_person_id, c.language, c.zone,
                c.security_question, c.manager_id, c.never_suspend, c.no_overdue_notices,
                c.no_late_fees, c.stage, c.revision, c.created_at, p.email, p.given_name,
                p.family_name, p.phone
         from clients c join people p on p.id = c.main_person_id
         where c.id = $1",
        id.0,
    )
    .fetch_optional(conn)
    .await?
    .map(Client::try_from)
    .transpose()
}

/// Several clients, in no order; what there is none of is left out.
///
/// # Errors
/// Those of the database.
pub async fn get_all(conn: &mut PgConnection, ids: &[ClientId]) -> sqlx::Result<Vec<Client>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        "select c.id, c.number, c.kind, c.company, c.main_person_id, c.language, c.zone,
                c.security_question, c.manager_id, c.never_suspend, c.no_overdue_notices,
                c.no_late_fees, c.stage, c.revision, c.created_at, p.email, p.given_name,
                p.family_name, p.phone
         from clients c join people p on p.id = c.main_person_id
         where c.id = any($1)",
        &ids,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Client::try_from).collect()
}

/// One client, locked until the transaction ends: whoever emits an event about it does this first.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, id: ClientId) -> sqlx::Result<Option<Client>> {
    sqlx::query!("select id from clients where id = $1 for update", id.0)
        .fetch_optional(&mut *conn)
        .await?;
    get(conn, id).await
}

/// Gives a locked client its next revision.
///
/// # Errors
/// Those of the database.
pub async fn touch(conn: &mut PgConnection, id: ClientId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "update clients set revision = revision + 1 where id = $1 returning revision",
        id.0,
    )
    .fetch_one(conn)
    .await
}

/// Locks and touches every client that a person acts for, in ascending id; tells the revisions.
///
/// # Errors
/// Those of the database.
pub async fn touch_of_person(
    conn: &mut PgConnection,
    person: PersonId,
) -> sqlx::Result<Vec<(ClientId, i64)>> {
    let rows = sqlx::query!(
        "with mine as (
             select c.id from clients c
             where c.id in (select client_id from contacts
                            where person_id = $1 and deleted_at is null)
             order by c.id for update
         )
         update clients set revision = revision + 1
         from mine where clients.id = mine.id
         returning clients.id, clients.revision",
        person.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (ClientId(r.id), r.revision)).collect())
}

/// The client with this main address.
///
/// # Errors
/// Those of the database.
pub async fn with_main_address(
    conn: &mut PgConnection,
    email_key: &str,
) -> sqlx::Result<Option<(ClientId, i64)>> {
    let row = sqlx::query!("select id, number from clients where main_email_key = $1", email_key)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|r| (ClientId(r.id), r.number)))
}

/// Which clients a list shows.
#[derive(Debug, Default)]
pub struct Filter {
    /// Number, or the beginning of an address, family name, company, word of a company or tax id;
    /// empty for all.
    pub query: String,
    /// Only this stage.
    pub stage: Option<Stage>,
}

/// What was typed as beginnings of words that must all be there; nothing of it is an operator.
fn words(query: &str) -> String {
    let words = query.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| format!("{word}:*")).collect::<Vec<_>>().join(" & ")
}

/// Clients by filter, newest number first, after a number.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: &Filter,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Vec<Client>> {
    sqlx::query_as!(
        Row,
        "select c.id, c.number, c.kind, c.company, c.main_person_id, c.language, c.zone,
                c.security_question, c.manager_id, c.never_suspend, c.no_overdue_notices,
                c.no_late_fees, c.stage, c.revision, c.created_at, p.email, p.given_name,
                p.family_name, p.phone
         from clients c join people p on p.id = c.main_person_id
         where ($1 = '' or c.id in (
                   select id from clients where number::text = $1
                   union select id from clients where lower(company) like lower($2)
                   union select id from clients
                         where to_tsvector('simple', company) @@ to_tsquery('simple', $6)
                   union select client_id from legal_entities where tax_id like $2
                   union select k.client_id from contacts k join people q on q.id = k.person_id
                         where k.deleted_at is null and (lower(q.family_name) like lower($2)
                                                         or q.email_key like lower($2))))
           and ($3::text is null or c.stage = $3)
           and ($4::bigint is null or c.number < $4)
         order by c.number desc
         limit $5",
        filter.query,
        prefix(&filter.query),
        filter.stage.map(Stage::as_str),
        after,
        limit,
        words(&filter.query),
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Client::try_from)
    .collect()
}

/// How many clients a filter finds, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, filter: &Filter, cap: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "select count(*) as \"count!\" from (
             select 1 from clients c
             where ($1 = '' or c.id in (
                       select id from clients where number::text = $1
                       union select id from clients where lower(company) like lower($2)
                       union select id from clients
                             where to_tsvector('simple', company) @@ to_tsquery('simple', $5)
                       union select client_id from legal_entities where tax_id like $2
                       union select k.client_id from contacts k join people q on q.id = k.person_id
                             where k.deleted_at is null and (lower(q.family_name) like lower($2)
                                                             or q.email_key like lower($2))))
               and ($3::text is null or c.stage = $3)
             limit $4) found",
        filter.query,
        prefix(&filter.query),
        filter.stage.map(Stage::as_str),
        cap,
        words(&filter.query),
    )
    .fetch_one(conn)
    .await
}
