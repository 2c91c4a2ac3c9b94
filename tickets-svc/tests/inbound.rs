//! Letters in: each ends in exactly one state.

use crate::{World, client, fields, letter, refused, request_id};
use futures::TryStreamExt;
use proto::tickets::v1::{
    self as wire, IngestLetterRequest, ListInboundLettersRequest, ReprocessLetterRequest,
    inbound_letter::State, message::Kind, ticket,
};
use tonic::Code;

fn ingest(raw: impl Into<Vec<u8>>) -> IngestLetterRequest {
    IngestLetterRequest {
        raw: raw.into(),
        request_id: request_id(),
        ..IngestLetterRequest::default()
    }
}

/// A26, A27, G30: a client's letter becomes a ticket that is due in two hours.
#[tokio::test]
async fn a_letter_becomes_a_ticket() {
    let world = World::start().await;
    let raw = letter("1", "", "Прошу увеличить диск");
    let request = ingest(raw.clone());
    let done = world.letters().ingest_letter(request.clone()).await.unwrap().into_inner();
    assert_eq!((done.state(), done.reason.as_str()), (State::Processed, ""));
    assert_eq!((done.from.as_str(), done.subject.as_str()), ("buh@client.example", "disk"));
    assert_eq!(done.size, i64::try_from(raw.len()).unwrap());

    let ticket = world.ticket(&done.ticket).await;
    assert_eq!(ticket.client, client().to_string());
    assert_eq!((ticket.state(), ticket.trust()), (ticket::State::Open, ticket::Trust::Matched));
    assert_eq!((ticket.origin(), ticket.department.as_str()), (ticket::Origin::Letter, "support"));
    // 16:13 in Moscow.
    assert_eq!(ticket.due_time.map(|t| t.seconds), Some(1_551_186_780));
    let [message] = &ticket.messages[..] else { panic!("{:?}", ticket.messages) };
    assert_eq!((message.kind(), message.sequence), (Kind::Client, 1));
    assert_eq!(message.text.trim(), "Прошу увеличить диск");
    assert_eq!(
        (message.name.as_str(), message.message_id.as_str()),
        (&*done.message, "1@client.example")
    );

    // The same call again is answered the same.
    let again = world.letters().ingest_letter(request.clone()).await.unwrap().into_inner();
    assert_eq!(again, done);
    let reused = IngestLetterRequest { raw: b"x: y\r\n\r\n".to_vec(), ..request };
    let reused = world.letters().ingest_letter(reused).await;
    refused(reused, Code::InvalidArgument, "REQUEST_ID_REUSED");
    world.finish().await;
}

/// tickets.md §5.5 (14, 15): a copy that came another way is a duplicate; a source that asks
/// twice is told what became of the first.
#[tokio::test]
async fn copies_are_recognised() {
    let world = World::start().await;
    let raw = letter("1", "", "x");
    let first = IngestLetterRequest { source_key: "imap:1:7".into(), ..ingest(raw.clone()) };
    let first = world.letters().ingest_letter(first).await.unwrap().into_inner();
    let twice = IngestLetterRequest { source_key: "imap:1:7".into(), ..ingest(raw.clone()) };
    let twice = world.letters().ingest_letter(twice).await.unwrap().into_inner();
    assert_eq!(twice, first);
    let copy = world.ingest(format!("Received: by mx2\r\n{raw}")).await;
    assert_eq!(copy.state(), State::Duplicate);
    assert_eq!((copy.reason, copy.ticket), (format!("DUPLICATE_OF {}", first.name), first.ticket));
    // The id alone suppresses nothing: other content is another letter.
    let other = world.ingest(letter("1", "", "другое")).await;
    assert_eq!(other.state(), State::Processed);
    assert_eq!(world.ticket(&other.ticket).await.messages[1].kind(), Kind::Client);
    // A list's copy with its footer belongs to the same ticket and changes nothing; so does the
    // same letter to another of our mailboxes.
    let close = wire::CloseTicketRequest {
        name: other.ticket.clone(),
        request_id: request_id(),
        ..wire::CloseTicketRequest::default()
    };
    world.tickets().close_ticket(close).await.unwrap();
    world.mailbox("sales@company.example", |_| {}).await;
    let footer = format!("{raw}____\r\nlist\r\n");
    let elsewhere = IngestLetterRequest { mailbox: "sales@company.example".into(), ..ingest(raw) };
    let elsewhere = world.letters().ingest_letter(elsewhere).await.unwrap().into_inner();
    for copy in [world.ingest(footer).await, elsewhere] {
        assert_eq!((copy.state(), &copy.ticket), (State::Processed, &other.ticket));
        let ticket = world.ticket(&copy.ticket).await;
        let last = ticket.messages.last().unwrap();
        assert_eq!((ticket.state(), last.kind()), (ticket::State::Closed, Kind::Auto));
        assert!(last.text.starts_with("Копия"), "{}", last.text);
    }
    world.finish().await;
}

