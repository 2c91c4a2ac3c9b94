//! People: one row per human being, known by address.

use crate::domain::clients::{Name, Phone};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{email::EmailAddress, id::PersonId};

/// A person to be stored.
#[derive(Debug)]
pub struct NewPerson<'a> {
    /// Id.
    pub id: PersonId,
    /// Address.
    pub email: &'a EmailAddress,
    /// First name.
    pub given_name: &'a Name,
    /// Last name.
    pub family_name: &'a Name,
    /// Phone.
    pub phone: &'a Phone,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Stores a person, or finds the one with this address; tells its id and whether it has a password.
///
/// # Errors
/// Those of the database.
pub async fn find_or_insert(
    conn: &mut PgConnection,
    person: &NewPerson<'_>,
) -> sqlx::Result<(PersonId, bool)> {
    // The no-op update locks the row that is there, so that two calls agree on one person.
    let row = sqlx::query!(
        "insert into people (id, email, email_key, given_name, family_name, phone, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (email_key) do update set email_key = excluded.email_key
         returning id, password_hash is not null as \"has_password!\"",
        person.id.0,
        person.email.as_str(),
        person.email.key(),
        person.given_name.as_str(),
        person.family_name.as_str(),
        person.phone.as_str(),
        person.created_at,
    )
    .fetch_one(conn)
    .await?;
    Ok((PersonId(row.id), row.has_password))
}

/// Changes a person's names and phone.
///
/// # Errors
/// Those of the database.
pub async fn update(
    conn: &mut PgConnection,
    id: PersonId,
    given_name: &Name,
    family_name: &Name,
    phone: &Phone,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update people set given_name = $2, family_name = $3, phone = $4 where id = $1",
        id.0,
        given_name.as_str(),
        family_name.as_str(),
        phone.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets a person's password.
///
/// # Errors
/// Those of the database.
pub async fn set_password(
    conn: &mut PgConnection,
    id: PersonId,
    hash: &str,
    must_change: bool,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update people set password_hash = $2, must_change_password = $3 where id = $1",
        id.0,
        hash,
        must_change,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What a login checks.
#[derive(Debug)]
pub struct Login {
    /// Who.
    pub id: uuid::Uuid,
    /// Hash of the password; none was set yet when absent.
    pub password_hash: Option<String>,
    /// The password works once.
    pub must_change_password: bool,
    /// Shown in the header.
    pub display_name: String,
}

/// The person who logs in with this address.
///
/// # Errors
/// Those of the database.
pub async fn login(conn: &mut PgConnection, email_key: &str) -> sqlx::Result<Option<Login>> {
    sqlx::query_as!(
        Login,
        "select id, password_hash, must_change_password,
                trim(given_name || ' ' || family_name) as \"display_name!\"
         from people where email_key = $1",
        email_key,
    )
    .fetch_optional(conn)
    .await
}

/// The hash of a person's password.
///
/// # Errors
/// Those of the database.
pub async fn login_by_id(conn: &mut PgConnection, id: PersonId) -> sqlx::Result<Option<Login>> {
    sqlx::query_as!(
        Login,
        "select id, password_hash, must_change_password,
                trim(given_name || ' ' || family_name) as \"display_name!\"
         from people where id = $1",
        id.0,
    )
    .fetch_optional(conn)
    .await
}
