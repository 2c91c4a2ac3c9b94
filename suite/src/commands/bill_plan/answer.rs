//! A line of a plan, for programs and for people.

use super::Names;
use anyhow::Result;
use invoicing_svc::domain::{
    billing::{History, Line},
    month_close::by_month,
    pricing::Segment,
    proration::{Trace, VatNote, explain},
    tax::{PriceTax, Taxed, within},
    texts::Text as DomainText,
};
use serde_json::{Value, json};
use service::Text;
use types::{Money, Period};

fn amount(money: Money) -> String {
    money.amount().to_string()
}

fn days(period: Period) -> Value {
    json!({ "from": period.start(), "to": period.last() })
}

/// Sentences and formulas of the parts that one line is counted in.
fn told(line: &Line) -> (String, DomainText) {
    let Taxed { net, tax, gross } = line.amounts;
    // On top of the price, VAT is a second step.
    if let ([Trace::Charge(charge)], [one], PriceTax::OnTop) =
        (line.traces.as_slice(), line.segments.as_slice(), line.terms.tax)
    {
        let (net, tax, gross) = (net.amount(), tax.amount(), gross.amount());
        let formula = format!("{} = {net}; {net} + {tax} = {gross}", charge.formula());
        let vat = VatNote::OnTop(one.judged.rate.points(), line.amounts);
        return (formula, explain(charge, None, vat));
    }
    let formulas: Vec<String> = line.traces.iter().map(Trace::formula).collect();
    let sentences: Vec<DomainText> = line.traces.iter().map(Trace::sentence).collect();
    let join = |f: fn(&DomainText) -> &str| sentences.iter().map(f).collect::<Vec<_>>().join(" ");
    (formulas.join(" + "), DomainText::new(join(|t| &t.ru), join(|t| &t.en)))
}

pub(super) fn row(history: &History, line: &Line) -> Text {
    let (formula, sentence) = told(line);
    let subscription = &history.subscriptions[line.subscription].id;
    let product = &history.products[line.terms.product].code;
    let (kind, period, gross) = (line.kind, line.period, line.amounts.gross);
    let head = format!("{subscription} {product} {kind} {period}: {gross} = {formula}");
    Text::new(format!("{head}\n    {}", sentence.ru), format!("{head}\n    {}", sentence.en))
}

pub(super) fn line(history: &History, names: &Names, line: &Line) -> Result<Value> {
    let (formula, sentence) = told(line);
    let terms = &line.terms;
    let product = &history.products[terms.product];
    let flags: Vec<_> = line.traces.iter().flat_map(Trace::flags).collect();
    let mut months = Vec::new();
    for segment in &line.segments {
        let parts = by_month(line.basis(), line.period, segment.period, segment.amounts.gross);
        for (month, gross) in parts {
            months.push(month_of(month, within(gross, segment.judged.rate)?));
        }
    }
    Ok(json!({
        "id": names.of(line.id),
        "subscription": history.subscriptions[line.subscription].id,
        "kind": line.kind,
        "product": product.code,
        "contract": history.contracts[terms.contract].id,
        "seller": history.sellers[product.seller].id,
        "period": days(line.period),
        "full": days(line.full),
        "full_months": line.full_months,
        "quantity": line.quantity,
        "change": line.change.map(|(before, after)| json!([before, after])),
        "credits": line.credits.map(|id| names.of(id)),
        "unit_price": amount(terms.unit_price),
        "price_months": terms.price_months,
        "discount": terms.discount,
        "convention": terms.convention,
        "net": amount(line.amounts.net),
        "vat": amount(line.amounts.tax),
        "amount": amount(line.amounts.gross),
        "segments": line.segments.iter().map(segment).collect::<Vec<_>>(),
        "months": months,
        "formula": formula,
        "explanation_ru": sentence.ru,
        "explanation_en": sentence.en,
        "flags": flags,
        "traces": line.traces.iter().map(|t| trace(names, t)).collect::<Result<Vec<_>>>()?,
    }))
}

fn month_of(month: Period, amounts: Taxed) -> Value {
    json!({
        "from": month.start(), "to": month.last(), "net": amount(amounts.net),
        "vat": amount(amounts.tax), "amount": amount(amounts.gross),
    })
}

fn segment(segment: &Segment) -> Value {
    let decision = segment.judged.decision(segment.period.start());
    json!({
        "from": segment.period.start(),
        "to": segment.period.last(),
        "rate": decision.rate.percent(),
        "reason": decision.reason,
        "phrase_ru": decision.phrase.ru,
        "phrase_en": decision.phrase.en,
        "net": amount(segment.amounts.net),
        "vat": amount(segment.amounts.tax),
        "amount": amount(segment.amounts.gross),
    })
}

/// The trace as it is stored, with the billed line by its name in the file.
fn trace(names: &Names, trace: &Trace) -> Result<Value> {
    let mut value = serde_json::to_value(trace)?;
    if let Trace::Credit(credit) = trace {
        value["line"] = json!(names.of(credit.line));
    }
    Ok(value)
}
