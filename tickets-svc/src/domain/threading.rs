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
    /// Its own Message-ID is one that the same sender wrote to us by before: a copy that came by
    /// another way, a list's with its footer, or the same letter to another of our mailboxes.
    SameLetter,
    /// It came to an address that we signed for this very writer.
    ReplyAddress,
    /// It tells that a letter of ours did not arrive, or not yet: it came to the address that we
    /// sent that letter from, signed for it, or encloses it.
    Returned,
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
            Self::SameLetter => "same_letter",
            Self::ReplyAddress => "reply_address",
            Self::Returned => "returned",
            Self::AnswersOurs => "answers_ours",
            Self::AnswersTheirs => "answers_theirs",
            Self::SubjectTag => "subject_tag",
        }
    }
}

/// Whose the signed address is that a letter came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Signed {
    /// There is none, or it is not signed by us.
    #[default]
    Nobody,
    /// The writer's: we told it to them.
    Writer,
    /// Somebody else's on the ticket: it was passed on, or stolen.
    Other,
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
    /// Whose the signed address is, if it is one by that.
    pub signed: Signed,
    /// Place of the id among those that the letter answers, the nearest first.
    pub distance: usize,
}

/// True when a text says nothing that the other does not: it is the same, or one has a footer.
#[must_use]
pub fn says_the_same(one: &str, other: &str) -> bool {
    let bare = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (one, other) = (bare(one), bare(other));
    one.starts_with(&other) && !other.is_empty()
        || other.starts_with(&one) && !one.is_empty()
        || one == other
}

/// Who sent the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    /// Address, when exactly one is named.
    pub address: Option<EmailAddress>,
    /// Clients that the address belongs to.
    pub clients: Vec<ClientId>,
    /// True when it is the one in their profiles, not that of a contact.
    pub main: bool,
}

/// The ticket that the letter joins, if any: the surest evidence, then the nearest id, of those
/// that the writer may write to.
#[must_use]
pub fn ticket_of<'c>(candidates: &'c [Candidate], writer: &Writer) -> Option<&'c Candidate> {
    let allowed = candidates.iter().filter(|candidate| may_join(candidate, writer));
    allowed.min_by_key(|candidate| (candidate.evidence, candidate.distance))
}

/// True when the letter came to an address that we signed for somebody else, and it joins nothing:
/// a person must look at it.
#[must_use]
pub fn is_passed_on(candidates: &[Candidate]) -> bool {
    candidates.iter().any(|candidate| candidate.signed == Signed::Other)
}

/// A writer may join a ticket on which their address stands, or one of a client they act for, or
/// one for which we signed them an address. A number in a subject is for participants alone:
/// anybody can type it.
fn may_join(candidate: &Candidate, writer: &Writer) -> bool {
    // Mail systems write about a letter whose id none but its readers know; they wake nothing.
    if candidate.evidence == Evidence::Returned {
        return true;
    }
    let Some(address) = &writer.address else { return false };
    if candidate.signed == Signed::Writer || candidate.participants.contains(address) {
        return true;
    }
    let of_client = |client: &ClientId| {
        candidate.client == Some(*client) || candidate.candidates.contains(client)
    };
    candidate.evidence != Evidence::SubjectTag && writer.clients.iter().any(of_client)
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
            signed: Signed::Nobody,
            distance,
        }
    }

    fn writer(text: &str, clients: &[ClientId]) -> Writer {
        Writer { address: EmailAddress::parse(text).ok(), clients: clients.to_vec(), main: true }
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
        // A number that anybody can type is for those on the ticket alone.
        let mut tagged = all.clone();
        tagged[0].evidence = Evidence::SubjectTag;
        assert_eq!(ticket_of(&tagged, &writer("boss@x.test", &colleague)), None);
        // An address that we signed for the writer lets them in; somebody else's does not.
        for (signed, joins) in [(Signed::Writer, true), (Signed::Other, false)] {
            let by_address = [Candidate { signed, ..all[0].clone() }];
            let found = ticket_of(&by_address, &writer("who@y.test", &[]));
            assert_eq!((found.is_some(), is_passed_on(&by_address)), (joins, !joins));
        }
    }

    #[test]
    fn copies_say_the_same() {
        for (one, other, same) in [
            ("a b", "a  b\n", true),
            ("a b", "a b\n____\nlist", true),
            ("", "", true),
            ("a", "", false),
            ("a b", "b a", false),
        ] {
            assert_eq!(says_the_same(one, other), same, "{one} {other}");
            assert_eq!(says_the_same(other, one), same, "{one} {other}");
        }
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
