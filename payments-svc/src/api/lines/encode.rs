//! Lines → messages, in the caller's language.

use crate::domain::lines::{Line, State};
use crate::domain::matching::Proposal;
use crate::domain::matching::reasons::{Language, Reason};
use crate::domain::statements::{Direction, Party};
use crate::store::allocations::Kept;
use proto::convert::timestamp;
use proto::payments::v1 as pb;
use service::{Locale, Scope, etag};

/// The language in which reasons are told.
const fn language(scope: &Scope) -> Language {
    match scope.locale {
        _ if scope.ukrainian => Language::Uk,
        Locale::Ru => Language::Ru,
        Locale::En => Language::En,
    }
}

/// A line with its allocations.
pub fn line(line: Line, allocations: Vec<Kept>, scope: &Scope) -> pb::Line {
    let language = language(scope);
    let direction = match line.direction {
        Direction::In => pb::line::Direction::In,
        Direction::Out => pb::line::Direction::Out,
        Direction::Unknown => pb::line::Direction::Unknown,
    };
    let state = match line.state {
        State::Imported => pb::line::State::Imported,
        State::Review => pb::line::State::Review,
        State::Matched => pb::line::State::Matched,
        State::Ignored => pb::line::State::Ignored,
    };
    pb::Line {
        name: line.id.to_string(),
        statement: line.statement.to_string(),
        bank_account: line.bank_account.to_string(),
        direction: direction.into(),
        state: state.into(),
        amount: Some(line.amount.into()),
        unallocated: Some(line.unallocated().into()),
        date: Some(line.booked_on.into()),
        document_number: line.doc_no.unwrap_or_default(),
        document_date: line.doc_date.map(Into::into),
        payer: Some(party(line.payer)),
        payee: Some(party(line.payee)),
        purpose: line.purpose,
        allocations: allocations.into_iter().map(allocation).collect(),
        proposals: line.proposals.iter().map(|p| proposal(p, language)).collect(),
        reasons: line.reasons.iter().map(|r| reason(r, language)).collect(),
        class: line.class,
        etag: etag(line.revision),
        create_time: Some(timestamp(line.created_at)),
    }
}

fn party(party: Party) -> pb::Party {
    pb::Party {
        title: party.name,
        tax_id: party.tax_id.unwrap_or_default(),
        kpp: party.kpp.unwrap_or_default(),
        account: party.account.unwrap_or_default(),
        bic: party.bank_id.unwrap_or_default(),
        bank: party.bank_name.unwrap_or_default(),
    }
}

fn allocation(kept: Kept) -> pb::Allocation {
    let part = kept.allocation.part;
    pb::Allocation {
        name: kept.allocation.id.to_string(),
        invoice: part.invoice.map(|invoice| invoice.to_string()).unwrap_or_default(),
        client: part.client.to_string(),
        amount: Some(part.amount.into()),
        automatic: kept.automatic,
        actor: kept.actor,
        reversed: kept.allocation.reversed,
        applied: Some(kept.applied.into()),
        credit: Some(kept.credit.into()),
        settled: kept.settled,
    }
}

fn proposal(proposal: &Proposal, language: Language) -> pb::Proposal {
    pb::Proposal {
        invoices: vec![proposal.invoice.to_string()],
        client: proposal.client.to_string(),
        reasons: proposal.reasons.iter().map(|r| reason(r, language)).collect(),
    }
}

fn reason(reason: &Reason, language: Language) -> pb::Reason {
    pb::Reason { code: reason.code().into(), text: reason.text(language) }
}
