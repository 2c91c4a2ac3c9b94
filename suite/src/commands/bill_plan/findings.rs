//! What looks wrong in a history and in the lines that are due, for programs and for people.

use super::Names;
use anyhow::{Result, anyhow};
use chrono::NaiveDate;
use invoicing_svc::domain::billing::{
    History, Line,
    lint::{Case, Draft, Finding, Fix, Subject, drafts, lint},
};
use serde_json::{Value, json};
use service::Text;

/// Looks at the subscriptions, and at the plan as invoices by contract and seller.
pub(super) fn find(
    history: &History,
    plan: &[Line],
    billed: &[Vec<Line>],
    today: NaiveDate,
) -> Result<(Vec<Draft>, Vec<Finding>)> {
    let drafts = drafts(history, plan, billed);
    let case = Case { history, drafts: &drafts, today, allowed: &[] };
    let found = lint(&case).map_err(|e| anyhow!("{e}"))?;
    Ok((drafts, found))
}

pub(super) fn row(history: &History, found: &Finding) -> Text {
    let (what, advice) = (&found.text, found.fix.text(history));
    let (rule, severity) = (found.rule, found.severity);
    Text::new(
        format!("{severity} {rule}: {}. {}.", what.ru, advice.ru),
        format!("{severity} {rule}: {}. {}.", what.en, advice.en),
    )
}

pub(super) fn json(history: &History, names: &Names, drafts: &[Draft], found: &Finding) -> Value {
    let subscription = |at: usize| history.subscriptions[at].id.as_str();
    let subject = match found.subject {
        Subject::Subscription(at) => json!({ "subscription": subscription(at) }),
        Subject::Draft(at) => json!({ "seller": history.sellers[drafts[at].seller].id }),
        Subject::Line(draft, at) => json!({ "line": names.of(drafts[draft].lines[at].line.id) }),
    };
    let fix = match &found.fix {
        Fix::Merge { keep, end } => {
            json!({ "keep": subscription(*keep), "end": subscription(*end) })
        }
        Fix::Price(price) => json!({ "price": price.amount().to_string() }),
        Fix::LastDay(day) => json!({ "to": day }),
        Fix::AccountingCode(at) => json!({ "accounting_code_of": history.products[*at].code }),
        Fix::Seller(at) => json!({ "seller": history.sellers[*at].id }),
        Fix::Vat(rate, phrase) => json!({ "vat": rate.percent(), "phrase": phrase.ru }),
        Fix::Amount(amount) => json!({ "amount": amount.amount().to_string() }),
        Fix::Reason => json!({ "do": "SAY_WHY" }),
        Fix::Remove => json!({ "do": "REMOVE" }),
        Fix::Confirm => json!({ "do": "CONFIRM" }),
    };
    let advice = found.fix.text(history);
    json!({
        "rule": found.rule,
        "severity": found.severity,
        "subject": subject,
        "fix": fix,
        "text_ru": found.text.ru,
        "text_en": found.text.en,
        "advice_ru": advice.ru,
        "advice_en": advice.en,
    })
}
