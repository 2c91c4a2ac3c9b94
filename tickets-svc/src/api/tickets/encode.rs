//! Tickets as the wire has them.

use crate::{
    domain::{
        step_up::Danger,
        tickets::{Origin, State, Ticket, Trust},
    },
    store::{
        confirmations::Confirmation,
        messages::{File, Shown},
        tickets::changes::Changed,
    },
};
use chrono::{DateTime, Utc};
use proto::{
    convert,
    tickets::v1::{
        Attachment, Message, Ticket as Wire, TicketChange, TicketConfirmation, message, ticket,
        ticket_confirmation,
    },
};
use service::{Failure, Text, blobs::BlobId, etag};
use types::id::{AttachmentId, MessageId};

/// A ticket without its messages.
pub fn ticket(ticket: &Ticket, now: DateTime<Utc>) -> Wire {
    let text = |value: Option<String>| value.unwrap_or_default();
    Wire {
        name: ticket.id.to_string(),
        number: ticket.number,
        client: text(ticket.client.map(|client| client.to_string())),
        subject: ticket.subject.clone(),
        state: wire_state(ticket.state).into(),
        department: ticket.department.clone(),
        assignee: text(ticket.assignee.map(|staff| staff.to_string())),
        requester: text(ticket.requester.as_ref().map(ToString::to_string)),
        messages: Vec::new(),
        changes: Vec::new(),
        due_time: ticket.processing.due_while_running().map(convert::timestamp),
        first_response_due_time: ticket.first_response.due_while_running().map(convert::timestamp),
        breached: ticket.processing.breached(now),
        reopen_count: ticket.reopen_count,
        trust: trust(ticket).into(),
        origin: match ticket.origin {
            Origin::Letter => ticket::Origin::Letter,
            Origin::Staff => ticket::Origin::Staff,
            Origin::WorkOrder => ticket::Origin::WorkOrder,
            Origin::Cabinet => ticket::Origin::Cabinet,
        }
        .into(),
        regarding: ticket.regarding.clone(),
        candidate_clients: ticket.candidates.iter().map(ToString::to_string).collect(),
        etag: etag(ticket.revision),
        create_time: Some(convert::timestamp(ticket.created)),
        update_time: Some(convert::timestamp(ticket.updated)),
        hold_until_time: ticket
            .parked
            .as_ref()
            .and_then(|parked| parked.until)
            .map(convert::timestamp),
        merged_into: String::new(),
        confirmations: Vec::new(),
    }
}

/// A ticket as its client sees it: nothing of how staff work on it.
pub fn for_client(ticket: &Ticket) -> Wire {
    Wire {
        name: ticket.id.to_string(),
        number: ticket.number,
        subject: ticket.subject.clone(),
        state: wire_state(ticket.state).into(),
        create_time: Some(convert::timestamp(ticket.created)),
        update_time: Some(convert::timestamp(ticket.updated)),
        ..Wire::default()
    }
}

/// A dangerous request, and whether it is confirmed.
pub fn confirmation(asked: Confirmation) -> TicketConfirmation {
    use ticket_confirmation::Danger as Wire;
    let danger = match asked.danger {
        Danger::Deletion => Wire::Deletion,
        Danger::Ownership => Wire::Ownership,
        Danger::Password => Wire::Password,
        Danger::Contacts => Wire::Contacts,
    };
    TicketConfirmation {
        message: asked.message.to_string(),
        danger: danger.into(),
        asked_of: asked.asked_of.map(|address| address.to_string()).unwrap_or_default(),
        ask_time: Some(convert::timestamp(asked.asked)),
        confirm_time: asked.confirmed.map(convert::timestamp),
    }
}

/// A change as staff see it: states by their names.
pub fn change(changed: Changed) -> TicketChange {
    let state = changed.field == "state";
    let word = |text: String| match State::parse(&text) {
        Some(known) if state => wire_state(known).as_str_name().to_owned(),
        _ => text,
    };
    TicketChange {
        actor: changed.actor,
        from: word(changed.from),
        to: word(changed.to),
        field: changed.field,
        create_time: Some(convert::timestamp(changed.at)),
    }
}

const fn wire_state(state: State) -> ticket::State {
    match state {
        State::Open => ticket::State::Open,
        State::InProgress => ticket::State::InProgress,
        State::Answered => ticket::State::Answered,
        State::OnHold => ticket::State::OnHold,
        State::Closed => ticket::State::Closed,
        State::Spam => ticket::State::Spam,
        State::Merged => ticket::State::Merged,
    }
}

