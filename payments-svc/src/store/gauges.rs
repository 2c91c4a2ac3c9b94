//! What monitoring asks about money: how many bank lines wait for the matcher and for a person.

use service::{Failure, Frame};

/// Lines not matched yet, and lines that wait in the reconciliation queue.
///
/// # Errors
/// Those of the database.
pub async fn read(frame: Frame) -> Result<Vec<(&'static str, i64)>, Failure> {
    let row = sqlx::query!(
        r#"select count(*) filter (where state = 'imported') as "imported!",
               count(*) filter (where state = 'review') as "review!"
           from lines where state in ('imported', 'review')"#
    )
    .fetch_one(&frame.pool)
    .await?;
    Ok(vec![("lines.imported", row.imported), ("lines.review", row.review)])
}
