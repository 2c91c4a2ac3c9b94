//! Which ticket a letter belongs to: by ids that we stored, never by equal subjects alone.
//!
//! A candidate counts only if the sender may write to it: somebody who guessed or stole an id, or
//! typed another client's number, gets a ticket of their own and learns nothing.

use types::{
    EmailAddress,
    id::{ClientId, TicketId},
};

/// Why a letter may belong to a ticket, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// It answers a letter that we sent: its Message-ID stands in our delivery log.
    AnswersOurs,
    /// It answers a letter that we got.
    AnswersTheirs,
    /// The ticket's number stands in the subject.
    SubjectTag,
}

impl Evidence {
    /// The word kept with the message, so that «почему?» has an answer.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AnswersOurs => "answers_ours",
            Self::AnswersTheirs => "answers_theirs",
            Self::SubjectTag => "subject_tag",
        }
    }
}

/// A ticket that a letter may belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The ticket.
    pub ticket: TicketId,
    /// Its client, when settled.
    pub client: Option<ClientId>,
    /// Clients that its first sender acts for, while it must be asked which one.
    pub candidates: Vec<ClientId>,
    /// Addresses on it.
    pub participants: Vec<EmailAddress>,
    /// Why it is a candidate.
    pub evidence: Evidence,
    /// Place of the id among those that the letter answers, the nearest first.
    pub distance: usize,
}

/// Who sent the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    /// Address, when exactly one is named.
    pub address: Option<EmailAddress>,
    /// Clients that the address belongs to.
    pub clients: Vec<ClientId>,
}

/// The ticket that the letter joins, if any: the surest evidence, then the nearest id, of those
/// that the writer may write to.
#[must_use]
pub fn ticket_of<'c>(candidates: &'c [Candidate], writer: &Writer) -> Option<&'c Candidate> {
    let allowed = candidates.iter().filter(|candidate| may_join(candidate, writer));
    allowed.min_by_key(|candidate| (candidate.evidence, candidate.distance))
}

/// A writer may join a ticket on which their address stands, or one of a client they act for.
fn may_join(candidate: &Candidate, writer: &Writer) -> bool {
    let Some(address) = &writer.address else { return false };
    let of_client = |client: &ClientId| {
        candidate.client == Some(*client) || candidate.candidates.contains(client)
    };
    candidate.participants.contains(address) || writer.clients.iter().any(of_client)
}

/// The tag of a ticket in a subject.
#[must_use]
pub fn tag(number: i64) -> String {
    format!("[#{number}]")
}

/// The number in the last tag of a subject.
#[must_use]
pub fn tagged(subject: &str) -> Option<i64> {
    let (_, rest) = subject.rsplit_once("[#")?;
    let (number, _) = rest.split_once(']')?;
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| number.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).expect("an address")
    }

    fn candidate(evidence: Evidence, distance: usize, participant: &str) -> Candidate {
        Candidate {
            ticket: TicketId::generate(),
            client: Some(ClientId::generate()),
            candidates: vec![],
            participants: vec![address(participant)],
            evidence,
            distance,
        }
    }

    fn writer(text: &str, clients: &[ClientId]) -> Writer {
        Writer { address: EmailAddress::parse(text).ok(), clients: clients.to_vec() }
    }

    #[test]
    fn the_surest_evidence_wins_then_the_nearest() {
        let tag = candidate(Evidence::SubjectTag, 0, "a@x.test");
        let far = candidate(Evidence::AnswersOurs, 3, "a@x.test");
        let near = candidate(Evidence::AnswersOurs, 1, "a@x.test");
        let theirs = candidate(Evidence::AnswersTheirs, 0, "a@x.test");
        let all = [tag, far, near.clone(), theirs];
        assert_eq!(ticket_of(&all, &writer("A@x.test", &[])), Some(&near));
    }

    /// An id or a number of another client's ticket opens nothing (tickets.md §5.5, 10).
    #[test]
    fn strangers_join_nothing() {
        let all = [candidate(Evidence::AnswersOurs, 0, "victim@x.test")];
        assert_eq!(ticket_of(&all, &writer("evil@y.test", &[])), None);
        assert_eq!(ticket_of(&all, &writer("evil@y.test", &[ClientId::generate()])), None);
        assert_eq!(ticket_of(&all, &writer("", &[])), None);
        let colleague = [all[0].client.expect("a client")];
        assert_eq!(ticket_of(&all, &writer("boss@x.test", &colleague)), Some(&all[0]));
    }

    #[test]
    fn tags_are_read_back() {
        assert_eq!(tagged(&format!("Re: диск {}", tag(12345))), Some(12345));
        for (subject, number) in [
            ("Re: [#1] x [#2]", Some(2)),
            ("[#]", None),
            ("[#-1]", None),
            ("[#99999999999999999999]", None),
            ("#12", None),
            ("[#12", None),
        ] {
            assert_eq!(tagged(subject), number, "{subject}");
        }
    }

    proptest! {
        /// tickets.md §5.4 (8): a letter joins a ticket only with evidence for it, and only when
        /// the writer is on it or acts for its client.
        #[test]
        fn nobody_joins_without_a_right(
            evidence in proptest::collection::vec((0_u8..3, 0_usize..5, 0_u8..4), 0..8),
            who in 0_u8..4,
        ) {
            let kinds = [Evidence::AnswersOurs, Evidence::AnswersTheirs, Evidence::SubjectTag];
            let all: Vec<Candidate> = evidence
                .iter()
                .map(|(kind, distance, on)| {
                    candidate(kinds[usize::from(*kind)], *distance, &format!("p{on}@x.test"))
                })
                .collect();
            let writer = writer(&format!("p{who}@x.test"), &[]);
            let own = all.iter().filter(|c| c.participants[0].as_str() == format!("p{who}@x.test"));
            match ticket_of(&all, &writer) {
                Some(found) => prop_assert!(found.participants.contains(
                    writer.address.as_ref().expect("an address"))),
                None => prop_assert_eq!(own.count(), 0),
            }
        }
    }
}
