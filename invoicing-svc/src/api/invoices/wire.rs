//! Invoices on the wire.

use super::parse;
use crate::{
    api::traces,
    domain::{
        calendars::BankingCalendar,
        invoices::{InvoiceKind, InvoiceState, PaymentState},
        lines::{Line, LineKind},
        tax::TaxDecision,
    },
    store::{
        self,
        invoices::{Filter, InvoiceRow, Totals},
    },
};
use chrono::NaiveDate;
use proto::{convert, invoicing::v1 as pb};
use rust_decimal::Decimal;
use service::{Failure, Frame, Violations, etag};
use sqlx::PgConnection;
use types::id::ClientId;

/// The filter of a list; what is overdue depends on the day.
pub(super) fn filter(msg: &pb::ListInvoicesRequest, today: NaiveDate) -> Result<Filter, Failure> {
    let mut v = Violations::default();
    let client = parse::optional_name(&mut v, "client", &msg.client);
    let seller = parse::optional_name(&mut v, "seller", &msg.seller);
    let number = parse::text(&mut v, "number", &msg.number, 64);
    let text = parse::text(&mut v, "line_text", &msg.line_text, 200);
    let state = pb::invoice::State::try_from(msg.state).map(|s| s.as_str_name());
    let state: Option<InvoiceState> = optional(&mut v, "state", msg.state, state);
    let payment = pb::invoice::PaymentState::try_from(msg.payment_state).map(|s| s.as_str_name());
    let payment: Option<PaymentState> =
        optional(&mut v, "payment_state", msg.payment_state, payment);
    let kind = pb::invoice::Kind::try_from(msg.kind).map(|k| k.as_str_name());
    let kind: Option<InvoiceKind> = optional(&mut v, "kind", msg.kind, kind);
    v.finish()?;
    Ok(Filter {
        client,
        seller,
        state: state.map(InvoiceState::code),
        payment_state: payment.map(PaymentState::code),
        kind: kind.map(InvoiceKind::code),
        number: (!number.is_empty()).then_some(number),
        line_text: (!text.is_empty()).then_some(text),
        late: msg.overdue.then(|| BankingCalendar::default().last_overdue(today)),
    })
}

fn optional<T: std::str::FromStr<Err: std::fmt::Display>, E>(
    v: &mut Violations,
    field: &str,
    given: i32,
    name: Result<&'static str, E>,
) -> Option<T> {
    if given == 0 { None } else { parse::choice(v, field, name, None) }
}

/// Sums of a list on the wire.
pub(super) fn totals(t: &Totals) -> pb::InvoiceTotals {
    pb::InvoiceTotals {
        total: Some(t.total.into()),
        applied: Some(t.applied.into()),
        due: Some(t.due.into()),
    }
}

/// One invoice.
pub(in crate::api) async fn encode(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &InvoiceRow,
) -> Result<pb::Invoice, Failure> {
    let all = encode_all(conn, frame, std::slice::from_ref(row)).await?;
    let one = all.into_iter().next();
    let mut one = one.ok_or_else(|| Failure::internal("an invoice was lost"))?;
    let days = store::overdue_notices::days(conn, row.invoice.id).await?;
    one.overdue_notices = days.into_iter().map(Into::into).collect();
    Ok(one)
}

/// Many invoices, in their order.
pub(super) async fn encode_all(
    conn: &mut PgConnection,
    frame: &Frame,
    rows: &[InvoiceRow],
) -> Result<Vec<pb::Invoice>, Failure> {
    let clients: Vec<ClientId> = rows.iter().map(|r| r.invoice.client).collect();
    let zones = store::profiles::zones(conn, &clients).await?;
    let payers: Vec<_> = rows.iter().map(|r| (r.invoice.legal_entity, r.payer_revision)).collect();
    let titles = store::profiles::titles(conn, &payers).await?;
    let ids: Vec<_> = rows.iter().map(|r| r.invoice.id).collect();
    let mut tokens = store::pay_links::of(conn, &ids).await?;
    rows.iter()
        .zip(titles)
        .map(|(row, title)| {
            let token = tokens.remove(&row.invoice.id).unwrap_or_default();
            let zone = zones.get(&row.invoice.client).copied();
            let today = frame.clock.today(zone.unwrap_or(chrono_tz::Europe::Moscow));
            invoice(row, title, token, today)
        })
        .collect()
}

