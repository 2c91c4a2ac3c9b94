//! Letters as the wire has them.

use crate::{
    api::tickets,
    domain::{intake, outbound_letters},
    store::{inbound_letters::Entry, outbound_letters::Logged},
};
use proto::{
    convert,
    tickets::v1::{InboundLetter, OutboundLetter, inbound_letter, outbound_letter, ticket},
};
use service::{Failure, Text};

/// A row of the journal.
pub fn inbound(entry: Entry) -> InboundLetter {
    InboundLetter {
        name: entry.id.to_string(),
        state: match entry.state {
            intake::State::Received => inbound_letter::State::Received,
            intake::State::Processed => inbound_letter::State::Processed,
            intake::State::Duplicate => inbound_letter::State::Duplicate,
            intake::State::Ignored => inbound_letter::State::Ignored,
            intake::State::Quarantined => inbound_letter::State::Quarantined,
            intake::State::Failed => inbound_letter::State::Failed,
        }
        .into(),
        reason: entry.reason,
        ticket: entry.ticket.map(|ticket| ticket.to_string()).unwrap_or_default(),
        message: entry.message.map(|message| message.to_string()).unwrap_or_default(),
        from: entry.from,
        subject: entry.subject,
        message_id: entry.msgid,
        size: entry.size,
        sha256: entry.blob.to_string(),
        create_time: Some(convert::timestamp(entry.created)),
        trust: entry.trust.map_or(ticket::Trust::Unspecified, tickets::encode::level).into(),
        trust_reason: entry.trust_reason,
    }
}

/// The state that a list keeps to.
///
/// # Errors
/// `INVALID_ARGUMENT` for a number that is none.
pub fn inbound_state(given: i32) -> Result<Option<intake::State>, Failure> {
    Ok(match inbound_letter::State::try_from(given).map_err(|_| bad_state())? {
        inbound_letter::State::Unspecified => None,
        inbound_letter::State::Received => Some(intake::State::Received),
        inbound_letter::State::Processed => Some(intake::State::Processed),
        inbound_letter::State::Duplicate => Some(intake::State::Duplicate),
        inbound_letter::State::Ignored => Some(intake::State::Ignored),
        inbound_letter::State::Quarantined => Some(intake::State::Quarantined),
        inbound_letter::State::Failed => Some(intake::State::Failed),
    })
}

/// A row of the delivery log.
pub fn outbound(logged: Logged) -> OutboundLetter {
    OutboundLetter {
        name: logged.id.to_string(),
        state: match logged.state {
            outbound_letters::State::Queued => outbound_letter::State::Queued,
            outbound_letters::State::Sent => outbound_letter::State::Sent,
            outbound_letters::State::Failed => outbound_letter::State::Failed,
            outbound_letters::State::Bounced => outbound_letter::State::Bounced,
        }
        .into(),
        recipients: logged.recipients,
        subject: logged.subject,
        template: logged.template,
        client: logged.client.map(|client| client.to_string()).unwrap_or_default(),
        ticket: logged.ticket.map(|ticket| ticket.to_string()).unwrap_or_default(),
        message_id: logged.msgid,
        attempts: logged.attempts,
        response: logged.response,
        create_time: Some(convert::timestamp(logged.created)),
        send_time: logged.sent.map(convert::timestamp),
    }
}

/// The state that a list keeps to.
///
/// # Errors
/// `INVALID_ARGUMENT` for a number that is none.
pub fn outbound_state(given: i32) -> Result<Option<outbound_letters::State>, Failure> {
    Ok(match outbound_letter::State::try_from(given).map_err(|_| bad_state())? {
        outbound_letter::State::Unspecified => None,
        outbound_letter::State::Queued => Some(outbound_letters::State::Queued),
        outbound_letter::State::Sent => Some(outbound_letters::State::Sent),
        outbound_letter::State::Failed => Some(outbound_letters::State::Failed),
        outbound_letter::State::Bounced => Some(outbound_letters::State::Bounced),
    })
}

fn bad_state() -> Failure {
    Failure::invalid("state", Text::new("Такого состояния нет.", "There is no such state."))
}
