//! The pay page as it is drawn: no script, no call, two images of their own.

use super::words::{EN, RU, Words};
use askama::Template;
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::NaiveDate;
use proto::invoicing::v1::{
    PayPage, PayRequisites,
    invoice::{PaymentState, State},
};
use rust_decimal::Decimal;
use service::{Failure, Locale};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;
use types::{Money, print};

/// Everything that the page looks like; its hash is all that the policy lets in.
const STYLE: &str = include_str!("../../templates/pay.css");

/// Nothing runs, nothing is sent, nothing comes from elsewhere.
pub(super) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src 'self' data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    )
});

/// A page of one language.
#[derive(Template)]
#[template(path = "pay.html")]
struct Drawn<'a> {
    words: &'static Words,
    title: String,
    style: &'static str,
    page: Option<Shown<'a>>,
    said: &'static str,
}

/// What a page of an invoice shows.
#[derive(Default)]
struct Shown<'a> {
    token: &'a str,
    seller: &'a str,
    about: String,
    tone: &'static str,
    state: &'static str,
    amount: String,
    hint: String,
    /// Paid, and of how much.
    progress: Option<(Decimal, Decimal)>,
    successor: &'a str,
    successor_number: &'a str,
    document: bool,
    code: bool,
    rows: Vec<(&'static str, String)>,
}

/// Why there is no page of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instead {
    /// Nobody knows the token.
    Unknown,
    /// Somebody asks too often.
    Busy,
    /// A service is away.
    Away,
}

const fn words(locale: Locale) -> &'static Words {
    match locale {
        Locale::Ru => &RU,
        Locale::En => &EN,
    }
}

/// A page that says why there is none, and what to do.
pub(super) fn instead(locale: Locale, why: Instead) -> Result<String, Failure> {
    let words = words(locale);
    let (title, said) = match why {
        Instead::Unknown => (words.unknown, words.unknown_hint),
        Instead::Busy => (words.busy, words.busy_hint),
        Instead::Away => (words.away, words.away_hint),
    };
    let drawn = Drawn { words, title: title.into(), style: STYLE, page: None, said };
    drawn.render().map_err(Failure::internal)
}

/// The page of an invoice.
pub(super) fn draw(locale: Locale, token: &str, page: &PayPage) -> Result<String, Failure> {
    let words = words(locale);
    let title = format!("{} {}", words.invoice, page.number);
    let shown = Some(shown(words, token, page)?);
    Drawn { words, title, style: STYLE, page: shown, said: "" }.render().map_err(Failure::internal)
}

/// The sums and days of a page.
struct Facts {
    total: Money,
    left: Money,
    paid: Money,
    due: String,
}

impl Facts {
    fn of(words: &Words, page: &PayPage) -> Result<Self, Failure> {
        let money = |given: &Option<_>| {
            let given = given.as_ref().ok_or_else(|| Failure::internal("a page lacks a sum"))?;
            Money::try_from(given).map_err(Failure::internal)
        };
        let due = day(words, page.due_date.as_ref())?;
        let paid = money(&page.applied)?;
        Ok(Self { total: money(&page.total)?, left: money(&page.residual)?, paid, due })
    }
}

fn day(words: &Words, given: Option<&proto::google::r#type::Date>) -> Result<String, Failure> {
    let Some(given) = given else { return Ok(String::new()) };
    let date = NaiveDate::try_from(given).map_err(Failure::internal)?;
    Ok(print::day(date, words.english))
}

fn shown<'a>(words: &Words, token: &'a str, page: &'a PayPage) -> Result<Shown<'a>, Failure> {
    let facts = Facts::of(words, page)?;
    let issued = day(words, page.issue_date.as_ref())?;
    let requisites = page.requisites.as_ref();
    let common = Shown {
        token,
        seller: requisites.map(|r| r.title.as_str()).unwrap_or_default(),
        about: format!("{} {issued}, {} {}", words.of, words.for_payer, page.payer_title),
        successor: &page.successor_token,
        successor_number: &page.successor_number,
        ..Shown::default()
    };
    let over = |state, hint: &str| (state, hint.to_owned());
    let (state, hint) = match (page.state(), page.payment_state()) {
        (State::Issued, PaymentState::Refunded) => over(words.refunded, words.refunded_hint),
        (State::Issued, _) if !facts.left.is_positive() => {
            let (state, hint) = over(words.paid, words.paid_hint);
            return Ok(Shown { state, hint, tone: "g", document: true, ..common });
        }
        (State::Issued, _) => return Ok(to_pay(words, page, &facts, common)),
        (State::Expired, _) => over(words.expired, words.expired_hint),
        _ if !page.successor_token.is_empty() => over(words.cancelled, words.reissued_hint),
        _ => over(words.cancelled, words.cancelled_hint),
    };
    Ok(Shown { state, hint, tone: "w", ..common })
}

/// What is left to pay, and everything that a transfer needs.
fn to_pay<'a>(words: &Words, page: &'a PayPage, facts: &Facts, common: Shown<'a>) -> Shown<'a> {
    let partly = facts.paid.is_positive();
    let (tone, state) = match (page.overdue, partly) {
        (true, _) => ("w", words.overdue),
        (false, true) => ("", words.partly),
        (false, false) => ("", words.to_pay),
    };
    let until = if page.overdue { words.was_due } else { words.until };
    let mut hint = format!("{until} {}.", facts.due);
    let mut progress = None;
    if partly {
        let print = |money| print::amount(money, words.english);
        let (paid_part, out_of) = (words.paid_part, words.out_of);
        hint = format!("{paid_part} {} {out_of} {}. {hint}", print(facts.paid), print(facts.total));
        progress = Some((facts.paid.amount(), facts.total.amount()));
    }
    let amount = print::amount(facts.left, words.english);
    let rows = page.requisites.as_ref().map(|r| rows(words, r, facts.left)).unwrap_or_default();
    let (document, code) = (true, page.has_code);
    Shown { tone, state, amount, hint, progress, rows, document, code, ..common }
}

/// What a payment order is filled from; nothing that is empty.
fn rows(words: &Words, r: &PayRequisites, left: Money) -> Vec<(&'static str, String)> {
    let mut sum = left.amount().to_string();
    if !words.english {
        sum = sum.replace('.', ",");
    }
    let all = [
        (words.payee, &r.title),
        (words.tax_id, &r.tax_id),
        (words.kpp, &r.kpp),
        (words.account, &r.account),
        (words.bank, &r.bank),
        (words.bic, &r.bic),
        (words.correspondent, &r.correspondent_account),
        (words.amount, &sum),
        (words.purpose, &r.purpose),
    ];
    let filled = all.into_iter().filter(|(_, value)| !value.is_empty());
    filled.map(|(name, value)| (name, value.clone())).collect()
}

#[cfg(test)]
mod tests;
