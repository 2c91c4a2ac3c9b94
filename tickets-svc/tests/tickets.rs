//! Tickets: answered, noted, handed over, closed, reopened.

use crate::{World, client, fields, letter, read, refused, request_id};
use proto::tickets::v1::{
    self as wire, AddTicketNoteRequest, AssignTicketRequest, CloseTicketRequest,
    CreateTicketRequest, ListTicketsRequest, ReplyTicketRequest, inbound_letter, message::Kind,
    ticket::State, tickets_client::TicketsClient,
};
use tonic::Code;

fn reply(ticket: &wire::Ticket, text: &str) -> ReplyTicketRequest {
    ReplyTicketRequest {
        name: ticket.name.clone(),
        text: text.into(),
        etag: ticket.etag.clone(),
        request_id: request_id(),
    }
}

fn note(ticket: &wire::Ticket, text: &str) -> AddTicketNoteRequest {
    AddTicketNoteRequest { name: ticket.name.clone(), text: text.into(), request_id: request_id() }
}

fn close(ticket: &wire::Ticket, text: &str) -> CloseTicketRequest {
    CloseTicketRequest {
        name: ticket.name.clone(),
        text: text.into(),
        request_id: request_id(),
        ..CloseTicketRequest::default()
    }
}

fn take(ticket: &wire::Ticket) -> AssignTicketRequest {
    AssignTicketRequest {
        name: ticket.name.clone(),
        assignee: testkit::harness::staff(&[]).actor,
        request_id: request_id(),
        ..AssignTicketRequest::default()
    }
}

async fn opened(world: &World) -> wire::Ticket {
    let done = world.ingest(letter("1", "", "Прошу увеличить диск")).await;
    world.ticket(&done.ticket).await
}

/// A213, A214: an answer leaves by SMTP, threaded; a note never does.
#[tokio::test]
async fn an_answer_leaves_and_a_note_does_not() {
    let world = World::start().await;
    let ticket = opened(&world).await;
    let secret = "канарейка-4f2a";
    let request = note(&ticket, secret);
    let noted = world.tickets().add_ticket_note(request.clone()).await.unwrap().into_inner();
    let again = world.tickets().add_ticket_note(request).await.unwrap().into_inner();
    assert_eq!(again, noted);
    assert_eq!((noted.state(), noted.due_time), (State::Open, ticket.due_time));
    let ticket = world.ticket(&ticket.name).await;
    let request = reply(&ticket, "Готово, проверьте.");
    let answered = world.tickets().reply_ticket(request.clone()).await.unwrap().into_inner();
    assert_eq!((answered.state(), answered.due_time), (State::Answered, None));
    assert_eq!(answered.first_response_due_time, None);
    let again = world.tickets().reply_ticket(request).await.unwrap().into_inner();
    assert_eq!(again, answered);

    let sent = world.sink.wait(1).await;
    assert_eq!(
        (sent[0].from.as_str(), &sent[0].to[..]),
        ("ok@company.example", &["buh@client.example".to_owned()][..])
    );
    let left = read(&sent[0].raw);
    assert_eq!(left.subject, format!("Re: disk [#{}]", ticket.number));
    assert_eq!(left.in_reply_to[0].as_str(), "1@client.example");
    assert_eq!(left.from.unwrap().name, "Поддержка");
    assert!(left.text.starts_with("Готово, проверьте."), "{}", left.text);
    assert!(!String::from_utf8_lossy(&sent[0].raw).contains(secret) && !left.text.contains(secret));

    let shown = world.ticket(&ticket.name).await;
    let kinds: Vec<Kind> = shown.messages.iter().map(wire::Message::kind).collect();
    assert_eq!(kinds, [Kind::Client, Kind::Note, Kind::Staff]);
    assert_eq!(shown.messages[2].message_id, left.msgid.unwrap().as_str());
    world.finish().await;
    // Nothing else left, whatever ran in between.
}

