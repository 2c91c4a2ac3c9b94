//! Who of staff is here: whoever called through this gateway lately. It is kept in memory only; a
//! gateway that has just started has seen nobody.

use chrono::{DateTime, Utc};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use types::Clock;

/// How long somebody counts as here after a call.
const HERE: Duration = Duration::from_mins(5);

/// Members of staff, and when each called last.
#[derive(Debug, Default)]
pub struct Presence {
    seen: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl Presence {
    /// Notes a call of staff; others' calls are nobody's business.
    pub(crate) fn note(&self, actor: &str) {
        if !actor.starts_with("staff/") {
            return;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Clock::system_now();
        match seen.get_mut(actor) {
            Some(time) => *time = now,
            None => {
                seen.insert(actor.to_owned(), now);
            }
        }
    }

    /// Who is here, the latest first; the others are forgotten.
    pub(crate) fn here(&self) -> Vec<(String, DateTime<Utc>)> {
        let since = Clock::system_now() - HERE;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, time| *time >= since);
        let mut here: Vec<_> = seen.iter().map(|(actor, time)| (actor.clone(), *time)).collect();
        here.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        here
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_are_here_for_a_while_after_a_call() {
        let presence = Presence::default();
        presence.note("staff/a");
        presence.note("people/b");
        presence.note("operator");
        let here = presence.here();
        assert_eq!(here.iter().map(|(actor, _)| actor.as_str()).collect::<Vec<_>>(), ["staff/a"]);
        let long_ago = Clock::system_now() - HERE - Duration::from_secs(1);
        presence.seen.lock().unwrap().insert("staff/a".into(), long_ago);
        assert_eq!(presence.here(), []);
    }
}
