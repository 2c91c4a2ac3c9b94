//! Business time that stands until it is advanced, kept in the database (`--clock manual`).
//!
//! It serves tests and the demo, where each service is one process: a second replica would not
//! notice an advance before it starts again.

use crate::{ClockSetting, Failure, Frame, Text, feed::server::timestamp};
use chrono::{DateTime, Utc};
use proto::system::v1::{self as pb, clock_server::Clock as ClockRpc};
use sqlx::PgPool;
use tonic::{Request, Response, Status};
use types::Clock;

/// The clock that a service is configured with; a manual one stands where it stood.
pub(crate) async fn open(pool: &PgPool, setting: ClockSetting) -> Result<Clock, Failure> {
    match setting {
        ClockSetting::System => Ok(Clock::System),
        ClockSetting::Manual(start) => {
            let start = start.unwrap_or_else(Clock::system_now);
            Ok(Clock::manual(keep(pool, start).await?))
        }
    }
}

/// Moves the stored clock forward to an instant, never back; answers where it stands now.
async fn keep(pool: &PgPool, to: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
    let now = sqlx::query_scalar(
        "insert into clock (now) values ($1)
         on conflict (singleton) do update set now = greatest(clock.now, excluded.now)
         returning now",
    );
    Ok(now.bind(to).fetch_one(pool).await?)
}

/// `raschet.system.v1.Clock` of one service.
pub(crate) struct Server {
    pub(crate) frame: Frame,
}

impl Server {
    fn state(&self) -> pb::ClockState {
        let clock = &self.frame.clock;
        pb::ClockState {
            now: Some(timestamp(clock.now())),
            manual: matches!(clock, Clock::Manual(_)),
        }
    }
}

#[tonic::async_trait]
impl ClockRpc for Server {
    async fn get_clock(
        &self,
        _: Request<pb::GetClockRequest>,
    ) -> Result<Response<pb::ClockState>, Status> {
        Ok(Response::new(self.state()))
    }

    async fn advance(
        &self,
        request: Request<pb::AdvanceRequest>,
    ) -> Result<Response<pb::ClockState>, Status> {
        if !matches!(self.frame.clock, Clock::Manual(_)) {
            return Err(Failure::precondition(
                "CLOCK_NOT_MANUAL",
                Text::new(
                    "Часы идут сами. Переводить можно только при запуске с --clock manual.",
                    "The clock runs by itself. It can be advanced only with --clock manual.",
                ),
            )
            .into());
        }
        let to = request
            .into_inner()
            .to
            .and_then(|t| DateTime::from_timestamp(t.seconds, t.nanos.try_into().ok()?));
        let to = to.ok_or_else(|| {
            let text = Text::new("Укажите момент времени.", "Give an instant.");
            Failure::invalid("to", text)
        })?;
        // Stored first: after a crash the clock may be ahead of what was done, never behind it.
        let now = keep(&self.frame.pool, to).await?;
        self.frame.clock.advance(now);
        self.frame.signals.advanced.send_replace(());
        self.frame.wake();
        Ok(Response::new(self.state()))
    }
}
