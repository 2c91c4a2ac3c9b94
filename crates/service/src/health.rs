//! Whether a service can work: whether its database answers.
//!
//! A connection of its own asks it every second. While it does not answer, `grpc.health.v1` says
//! NOT_SERVING and calls are refused at once, those at hand included: a caller who is told to try
//! again is better off than one who waits for a server that stands still. A database that only
//! takes no changes still serves reads.

use crate::{
    Failure, Frame,
    error::Outage,
    layers::{is_open, refuse},
    telemetry,
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use sqlx::{Connection, PgConnection, PgPool};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tonic_health::{ServingStatus, server::HealthReporter};

/// How often to ask.
const PERIOD: Duration = Duration::from_secs(1);
/// How long an answer may take; a machine at its limit is slow, not away.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was seen of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Well,
    ReadOnly,
    Away(String),
}

/// Asks the database until `stop`, and tells everybody when it goes and comes back.
pub(crate) async fn watch(frame: Frame, stop: CancellationToken) -> Result<(), Failure> {
    let mut conn = None;
    let (mut before, mut since) = (Seen::Well, Instant::now());
    while !stop.is_cancelled() {
        let seen = match timeout(PATIENCE, ask(&frame.pool, &mut conn)).await {
            Ok(seen) => seen,
            Err(_) => {
                conn = None; // whatever it answers later was not asked by whoever asks next
                Seen::Away(format!("no answer within {PATIENCE:?}"))
            }
        };
        frame.signals.away.send_if_modified(|away| {
            let now = matches!(seen, Seen::Away(_));
            std::mem::replace(away, now) != now
        });
        if std::mem::discriminant(&seen) != std::mem::discriminant(&before) {
            tell(frame.name, &seen, since.elapsed());
            (before, since) = (seen, Instant::now());
        }
        let _ = timeout(PERIOD, stop.cancelled()).await;
    }
    Ok(())
}

fn tell(service: &'static str, seen: &Seen, after: Duration) {
    let gone = matches!(seen, Seen::Away(_));
    telemetry::gauge("database.away", gone.into(), &[("service", service.to_owned())]);
    match seen {
        Seen::Away(cause) => tracing::error!(service, "the database is away: {cause}"),
        Seen::ReadOnly => tracing::error!(service, "the database takes no changes: read-only"),
        Seen::Well => tracing::warn!(service, "the database is back after {after:?}"),
    }
}

/// Asks on the connection that is there; when that was lost, on a new one.
async fn ask(pool: &PgPool, conn: &mut Option<PgConnection>) -> Seen {
    if let Some(mut old) = conn.take()
        && let Ok(read_only) = is_read_only(&mut old).await
    {
        *conn = Some(old);
        return if read_only { Seen::ReadOnly } else { Seen::Well };
    }
    let asked = async {
        let mut new = PgConnection::connect_with(&pool.connect_options()).await?;
        let read_only = is_read_only(&mut new).await?;
        Ok((new, read_only))
    };
    match asked.await {
        Ok((new, read_only)) => {
            *conn = Some(new);
            if read_only { Seen::ReadOnly } else { Seen::Well }
        }
        // It answers: there are only too many who ask.
        Err(error) if Outage::of(&error) == Some(Outage::Busy) => Seen::Well,
        Err(error) => Seen::Away(error.to_string()),
    }
}

async fn is_read_only(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    // Read anew for each transaction, hence also by a connection that was there before.
    sqlx::query_scalar("select current_setting('transaction_read_only')::boolean")
        .fetch_one(conn)
        .await
}

/// Keeps what `grpc.health.v1` says in step, until `stop`.
pub(crate) async fn report(
    frame: Frame,
    reporter: HealthReporter,
    names: Vec<&'static str>,
    stop: CancellationToken,
) {
    let mut away = frame.signals.away.subscribe();
    while !stop.is_cancelled() {
        let status = if *away.borrow_and_update() {
            ServingStatus::NotServing
        } else {
            ServingStatus::Serving
        };
        // The empty name stands for the whole process.
        for name in names.iter().copied().chain([""]) {
            reporter.set_service_status(name, status).await;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            _ = away.changed() => {}
        }
    }
}

/// The layer that refuses calls while the database is away, and ends those at hand.
pub(crate) async fn answer_while_there(
    State(frame): State<Frame>,
    request: Request,
    next: Next,
) -> Response {
    if is_open(request.uri().path()) {
        return next.run(request).await;
    }
    match frame.unless_away(async { Ok(next.run(request).await) }).await {
        Ok(response) => response,
        Err(failure) => refuse(failure),
    }
}

impl Frame {
    /// Gives work up once the database is away: on a connection to a server that is gone without a
    /// word it would wait for ever.
    pub(crate) async fn unless_away<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut away = self.signals.away.subscribe();
        tokio::select! {
            biased;
            Ok(_) = away.wait_for(|away| *away) => Err(Outage::Away.failure()),
            done = work => done,
        }
    }
}
