//! What payments-svc tells the others: domain facts → messages of `events.proto`.

use crate::domain::allocations::Allocation;
use crate::domain::lines::Line;
use proto::payments::v1 as pb;
use service::feed::NewEvent;

/// Money came; it stands in suspense.
#[must_use]
pub fn line_imported(line: &Line) -> NewEvent {
    NewEvent::new(
        None,
        &pb::LineImported {
            line: line.id.to_string(),
            seller: line.seller.to_string(),
            amount: Some(line.amount.into()),
            date: Some(line.booked_on.into()),
        },
    )
}

/// A line that came was set aside.
#[must_use]
pub fn line_ignored(line: &Line) -> NewEvent {
    NewEvent::new(
        None,
        &pb::LineIgnored {
            line: line.id.to_string(),
            seller: line.seller.to_string(),
            amount: Some(line.amount.into()),
            class: line.class.clone(),
        },
    )
}

/// A part of a line is meant for a client.
#[must_use]
pub fn allocated(line: &Line, allocation: &Allocation) -> NewEvent {
    let part = &allocation.part;
    NewEvent::new(
        Some(part.client),
        &pb::Allocated {
            allocation: allocation.id.to_string(),
            line: line.id.to_string(),
            client: part.client.to_string(),
            payer: part.payer.map(|payer| payer.to_string()).unwrap_or_default(),
            seller: line.seller.to_string(),
            invoice: part.invoice.map(|invoice| invoice.to_string()).unwrap_or_default(),
            amount: Some(part.amount.into()),
            date: Some(line.booked_on.into()),
        },
    )
}

/// A part of a line was taken back.
#[must_use]
pub fn allocation_reversed(line: &Line, allocation: &Allocation, reason: &str) -> NewEvent {
    let part = &allocation.part;
    NewEvent::new(
        Some(part.client),
        &pb::AllocationReversed {
            allocation: allocation.id.to_string(),
            line: line.id.to_string(),
            client: part.client.to_string(),
            seller: line.seller.to_string(),
            invoice: part.invoice.map(|invoice| invoice.to_string()).unwrap_or_default(),
            amount: Some(part.amount.into()),
            reason: reason.to_owned(),
        },
    )
}