/// Copies that come at the same time make one ticket.
#[tokio::test]
async fn copies_at_the_same_time_make_one_ticket() {
    let world = World::start().await;
    let calls = (0..6).map(|n| world.ingest(format!("X-Way: {n}\r\n{}", letter("1", "", "x"))));
    let mut states: Vec<State> =
        futures::future::join_all(calls).await.iter().map(wire::InboundLetter::state).collect();
    states.sort_unstable();
    assert_eq!(states[0], State::Processed);
    assert!(states[1..].iter().all(|state| *state == State::Duplicate), "{states:?}");
    world.finish().await;
}

/// A stranger's letter waits for a person, who lets it in.
#[tokio::test]
async fn strangers_wait_until_released() {
    let world = World::start().await;
    let stranger = world.ingest("From: who@x.example\r\nSubject: hi\r\n\r\nhi").await;
    assert_eq!(
        (stranger.state(), stranger.reason.as_str()),
        (State::Quarantined, "UNKNOWN_SENDER")
    );
    let request = ReprocessLetterRequest { name: stranger.name.clone(), request_id: request_id() };
    let released = world.letters().reprocess_letter(request.clone()).await.unwrap().into_inner();
    assert_eq!(released.state(), State::Processed);
    let ticket = world.ticket(&released.ticket).await;
    assert_eq!((ticket.client.as_str(), ticket.trust()), ("", ticket::Trust::Unknown));
    let again = world.letters().reprocess_letter(request.clone()).await.unwrap().into_inner();
    assert_eq!(again, released);

    let settled = ReprocessLetterRequest { request_id: request_id(), ..request };
    let settled = world.letters().reprocess_letter(settled).await;
    refused(settled, Code::FailedPrecondition, "LETTER_SETTLED");
    let nothing = ReprocessLetterRequest {
        name: types::id::InboundLetterId::generate().to_string(),
        request_id: request_id(),
    };
    refused(world.letters().reprocess_letter(nothing).await, Code::NotFound, "NOT_FOUND");
    let bad = ReprocessLetterRequest { name: "tickets/1".into(), request_id: request_id() };
    refused(world.letters().reprocess_letter(bad).await, Code::InvalidArgument, "INVALID_FIELDS");
    world.finish().await;
}

/// A letter that cannot be parsed is kept raw and becomes a ticket that says so.
#[tokio::test]
async fn what_is_no_letter_becomes_a_ticket_that_says_so() {
    let world = World::start().await;
    let garbage: Vec<u8> = (0..4000_u32).map(|n| u8::try_from(n * 7 % 256).unwrap()).collect();
    let done = world.ingest(garbage.clone()).await;
    assert_eq!(done.state(), State::Processed);
    let ticket = world.ticket(&done.ticket).await;
    assert_eq!(ticket.messages[0].kind(), Kind::System);
    assert!(ticket.messages[0].text.contains(&done.name), "{}", ticket.messages[0].text);
    assert_eq!(world.ingest(garbage).await.state(), State::Duplicate);
    let deep = "From: a@b.example\nContent-Type: message/rfc822\n\n".repeat(5_000);
    let deep = world.ingest(deep).await;
    assert!(world.ticket(&deep.ticket).await.messages[0].text.contains("limit of 500"));
    world.finish().await;
}

/// Robots open nothing; forgers and loops are kept out, each with its reason.
#[tokio::test]
async fn robots_and_forgers_open_nothing() {
    let world = World::start().await;
    for (headers, state, reason) in [
        (
            "From: buh@client.example\r\nAuto-Submitted: auto-replied",
            State::Ignored,
            "AUTOMATIC_REPLY",
        ),
        ("From: mailer-daemon@x.example\r\nReturn-Path: <>", State::Ignored, "DELIVERY_REPORT"),
        ("From: OK@company.example", State::Ignored, "OWN_LOOP"),
        ("From: buh@client.example\r\nFrom: evil@x.example", State::Quarantined, "SEVERAL_SENDERS"),
    ] {
        let done = world.ingest(format!("{headers}\r\nSubject: x\r\n\r\nx")).await;
        assert_eq!((done.state(), done.reason.as_str()), (state, reason), "{headers}");
    }
    world.finish().await;
}

