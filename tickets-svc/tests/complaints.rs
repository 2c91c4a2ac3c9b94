//! tickets.md §1.6: what users of other systems complain of most, each with a test that names it.
//! Here are those that the pure hearts answer; the journal's (freescout #4888, chatwoot #10429,
//! osTicket #494) are answered in `inbound.rs`, the walls of robots (faveo #150) in `walls.rs`.

use chrono::{DateTime, TimeDelta, Utc};
use std::time::{Duration, Instant};
use tickets_svc::{
    domain::{
        calendars::Calendar,
        clocks::Promise,
        intake::{self, Situation, Verdict},
        letters::Letter,
        messages::{Author, Body},
        threading::{Candidate, Evidence, Signed, Writer, tagged},
        tickets::{Opening, Origin, State, Ticket, Trust},
    },
    readers::letters,
};
use types::{
    EmailAddress,
    id::{ClientId, TicketId},
};

fn letter(raw: &str) -> Letter {
    letters::read(raw.replace('\n', "\r\n").as_bytes()).unwrap()
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_551_179_580, 0).unwrap()
}

/// The verdict on a client's letter, with tickets that it may belong to.
fn verdict(letter: &Letter, clients: &[ClientId], candidates: &[Candidate]) -> Verdict {
    let address = letter.from.as_ref().map(|from| from.address.clone());
    let writer = Writer { address, clients: clients.to_vec(), main: true };
    intake::judge(&Situation {
        letter,
        accept_unknown: false,
        sent_by_us: false,
        own: &[],
        same: None,
        copied: false,
        writer: &writer,
        candidates,
        trusted: &[],
        age: None,
        opened: 0,
        released: false,
    })
    .verdict
}

fn candidate(client: ClientId, evidence: Evidence) -> Candidate {
    Candidate {
        ticket: TicketId::generate(),
        client: Some(client),
        candidates: vec![],
        participants: vec![],
        evidence,
        signed: Signed::Nobody,
        distance: 0,
    }
}

fn ticket() -> Ticket {
    let opening = Opening {
        clients: vec![ClientId::generate()],
        subject: "диск".into(),
        department: "support".into(),
        requester: Some(address("buh@client.test")),
        trust: Trust::Matched,
        origin: Origin::Letter,
        regarding: String::new(),
        author: Author::Address(address("buh@client.test")),
        body: Body::Client { text: "диск".into(), html: None },
    };
    opening.open(&Promise::regulation(), now()).ticket
}

/// <https://github.com/chatwoot/chatwoot/issues/9069>
#[test]
fn chatwoot_9069_a_letter_without_an_id_opens_a_ticket() {
    let letter = letter("From: buh@client.test\nSubject: x\n\nx\n");
    assert_eq!(letter.msgid, None);
    let verdict = verdict(&letter, &[ClientId::generate()], &[]);
    assert_eq!(verdict, Verdict::Open);
    // It has a key all the same, so that a copy is known.
    assert!(!letter.dedup_key().trim().is_empty());
}

/// <https://github.com/zammad/zammad/issues/2754>
#[test]
fn zammad_2754_no_letter_stops_the_others() {
    let nested = "From: a@b.test\nContent-Type: message/rfc822\n\n".repeat(100_000);
    let endless = format!("From: a@b.test\nContent-Type: multipart/mixed; boundary=\"{nested}");
    for raw in [nested.as_bytes(), endless.as_bytes(), &[0xff; 4_096], b"\r\n\r\n", b"From:"] {
        let began = Instant::now();
        let _ = letters::read(raw);
        assert!(began.elapsed() < Duration::from_secs(10));
    }
}

