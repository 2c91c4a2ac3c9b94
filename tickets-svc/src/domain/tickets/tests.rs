//! What opens, answers, closes and reopens a ticket, and what must not.

use super::*;
use chrono::TimeDelta;
use proptest::prelude::*;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_551_179_580 + minute * 60, 0).expect("a time")
}

fn client_letter() -> Body {
    Body::Client { text: "прошу".into(), html: None }
}

fn author() -> Author {
    Author::Address(EmailAddress::parse("buh@client.test").expect("an address"))
}

fn opened() -> Ticket {
    let opening = Opening {
        clients: vec![ClientId::generate()],
        subject: " Диск\r\n мал ".into(),
        department: "support".into(),
        requester: EmailAddress::parse("buh@client.test").ok(),
        trust: Trust::Matched,
        origin: Origin::Letter,
        regarding: String::new(),
        author: author(),
        body: client_letter(),
    };
    opening.open(&Promise::regulation(), at(0)).ticket
}

fn words() -> PublicMessage {
    PublicMessage::parse("готово").expect("a text")
}

/// A27, G30: opened 26.02.2019 14:13 in Moscow, due at 16:13.
#[test]
fn a_letter_opens_with_two_hours() {
    let ticket = opened();
    assert_eq!((ticket.state, ticket.subject.as_str()), (State::Open, "Диск мал"));
    assert_eq!(ticket.processing.due_while_running(), Some(at(120)));
    assert_eq!(ticket.first_response.due_while_running(), Some(at(30)));
    assert!(!ticket.processing.breached(at(120)) && ticket.processing.breached(at(121)));
}

/// A215, A216, G31: closed, then the client answers: open, same number, same assignee, new clock.
#[test]
fn the_clients_answer_reopens() {
    let staff = StaffId::generate();
    let to = Assignment { department: None, assignee: Some(staff), client: None };
    let taken = opened().assign(to, at(1)).expect("taken").ticket;
    assert_eq!(taken.state, State::InProgress);
    let mut closed =
        taken.close(Author::Staff(staff), Some(words()), at(60)).expect("closed").ticket;
    closed.number = 77;
    assert_eq!((closed.state, closed.processing.due_while_running()), (State::Closed, None));
    let promise = Promise::regulation();
    let again = closed.client_letter(author(), client_letter(), &promise, at(1_000)).ticket;
    assert_eq!((again.state, again.number, again.assignee), (State::Open, 77, Some(staff)));
    assert_eq!(again.processing.due_while_running(), Some(at(1_120)));
    assert_eq!((again.reopen_count, again.processing.run), (1, 2));
}

#[test]
fn a_second_letter_to_an_open_ticket_buys_no_time() {
    let promise = Promise::regulation();
    let step = opened().client_letter(author(), client_letter(), &promise, at(100));
    assert_eq!(step.ticket.processing.due_while_running(), Some(at(120)));
    assert_eq!(step.changes, vec![]);
}

#[test]
fn refusals_have_a_reason() {
    let closed = opened().close(Author::System, None, at(1)).expect("closed").ticket;
    let nothing = Assignment { department: None, assignee: None, client: None };
    assert_eq!(closed.clone().reply(Author::System, words(), at(2)), Err(TicketError::Closed));
    assert_eq!(closed.clone().close(Author::System, None, at(2)), Err(TicketError::Closed));
    assert_eq!(closed.assign(nothing, at(2)), Err(TicketError::Closed));
    let mut nameless = opened();
    nameless.requester = None;
    let refused = nameless.clone().reply(Author::System, words(), at(1));
    assert_eq!(refused, Err(TicketError::NoRequester));
    let refused = nameless.close(Author::System, Some(words()), at(1));
    assert_eq!(refused, Err(TicketError::NoRequester));
    let foreign =
        Assignment { department: None, assignee: None, client: Some(ClientId::generate()) };
    assert_eq!(opened().assign(foreign, at(1)), Err(TicketError::NotACandidate));
}

/// A sender who acts for several clients is asked which one; until then none is settled.
#[test]
fn several_clients_are_candidates() {
    let (one, two) = (ClientId::generate(), ClientId::generate());
    let mut ticket = opened();
    ticket.client = None;
    ticket.candidates = vec![one, two];
    let to = Assignment { department: None, assignee: None, client: Some(two) };
    let step = ticket.assign(to, at(1)).expect("settled");
    assert_eq!((step.ticket.client, step.ticket.candidates), (Some(two), vec![]));
}

