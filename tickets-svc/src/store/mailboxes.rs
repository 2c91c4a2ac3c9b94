//! Mailboxes.

use super::rows;
use crate::domain::{mailboxes::Mailbox, working_hours::WorkingHours};
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use types::{EmailAddress, id::MailboxId};
use uuid::Uuid;

/// A mailbox and when it was made.
pub struct Stored {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// When it was made.
    pub created: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    address: String,
    display_name: String,
    department: String,
    accept_unknown: bool,
    acknowledge: bool,
    processing_minutes: i32,
    first_response_minutes: i32,
    calendar_country: String,
    working_hours: String,
    time_zone: String,
    revision: i64,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Stored {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        let mailbox = Mailbox {
            id: row.id.into(),
            address: rows::address("mailboxes.address", &row.address)?,
            display_name: row.display_name,
            department: row.department,
            accept_unknown: row.accept_unknown,
            acknowledge: row.acknowledge,
            processing_minutes: row.processing_minutes,
            first_response_minutes: row.first_response_minutes,
            working: working(&row.calendar_country, &row.working_hours, &row.time_zone)?,
            revision: row.revision,
        };
        Ok(Self { mailbox, created: row.created_at })
    }
}

/// Working hours of their columns.
///
/// # Errors
/// `INTERNAL` when the columns hold none.
pub fn working(country: &str, hours: &str, zone: &str) -> Result<Option<WorkingHours>, Failure> {
    let bad = |e| Failure::internal(format!("mailboxes.working_hours holds a bad value: {e}"));
    WorkingHours::parse(country, hours, zone).map_err(bad)
}

/// Stores a new mailbox. The address is unique: constraint `mailboxes_address_key`.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    mailbox: &Mailbox,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let working = mailbox.working.as_ref();
    sqlx::query!(
        "insert into mailboxes (id, address, address_key, display_name, department,
             accept_unknown, acknowledge, processing_minutes, first_response_minutes, created_at,
             calendar_country, working_hours, time_zone)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        mailbox.id.0,
        mailbox.address.as_str(),
        mailbox.address.key(),
        mailbox.display_name,
        mailbox.department,
        mailbox.accept_unknown,
        mailbox.acknowledge,
        mailbox.processing_minutes,
        mailbox.first_response_minutes,
        now,
        working.map_or("", WorkingHours::country),
        working.map(WorkingHours::hours).unwrap_or_default(),
        working.map_or("", WorkingHours::zone),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Locks a mailbox for this transaction.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, id: MailboxId) -> Result<Option<Stored>, Failure> {
    let row = sqlx::query_as!(
        Row,
        "select id, address, display_name, department, accept_unknown, acknowledge,
             processing_minutes, first_response_minutes, calendar_country, working_hours,
             time_zone, revision, created_at
         from mailboxes where id = $1 for update",
        id.0,
    );
    row.fetch_optional(conn).await?.map(Stored::try_from).transpose()
}

/// Saves what was changed of a locked mailbox; its address stays.
///
/// # Errors
/// Those of the database.
pub async fn update(conn: &mut PgConnection, mailbox: &Mailbox) -> Result<(), Failure> {
    let working = mailbox.working.as_ref();
    sqlx::query!(
        "update mailboxes
         set display_name = $2, department = $3, accept_unknown = $4, acknowledge = $5,
             processing_minutes = $6, first_response_minutes = $7, calendar_country = $8,
             working_hours = $9, time_zone = $10, revision = $11
         where id = $1",
        mailbox.id.0,
        mailbox.display_name,
        mailbox.department,
        mailbox.accept_unknown,
        mailbox.acknowledge,
        mailbox.processing_minutes,
        mailbox.first_response_minutes,
        working.map_or("", WorkingHours::country),
        working.map(WorkingHours::hours).unwrap_or_default(),
        working.map_or("", WorkingHours::zone),
        mailbox.revision,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The mailbox of an address.
///
/// # Errors
/// Those of the database.
pub async fn by_address(
    conn: &mut PgConnection,
    address: &EmailAddress,
) -> Result<Option<Stored>, Failure> {
    let row = sqlx::query_as!(
        Row,
        "select id, address, display_name, department, accept_unknown, acknowledge,
             processing_minutes, first_response_minutes, calendar_country, working_hours,
             time_zone, revision, created_at
         from mailboxes where address_key = $1",
        address.key(),
    )
    .fetch_optional(conn)
    .await?;
    row.map(Stored::try_from).transpose()
}

/// All mailboxes, oldest first: there are few.
///
/// # Errors
/// Those of the database.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<Stored>, Failure> {
    list(conn, None, i64::from(i32::MAX)).await
}

/// A page of mailboxes after an id, oldest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    after: Option<MailboxId>,
    limit: i64,
) -> Result<Vec<Stored>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, address, display_name, department, accept_unknown, acknowledge,
             processing_minutes, first_response_minutes, calendar_country, working_hours,
             time_zone, revision, created_at
         from mailboxes where $1::uuid is null or id > $1 order by id limit $2",
        after.map(Uuid::from),
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Stored::try_from).collect()
}

/// How many mailboxes there are, counted up to a limit.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, limit: i64) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (select 1 from mailboxes limit $1) as counted"#,
        limit,
    );
    Ok(count.fetch_one(conn).await?)
}
