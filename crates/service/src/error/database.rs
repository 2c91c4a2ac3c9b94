//! What an error of our own database means to a caller: a bug, or an outage that will pass.

use super::{Failure, Kind};
use crate::Text;

/// Why the database cannot do just now what it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outage {
    /// It cannot be reached, starts, stops, or has ended a connection.
    Away,
    /// It has no connection, memory or other means left.
    Busy,
    /// It takes no changes: a standby, or somebody set it so.
    ReadOnly,
    /// Its disk is full.
    Full,
    /// Somebody else was at the same rows, or it took too long.
    Contended,
}

/// SQLSTATEs, or their classes (PostgreSQL's appendix A), that are nobody's fault.
const OUTAGES: [(&str, Outage); 17] = [
    ("08", Outage::Away),         // connection
    ("25006", Outage::ReadOnly),  // read-only transaction
    ("25P03", Outage::Away),      // idle in a transaction for too long: we, or it, stood still
    ("25P04", Outage::Away),      // a transaction for too long
    ("28", Outage::Away),         // our role is not let in: it is being restored, or misconfigured
    ("3D000", Outage::Away),      // the database is not there: it is being restored
    ("40", Outage::Contended),    // rolled back: deadlock, serialization
    ("53100", Outage::Full),      // disk full
    ("53", Outage::Busy),         // other resources
    ("55000", Outage::Away),      // the database accepts no connections
    ("55P03", Outage::Contended), // lock not available
    ("57014", Outage::Contended), // statement timeout
    ("57", Outage::Away),         // shutdown, crash, start
    ("58", Outage::Away),         // its files cannot be read or written
    ("F0", Outage::Away),         // its configuration is being changed
    ("XX001", Outage::Away),      // damaged data: retried while it is being restored
    ("XX002", Outage::Away),      // a damaged index
];

impl Outage {
    /// What an error says of the database; `None` when the statement is at fault.
    pub(crate) fn of(error: &sqlx::Error) -> Option<Self> {
        match error {
            sqlx::Error::PoolTimedOut => Some(Self::Busy),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Some(Self::Away),
            sqlx::Error::Database(e) => {
                let code = e.code()?;
                OUTAGES.iter().find(|(class, _)| code.starts_with(class)).map(|(_, outage)| *outage)
            }
            _ => None,
        }
    }

    const fn reason(self) -> &'static str {
        match self {
            Self::Away => "DATABASE_AWAY",
            Self::Busy => "DATABASE_BUSY",
            Self::ReadOnly => "DATABASE_READ_ONLY",
            Self::Full => "DATABASE_FULL",
            Self::Contended => "CONTENDED",
        }
    }

    fn text(self) -> Text {
        match self {
            Self::Away => Text::new(
                "База данных сейчас недоступна. Повторите запрос через несколько секунд.",
                "The database is away just now. Repeat the call in a few seconds.",
            ),
            Self::Busy => Text::new(
                "База данных перегружена. Повторите запрос через несколько секунд.",
                "The database is overloaded. Repeat the call in a few seconds.",
            ),
            Self::ReadOnly => Text::new(
                "Сейчас можно только читать: база данных не принимает изменений. Повторите запрос \
                 через минуту; если не поможет, скажите администратору.",
                "Only reading is possible just now: the database takes no changes. Repeat the call \
                 in a minute; if that does not help, tell the administrator.",
            ),
            Self::Full => Text::new(
                "На сервере кончилось место, изменения не приняты. Скажите администратору и \
                 повторите запрос позже.",
                "The server has run out of disk space; nothing was changed. Tell the administrator \
                 and repeat the call later.",
            ),
            Self::Contended => Text::new(
                "Эти данные сейчас меняет кто-то ещё. Повторите запрос через несколько секунд.",
                "Somebody else is changing this just now. Repeat the call in a few seconds.",
            ),
        }
    }

    /// `UNAVAILABLE`, saying what to do.
    pub(crate) fn failure(self) -> Failure {
        Failure::new(Kind::Unavailable, self.reason(), self.text())
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        if let Some(outage) = Outage::of(&error) {
            return outage.failure().cause(error);
        }
        let constraint = error.as_database_error().and_then(|e| e.constraint()).map(str::to_owned);
        let mut failure = Self::internal(error);
        failure.0.constraint = constraint;
        failure
    }
}

/// True for database errors that are nobody's fault: lost connections, exhausted pools, deadlocks,
/// serialization failures, time limits, a server that stops or starts, is full or read-only.
#[must_use]
pub fn is_transient(error: &sqlx::Error) -> bool {
    Outage::of(error).is_some()
}
