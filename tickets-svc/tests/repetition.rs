//! Every mutation of the service, repeated.

use crate::{World, letter, request_id};
use proto::tickets::v1::{
    self as wire, calendar_events_client::CalendarEventsClient,
    client_tickets_client::ClientTicketsClient, mailboxes_client::MailboxesClient,
    notepads_client::NotepadsClient, tasks_client::TasksClient,
};
use service::Role;
use testkit::Once;

/// design.md §2: each mutation is done once for its request id, and answered again the same.
#[tokio::test]
async fn what_is_repeated_is_answered_and_not_done_again() {
    let world = World::bare().await;
    let mut once = Once::of(&world.harness, "tickets").await;
    mailboxes(&world, &mut once).await;
    let ticket = letters(&world, &mut once).await;
    tickets(&world, &mut once, &ticket).await;
    put_aside(&world, &mut once).await;
    client_tickets(&world, &mut once).await;
    tasks(&world, &mut once).await;
    calendar_events(&world, &mut once).await;
    notepads(&world, &mut once).await;
    once.finish();
    world.finish().await;
}

async fn mailboxes(world: &World, once: &mut Once<'_>) {
    let mailboxes = MailboxesClient::new(world.harness.client_as(Role::Admin));
    let mailbox = wire::Mailbox {
        address: "ok@company.example".into(),
        display_name: "Поддержка".into(),
        department: "support".into(),
        ..Default::default()
    };
    let request =
        wire::CreateMailboxRequest { mailbox: Some(mailbox.clone()), request_id: request_id() };
    let other = |r: &mut wire::CreateMailboxRequest| {
        r.mailbox = Some(wire::Mailbox { address: "b@company.example".into(), ..mailbox });
    };
    let made = once
        .call("Mailboxes.CreateMailbox", request, other, async |r| {
            mailboxes.clone().create_mailbox(r).await
        })
        .await;
    let renamed = |name: &str| Some(wire::Mailbox { display_name: name.into(), ..made.clone() });
    let request = wire::UpdateMailboxRequest {
        mailbox: renamed("Забота"),
        request_id: request_id(),
        ..Default::default()
    };
    let other = |r: &mut wire::UpdateMailboxRequest| r.mailbox = renamed("Продажи");
    once.call("Mailboxes.UpdateMailbox", request, other, async |r| {
        mailboxes.clone().update_mailbox(r).await
    })
    .await;
}

/// Takes in a letter, and one of a stranger after all; answers the first one's ticket.
async fn letters(world: &World, once: &mut Once<'_>) -> String {
    let letters = world.letters();
    let request = wire::IngestLetterRequest {
        raw: letter("1", "", "Прошу увеличить диск").into(),
        request_id: request_id(),
        ..Default::default()
    };
    let other = |r: &mut wire::IngestLetterRequest| r.raw = letter("2", "", "Прошу").into();
    let taken = once
        .call("Letters.IngestLetter", request, other, async |r| {
            letters.clone().ingest_letter(r).await
        })
        .await;
    let stranger = letter("3", "", "Добрый день").replace("buh@client.example", "x@y.example");
    let stranger = world.ingest(stranger).await;
    let request = wire::ReprocessLetterRequest { name: stranger.name, request_id: request_id() };
    let other = |r: &mut wire::ReprocessLetterRequest| r.name.clone_from(&taken.name);
    once.call("Letters.ReprocessLetter", request, other, async |r| {
        letters.clone().reprocess_letter(r).await
    })
    .await;
    taken.ticket
}

async fn tickets(world: &World, once: &mut Once<'_>, name: &str) {
    let tickets = world.tickets();
    let ticket = wire::Ticket {
        client: crate::client().to_string(),
        subject: "Новый диск".into(),
        department: "support".into(),
        ..Default::default()
    };
    let request = wire::CreateTicketRequest {
        ticket: Some(ticket),
        text: "Диск куплен".into(),
        send: true,
        request_id: request_id(),
    };
    let other = |r: &mut wire::CreateTicketRequest| r.send = false;
    once.call("Tickets.CreateTicket", request, other, async |r| {
        tickets.clone().create_ticket(r).await
    })
    .await;
    conversation(world, once, name).await;
}

