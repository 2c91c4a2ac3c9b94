//! Lines written by hand, and what may be edited of computed ones: their text.

use super::parse;
use crate::{
    domain::{
        contracts::Contract,
        lines::{Line, LineKind},
        pricing::price_override,
        proration::OverrideTrace,
        sellers::RegimeHistory,
        tax::{Buyer, TaxGround, decide_by_period},
        texts::Text,
    },
    store,
};
use chrono::NaiveDate;
use proto::invoicing::v1 as pb;
use rust_decimal::Decimal;
use service::{Failure, Text as Answer, Violations};
use sqlx::PgConnection;
use types::{
    Money, Period,
    id::{InvoiceLineId, ProductId},
};

/// Who writes, for which contract, when.
pub(super) struct Author<'a> {
    pub contract: &'a Contract,
    pub today: NaiveDate,
    pub actor: &'a str,
}

/// What the tax of a line by hand is decided by.
struct Tax {
    regimes: RegimeHistory,
    buyer: Buyer,
    exempt: Vec<Period>,
}

/// Reads all lines of an invoice: those of `before` by name, new ones without a name. Computed
/// lines must all be there, since they claim their periods; only their text changes.
pub(super) async fn lines(
    conn: &mut PgConnection,
    by: &Author<'_>,
    field: &str,
    given: &[pb::InvoiceLine],
    before: &[Line],
) -> Result<Vec<Line>, Failure> {
    let seller = store::sellers::get(conn, by.contract.seller).await?;
    let seller = seller.ok_or_else(|| Failure::not_found(by.contract.seller.to_string()))?;
    let payer = store::profiles::payer(conn, by.contract.legal_entity, None).await?;
    let payer = payer.ok_or_else(|| Failure::not_found(by.contract.legal_entity.to_string()))?;
    let client = by.contract.client;
    let exempt = store::tax_exemptions::days(conn, &[client]).await?.remove(&client);
    let exempt = exempt.unwrap_or_default();
    let tax = Tax { regimes: seller.seller.regimes, buyer: payer.buyer()?, exempt };
    let mut v = Violations::default();
    let mut lines = Vec::new();
    for (i, line) in given.iter().enumerate() {
        let field = format!("{field}[{i}]");
        let ground = ground(conn, &mut v, &field, &line.product).await?;
        let old = before.iter().find(|old| old.id.to_string() == line.name);
        if old.is_none() && !line.name.is_empty() {
            let text = Answer::new("В счёте нет такой строки.", "The invoice has no such line.");
            v.field(format!("{field}.name"), text);
            continue;
        }
        match old.filter(|old| old.kind != LineKind::Manual) {
            Some(old) => lines.push(retitled(&mut v, &field, old, line)),
            None => {
                let id = old.map_or_else(InvoiceLineId::generate, |old| old.id);
                lines.extend(by_hand(&mut v, by, &tax, ground, (&field, id, line)));
            }
        }
    }
    for old in before.iter().filter(|old| old.kind != LineKind::Manual) {
        if lines.iter().all(|l| l.id != old.id) {
            let text = Answer::new(
                format!("Рассчитанную строку «{}» удалить нельзя: отмените счёт.", old.title().ru),
                format!("The computed line {:?} cannot go: cancel the invoice.", old.title().en),
            );
            v.field(field, text);
        }
    }
    v.finish()?;
    Ok(lines)
}

async fn ground(
    conn: &mut PgConnection,
    v: &mut Violations,
    field: &str,
    product: &str,
) -> Result<TaxGround, Failure> {
    let id: Option<ProductId> = parse::optional_name(v, &format!("{field}.product"), product);
    let Some(id) = id else { return Ok(TaxGround::Standard) };
    let row = store::products::get(conn, id).await?;
    Ok(row.ok_or_else(|| Failure::not_found(id.to_string()))?.product.ground)
}