/// A215, A216, G31: close, then the client answers the closing letter: the same ticket is open,
/// the same assignee has it, the clock starts anew.
#[tokio::test]
async fn the_clients_answer_reopens() {
    let world = World::start().await;
    let ticket = opened(&world).await;
    let taken = world.tickets().assign_ticket(take(&ticket)).await.unwrap().into_inner();
    assert_eq!(taken.state(), State::InProgress);
    let closed = world.tickets().close_ticket(close(&ticket, "Сделано.")).await;
    assert_eq!(closed.unwrap().into_inner().state(), State::Closed);
    let closing = read(&world.sink.wait(1).await[0].raw);
    assert!(closing.text.contains("закрыта"), "{}", closing.text);

    world.harness.advance("2019-03-01T06:00:00Z").await;
    let answer = format!("In-Reply-To: {}\r\n", closing.msgid.unwrap());
    let done = world.ingest(letter("2", &answer, "Не работает")).await;
    assert_eq!(done.ticket, ticket.name);
    let again = world.ticket(&ticket.name).await;
    assert_eq!((again.state(), again.number), (State::Open, ticket.number));
    assert_eq!((again.assignee.as_str(), again.reopen_count), (&*taken.assignee, 1));
    // Two hours from the answer: 2019-03-01T08:00:00Z.
    assert_eq!(again.due_time.map(|t| t.seconds), Some(1_551_427_200));
    assert!(!again.breached);
    let told =
        again.changes.iter().map(|c| (&*c.field, &*c.from, &*c.to, c.actor.starts_with("staff/")));
    let by_staff = [
        ("assignee", "", &*taken.assignee, true),
        ("state", "OPEN", "IN_PROGRESS", true),
        ("state", "IN_PROGRESS", "CLOSED", true),
    ];
    let by_letter = ("state", "CLOSED", "OPEN", false);
    assert_eq!(told.collect::<Vec<_>>(), [&by_staff[..], &[by_letter]].concat());
    world.finish().await;
}

/// A robot's answer is kept on the ticket and changes nothing.
#[tokio::test]
async fn a_robots_answer_changes_nothing() {
    let world = World::start().await;
    let ticket = opened(&world).await;
    world.tickets().close_ticket(close(&ticket, "Сделано.")).await.unwrap();
    let closing = read(&world.sink.wait(1).await[0].raw);
    let away =
        format!("In-Reply-To: {}\r\nAuto-Submitted: auto-replied\r\n", closing.msgid.unwrap());
    let done = world.ingest(letter("2", &away, "Я в отпуске")).await;
    assert_eq!((done.state(), &done.ticket), (inbound_letter::State::Processed, &ticket.name));
    let same = world.ticket(&ticket.name).await;
    assert_eq!((same.state(), same.reopen_count), (State::Closed, 0));
    assert_eq!(same.messages.last().map(wire::Message::kind), Some(Kind::Auto));
    world.finish().await;
}

/// A new ticket is acknowledged once where the mailbox says so, and a robot never is.
#[tokio::test]
async fn new_tickets_are_acknowledged_within_walls() {
    let world = World::bare().await;
    world.mailbox("ok@company.example", |mailbox| mailbox.acknowledge = true).await;
    for n in 0..4 {
        world.ingest(letter(&n.to_string(), "", &n.to_string())).await;
    }
    let sent = world.sink.wait(1).await;
    world.harness.settle().await;
    assert_eq!(world.sink.letters().len(), 1, "one acknowledgement in ten minutes");
    let left = read(&sent[0].raw);
    assert!(left.text.contains("26.02.2019 16:13"), "{}", left.text);
    assert_eq!(left.class, tickets_svc::domain::letters::Class::Auto);
    world.harness.advance("2019-02-26T11:24:00Z").await;
    let suppressed = "X-Auto-Response-Suppress: All\r\n";
    world.ingest(letter("9", suppressed, "не отвечайте")).await;
    world.harness.settle().await;
    assert_eq!(world.sink.letters().len(), 1);
    world.finish().await;
}