fn invoice(
    row: &InvoiceRow,
    title: String,
    pay_token: String,
    today: NaiveDate,
) -> Result<pb::Invoice, Failure> {
    let i = &row.invoice;
    let totals = i.totals().map_err(Failure::internal)?;
    let issued = i.issued.as_ref();
    let overdue = i.is_overdue(today, &BankingCalendar::default()).map_err(Failure::internal)?;
    let payment = match i.state {
        InvoiceState::Issued | InvoiceState::Expired => {
            i.payment_state().map_err(Failure::internal)?
        }
        _ => PaymentState::Open,
    };
    let state = pb::invoice::State::from_str_name(i.state.code()).unwrap_or_default();
    let payment = pb::invoice::PaymentState::from_str_name(payment.code()).unwrap_or_default();
    let kind = pb::invoice::Kind::from_str_name(i.kind.code()).unwrap_or_default();
    Ok(pb::Invoice {
        name: i.id.to_string(),
        number: issued.map(|n| n.number.clone()).unwrap_or_default(),
        sequence: issued.map_or(0, |n| n.sequence),
        client: i.client.to_string(),
        contract: i.contract.to_string(),
        payer: i.legal_entity.to_string(),
        seller: i.seller.to_string(),
        currency: i.currency.code().into(),
        state: state.into(),
        payment_state: payment.into(),
        kind: kind.into(),
        lines: i.lines.iter().map(line).collect(),
        net: Some(totals.net.into()),
        tax: Some(totals.tax.into()),
        total: Some(totals.gross.into()),
        applied: Some(i.sums.applied.into()),
        residual: Some(i.residual().map_err(Failure::internal)?.into()),
        tax_phrase: tax_phrase(&i.tax_by_decision().map_err(Failure::internal)?).ru,
        issue_date: issued.map(|n| n.date.into()),
        due_date: issued.map(|n| n.due.into()),
        paid_time: row.paid_at.map(convert::timestamp),
        overdue,
        replaces: i.replaces.map(|id| id.to_string()).unwrap_or_default(),
        cancel_reason: i.cancel_reason.clone().unwrap_or_default(),
        etag: etag(row.revision),
        create_time: Some(convert::timestamp(row.created_at)),
        payer_title: title,
        credited: Some(i.sums.credited.into()),
        pay_token,
        overdue_notices: Vec::new(),
    })
}

/// The decisions on tax as one phrase, such as «В том числе НДС 20 %».
pub(in crate::api) fn tax_phrase(
    rows: &[(TaxDecision, crate::domain::tax::Taxed)],
) -> crate::domain::texts::Text {
    let mut phrases: Vec<crate::domain::texts::Text> = Vec::new();
    for (decision, _) in rows {
        let phrase = match decision.rate.percent() {
            Some(_) => crate::domain::texts::Text::new(
                format!("В том числе {}", decision.phrase.ru),
                format!("Including {}", decision.phrase.en),
            ),
            None => decision.phrase.clone(),
        };
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    let join = |pick: fn(&crate::domain::texts::Text) -> &String| {
        phrases.iter().map(|p| pick(p).clone()).collect::<Vec<_>>().join("; ")
    };
    crate::domain::texts::Text::new(join(|p| &p.ru), join(|p| &p.en))
}

fn line(l: &Line) -> pb::InvoiceLine {
    let periodic = l.kind != LineKind::Once;
    let rate = l.segments.first().and_then(|s| s.decision.rate.percent());
    let ground = l.segments.first().map(|s| s.decision.reason.code());
    pb::InvoiceLine {
        name: l.id.to_string(),
        text: l.title().ru,
        details: l.detail.iter().map(|d| d.ru.clone()).collect(),
        start_date: periodic.then(|| l.period.start().into()),
        last_day: periodic.then(|| l.period.last().into()),
        quantity: Some(Decimal::from(l.quantity).into()),
        unit: "шт".into(),
        unit_price: Some(l.unit_price.amount().into()),
        net: Some(l.amounts.net.into()),
        tax_rate: rate.map(|percent| Decimal::from(percent).into()),
        tax: Some(l.amounts.tax.into()),
        amount: Some(l.amounts.gross.into()),
        tax_ground: ground.unwrap_or_default().into(),
        subscription: l.subscription.map(|id| id.to_string()).unwrap_or_default(),
        product: l.product.map(|id| id.to_string()).unwrap_or_default(),
        trace: traces::of_line(l),
    }
}