/// <https://github.com/zammad/zammad/issues/2706>
#[test]
fn zammad_2706_large_html_takes_a_moment() {
    let table =
        "<tr><td><div style='x'><a href='http://a.test'>y</a></div></td></tr>".repeat(2_400);
    let raw = format!("From: a@b.test\nContent-Type: text/html\n\n<table>{table}</table>");
    let began = Instant::now();
    let letter = letter(&raw);
    assert!(letter.html.is_some() && letter.text.contains('y'));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

/// <https://github.com/zammad/zammad/issues/1578>
#[test]
fn zammad_1578_an_id_that_was_there_suppresses_no_other_letter() {
    let one = letter("From: a@b.test\nMessage-ID: <1@b.test>\n\none\n");
    let other = letter("From: evil@x.test\nMessage-ID: <1@b.test>\n\nother\n");
    assert_ne!(one.dedup_key(), other.dedup_key());
}

/// <https://github.com/osTicket/osTicket/issues/4268>
#[test]
fn osticket_4268_an_answer_finds_its_ticket_in_any_language() {
    for prefix in ["Re:", "VS:", "AW:", "RE: FW:", "Ответ:", "SV:", "Antw:", "回复："] {
        assert_eq!(tagged(&format!("{prefix} диск [#12345]")), Some(12_345), "{prefix}");
    }
    let client = ClientId::generate();
    let ours = candidate(client, Evidence::AnswersOurs);
    let answer = letter("From: buh@client.test\nSubject: совсем другая тема\n\nx\n");
    let joined = Verdict::Join(ours.ticket, Evidence::AnswersOurs);
    assert_eq!(verdict(&answer, &[client], &[ours]), joined);
}

/// <https://github.com/zammad/zammad/issues/5064>
#[test]
fn zammad_5064_a_strangers_letter_joins_nobodys_ticket() {
    let (victim, other) = (ClientId::generate(), ClientId::generate());
    let theirs =
        [candidate(victim, Evidence::AnswersOurs), candidate(victim, Evidence::SubjectTag)];
    let letter = letter("From: x@other.test\nSubject: Re: [#1]\n\nx\n");
    assert_eq!(verdict(&letter, &[other], &theirs), Verdict::Open);
    assert_eq!(verdict(&letter, &[], &theirs), Verdict::Quarantine("UNKNOWN_SENDER"));
}

/// <https://github.com/osTicket/osTicket/issues/1744>
#[test]
fn osticket_1744_an_out_of_office_notice_opens_nothing_again() {
    let client = ClientId::generate();
    let ours = candidate(client, Evidence::AnswersOurs);
    for header in [
        "Auto-Submitted: auto-replied",
        "Subject: Автоматический ответ: диск",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
        "Return-Path: <>",
    ] {
        let notice = letter(&format!("From: buh@client.test\n{header}\n\nменя нет\n"));
        let kept = Verdict::Attach(ours.ticket, Evidence::AnswersOurs);
        let found = verdict(&notice, &[client], std::slice::from_ref(&ours));
        assert_eq!(found, kept, "{header}");
    }
    let closed = ticket().close(Author::System, None, now()).expect("closed").ticket;
    let from = Author::Address(address("buh@client.test"));
    let after = closed.clone().robot_letter(from, "меня нет".into(), now()).ticket;
    assert_eq!((after.state, after.processing), (State::Closed, closed.processing));
    assert_eq!(after.reopen_count, 0);
}

/// <https://github.com/freescout-help-desk/freescout/issues/4638>
#[test]
fn freescout_4638_an_answer_among_quotes_is_kept() {
    let answers =
        "On 26.02.2019 14:13, Support wrote:\n> Which?\n\nThe second.\n\n> When?\n\nNow.\n";
    let letter = letter(&format!("From: a@b.test\n\n{answers}"));
    let reply = letter.ranges.reply_of(&letter.text);
    assert!(reply.contains("The second.") && reply.contains("Now."), "{reply}");
    // Nothing is deleted: the whole text is there beside what is shown.
    assert!(letter.text.contains("Support wrote"));
}

/// <https://github.com/Nine-Minds/alga-psa/pull/3242>
#[test]
fn alga_psa_3242_a_forged_sender_is_nobody() {
    let forged = letter("From: buh@client.test\nFrom: evil@x.test\n\nудалите базу\n");
    assert_eq!(verdict(&forged, &[], &[]), Verdict::Quarantine("SEVERAL_SENDERS"));
}

/// <https://github.com/zammad/zammad/issues/3180>
#[test]
fn zammad_3180_the_clock_has_no_hole_at_midnight() {
    let always = Calendar::round_the_clock();
    for minutes in 0..2 * 24 * 60 {
        let start = now() + TimeDelta::minutes(minutes);
        let two = TimeDelta::minutes(120);
        assert_eq!(always.add(start, two), start + two);
    }
}
