//! What monitoring asks about tickets: how many wait for us, and whose clock runs out.

use chrono::TimeDelta;
use service::{Failure, Frame};

/// A ticket due within this time is at risk: a quarter of the two hours is left (A27).
const AT_RISK: TimeDelta = TimeDelta::minutes(30);

/// Tickets that wait for us, those of them due within half an hour, and those past their time.
///
/// # Errors
/// Those of the database.
pub async fn read(frame: Frame) -> Result<Vec<(&'static str, i64)>, Failure> {
    let now = frame.clock.now();
    let row = sqlx::query!(
        r#"select count(*) as "waiting!",
               count(*) filter (where due_at >= $1 and due_at < $2) as "at_risk!",
               count(*) filter (where due_at < $1) as "overdue!"
           from tickets where coalesce(due_at, 'infinity') < 'infinity'"#,
        now,
        now + AT_RISK
    )
    .fetch_one(&frame.pool)
    .await?;
    Ok(vec![
        ("tickets.waiting", row.waiting),
        ("tickets.at_risk", row.at_risk),
        ("tickets.overdue", row.overdue),
    ])
}
