//! Pages of one's own.

use super::rows;
use crate::domain::notepads::{Notepad, PageText};
use service::Failure;
use sqlx::PgConnection;
use types::id::StaffId;

/// The page of a member of staff; none before anything is written.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, staff: StaffId) -> Result<Option<Notepad>, Failure> {
    let row = sqlx::query!(
        "select text, revision, updated_at from notepads where staff_id = $1",
        staff.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(Notepad {
            staff,
            text: rows::word("notepads.text", PageText::parse(&row.text).ok())?,
            revision: row.revision,
            updated: row.updated_at,
        })
    })
    .transpose()
}

/// Keeps what was written over the revision before it; false when somebody was quicker.
///
/// # Errors
/// Those of the database.
pub async fn keep(conn: &mut PgConnection, page: &Notepad) -> Result<bool, Failure> {
    let kept = sqlx::query!(
        "insert into notepads (staff_id, text, revision, updated_at) values ($1, $2, $3, $4)
         on conflict (staff_id) do update
            set text = excluded.text, revision = excluded.revision,
                updated_at = excluded.updated_at
            where notepads.revision = excluded.revision - 1",
        page.staff.0,
        page.text.as_str(),
        page.revision,
        page.updated
    )
    .execute(conn)
    .await?;
    Ok(kept.rows_affected() == 1)
}