/// A computed line with another text; the period is printed behind it, so it is not part of it.
fn retitled(v: &mut Violations, field: &str, old: &Line, given: &pb::InvoiceLine) -> Line {
    let text = parse::required_text(v, &format!("{field}.text"), &given.text, 300);
    if text == old.title().ru {
        return old.clone();
    }
    let suffix = format!(" ({})", old.period);
    let text = text.strip_suffix(&suffix).unwrap_or(&text).to_owned();
    Line { name: Text::new(text.clone(), text), ..old.clone() }
}

fn by_hand(
    v: &mut Violations,
    by: &Author<'_>,
    tax: &Tax,
    ground: TaxGround,
    (field, id, given): (&str, InvoiceLineId, &pb::InvoiceLine),
) -> Option<Line> {
    let at = |name: &str| format!("{field}.{name}");
    let text = parse::required_text(v, &at("text"), &given.text, 300);
    let start = parse::date(v, &at("start_date"), given.start_date.as_ref());
    let last = parse::date(v, &at("last_day"), given.last_day.as_ref());
    let start = start.unwrap_or(by.today);
    let period = Period::inclusive(start, last.unwrap_or(start)).map_err(|_| {
        Answer::new("Последний день раньше первого.", "The last day is before the first.")
    });
    let period = v.take(at("last_day"), period);
    let quantity = quantity(v, &at("quantity"), given);
    let price = price(v, field, by, given, quantity);
    let (period, quantity, (unit_price, amount)) = (period?, quantity?, price?);
    let decisions = decide_by_period(&tax.regimes, ground, tax.buyer, &tax.exempt, period);
    let decisions = v.take(at("start_date"), decisions.map_err(|e| Answer::of(&e)))?;
    let reason = "by hand".into();
    let set = OverrideTrace { amount, computed: None, reason, author: by.actor.into() };
    let priced = price_override(set, period, decisions);
    let priced = v.take(at("amount"), priced.map_err(|e| Answer::of(&e)))?;
    let name = Text::new(text.clone(), text);
    Some(Line::manual(id, name, period, (quantity, unit_price), priced))
}

/// Whole units, 1 when nothing is given.
fn quantity(v: &mut Violations, field: &str, given: &pb::InvoiceLine) -> Option<u32> {
    let value = parse::decimal(v, field, given.quantity.as_ref());
    let Some(value) = value else { return given.quantity.is_none().then_some(1) };
    let whole = value.fract().is_zero().then(|| u32::try_from(value.trunc().normalize()).ok());
    let whole = whole.flatten().filter(|n| (1..=1_000_000).contains(n));
    v.take(
        field,
        whole.ok_or_else(|| {
            Answer::new(
                "Ожидается целое количество от 1 до 1 000 000.",
                "A whole quantity from 1 to 1,000,000 is expected.",
            )
        }),
    )
}

/// Price of a unit and amount of the line: either may be left out.
fn price(
    v: &mut Violations,
    field: &str,
    by: &Author<'_>,
    given: &pb::InvoiceLine,
    quantity: Option<u32>,
) -> Option<(Money, Money)> {
    let currency = by.contract.currency;
    let unit = parse::decimal(v, &format!("{field}.unit_price"), given.unit_price.as_ref());
    let amount = parse::money(v, &format!("{field}.amount"), given.amount.as_ref());
    let units = Decimal::from(quantity?);
    let (name, pair) = match (unit, amount) {
        (_, Some(amount)) if amount.currency() != currency => {
            let text = Answer::new(
                format!("Договор в валюте {currency}."),
                format!("The contract is in {currency}."),
            );
            v.field(format!("{field}.amount"), text);
            return None;
        }
        (Some(unit), amount) => {
            let unit = Money::new(unit, currency);
            let computed = |unit: Money| Money::new(unit.amount() * units, currency);
            let pair = unit.and_then(|unit| Ok((unit, amount.map_or(computed(unit), Ok)?)));
            ("unit_price", pair)
        }
        (None, Some(amount)) => {
            let unit = types::money::round(amount.amount() / units, currency);
            ("amount", Ok((unit, amount)))
        }
        (None, None) => {
            v.field(format!("{field}.unit_price"), parse::required());
            return None;
        }
    };
    v.take(format!("{field}.{name}"), pair.map_err(|e| Answer::of(&e)))
}