/// One on hold, back again, then spam; of another one a letter split off, and merged back.
async fn put_aside(world: &World, once: &mut Once<'_>) {
    let tickets = world.tickets();
    let one = world.ingest(letter("7", "", "Первое")).await;
    let two = world.ingest(letter("8", "", "Второе")).await;
    let request = wire::HoldTicketRequest {
        name: one.ticket.clone(),
        until_time: Some(proto::convert::timestamp("2019-02-27T06:00:00Z".parse().unwrap())),
        request_id: request_id(),
        ..Default::default()
    };
    let other = |r: &mut wire::HoldTicketRequest| r.reason.push('.');
    once.call("Tickets.HoldTicket", request, other, async |r| tickets.clone().hold_ticket(r).await)
        .await;
    let request = wire::RestoreTicketRequest {
        name: one.ticket.clone(),
        request_id: request_id(),
        ..Default::default()
    };
    let other = |r: &mut wire::RestoreTicketRequest| r.name.clone_from(&two.ticket);
    once.call("Tickets.RestoreTicket", request, other, async |r| {
        tickets.clone().restore_ticket(r).await
    })
    .await;
    let request = wire::MarkTicketSpamRequest {
        name: one.ticket.clone(),
        request_id: request_id(),
        ..Default::default()
    };
    let other = |r: &mut wire::MarkTicketSpamRequest| r.name.clone_from(&two.ticket);
    once.call("Tickets.MarkTicketSpam", request, other, async |r| {
        tickets.clone().mark_ticket_spam(r).await
    })
    .await;
    let request = wire::SplitTicketRequest {
        name: two.ticket.clone(),
        message: two.message.clone(),
        request_id: request_id(),
        ..Default::default()
    };
    let other = |r: &mut wire::SplitTicketRequest| r.message.clone_from(&one.message);
    let new = once
        .call("Tickets.SplitTicket", request, other, async |r| {
            tickets.clone().split_ticket(r).await
        })
        .await;
    let request = wire::MergeTicketRequest {
        name: new.name,
        into: two.ticket.clone(),
        request_id: request_id(),
        ..Default::default()
    };
    let other = |r: &mut wire::MergeTicketRequest| r.into.clone_from(&one.ticket);
    once.call("Tickets.MergeTicket", request, other, async |r| {
        tickets.clone().merge_ticket(r).await
    })
    .await;
}

/// Noted, taken, answered, closed.
async fn conversation(world: &World, once: &mut Once<'_>, name: &str) {
    let tickets = world.tickets();
    let request = wire::AddTicketNoteRequest {
        name: name.into(),
        text: "Диск на складе".into(),
        request_id: request_id(),
    };
    let other = |r: &mut wire::AddTicketNoteRequest| r.text.push('.');
    let noted = once
        .call("Tickets.AddTicketNote", request, other, async |r| {
            tickets.clone().add_ticket_note(r).await
        })
        .await;
    let request = wire::AssignTicketRequest {
        name: name.into(),
        assignee: testkit::harness::staff(&[]).actor,
        etag: noted.etag,
        request_id: request_id(),
        ..Default::default()
    };
    let other = |r: &mut wire::AssignTicketRequest| r.etag.clear();
    let taken = once
        .call("Tickets.AssignTicket", request, other, async |r| {
            tickets.clone().assign_ticket(r).await
        })
        .await;
    let request = wire::ReplyTicketRequest {
        name: name.into(),
        text: "Готово, проверьте.".into(),
        etag: taken.etag,
        request_id: request_id(),
    };
    let other = |r: &mut wire::ReplyTicketRequest| r.text.push('.');
    let answered = once
        .call("Tickets.ReplyTicket", request, other, async |r| {
            tickets.clone().reply_ticket(r).await
        })
        .await;
    let request = wire::CloseTicketRequest {
        name: name.into(),
        etag: answered.etag,
        request_id: request_id(),
        ..Default::default()
    };
    let other = |r: &mut wire::CloseTicketRequest| r.text = "Закрыто".into();
    once.call("Tickets.CloseTicket", request, other, async |r| {
        tickets.clone().close_ticket(r).await
    })
    .await;
}