/// How far a sender is believed.
pub const fn level(level: Trust) -> ticket::Trust {
    match level {
        Trust::Verified => ticket::Trust::Verified,
        Trust::Matched => ticket::Trust::Matched,
        Trust::Failed => ticket::Trust::Failed,
        Trust::Participant => ticket::Trust::Participant,
        Trust::Unknown => ticket::Trust::Unknown,
    }
}

/// Trust is about the sender of a letter; who writes in the cabinet is logged in.
fn trust(ticket: &Ticket) -> ticket::Trust {
    match (ticket.origin, ticket.trust) {
        (Origin::Letter, level) => self::level(level),
        (Origin::Cabinet, _) => ticket::Trust::Verified,
        (Origin::Staff | Origin::WorkOrder, _) => ticket::Trust::Unspecified,
    }
}

/// The state that a list keeps to; none is every state.
///
/// # Errors
/// `INVALID_ARGUMENT` for a number that is none.
pub fn state(given: i32) -> Result<Option<State>, Failure> {
    let bad =
        || Failure::invalid("state", Text::new("Такого состояния нет.", "There is no such state."));
    Ok(match ticket::State::try_from(given).map_err(|_| bad())? {
        ticket::State::Unspecified => None,
        ticket::State::Open => Some(State::Open),
        ticket::State::InProgress => Some(State::InProgress),
        ticket::State::Answered => Some(State::Answered),
        ticket::State::OnHold => Some(State::OnHold),
        ticket::State::Closed => Some(State::Closed),
        ticket::State::Spam => Some(State::Spam),
        ticket::State::Merged => Some(State::Merged),
    })
}

/// Messages with their files.
///
/// # Errors
/// `INTERNAL` when a row holds what it cannot.
pub fn messages(messages: Vec<Shown>, files: Vec<File>) -> Result<Vec<Message>, Failure> {
    let mut wires = Vec::with_capacity(messages.len());
    for shown in messages {
        let own = files.iter().filter(|file| file.message_id == shown.id);
        let attachments = own.map(attachment).collect::<Result<_, _>>()?;
        wires.push(Message {
            name: MessageId::from(shown.id).to_string(),
            sequence: shown.sequence,
            kind: kind(&shown.kind)?.into(),
            author: shown.author,
            text: shown.text,
            attachments,
            message_id: shown.msgid.unwrap_or_default(),
            create_time: Some(convert::timestamp(shown.created_at)),
            html: shown.html.unwrap_or_default(),
            trust: shown
                .trust
                .and_then(|word| Trust::parse(&word))
                .map_or(ticket::Trust::Unspecified, level)
                .into(),
            trust_reason: shown.trust_reason.unwrap_or_default(),
        });
    }
    Ok(wires)
}

/// Messages between the client and us, with the names of their files: notes and what the suite
/// wrote are staff's, and so is who of them answered.
///
/// # Errors
/// `INTERNAL` when a row holds what it cannot.
pub fn messages_for_client(
    messages: Vec<Shown>,
    files: Vec<File>,
) -> Result<Vec<Message>, Failure> {
    let said = messages.into_iter().filter(|m| matches!(&*m.kind, "client" | "staff"));
    let all = self::messages(said.collect(), files)?;
    // Numbered anew: a gap would tell of a note.
    let shown = (1..).zip(all).map(|(sequence, m)| {
        let own = m.kind() == message::Kind::Client;
        Message {
            name: m.name,
            sequence,
            kind: m.kind,
            author: if own { m.author } else { String::new() },
            text: m.text,
            attachments: m.attachments,
            create_time: m.create_time,
            ..Message::default()
        }
    });
    Ok(shown.collect())
}

fn kind(word: &str) -> Result<message::Kind, Failure> {
    Ok(match word {
        "client" => message::Kind::Client,
        "staff" => message::Kind::Staff,
        "note" => message::Kind::Note,
        "system" => message::Kind::System,
        "auto" => message::Kind::Auto,
        other => return Err(Failure::internal(format!("messages.kind holds {other:?}"))),
    })
}

fn attachment(file: &File) -> Result<Attachment, Failure> {
    let blob = BlobId::from_slice(&file.sha256);
    let blob = blob.ok_or_else(|| Failure::internal("attachments.sha256 is no hash"))?;
    Ok(Attachment {
        name: AttachmentId::from(file.id).to_string(),
        filename: file.filename.clone(),
        content_type: file.content_type.clone(),
        size: file.size,
        sha256: blob.to_string(),
    })
}
