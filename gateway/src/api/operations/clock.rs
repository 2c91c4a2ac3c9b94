//! Moves the manual clock of all services, day by day, and lets each day's work finish.

use chrono::{DateTime, Days, Utc};
use futures::future::try_join_all;
use prost_types::Timestamp;
use proto::{
    convert::{instant, required, timestamp},
    gateway::v1::AdvanceClockResponse,
    system::v1::{
        AdvanceRequest, FeedStatus, GetClockRequest, GetQueueStatusRequest,
        clock_client::ClockClient, queue_client::QueueClient,
    },
};
use service::{Failure, Peers, Text, run::SERVICES};
use std::{collections::BTreeMap, time::Duration};
use tonic::Status;

/// Pause between two looks at work that is not finished yet.
const PAUSE: Duration = Duration::from_millis(5);
/// Longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Advances to an instant; answers when everything that is due then is done.
pub(super) async fn advance(
    peers: &Peers,
    to: Option<&Timestamp>,
) -> Result<AdvanceClockResponse, Status> {
    let to = required(to).and_then(instant).map_err(|e| Failure::invalid("to", Text::of(&e)))?;
    let mut now = manual_now(peers).await?;
    drain(peers).await?;
    let mut days = 0;
    while now < to {
        now = now.checked_add_days(Days::new(1)).map_or(to, |next| next.min(to));
        try_join_all(SERVICES.map(|service| async move {
            let request = AdvanceRequest { to: Some(timestamp(now)) };
            ClockClient::new(peers.channel(service)).advance(request).await
        }))
        .await?;
        drain(peers).await?;
        days += 1;
    }
    Ok(AdvanceClockResponse { now: Some(timestamp(now)), days })
}

/// The earliest of the services' clocks: a step that was cut off is made up for.
async fn manual_now(peers: &Peers) -> Result<DateTime<Utc>, Status> {
    let mut earliest = DateTime::<Utc>::MAX_UTC;
    for service in SERVICES {
        let mut clock = ClockClient::new(peers.channel(service));
        let state = clock.get_clock(GetClockRequest {}).await?.into_inner();
        if !state.manual {
            return Err(not_manual(service).into());
        }
        let now = required(state.now.as_ref()).and_then(instant).map_err(Failure::internal)?;
        earliest = earliest.min(now);
    }
    Ok(earliest)
}

fn not_manual(service: &str) -> Failure {
    Failure::precondition(
        "CLOCK_NOT_MANUAL",
        Text::new(
            format!("Часы службы {service} идут сами; переводить можно только с --clock manual."),
            format!("The clock of {service} runs by itself; only --clock manual can be advanced."),
        ),
    )
}

/// Waits until no feed has news and no queue has due work, twice in a row with nothing new between:
/// one look at several services is no moment in time.
async fn drain(peers: &Peers) -> Result<(), Status> {
    let mut pause = PAUSE;
    let mut before = None;
    loop {
        let now = look(peers).await?;
        if now.is_some() && now == before {
            return Ok(());
        }
        if now.is_none() {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        before = now;
    }
}

/// Positions of all feeds when everything is done; `None` while something is not.
async fn look(peers: &Peers) -> Result<Option<Vec<i64>>, Status> {
    let all = try_join_all(SERVICES.map(|service| async move {
        let mut queue = QueueClient::new(peers.channel(service));
        let status = queue.get_queue_status(GetQueueStatusRequest {}).await?.into_inner();
        Ok::<_, Status>((service, status))
    }))
    .await?;
    let feeds: BTreeMap<&str, FeedStatus> = all
        .iter()
        .map(|(service, status)| (*service, status.feed.clone().unwrap_or_default()))
        .collect();
    let busy = all.iter().any(|(_, status)| status.due > 0 || status.running > 0);
    let unsequenced = feeds.values().any(|status| status.unsequenced > 0);
    let behind = feeds.values().flat_map(|status| &status.cursors).any(|cursor| {
        feeds.get(cursor.producer.as_str()).is_some_and(|p| cursor.position < p.position)
    });
    let done = !busy && !unsequenced && !behind;
    Ok(done.then(|| feeds.values().map(|status| status.position).collect()))
}
