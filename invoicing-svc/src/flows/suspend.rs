//! Stopping a subscription and letting it go on.

use crate::{
    domain::{
        covered::covered,
        subscriptions::{Subscription, SubscriptionStateError},
        suspensions::{Suspension, Wishes},
    },
    flows::{accept, events},
    store::{self, subscriptions::SubscriptionRow},
};
use service::{Failure, Frame, Text, feed};
use sqlx::PgConnection;
use types::id::{SubscriptionId, SuspensionId};

/// Why a subscription is stopped, and by whom.
#[derive(Debug)]
pub struct Stop {
    /// Why, in the words of whoever stops it.
    pub reason: String,
    /// Who stops it.
    pub actor: String,
    /// Though it is not to be (A57, A145).
    pub anyway: bool,
}

/// Stops a subscription from today on; the caller has locked the client's account.
///
/// # Errors
/// `FAILED_PRECONDITION` unless it works and may be stopped; those of the database.
pub async fn suspend(
    conn: &mut PgConnection,
    frame: &Frame,
    row: SubscriptionRow,
    stop: Stop,
) -> Result<(), Failure> {
    let until = row.no_suspend_until;
    let (id, client) = (row.subscription.id, row.subscription.client);
    let stopped = row.subscription.suspend().map_err(refused)?;
    let first_day = frame.clock.today(accept::zone(conn, client).await?);
    let Stop { reason, actor, anyway } = stop;
    let never = store::profiles::never_suspend(conn, client).await?;
    match (Wishes { never, until }).permit(first_day) {
        Err(unwanted) if !anyway => {
            return Err(Failure::precondition("SUSPENSION_UNWANTED", Text::of(&unwanted)));
        }
        _ => {}
    }
    let suspension = Suspension {
        id: SuspensionId::generate(),
        subscription: id,
        client,
        first_day,
        reason,
        actor,
    };
    store::suspensions::insert(conn, &suspension, frame.clock.now()).await?;
    store::subscriptions::save(conn, std::slice::from_ref(&stopped)).await?;
    feed::append(conn, frame, Some(client), &events::subscription_changed(&stopped)).await?;
    Ok(())
}

/// Lets a subscription go on from today; the caller has locked the client's account.
///
/// # Errors
/// `FAILED_PRECONDITION` unless it is stopped; those of the database.
pub async fn resume(
    conn: &mut PgConnection,
    frame: &Frame,
    subscription: Subscription,
) -> Result<Subscription, Failure> {
    // Refused before anything is written.
    subscription.clone().resume().map_err(refused)?;
    let client = subscription.client;
    let resumed = ended(conn, frame, vec![subscription]).await?.pop();
    let resumed = resumed.ok_or_else(|| Failure::internal("a subscription got lost"))?;
    store::subscriptions::save(conn, std::slice::from_ref(&resumed)).await?;
    feed::append(conn, frame, Some(client), &events::subscription_changed(&resumed)).await?;
    Ok(resumed)
}

/// Ends the suspensions of stopped subscriptions. What nothing billed of them is skipped, so that
/// the run goes on with today, and nobody owes the days without service; answers them working, with
/// how far they are billed and paid now. The caller saves them.
///
/// # Errors
/// Those of the database.
pub async fn ended(
    conn: &mut PgConnection,
    frame: &Frame,
    stopped: Vec<Subscription>,
) -> Result<Vec<Subscription>, Failure> {
    if stopped.is_empty() {
        return Ok(stopped);
    }
    let ids: Vec<SubscriptionId> = stopped.iter().map(|s| s.id).collect();
    let open = store::suspensions::open(conn, &ids).await?;
    let claimed = store::billed_periods::claimed(conn, &ids).await?;
    for s in &stopped {
        let Some(store::suspensions::Open { suspension, .. }) = open.get(&s.id) else { continue };
        let today = frame.clock.today(accept::zone(conn, s.client).await?);
        // A client who moved west of where it was may be a day behind.
        let resumed = today.max(suspension.first_day);
        let claims = claimed.get(&s.id).map_or(&[][..], Vec::as_slice);
        // What has no periods is not billed by them.
        let skipped = match s.schedule {
            Some(_) => suspension.skipped(resumed, claims),
            None => Vec::new(),
        };
        store::suspensions::end(conn, suspension, resumed, &skipped).await?;
    }
    let claimed = store::billed_periods::claimed(conn, &ids).await?;
    let paid = store::billed_periods::paid(conn, &ids).await?;
    let going_on = stopped.into_iter().map(|s| {
        let through =
            |periods: Option<&Vec<_>>| covered(s.start, periods.map_or(&[], Vec::as_slice));
        let (billed_through, paid_through) = match s.schedule {
            Some(_) => (through(claimed.get(&s.id)), through(paid.get(&s.id))),
            None => (s.billed_through, s.paid_through),
        };
        Subscription { billed_through, paid_through, ..s }.resume().map_err(refused)
    });
    going_on.collect()
}

/// The refusal of a step that the state does not allow.
pub fn refused(e: SubscriptionStateError) -> Failure {
    Failure::precondition("SUBSCRIPTION_STATE", Text::of(&e))
}
