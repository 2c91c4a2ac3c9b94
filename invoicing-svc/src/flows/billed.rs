//! How far subscriptions are billed, once claims came back.

use crate::{
    domain::{covered::covered, subscriptions::Subscription},
    store,
};
use service::Failure;
use sqlx::PgConnection;
use types::id::SubscriptionId;

/// Sets what these subscriptions are billed through to the first day that no claim covers: an
/// invoice that claims an older period again may close a gap before newer ones.
///
/// # Errors
/// Those of the database.
pub async fn through(conn: &mut PgConnection, ids: &[SubscriptionId]) -> Result<(), Failure> {
    let claimed = store::billed_periods::claimed(conn, ids).await?;
    let rows = store::subscriptions::get_all(conn, ids).await?;
    let moved: Vec<Subscription> = rows
        .into_iter()
        .map(|r| r.subscription)
        .map(|s| Subscription {
            billed_through: covered(s.start, claimed.get(&s.id).map_or(&[][..], Vec::as_slice)),
            ..s
        })
        .collect();
    store::subscriptions::save(conn, &moved).await
}
