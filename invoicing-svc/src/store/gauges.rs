//! What monitoring asks about invoices: how many wait for a person.

use service::{Failure, Frame};

/// Invoices held back until somebody looks at them.
///
/// # Errors
/// Those of the database.
pub async fn read(frame: Frame) -> Result<Vec<(&'static str, i64)>, Failure> {
    let row = sqlx::query!(r#"select count(*) as "held!" from invoices where state = 'HELD'"#)
        .fetch_one(&frame.pool)
        .await?;
    Ok(vec![("invoices.held", row.held)])
}
