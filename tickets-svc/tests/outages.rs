//! tickets.md §1.6: complaints that the journal and the walls answer; those that the pure hearts do
//! are in `complaints.rs`, those of a folder in `imap.rs`.

use crate::{World, letter, read};
use proto::tickets::v1::{
    IngestLetterRequest, ListInboundLettersRequest, ReprocessLetterRequest, inbound_letter::State,
    ticket,
};
use tickets_svc::{domain::letters::Envelope, jobs::intake};

/// <https://github.com/freescout-help-desk/freescout/issues/4888>: a letter whose processing failed
/// is not taken for read: it stands in the journal with its reason, and is run again.
#[tokio::test]
async fn freescout_4888_a_letter_that_failed_is_kept_and_run_again() {
    let world = World::start().await;
    let frame = world.harness.frame();
    let raw = letter("1", "", "важное");
    let delivery = intake::Delivery {
        mailbox: String::new(),
        envelope: Envelope::default(),
        source_key: "imap:1:1".into(),
    };
    let mut tx = frame.begin().await.unwrap();
    let kept = intake::enter(&mut tx, frame, raw.as_bytes(), delivery).await.unwrap();
    intake::relieve(&mut tx, kept.id).await.unwrap();
    tx.commit().await.unwrap();
    let owner = world.harness.owner("tickets").await;
    sqlx::query(
        "update inbound_letters set state = 'failed', reason = 'A_FAULT',
             settled_at = now() where id = $1",
    )
    .bind(kept.id.0)
    .execute(&owner)
    .await
    .unwrap();
    let listed = ListInboundLettersRequest { state: State::Failed.into(), ..Default::default() };
    let listed = world.letters().list_inbound_letters(listed).await.unwrap().into_inner();
    assert_eq!(listed.letters[0].reason, "A_FAULT");
    let again = ReprocessLetterRequest {
        name: listed.letters[0].name.clone(),
        request_id: crate::request_id(),
    };
    let done = world.letters().reprocess_letter(again).await.unwrap().into_inner();
    assert_eq!(done.state(), State::Processed);
    assert_eq!(world.ticket(&done.ticket).await.messages[0].text.trim(), "важное");
    world.finish().await;
}

/// <https://github.com/chatwoot/chatwoot/issues/10429>: what came while nobody was there is not too
/// old when somebody is again.
#[tokio::test]
async fn chatwoot_10429_an_outage_of_a_week_leaves_no_gap() {
    let mut world = World::start().await;
    let url = format!("smtp://127.0.0.1:{}", world.sink.port());
    for n in 0..5 {
        let delivery = intake::Delivery {
            mailbox: String::new(),
            envelope: Envelope::default(),
            source_key: format!("imap:1:{n}"),
        };
        let raw = letter(&n.to_string(), "", &format!("письмо {n}"));
        intake::journal(world.harness.frame(), raw.as_bytes(), delivery).await.unwrap();
    }
    world.harness.restart::<tickets_svc::Service>(&["--smtp-url", &url]).await;
    world.harness.advance("2019-03-05T11:13:00Z").await;
    world.harness.settle().await;
    let late = world.ingest(letter("9", "", "после")).await;
    assert_eq!(late.state(), State::Processed);
    let all = ListInboundLettersRequest::default();
    let all = world.letters().list_inbound_letters(all).await.unwrap().into_inner();
    assert_eq!(all.letters.len(), 6);
    assert!(all.letters.iter().all(|one| one.state() == State::Processed), "{all:?}");
    world.finish().await;
}

/// <https://github.com/osTicket/osTicket/issues/494>: a letter that is fetched again each minute is
/// one ticket.
#[tokio::test]
async fn osticket_494_a_letter_fetched_each_minute_is_one_ticket() {
    let world = World::start().await;
    let raw = letter("1", "", "x");
    let mut tickets = std::collections::HashSet::new();
    for minute in 0..30 {
        let request = IngestLetterRequest {
            raw: raw.clone().into(),
            source_key: format!("imap:{minute}:1"),
            request_id: crate::request_id(),
            ..IngestLetterRequest::default()
        };
        let done = world.letters().ingest_letter(request).await.unwrap().into_inner();
        let expected = if minute == 0 { State::Processed } else { State::Duplicate };
        assert_eq!(done.state(), expected);
        tickets.insert(done.ticket);
    }
    assert_eq!(tickets.len(), 1);
    world.finish().await;
}

/// <https://github.com/faveosuite/faveo-helpdesk/issues/150>, tickets.md §5.5 (12): a robot that
/// answers all that we write, at once, under another subject, and says nothing of being one.
#[tokio::test]
async fn faveo_150_a_war_of_robots_ends() {
    let world = World::bare().await;
    world.mailbox("ok@company.example", |mailbox| mailbox.acknowledge = true).await;
    let mut heard = 0;
    world.ingest(letter("0", "", "меня нет")).await;
    for round in 1..200 {
        world.harness.settle().await;
        let sent = world.sink.letters();
        let answered = sent.get(heard).map(|sent| read(&sent.raw).msgid.expect("an id"));
        heard = sent.len().min(heard + 1);
        let more = answered.map(|id| format!("In-Reply-To: {id}\r\n")).unwrap_or_default();
        let raw = letter(&round.to_string(), &more, &format!("меня всё ещё нет, {round}"));
        let minute = round * 5;
        world
            .harness
            .advance(&format!("2019-02-26T{:02}:{:02}:30Z", 11 + minute / 60 % 13, minute % 60))
            .await;
        world.ingest(raw.replace("Subject: disk", &format!("Subject: нет {round}"))).await;
        if minute > 12 * 60 {
            break;
        }
    }
    world.harness.settle().await;
    let automatic = world.sink.letters().len();
    assert!((1..=5).contains(&automatic), "{automatic} letters to a robot");
    world.finish().await;
}

/// tickets.md §5.4 (4): a robot's answer to a closing letter opens nothing, whoever it pretends to
/// be; a person's does.
#[tokio::test]
async fn a_ticket_is_opened_again_by_people_alone() {
    let world = World::start().await;
    let done = world.ingest(letter("1", "", "x")).await;
    let found = world.ticket(&done.ticket).await;
    let close = proto::tickets::v1::CloseTicketRequest {
        name: found.name.clone(),
        text: "Готово".into(),
        request_id: crate::request_id(),
        ..Default::default()
    };
    world.tickets().close_ticket(close).await.unwrap();
    let closing = read(&world.sink.wait(1).await[0].raw).msgid.expect("an id").to_string();
    for (n, header) in [
        "Auto-Submitted: auto-replied",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
    ]
    .iter()
    .enumerate()
    {
        let more = format!("In-Reply-To: {closing}\r\n{header}\r\n");
        world.ingest(letter(&format!("robot{n}"), &more, &format!("меня нет {n}"))).await;
        assert_eq!(world.ticket(&done.ticket).await.state(), ticket::State::Closed, "{header}");
    }
    let more = format!("In-Reply-To: {closing}\r\n");
    world.ingest(letter("2", &more, "Ещё не всё")).await;
    assert_eq!(world.ticket(&done.ticket).await.state(), ticket::State::Open);
    world.finish().await;
}