/// A206–A213: a ticket opened by hand, with a letter to the client or with a note to colleagues.
#[tokio::test]
async fn tickets_are_opened_by_hand() {
    let world = World::start().await;
    let create = |client: String, send: bool| CreateTicketRequest {
        ticket: Some(wire::Ticket {
            client,
            subject: "Работы в субботу".into(),
            ..wire::Ticket::default()
        }),
        text: "Предупреждаем о работах.".into(),
        send,
        request_id: request_id(),
    };
    let request = create(client().to_string(), true);
    let sent = world.tickets().create_ticket(request.clone()).await.unwrap().into_inner();
    assert_eq!((sent.state(), sent.requester.as_str()), (State::Answered, "buh@client.example"));
    assert_eq!(world.tickets().create_ticket(request).await.unwrap().into_inner(), sent);
    let left = read(&world.sink.wait(1).await[0].raw);
    assert!(left.subject.starts_with("Re: Работы в субботу"), "{}", left.subject);

    let inside = world.tickets().create_ticket(create(String::new(), false)).await;
    let inside = inside.unwrap().into_inner();
    assert_eq!((inside.state(), inside.requester.as_str()), (State::Open, ""));
    let noted = world.ticket(&inside.name).await;
    assert_eq!(noted.messages[0].kind(), Kind::Note);

    let nobody = world.tickets().create_ticket(create(String::new(), true)).await;
    let nobody = refused(nobody, Code::InvalidArgument, "INVALID_FIELDS");
    assert_eq!(fields(&nobody), ["ticket.requester"]);
    let unknown = types::id::ClientId::generate().to_string();
    let unknown = world.tickets().create_ticket(create(unknown, true)).await;
    assert_eq!(
        fields(&refused(unknown, Code::InvalidArgument, "INVALID_FIELDS")),
        ["ticket.client"]
    );
    let bad = CreateTicketRequest {
        ticket: Some(wire::Ticket {
            client: "x".into(),
            requester: "x".into(),
            department: "Отдел".into(),
            regarding: "a\nb".into(),
            ..wire::Ticket::default()
        }),
        text: " ".into(),
        send: false,
        request_id: request_id(),
    };
    let bad =
        refused(world.tickets().create_ticket(bad).await, Code::InvalidArgument, "INVALID_FIELDS");
    assert_eq!(fields(&bad).len(), 6, "{:?}", fields(&bad));
    world.harness.settle().await;
    assert_eq!(world.sink.letters().len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let world = World::start().await;
    let ticket = opened(&world).await;
    let mut tickets = world.tickets();
    let stale = ReplyTicketRequest { etag: "\"99\"".into(), ..reply(&ticket, "x") };
    refused(tickets.reply_ticket(stale).await, Code::Aborted, "STALE_ETAG");
    let empty = tickets.reply_ticket(reply(&ticket, " \n")).await;
    assert_eq!(fields(&refused(empty, Code::InvalidArgument, "INVALID_FIELDS")), ["text"]);
    let empty = tickets.add_ticket_note(note(&ticket, "a\0b")).await;
    assert_eq!(fields(&refused(empty, Code::InvalidArgument, "INVALID_FIELDS")), ["text"]);
    let nobody = types::id::StaffId::generate().to_string();
    let nobody = AssignTicketRequest { assignee: nobody, ..take(&ticket) };
    let nobody = tickets.assign_ticket(nobody).await;
    assert_eq!(fields(&refused(nobody, Code::InvalidArgument, "INVALID_FIELDS")), ["assignee"]);

    let request = close(&ticket, "");
    let closed = tickets.close_ticket(request.clone()).await.unwrap().into_inner();
    assert_eq!(tickets.close_ticket(request).await.unwrap().into_inner(), closed);
    let code = Code::FailedPrecondition;
    refused(tickets.reply_ticket(reply(&closed, "x")).await, code, "TICKET_CLOSED");
    refused(tickets.close_ticket(close(&ticket, "")).await, code, "TICKET_CLOSED");
    refused(tickets.assign_ticket(take(&ticket)).await, code, "TICKET_CLOSED");

    let name = types::id::TicketId::generate().to_string();
    let none = wire::Ticket { name, ..wire::Ticket::default() };
    refused(tickets.reply_ticket(reply(&none, "x")).await, Code::NotFound, "NOT_FOUND");
    refused(tickets.add_ticket_note(note(&none, "x")).await, Code::NotFound, "NOT_FOUND");
    refused(tickets.assign_ticket(take(&none)).await, Code::NotFound, "NOT_FOUND");
    refused(tickets.close_ticket(close(&none, "")).await, Code::NotFound, "NOT_FOUND");
    let get = wire::GetTicketRequest { name: none.name };
    refused(tickets.get_ticket(get).await, Code::NotFound, "NOT_FOUND");
    let get = wire::GetTicketRequest { name: "x".into() };
    refused(tickets.get_ticket(get).await, Code::InvalidArgument, "INVALID_FIELDS");
    world.finish().await;
}

/// Hand-over to a department buys no time and takes the ticket off nobody's list by accident.
#[tokio::test]
async fn a_ticket_is_handed_over() {
    let world = World::start().await;
    let ticket = opened(&world).await;
    let over = AssignTicketRequest { department: "technicians".into(), ..take(&ticket) };
    let request = over.clone();
    let moved = world.tickets().assign_ticket(over).await.unwrap().into_inner();
    assert_eq!((moved.department.as_str(), moved.state()), ("technicians", State::InProgress));
    assert_eq!(moved.due_time, ticket.due_time);
    assert_eq!(world.tickets().assign_ticket(request).await.unwrap().into_inner(), moved);
    let bad = AssignTicketRequest { department: "Тех".into(), ..take(&ticket) };
    let bad = world.tickets().assign_ticket(bad).await;
    assert_eq!(fields(&refused(bad, Code::InvalidArgument, "INVALID_FIELDS")), ["department"]);
    world.finish().await;
}

/// A217: a client's tickets, soonest due first; search by number, subject and address.
#[tokio::test]
async fn tickets_are_listed_and_found() {
    let world = World::start().await;
    let late = opened(&world).await;
    world.tickets().close_ticket(close(&late, "")).await.unwrap();
    world.harness.advance("2019-02-26T11:20:00Z").await;
    for n in 2..5 {
        let raw = letter(&n.to_string(), "", &n.to_string());
        world.ingest(raw.replace("Subject: disk", &format!("Subject: 100% disk {n}"))).await;
        world.harness.advance(&format!("2019-02-26T11:2{n}:00Z")).await;
    }
    let list = |request: ListTicketsRequest| async {
        world.tickets().list_tickets(request).await.unwrap().into_inner()
    };
    let of_client =
        ListTicketsRequest { client: client().to_string(), page_size: 3, ..Default::default() };
    let page = list(of_client.clone()).await;
    assert_eq!((page.tickets.len(), page.total_size), (3, 4));
    let subjects: Vec<&str> = page.tickets.iter().map(|t| t.subject.as_str()).collect();
    assert_eq!(subjects, ["100% disk 2", "100% disk 3", "100% disk 4"]);
    let rest = list(ListTicketsRequest { page_token: page.next_page_token, ..of_client }).await;
    assert_eq!(rest.tickets.iter().map(|t| &t.name).collect::<Vec<_>>(), [&late.name]);
    for (query, found) in
        [("100%", 3), ("100_", 0), ("DISK", 1), ("buh@", 4), (&*format!("#{}", late.number), 1)]
    {
        let request = ListTicketsRequest { query: query.into(), ..Default::default() };
        assert_eq!(list(request).await.total_size, found, "{query}");
    }
    let open = ListTicketsRequest { state: State::Open.into(), ..Default::default() };
    assert_eq!(list(open).await.total_size, 3);
    let elsewhere = ListTicketsRequest { department: "sales".into(), ..Default::default() };
    assert_eq!(list(elsewhere).await.total_size, 0);
    let held = ListTicketsRequest { state: State::OnHold.into(), ..Default::default() };
    assert_eq!(list(held).await.total_size, 0);
    let bad = ListTicketsRequest { client: "x".into(), assignee: "y".into(), ..Default::default() };
    let bad =
        refused(world.tickets().list_tickets(bad).await, Code::InvalidArgument, "INVALID_FIELDS");
    assert_eq!(fields(&bad), ["client", "assignee"]);
    world.finish().await;
}

/// Two answers at the same time to what both have read: one leaves, the other is refused.
#[tokio::test]
async fn one_of_two_answers_leaves() {
    let world = World::start().await;
    let ticket = opened(&world).await;
    let answer = |text: &'static str| {
        let (mut tickets, request) = (world.tickets(), reply(&ticket, text));
        async move { tickets.reply_ticket(request).await }
    };
    let results = futures::future::join_all([answer("один"), answer("два")]).await;
    let (good, bad): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), 1);
    for stale in bad {
        refused(stale, Code::Aborted, "STALE_ETAG");
    }
    world.harness.settle().await;
    assert_eq!(world.sink.letters().len(), 1);
    world.finish().await;
}

