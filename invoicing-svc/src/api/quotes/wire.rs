//! Quotes on the wire.

use super::parse;
use crate::{
    api::orders::wire::encode_line,
    domain::{
        quotes::{Quote, QuoteError, QuoteState},
        tax::Taxed,
    },
    store::quotes::QuoteRow,
};
use chrono::NaiveDate;
use proto::{convert, invoicing::v1 as pb};
use rust_decimal::Decimal;
use service::{Failure, Text, Violations, etag};
use types::{Currency, Money, id::QuoteId};

/// Reads what a new quote says besides its lines; every violation at once.
pub(super) fn read(given: &pb::Quote) -> Result<Quote, Failure> {
    let mut v = Violations::default();
    let client = parse::name(&mut v, "quote.client", &given.client);
    let contract = parse::name(&mut v, "quote.contract", &given.contract);
    let last = given.valid_until.as_ref();
    let valid_until = parse::required_date(&mut v, "quote.valid_until", last);
    let subject = parse::text(&mut v, "quote.subject", &given.subject, 200);
    let note = parse::text(&mut v, "quote.note", &given.note, 1000);
    if given.lines.len() > 100 {
        let text = Text::new("Не больше 100 строк.", "At most 100 lines.");
        v.field("quote.lines", text);
    }
    v.finish()?;
    let (Some(client), Some(contract), Some(valid_until)) = (client, contract, valid_until) else {
        return Err(Failure::internal("a quote without violations lacks a part"));
    };
    let (id, state) = (QuoteId::generate(), QuoteState::Draft);
    Ok(Quote { id, client, contract, state, valid_until, subject, note })
}

/// Its lines, each of the quote's contract where it names none.
pub(super) fn lines(given: &pb::Quote) -> Vec<pb::OrderLine> {
    let own = |line: &pb::OrderLine| {
        let named = !line.contract.is_empty();
        let contract = if named { &line.contract } else { &given.contract }.clone();
        pb::OrderLine { contract, ..line.clone() }
    };
    given.lines.iter().map(own).collect()
}

/// Why a quote is refused: its fields at once, or the step that its state does not allow.
pub(super) fn refused(errors: &[QuoteError]) -> Failure {
    let mut v = Violations::default();
    for e in errors {
        let field = match e {
            QuoteError::ValidUntil(_) => "quote.valid_until".to_owned(),
            QuoteError::OtherContract(i) => format!("quote.lines[{i}].contract"),
            QuoteError::State { state, .. } => return closed(*state, e),
        };
        v.field(field, Text::of(e));
    }
    v.finish().err().unwrap_or_else(|| Failure::internal("a quote refused for nothing"))
}

fn closed(state: QuoteState, e: &QuoteError) -> Failure {
    let ru = match state {
        QuoteState::Draft => "ещё не отправлено",
        QuoteState::Sent => "уже отправлено",
        QuoteState::Accepted => "уже принято",
        QuoteState::Declined => "уже отклонено",
        QuoteState::Expired => "истекло: сделайте новое",
    };
    let text = Text::new(format!("Предложение {ru}."), e.to_string());
    Failure::precondition("QUOTE_NOT_OPEN", text)
}

/// The state that a list is limited to.
pub(super) fn state_filter(v: &mut Violations, state: i32) -> Option<QuoteState> {
    if state == 0 {
        return None;
    }
    let state = pb::quote::State::try_from(state).map(|s| s.as_str_name());
    parse::choice(v, "state", state, None)
}

/// Σ of what the first periods of its lines cost, without and with VAT; all are of one contract,
/// so of one currency.
pub(super) fn sums(row: &QuoteRow) -> (Money, Money) {
    let lines = &row.offer.lines;
    let currency = lines.first().map_or(Currency::Rub, |line| line.amounts.gross.currency());
    let sum = |part: fn(&Taxed) -> Money| {
        let amounts: Decimal = lines.iter().map(|line| part(&line.amounts).amount()).sum();
        types::money::round(amounts, currency)
    };
    (sum(|amounts| amounts.net), sum(|amounts| amounts.gross))
}

/// A quote on the wire, as it stands on a day.
pub(super) fn encode(row: &QuoteRow, today: NaiveDate) -> pb::Quote {
    let QuoteRow { quote, offer, decision, .. } = row;
    let (net, gross) = sums(row);
    let state = pb::quote::State::from_str_name(quote.state_on(today).code()).unwrap_or_default();
    let decided = decision.as_ref();
    pb::Quote {
        name: quote.id.to_string(),
        number: row.number,
        client: quote.client.to_string(),
        contract: quote.contract.to_string(),
        lines: offer.order.lines.iter().zip(&offer.lines).map(|(l, p)| encode_line(l, p)).collect(),
        valid_until: Some(quote.valid_until.into()),
        subject: quote.subject.clone(),
        note: quote.note.clone(),
        state: state.into(),
        subtotal: Some(net.into()),
        total: Some(gross.into()),
        author: row.author.clone(),
        send_time: row.sent_at.map(convert::timestamp),
        decide_time: decided.map(|d| convert::timestamp(d.at)),
        decided_by: decided.map(|d| d.by.clone()).unwrap_or_default(),
        decline_reason: decided.map(|d| d.reason.clone()).unwrap_or_default(),
        order: decided.and_then(|d| d.order).map(|id| id.to_string()).unwrap_or_default(),
        etag: etag(row.revision),
        create_time: Some(convert::timestamp(row.created_at)),
    }
}
