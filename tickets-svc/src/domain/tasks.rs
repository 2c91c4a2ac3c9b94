//! What staff are to do.

use crate::domain::lines::Line;
use chrono::{DateTime, NaiveDate, Utc};
use types::id::{ClientId, StaffId, TaskId};

/// Longest text, in characters.
pub const TEXT_MAX: usize = 500;

/// What is to be done.
pub type TaskText = Line<TEXT_MAX>;

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What is to be done.
    pub text: TaskText,
    /// Day by which; none means some day.
    pub due: Option<NaiveDate>,
    /// Whom it is about.
    pub client: Option<ClientId>,
    /// Who is to do it; none means whoever comes first.
    pub assignee: Option<StaffId>,
    /// Who wrote it: an actor such as staff/{staff}.
    pub author: String,
    /// By whom and when it was ticked off.
    pub done: Option<Done>,
    /// Version.
    pub revision: i64,
    /// When it was written.
    pub created: DateTime<Utc>,
    /// When it was changed last.
    pub updated: DateTime<Utc>,
}

/// That it was ticked off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// By whom: an actor such as staff/{staff}.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Task {
    /// Ticks it off, or opens it again. Who did it first stays who did it.
    #[must_use]
    pub fn ticked(self, done: bool, by: &str, at: DateTime<Utc>) -> Self {
        let ticked = || Done { by: by.to_owned(), at };
        let done = done.then(|| self.done.clone().unwrap_or_else(ticked));
        Self { done, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(hour)
    }

    /// A21: whoever ticked it off first did it; opened again, nobody has.
    #[test]
    fn the_first_tick_counts() {
        let task = Task {
            id: TaskId::generate(),
            text: TaskText::parse("Позвонить").unwrap(),
            due: None,
            client: None,
            assignee: None,
            author: "staff/1".into(),
            done: None,
            revision: 1,
            created: at(0),
            updated: at(0),
        };
        let done = task.ticked(true, "staff/2", at(1)).ticked(true, "staff/3", at(2));
        assert_eq!(done.done, Some(Done { by: "staff/2".into(), at: at(1) }));
        assert_eq!(done.ticked(false, "staff/3", at(3)).done, None);
    }
}
