//! Who changed which fields of whose data: names of fields, never values.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Appends one row to the audit of changes.
///
/// # Errors
/// Those of the database.
pub async fn append(
    conn: &mut PgConnection,
    subject: &str,
    fields: &[String],
    actor: &str,
    changed_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into changes (id, subject, fields, actor, changed_at)
         values ($1, $2, $3, $4, $5)",
        Uuid::now_v7(),
        subject,
        fields,
        actor,
        changed_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}