/// tickets.md §5.5 (9): hostile names and files are clean when they are shown and answered.
#[tokio::test]
async fn hostile_letters_are_harmless() {
    let world = World::start().await;
    let raw = "From: =?utf-8?Q?A=0D=0ABcc:_evil@x.example=00?= <buh@client.example>\r\n\
               Subject: =?utf-8?Q?=00x=0D=0ABcc:_evil@x.example=E2=80=AE?=\r\n\
               Message-ID: <a b>\r\nIn-Reply-To: <\0\r\n> <x\r\n\
               Content-Type: multipart/mixed; boundary=b\r\n\r\n\
               --b\r\nContent-Type: text/html\r\n\r\n\
               <script>alert(1)</script><b onclick=x>hi</b>\0\r\n\
               --b\r\nContent-Type: image/svg+xml; \
               name=\"=?utf-8?Q?..=2F..=2Fcon=0D=0A=00.svg?=\"\r\n\r\n<svg/>\r\n--b--\r\n";
    let done = world.ingest(raw).await;
    assert_eq!(done.state(), State::Processed, "{done:?}");
    let ticket = world.ticket(&done.ticket).await;
    let message = &ticket.messages[0];
    assert!(!message.html.contains("script") && !message.html.contains("onclick"));
    assert!(message.html.contains("<b>hi</b>"), "{}", message.html);
    let file = &message.attachments[0];
    assert!(!file.filename.contains(['/', '\r', '\n', '\0']), "{:?}", file.filename);
    let ask = |name: &str| wire::GetAttachmentRequest { name: name.into() };
    let parts = world.tickets().get_attachment(ask(&file.name)).await.unwrap().into_inner();
    let parts: Vec<wire::AttachmentPart> = parts.try_collect().await.unwrap();
    let bytes: Vec<u8> = parts.into_iter().flat_map(|part| part.content).collect();
    assert_eq!(bytes, b"<svg/>", "what came is what is given");
    let gone = types::id::AttachmentId::generate().to_string();
    let gone = world.tickets().get_attachment(ask(&gone)).await.unwrap_err();
    assert_eq!(gone.code(), tonic::Code::NotFound);

    let request = wire::ReplyTicketRequest {
        name: ticket.name.clone(),
        text: "Готово".into(),
        request_id: request_id(),
        ..wire::ReplyTicketRequest::default()
    };
    world.tickets().reply_ticket(request).await.unwrap();
    let sent = world.sink.wait(1).await;
    assert_eq!(sent[0].to, ["buh@client.example"]);
    world.finish().await;
}

/// A sender who acts for several clients is asked which one.
#[tokio::test]
async fn a_sender_of_several_clients_is_asked() {
    let world = World::start().await;
    let other = types::id::ClientId::generate();
    world.fakes.client(other, &["dir@other.example", "buh@client.example"]);
    world.know(other).await;
    let done = world.ingest(letter("1", "", "удалите базу")).await;
    let ticket = world.ticket(&done.ticket).await;
    assert_eq!((ticket.client.as_str(), ticket.candidate_clients.len()), ("", 2));
    let assign = |client: String| wire::AssignTicketRequest {
        name: ticket.name.clone(),
        client,
        request_id: request_id(),
        ..wire::AssignTicketRequest::default()
    };
    let foreign = types::id::ClientId::generate().to_string();
    let foreign = world.tickets().assign_ticket(assign(foreign)).await;
    refused(foreign, Code::FailedPrecondition, "CLIENT_NOT_A_CANDIDATE");
    let settled = world.tickets().assign_ticket(assign(other.to_string())).await.unwrap();
    let settled = settled.into_inner();
    assert_eq!((settled.client, settled.candidate_clients.len()), (other.to_string(), 0));
    world.finish().await;
}