#[derive(Debug, Clone)]
enum Act {
    Client,
    Robot,
    Reply,
    Note,
    Take,
    Release,
    Close,
}

fn acts() -> impl Strategy<Value = Vec<(Act, i64)>> {
    let act = prop_oneof![
        Just(Act::Client),
        Just(Act::Robot),
        Just(Act::Reply),
        Just(Act::Note),
        Just(Act::Take),
        Just(Act::Release),
        Just(Act::Close),
    ];
    proptest::collection::vec((act, 0_i64..300), 0..40)
}

fn perform(ticket: Ticket, act: &Act, now: DateTime<Utc>) -> Result<Step, TicketError> {
    let hand = |assignee| Assignment { department: None, assignee, client: None };
    match act {
        Act::Client => {
            Ok(ticket.client_letter(author(), client_letter(), &Promise::regulation(), now))
        }
        Act::Robot => Ok(ticket.robot_letter(author(), "away".into(), now)),
        Act::Reply => ticket.reply(Author::System, words(), now),
        Act::Note => Ok(ticket.note(Author::System, Note::parse("тайна").expect("text"), now)),
        Act::Take => ticket.assign(hand(Some(StaffId::generate())), now),
        Act::Release => ticket.assign(hand(None), now),
        Act::Close => ticket.close(Author::System, None, now),
    }
}

proptest! {
    /// tickets.md §5.4 (3, 4, 10, 13): numbers without gap, the history replays to the ticket,
    /// robots and notes change nothing, closed opens by a person's letter only, each accepted
    /// command counts once, and a due time is never moved while its clock runs.
    #[test]
    fn any_history_keeps_its_invariants(acts in acts()) {
        let mut ticket = opened();
        let mut state = "open".to_owned();
        let mut assignee = String::new();
        let mut minute = 0;
        for (act, pause) in acts {
            minute += pause;
            let before = ticket.clone();
            let Ok(step) = perform(ticket.clone(), &act, at(minute)) else { continue };
            prop_assert_eq!(step.ticket.revision, before.revision + 1);
            let said = i32::from(step.message.is_some());
            prop_assert_eq!(step.ticket.message_count, before.message_count + said);
            if let Some(message) = &step.message {
                prop_assert_eq!(message.sequence, step.ticket.message_count);
            }
            for change in &step.changes {
                match change.field {
                    "state" => {
                        prop_assert_eq!(&change.from, &state);
                        state.clone_from(&change.to);
                    }
                    "assignee" => assignee.clone_from(&change.to),
                    other => prop_assert!(false, "{other}"),
                }
            }
            prop_assert_eq!(step.ticket.state.as_str(), &state);
            prop_assert_eq!(text(step.ticket.assignee), assignee.clone());
            if matches!(act, Act::Robot | Act::Note) {
                prop_assert!(step.changes.is_empty());
                prop_assert_eq!(&step.ticket.processing, &before.processing);
            }
            if before.state == State::Closed && step.ticket.state != State::Closed {
                prop_assert!(matches!(act, Act::Client));
            }
            if step.ticket.processing.run == before.processing.run {
                prop_assert_eq!(step.ticket.processing.due, before.processing.due);
            }
            let waits = matches!(step.ticket.state, State::Open | State::InProgress);
            prop_assert_eq!(step.ticket.processing.due_while_running().is_some(), waits);
            prop_assert!(step.ticket.processing.due - step.ticket.processing.started
                == TimeDelta::minutes(120));
            ticket = step.ticket;
        }
    }
}

