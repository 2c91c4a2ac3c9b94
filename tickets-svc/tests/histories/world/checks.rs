//! What must hold.

use super::*;

impl World {
    /// §5.4 (8), §5.2: who may do what, whatever the letter shows.
    pub(super) fn may(&self, by: By, letter: &Letter, judged: &Judged) {
        let ticket = match &judged.verdict {
            Verdict::Join(ticket, _) | Verdict::Attach(ticket, _) => Some(*ticket),
            _ => None,
        };
        match by {
            By::Forger(_) => {
                assert_eq!(judged.trust.level, Level::Failed);
                assert!(matches!(judged.verdict, Verdict::Quarantine(_) | Verdict::Duplicate(_)));
            }
            By::Stranger => assert!(ticket.is_none() && judged.verdict != Verdict::Open),
            By::Robot(_) => assert_eq!(letter.class, Class::Auto),
            By::Contact(_) => assert_ne!(judged.trust.level, Level::Verified),
            By::Client(_) => assert!(judged.trust.level.may_reply()),
        }
        assert!(
            letter.class.opens() || !matches!(judged.verdict, Verdict::Join(..) | Verdict::Open)
        );
        if let Some(ticket) = ticket {
            let kept = self.tickets.iter().find(|kept| kept.ticket.id == ticket).unwrap();
            let own = by.of().map(|n| self.clients[n]);
            let on_it = kept.participants.iter().any(|one| one.as_str() == by.address());
            assert!(on_it || kept.ticket.client == own, "{by:?} joined another's ticket");
            assert!(kept.merged_into.is_none(), "a redirect took a letter");
        }
    }

    /// §5.4 (1), (3), (12): what holds at any time.
    pub fn check(&self) {
        let entered = |verdict: &Verdict| {
            matches!(verdict, Verdict::Open | Verdict::Join(..) | Verdict::Attach(..))
        };
        let letters = self.journal.iter().filter(|(_, _, verdict)| entered(verdict)).count();
        let theirs: usize = self.tickets.iter().map(|kept| kept.theirs.len()).sum();
        assert_eq!(letters, theirs, "each letter that entered is one message of one ticket");
        let ids: BTreeSet<_> = self.tickets.iter().flat_map(|kept| &kept.theirs).collect();
        assert_eq!(ids.len(), theirs, "no letter entered twice");
        for kept in &self.tickets {
            let sequences: Vec<i32> = kept.messages.iter().map(|(sequence, _)| *sequence).collect();
            let all: Vec<i32> = (1..=kept.ticket.message_count).collect();
            assert!(sequences == all && !all.is_empty(), "{sequences:?}");
            assert_eq!(kept.merged_into.is_some(), kept.ticket.state == State::Merged);
            if let Some(into) = kept.merged_into {
                assert!(self.tickets[into].merged_into.is_none(), "a chain of redirects");
            }
            let parked = matches!(kept.ticket.state, State::OnHold | State::Spam);
            assert_eq!(kept.ticket.parked.is_some(), parked, "{:?}", kept.ticket.state);
            let waits = matches!(kept.ticket.state, State::Open | State::InProgress);
            let runs = kept.ticket.processing.stopped.is_none();
            assert_eq!(runs, waits, "{:?}", kept.ticket.state);
        }
    }
}