/// Another client's number or Message-ID in a letter opens nothing of theirs.
#[tokio::test]
async fn a_stolen_number_leads_nowhere() {
    let world = World::start().await;
    let first = world.ingest(letter("1", "", "x")).await;
    let number = world.ticket(&first.ticket).await.number;
    let other = types::id::ClientId::generate();
    world.fakes.client(other, &["dir@other.example"]);
    world.know(other).await;
    let stolen = format!(
        "From: dir@other.example\r\nTo: ok@company.example\r\nSubject: Re: disk [#{number}]\r\n\
         In-Reply-To: <1@client.example>\r\n\r\nпокажите\r\n"
    );
    let second = world.ingest(stolen).await;
    assert_eq!(second.state(), State::Processed);
    assert_ne!(second.ticket, first.ticket);
    assert_eq!(world.ticket(&first.ticket).await.messages.len(), 1);
    // By the number alone, which anybody can type, those on the ticket join; a colleague of theirs
    // who is not opens another.
    let colleague = format!(
        "From: tech@client.example\r\nTo: ok@company.example\r\n\
         Subject: disk [#{number}]\r\n\r\nи я\r\n"
    );
    let own = colleague.replace("tech@", "buh@");
    assert_ne!(world.ingest(colleague).await.ticket, first.ticket);
    assert_eq!(world.ingest(own).await.ticket, first.ticket);
    world.finish().await;
}

#[tokio::test]
async fn refusals_name_the_field() {
    let world = World::start().await;
    let empty = world.letters().ingest_letter(ingest("")).await;
    assert_eq!(fields(&refused(empty, Code::InvalidArgument, "INVALID_FIELDS")), ["raw"]);
    let large = world.letters().ingest_letter(ingest(vec![b'x'; 32 * 1024 * 1024 + 1])).await;
    let large = refused(large, Code::InvalidArgument, "INVALID_FIELDS");
    assert!(large.message().contains("32"), "{}", large.message());
    let request = IngestLetterRequest {
        mailbox: "nobody".into(),
        source_key: "a\nb".into(),
        envelope_from: "x".repeat(501),
        ..ingest("x")
    };
    let status = refused(
        world.letters().ingest_letter(request).await,
        Code::InvalidArgument,
        "INVALID_FIELDS",
    );
    assert_eq!(fields(&status), ["source_key", "envelope_from", "mailbox"]);
    let elsewhere = IngestLetterRequest { mailbox: "no@company.example".into(), ..ingest("x") };
    refused(world.letters().ingest_letter(elsewhere).await, Code::NotFound, "NOT_FOUND");
    world.finish().await;
}

#[tokio::test]
async fn the_journal_is_listed_newest_first() {
    let world = World::start().await;
    for n in 0..3 {
        world.ingest(letter(&n.to_string(), "", &n.to_string())).await;
    }
    world.ingest("From: who@x.example\r\n\r\nx").await;
    let list = |state: State, token: String| ListInboundLettersRequest {
        state: state.into(),
        page_size: 2,
        page_token: token,
    };
    let request = list(State::Processed, String::new());
    let page = world.letters().list_inbound_letters(request).await.unwrap().into_inner();
    assert_eq!((page.letters.len(), page.total_size), (2, 3));
    assert_eq!(page.letters[0].message_id, "2@client.example");
    let next = list(State::Processed, page.next_page_token.clone());
    let rest = world.letters().list_inbound_letters(next).await.unwrap().into_inner();
    assert_eq!((rest.letters.len(), rest.next_page_token.as_str()), (1, ""));
    let foreign = list(State::Ignored, page.next_page_token);
    let foreign = world.letters().list_inbound_letters(foreign).await;
    refused(foreign, Code::InvalidArgument, "INVALID_FIELDS");
    let bad = ListInboundLettersRequest { state: 99, ..ListInboundLettersRequest::default() };
    let bad = world.letters().list_inbound_letters(bad).await;
    refused(bad, Code::InvalidArgument, "INVALID_FIELDS");
    world.finish().await;
}

/// Journal first: a process that dies after it stored a letter has it processed by the next one.
#[tokio::test]
async fn a_journalled_letter_survives_a_crash() {
    let mut world = World::start().await;
    let raw = letter("1", "", "x").into_bytes();
    let delivery = tickets_svc::jobs::intake::Delivery {
        mailbox: String::new(),
        envelope: tickets_svc::domain::letters::Envelope::default(),
        source_key: "crash".into(),
    };
    tickets_svc::jobs::intake::journal(world.harness.frame(), &raw, delivery).await.unwrap();
    let url = format!("smtp://127.0.0.1:{}", world.sink.port());
    world.harness.restart::<tickets_svc::Service>(&["--smtp-url", &url]).await;
    world.harness.settle().await;
    let page = world.letters().list_inbound_letters(ListInboundLettersRequest::default()).await;
    let letters = page.unwrap().into_inner().letters;
    assert_eq!(
        letters.iter().map(wire::InboundLetter::state).collect::<Vec<_>>(),
        [State::Processed]
    );
    world.finish().await;
}
