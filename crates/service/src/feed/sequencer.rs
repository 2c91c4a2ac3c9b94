//! Gives committed events their positions: one sequencer per database, whichever replica is first.

use crate::{Failure, Frame, telemetry::count_by};
use sqlx::{Connection, PgConnection, PgPool};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Advisory lock of the sequencer: "rschfeed" in ASCII.
const LOCK: i64 = 0x7273_6368_6665_6564;
/// Channel of the only NOTIFY: the newest position.
pub(crate) const CHANNEL: &str = "feed";
/// Events given a position in one transaction.
const BATCH: i64 = 5_000;
/// How often to look without being woken (another replica may have committed).
const POLL: Duration = Duration::from_millis(50);
/// How often to look whether the replica that has the lock is gone.
const STANDBY: Duration = Duration::from_secs(1);

/// Sequences until `stop`, on a connection of its own that holds the lock for as long as it lives.
pub(crate) async fn run(frame: Frame, stop: CancellationToken) -> Result<(), Failure> {
    let mut conn = frame.pool.acquire().await?.detach();
    while !try_lock(&mut conn).await? {
        if wait(&frame, &stop, STANDBY).await {
            return Ok(conn.close().await?);
        }
    }
    loop {
        let sequenced = sequence(&mut conn).await?;
        if sequenced < BATCH && wait(&frame, &stop, POLL).await {
            // What was committed before the stop is sequenced; the rest is the next start's.
            sequence(&mut conn).await?;
            return Ok(conn.close().await?);
        }
    }
}

/// Waits to be woken; true when it is time to stop.
async fn wait(frame: &Frame, stop: &CancellationToken, at_most: Duration) -> bool {
    tokio::select! {
        () = stop.cancelled() => true,
        () = frame.signals.committed.notified() => false,
        () = tokio::time::sleep(at_most) => false,
    }
}

async fn try_lock(conn: &mut PgConnection) -> Result<bool, Failure> {
    let lock = sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(LOCK);
    Ok(lock.fetch_one(conn).await?)
}

/// Names the feed on its first start, and anew when the data was restored into another cluster:
/// followers of the old one must not take the new one's positions for theirs.
pub(crate) async fn open_feed(pool: &PgPool) -> Result<(), Failure> {
    sqlx::query(
        "insert into feed_state (feed, system_identifier)
         select $1, system_identifier::text from pg_control_system()
         on conflict (singleton) do update
         set feed = excluded.feed, system_identifier = excluded.system_identifier
         where feed_state.system_identifier <> excluded.system_identifier",
    )
    .bind(Uuid::now_v7())
    .execute(pool)
    .await?;
    Ok(())
}

/// Gives one batch its positions, in order of insertion, and tells whoever listens.
async fn sequence(conn: &mut PgConnection) -> Result<i64, Failure> {
    // Most looks find nothing, and must not write anything.
    let pending: bool = sqlx::query_scalar("select exists (select 1 from feed_pending)")
        .fetch_one(&mut *conn)
        .await?;
    if !pending {
        return Ok(0);
    }
    let mut tx = conn.begin().await?;
    // Locked first: the positions below are counted from a row that cannot move any more.
    let position: i64 = sqlx::query_scalar("select position from feed_state for update")
        .fetch_one(&mut *tx)
        .await?;
    let kinds: Vec<(String, i64)> = sqlx::query_as(
        "with batch as (
            delete from feed_pending
            where seq in (select seq from feed_pending order by seq limit $2)
            returning seq, event_id
        ), placed as (
            insert into feed_positions (position, event_id)
            select $1 + row_number() over (order by seq), event_id from batch
            returning event_id
        )
        select kind, count(*) from placed cross join lateral (
            -- A join of its own choice reads all events that ever were.
            select kind from events where id = event_id limit 1
        ) event group by kind",
    )
    .bind(position)
    .bind(BATCH)
    .fetch_all(&mut *tx)
    .await?;
    let sequenced: i64 = kinds.iter().map(|(_, events)| events).sum();
    let newest = position + sequenced;
    sqlx::query("update feed_state set position = $1").bind(newest).execute(&mut *tx).await?;
    sqlx::query("select pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(newest.to_string())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    // Whatever the business counts is an event, and here each one passes once, after its commit.
    for (kind, events) in kinds {
        count_by("feed.events", events.unsigned_abs(), &[("kind", &kind)]);
    }
    Ok(sequenced)
}
