//! Staff.

use super::{corrupt, people::Login};
use crate::domain::{
    clients::Name,
    staff::{StaffFields, StaffMember},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{email::EmailAddress, id::StaffId};
use uuid::Uuid;

struct Row {
    id: Uuid,
    email: String,
    display_name: String,
    roles: Vec<String>,
    department: String,
    disabled: bool,
    revision: i64,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for StaffMember {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, Self::Error> {
        let id = StaffId(row.id);
        let name = |column, text: &str| Name::parse_optional(text).map_err(|_| corrupt(column, id));
        Ok(Self {
            id,
            fields: StaffFields {
                email: EmailAddress::parse(&row.email).map_err(|_| corrupt("email", id))?,
                display_name: name("display_name", &row.display_name)?,
                roles: row.roles,
                department: name("department", &row.department)?,
                disabled: row.disabled,
            },
            revision: row.revision,
            created_at: row.created_at,
        })
    }
}

/// Stores a member of staff with a password that works once.
///
/// # Errors
/// Those of the database; constraint `staff_email_key` when the login is taken.
pub async fn insert(
    conn: &mut PgConnection,
    member: &StaffMember,
    password_hash: &str,
) -> sqlx::Result<()> {
    let f = &member.fields;
    sqlx::query!(
        "insert into staff (id, email, email_key, display_name, roles, department, password_hash,
                            must_change_password, disabled, revision, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, true, $8, $9, $10)",
        member.id.0,
        f.email.as_str(),
        f.email.key(),
        f.display_name.as_str(),
        &f.roles,
        f.department.as_str(),
        password_hash,
        f.disabled,
        member.revision,
        member.created_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores what changed of a member, the revision included.
///
/// # Errors
/// Those of the database; constraint `staff_email_key` when the login is taken.
pub async fn update(conn: &mut PgConnection, member: &StaffMember) -> sqlx::Result<()> {
    let f = &member.fields;
    sqlx::query!(
        "update staff
         set email = $2, email_key = $3, display_name = $4, roles = $5, department = $6,
             disabled = $7, revision = $8
         where id = $1",
        member.id.0,
        f.email.as_str(),
        f.email.key(),
        f.display_name.as_str(),
        &f.roles,
        f.department.as_str(),
        f.disabled,
        member.revision,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets a member's password.
///
/// # Errors
/// Those of the database.
pub async fn set_password(
    conn: &mut PgConnection,
    id: StaffId,
    hash: &str,
    must_change: bool,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update staff set password_hash = $2, must_change_password = $3 where id = $1",
        id.0,
        hash,
        must_change,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One member of staff.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: StaffId) -> sqlx::Result<Option<StaffMember>> {
    sqlx::query_as!(
        Row,
        "select id, email, display_name, roles, department, disabled, revision, created_at
         from staff where id = $1",
        id.0,
    )
    .fetch_optional(conn)
    .await?
    .map(StaffMember::try_from)
    .transpose()
}

/// One member of staff, locked until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, id: StaffId) -> sqlx::Result<Option<StaffMember>> {
    sqlx::query!("select id from staff where id = $1 for update", id.0)
        .fetch_optional(&mut *conn)
        .await?;
    get(conn, id).await
}

/// Staff by id, after an id.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    after: Option<Uuid>,
    limit: i64,
) -> sqlx::Result<Vec<StaffMember>> {
    sqlx::query_as!(
        Row,
        "select id, email, display_name, roles, department, disabled, revision, created_at
         from staff where $1::uuid is null or id > $1
         order by id
         limit $2",
        after,
        limit,
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(StaffMember::try_from)
    .collect()
}

/// How many members there are, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, cap: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "select count(*) as \"count!\" from (select 1 from staff limit $1) found",
        cap,
    )
    .fetch_one(conn)
    .await
}

/// The member who logs in with this address and may.
///
/// # Errors
/// Those of the database.
pub async fn login(conn: &mut PgConnection, email_key: &str) -> sqlx::Result<Option<Login>> {
    sqlx::query_as!(
        Login,
        "select id, password_hash, must_change_password, display_name
         from staff where email_key = $1 and not disabled",
        email_key,
    )
    .fetch_optional(conn)
    .await
}

/// The hash of a member's password.
///
/// # Errors
/// Those of the database.
pub async fn login_by_id(conn: &mut PgConnection, id: StaffId) -> sqlx::Result<Option<Login>> {
    sqlx::query_as!(
        Login,
        "select id, password_hash, must_change_password, display_name
         from staff where id = $1 and not disabled",
        id.0,
    )
    .fetch_optional(conn)
    .await
}