/// tickets.md §5.3: a ticket on hold pauses its clocks, and comes back with what they had left.
#[test]
fn a_ticket_on_hold_comes_back_with_its_time() {
    let promise = Promise::regulation();
    let why = Note::parse("ждём поставщика").ok();
    let held = opened().hold(author(), at(1_000), why, at(20)).expect("held");
    assert!(matches!(held.message.as_ref().map(|m| &m.body), Some(Body::Note(_))));
    let held = held.ticket;
    assert_eq!((held.state, held.processing.due_while_running()), (State::OnHold, None));
    assert!(!held.is_due_back(at(999)) && held.is_due_back(at(1_000)));
    let back = held.clone().restore(&promise, at(1_000)).expect("back").ticket;
    assert_eq!((back.state, &back.parked), (State::Open, &None));
    assert_eq!(back.processing.due_while_running(), Some(at(1_100)));
    assert_eq!(back.first_response.due_while_running(), Some(at(1_010)));
    // What waited for the client when it was held waits for us when it comes back.
    let answered = opened().reply(author(), words(), at(5)).expect("answered").ticket;
    let later = answered.hold(author(), at(500), None, at(6)).expect("held").ticket;
    let woken = later.restore(&promise, at(500)).expect("back").ticket;
    assert_eq!((woken.state, woken.processing.due), (State::Open, at(620)));
    // The client's letter ends it, and so does an answer.
    let again = held.clone().client_letter(author(), client_letter(), &promise, at(30)).ticket;
    assert_eq!((again.state, again.parked.is_none()), (State::Open, true));
    assert_eq!(held.clone().reply(author(), words(), at(30)).expect("said").ticket.parked, None);
    let longer = held.hold(author(), at(2_000), None, at(40)).expect("held").ticket;
    assert!(!longer.is_due_back(at(1_000)));
    let back = longer.restore(&promise, at(2_000)).expect("back").ticket;
    assert_eq!(back.processing.due_while_running(), Some(at(2_100)));
}

#[test]
fn spam_is_left_alone_until_it_is_restored() {
    let promise = Promise::regulation();
    let spam = opened().spam(at(10)).expect("spam").ticket;
    assert_eq!((spam.state, spam.processing.due_while_running()), (State::Spam, None));
    let more = spam.clone().client_letter(author(), client_letter(), &promise, at(11)).ticket;
    assert_eq!((more.state, more.processing.run), (State::Spam, spam.processing.run));
    assert_eq!(spam.clone().reply(author(), words(), at(12)), Err(TicketError::Spam));
    assert_eq!(spam.clone().spam(at(12)), Err(TicketError::Spam));
    assert_eq!(spam.clone().hold(author(), at(99), None, at(12)), Err(TicketError::Spam));
    assert!(!spam.is_due_back(at(1_000_000)));
    let back = spam.restore(&promise, at(60)).expect("back").ticket;
    assert_eq!((back.state, back.processing.due), (State::Open, at(170)));
    assert_eq!(back.clone().restore(&promise, at(61)), Err(TicketError::NotParked));
    assert_eq!(back.hold(author(), at(61), None, at(61)), Err(TicketError::Past));
    let closed = opened().close(author(), None, at(1)).expect("closed").ticket;
    assert_eq!(closed.clone().hold(author(), at(9), None, at(2)), Err(TicketError::Closed));
    let back = closed.spam(at(2)).expect("spam").ticket.restore(&promise, at(3)).expect("back");
    assert_eq!((back.ticket.state, back.ticket.processing.stopped), (State::Closed, Some(at(1))));
}

/// tickets.md §5.3, §5.4 (12): tickets of one client are merged; what waited for us still does.
#[test]
fn tickets_of_one_client_are_merged() {
    let promise = Promise::regulation();
    let client = ClientId::generate();
    let of = |client| Ticket { client: Some(client), ..opened() };
    let (one, two) = (of(client), of(client).reply(author(), words(), at(1)).expect("said").ticket);
    let merged = one.clone().merge(&two, at(5)).expect("merged").ticket;
    assert_eq!((merged.state, merged.processing.due_while_running()), (State::Merged, None));
    let kept = two.clone().absorb(&one, &promise, at(5)).ticket;
    assert_eq!((kept.state, kept.processing.due), (State::Open, at(125)));
    assert_eq!(two.clone().absorb(&two, &promise, at(5)).ticket.state, State::Answered);
    for (from, into, error) in [
        (&one, &one, TicketError::OtherClient),
        (&one, &of(ClientId::generate()), TicketError::OtherClient),
        (&merged, &two, TicketError::Merged),
        (&two, &merged, TicketError::Merged),
        (
            &one,
            &two.clone().close(author(), None, at(2)).expect("closed").ticket,
            TicketError::Closed,
        ),
        (&one.clone().spam(at(2)).expect("spam").ticket, &two, TicketError::Spam),
    ] {
        assert_eq!(from.clone().merge(into, at(6)).map(|step| step.ticket.state), Err(error));
    }
    let after = merged.client_letter(author(), client_letter(), &promise, at(9)).ticket;
    assert_eq!(after.state, State::Merged);
}