/// A client asks in the cabinet, and adds something.
async fn client_tickets(world: &World, once: &mut Once<'_>) {
    let tickets = ClientTicketsClient::new(world.harness.peer("gateway"));
    let (client, author) = (crate::client().to_string(), "buh@client.example".to_owned());
    let request = wire::OpenClientTicketRequest {
        client: client.clone(),
        author: author.clone(),
        subject: "Ещё один диск".into(),
        text: "Сколько он стоит?".into(),
        request_id: request_id(),
        ..Default::default()
    };
    let other = |r: &mut wire::OpenClientTicketRequest| r.text.push('!');
    let opened = once
        .call("ClientTickets.OpenClientTicket", request, other, async |r| {
            tickets.clone().open_client_ticket(r).await
        })
        .await;
    let request = wire::WriteClientTicketRequest {
        client,
        name: opened.name,
        author,
        text: "И когда?".into(),
        request_id: request_id(),
    };
    let other = |r: &mut wire::WriteClientTicketRequest| r.text.push('!');
    once.call("ClientTickets.WriteClientTicket", request, other, async |r| {
        tickets.clone().write_client_ticket(r).await
    })
    .await;
}

/// Something to do, and it is done.
async fn tasks(world: &World, once: &mut Once<'_>) {
    let tasks = TasksClient::new(world.harness.client_as(Role::Sales));
    let task = wire::Task { text: "Позвонить".into(), ..Default::default() };
    let request = wire::CreateTaskRequest { task: Some(task), request_id: request_id() };
    let other = |r: &mut wire::CreateTaskRequest| {
        r.task = Some(wire::Task { text: "Написать".into(), ..Default::default() });
    };
    let task = once
        .call("Tasks.CreateTask", request, other, async |r| tasks.clone().create_task(r).await)
        .await;
    let done = wire::Task { done: true, ..task.clone() };
    let request =
        wire::UpdateTaskRequest { task: Some(done), update_mask: None, request_id: request_id() };
    let other = |r: &mut wire::UpdateTaskRequest| r.task = Some(task.clone());
    once.call("Tasks.UpdateTask", request, other, async |r| tasks.clone().update_task(r).await)
        .await;
}

/// A page of one's own is written.
async fn notepads(world: &World, once: &mut Once<'_>) {
    let notepads = NotepadsClient::new(world.harness.client_as(Role::Sales));
    let page = |text: &str| Some(wire::Notepad { text: text.into(), ..Default::default() });
    let request = wire::UpdateNotepadRequest {
        notepad: page("Полить фикус"),
        request_id: request_id(),
    };
    let other = |r: &mut wire::UpdateNotepadRequest| r.notepad = page("Пересадить фикус");
    once.call("Notepads.UpdateNotepad", request, other, async |r| {
        notepads.clone().update_notepad(r).await
    })
    .await;
}

/// An event is planned, moved, and called off.
async fn calendar_events(world: &World, once: &mut Once<'_>) {
    let events = CalendarEventsClient::new(world.harness.client_as(Role::Sales));
    let event = wire::CalendarEvent {
        title: "Планёрка".into(),
        date: crate::date("2019-03-01"),
        ..Default::default()
    };
    let request = wire::CreateCalendarEventRequest {
        calendar_event: Some(event.clone()),
        request_id: request_id(),
    };
    let other = |r: &mut wire::CreateCalendarEventRequest| {
        r.calendar_event = Some(wire::CalendarEvent { title: "Обед".into(), ..event.clone() });
    };
    let event = once
        .call("CalendarEvents.CreateCalendarEvent", request, other, async |r| {
            events.clone().create_calendar_event(r).await
        })
        .await;
    let moved = wire::CalendarEvent { date: crate::date("2019-03-04"), ..event.clone() };
    let request = wire::UpdateCalendarEventRequest {
        calendar_event: Some(moved),
        update_mask: None,
        request_id: request_id(),
    };
    let other = |r: &mut wire::UpdateCalendarEventRequest| r.calendar_event = Some(event.clone());
    let event = once
        .call("CalendarEvents.UpdateCalendarEvent", request, other, async |r| {
            events.clone().update_calendar_event(r).await
        })
        .await;
    let request = wire::DeleteCalendarEventRequest {
        name: event.name,
        etag: event.etag,
        request_id: request_id(),
    };
    let other = |r: &mut wire::DeleteCalendarEventRequest| r.etag.clear();
    once.call("CalendarEvents.DeleteCalendarEvent", request, other, async |r| {
        events.clone().delete_calendar_event(r).await
    })
    .await;
}