/// Staff close while the client writes and a robot answers: whoever is first, nothing is lost and
/// nobody waits for ever.
#[tokio::test]
async fn closing_and_answering_at_the_same_time_end_well() {
    let world = World::start().await;
    let ticket = opened(&world).await;
    let tag = format!("Subject: [#{}]\r\n", ticket.number);
    let letters = (2..6).map(|n| {
        let raw = letter(&n.to_string(), "", &n.to_string()).replace("Subject: disk\r\n", &tag);
        world.ingest(raw)
    });
    let mut tickets = world.tickets();
    let closing = async { tickets.close_ticket(close(&ticket, "")).await };
    let (done, closed) = futures::join!(futures::future::join_all(letters), closing);
    assert!(done.iter().all(|one| one.ticket == ticket.name));
    closed.unwrap();
    let shown = world.ticket(&ticket.name).await;
    assert_eq!(shown.messages.len(), 5);
    world.finish().await;
}

/// Customers and strangers have no business here: theirs is the cabinet.
#[tokio::test]
async fn only_staff_may_look() {
    let world = World::start().await;
    let get = || wire::GetTicketRequest { name: types::id::TicketId::generate().to_string() };
    let customer = world.harness.customer(client());
    let customer = TicketsClient::new(customer).get_ticket(get()).await;
    assert_eq!(customer.unwrap_err().code(), Code::PermissionDenied);
    let stranger = TicketsClient::new(world.harness.stranger()).get_ticket(get()).await;
    assert_eq!(stranger.unwrap_err().code(), Code::Unauthenticated);
    let auditor = world.harness.client_as(service::Role::Auditor);
    let none = wire::Ticket { name: get().name, ..wire::Ticket::default() };
    let auditor = TicketsClient::new(auditor).reply_ticket(reply(&none, "x")).await;
    assert_eq!(auditor.unwrap_err().code(), Code::PermissionDenied);
    world.finish().await;
}
