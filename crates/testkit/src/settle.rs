//! When services are at rest: nothing due, nothing running, every event followed.

use proto::system::v1::{FeedStatus, QueueStatus};
use std::fmt::Write;

/// What one service still has to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Its name.
    pub service: String,
    /// Its feed, and how far it has followed others'.
    pub feed: FeedStatus,
    /// Its jobs.
    pub queue: QueueStatus,
}

impl Status {
    /// One line per service, for a failure's text.
    #[must_use]
    pub fn table(all: &[Self]) -> String {
        all.iter().fold(String::new(), |mut text, one| {
            let (feed, queue) = (&one.feed, &one.queue);
            let _ = write!(
                text,
                "{}: feed at {}, {} without position; jobs: {} due, {} running, {} parked; follows",
                one.service,
                feed.position,
                feed.unsequenced,
                queue.due,
                queue.running,
                queue.parked
            );
            for cursor in &feed.cursors {
                let _ = write!(
                    text,
                    " {} at {} ({} parked)",
                    cursor.producer, cursor.position, cursor.parked
                );
            }
            text.push('\n');
            text
        })
    }
}

/// Whether nothing is left to do. Producers that do not run here are not waited for.
#[must_use]
pub fn settled(all: &[Status]) -> bool {
    let position =
        |name: &str| all.iter().find(|one| one.service == name).map(|one| one.feed.position);
    all.iter().all(|one| {
        one.queue.due == 0
            && one.queue.running == 0
            && one.feed.unsequenced == 0
            && one
                .feed
                .cursors
                .iter()
                .all(|cursor| position(&cursor.producer).is_none_or(|end| cursor.position >= end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::system::v1::Cursor;

    fn status(service: &str, position: i64, follows: &[(&str, i64)]) -> Status {
        let cursor = |(producer, position): &(&str, i64)| Cursor {
            producer: (*producer).to_owned(),
            position: *position,
            ..Cursor::default()
        };
        let cursors = follows.iter().map(cursor).collect();
        let feed = FeedStatus { position, cursors, ..FeedStatus::default() };
        Status { service: service.to_owned(), feed, queue: QueueStatus::default() }
    }

    #[test]
    fn rest_is_when_all_is_followed_and_nothing_is_due() {
        let a = status("a", 3, &[("b", 1), ("absent", 0)]);
        let mut b = status("b", 1, &[("a", 3)]);
        assert!(settled(&[a.clone(), b.clone()]));
        assert!(!settled(&[a.clone(), status("b", 2, &[("a", 3)])]), "a has not followed b");
        b.queue.waiting = 5;
        assert!(settled(&[a.clone(), b.clone()]), "later jobs are not waited for");
        b.queue.due = 1;
        assert!(!settled(&[a.clone(), b.clone()]));
        b.queue.due = 0;
        b.queue.running = 1;
        assert!(!settled(&[a.clone(), b.clone()]));
        b.queue.running = 0;
        b.feed.unsequenced = 1;
        assert!(!settled(&[a, b]));
    }
}
