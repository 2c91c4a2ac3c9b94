//! Runs schedules for each new business day.

use crate::{Failure, Frame, queue::Schedule};
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use sqlx::PgPool;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use types::Clock;

/// How often to look whether a day has begun by itself.
const POLL: Duration = Duration::from_secs(1);

/// A schedule of a service, as the status of its queue needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) zone: Tz,
}

/// Runs a schedule until `stop`.
pub(crate) async fn run<S: Schedule>(
    frame: Frame,
    schedule: Arc<S>,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let today = frame.clock.today(S::ZONE);
    // The first day of all is the one on which the service starts.
    sqlx::query("insert into schedules (name, last_day) values ($1, $2) on conflict do nothing")
        .bind(S::NAME)
        .bind(today.pred_opt().unwrap_or(today))
        .execute(&frame.pool)
        .await?;
    let mut advanced = frame.signals.advanced.subscribe();
    let mut done = None;
    while !stop.is_cancelled() {
        advanced.mark_unchanged();
        let today = frame.clock.today(S::ZONE);
        if done.is_none_or(|done| done < today) {
            done = Some(catch_up(&frame, &*schedule, today).await?);
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            _ = advanced.changed() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    Ok(())
}

/// Runs for the first day that is not done yet, if any; answers the last day done.
async fn catch_up<S: Schedule>(
    frame: &Frame,
    schedule: &S,
    today: NaiveDate,
) -> Result<NaiveDate, Failure> {
    let mut tx = frame.begin().await?;
    let last: NaiveDate =
        sqlx::query_scalar("select last_day from schedules where name = $1 for update")
            .bind(S::NAME)
            .fetch_one(&mut *tx)
            .await?;
    let Some(day) = last.succ_opt().filter(|day| *day <= today) else { return Ok(last) };
    schedule
        .run(&mut tx, day)
        .await
        .map_err(|e| Failure::internal(format!("schedule {} failed for {day}: {e}", S::NAME)))?;
    sqlx::query("update schedules set last_day = $2 where name = $1")
        .bind(S::NAME)
        .bind(day)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    frame.wake();
    Ok(day)
}

/// How many schedules have days to run yet.
pub(crate) async fn behind(frame: &Frame, entries: &[Entry]) -> Result<i64, Failure> {
    let names: Vec<_> = entries.iter().map(|e| e.name).collect();
    let days: Vec<_> = entries.iter().map(|e| frame.clock.today(e.zone)).collect();
    Ok(behind_days(&frame.pool, &names, &days).await?)
}

async fn behind_days(
    pool: &PgPool,
    names: &[&str],
    days: &[NaiveDate],
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "select count(*) from unnest($1::text[], $2::date[]) as entry (name, day)
         left join schedules using (name)
         where last_day is null or last_day < day",
    )
    .bind(names)
    .bind(days)
    .fetch_one(pool)
    .await
}

/// How long request ids and done jobs are remembered (design.md §2).
const MEMORY: TimeDelta = TimeDelta::days(30);
/// How often to look for what is old.
const FORGET: Duration = Duration::from_secs(3600);
/// Rows removed at once, so that nobody waits.
const FORGET_BATCH: i64 = 5_000;

/// Removes request ids and done jobs that are older than they are remembered, until `stop`.
pub(crate) async fn forget(frame: Frame, stop: CancellationToken) -> Result<(), Failure> {
    let rules = [
        "delete from request_ids where (actor, method, request_id) in (
            select actor, method, request_id from request_ids where created_at < $1 limit $2)",
        "delete from jobs where id in (
            select id from jobs where state = 'DONE' and changed_at < $1 limit $2)",
    ];
    while !stop.is_cancelled() {
        let before = Clock::system_now() - MEMORY;
        for rule in rules {
            let mut gone = FORGET_BATCH.unsigned_abs();
            while gone == FORGET_BATCH.unsigned_abs() && !stop.is_cancelled() {
                let old = sqlx::query(rule).bind(before).bind(FORGET_BATCH);
                gone = old.execute(&frame.pool).await?.rows_affected();
            }
        }
        let _ = tokio::time::timeout(FORGET, stop.cancelled()).await;
    }
    Ok(())
}
