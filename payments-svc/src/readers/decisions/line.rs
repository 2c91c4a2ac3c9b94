//! One line as `bank inspect` prints it.

use crate::domain::lines::{Class, classify};
use crate::domain::matching::mentions::reference;
use crate::domain::matching::{Payment, hints::Hints};
use crate::domain::statements::{CurrencyCode, Direction, Party, StatementLine, Status};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use types::Money;
use types::id::SellerId;
use uuid::Uuid;

/// A line with its id.
#[derive(Debug)]
pub struct Given {
    /// Id as given.
    pub id: Value,
    /// Own account.
    pub own_account: String,
    /// Booked.
    pub date: NaiveDate,
    /// All else.
    pub line: StatementLine,
    /// What it is about.
    pub class: Class,
    /// The line as the matcher sees it, but for its seller and what came before; none in a currency
    /// that nothing is billed in.
    pub payment: Option<Payment>,
}

/// Reads an object; `own` are the accounts of sellers.
///
/// # Errors
/// What is missing or wrong.
pub fn read(text: &str, own: &BTreeSet<String>) -> Result<Given, String> {
    let fields: Map<String, Value> = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let told = |key: &str| fields.get(key).and_then(text_of);
    let amount = told("amount").ok_or("amount is missing")?;
    let amount: Decimal = amount.parse().map_err(|_| format!("{amount:?} is no amount"))?;
    let currency = told("currency").ok_or("currency is missing")?;
    let currency = CurrencyCode::parse(&currency).ok_or(format!("{currency:?} is no currency"))?;
    let date = told("date").or_else(|| told("document_date")).ok_or("date is missing")?;
    let date: NaiveDate =
        date.get(..10).unwrap_or(&date).parse().map_err(|_| format!("{date:?} is no date"))?;
    let direction =
        told("direction").and_then(|d| Direction::parse(&d)).unwrap_or(Direction::Unknown);
    let (payer, payee) = (party(fields.get("payer")), party(fields.get("payee")));
    let ours = if direction == Direction::Out { &payer } else { &payee };
    let own_account = ours.account.clone().or_else(|| told("account")).unwrap_or_default();
    let on_behalf = fields.get("on_behalf").filter(|value| value.is_object());
    let line = StatementLine {
        status: told("status").and_then(|s| Status::parse(&s)).unwrap_or_default(),
        own_transfer: fields.get("own_transfer").and_then(Value::as_bool).unwrap_or_default(),
        doc_no: told("document_number"),
        doc_date: told("document_date").and_then(|d| d.parse().ok()),
        bank_reference: told("bank_reference"),
        structured_reference: told("structured_reference"),
        return_reason: told("return_reason"),
        on_behalf: on_behalf.map(|value| party(Some(value))),
        payer,
        payee,
        purpose: told("purpose").unwrap_or_default(),
        ..StatementLine::new(0, &own_account, direction, (amount, currency), date)
    };
    let id = fields.get("id").cloned().unwrap_or_default();
    let class = class(&line, &own_account, own);
    let payment = payment(&line, class);
    Ok(Given { id, own_account, date, line, class, payment })
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn party(value: Option<&Value>) -> Party {
    let told = |key: &str| value?.get(key).and_then(text_of);
    let plain = |text: String| -> String {
        text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
    };
    Party {
        name: told("name").unwrap_or_default(),
        tax_id: told("tax_id").map(plain),
        kpp: told("kpp").map(plain),
        account: told("account").map(plain),
        bank_id: told("bic"),
        bank_name: told("bank"),
    }
}

/// What a line is about.
fn class(line: &StatementLine, account: &str, own: &BTreeSet<String>) -> Class {
    let ours = if line.direction == Direction::Out { &line.payer } else { &line.payee };
    let tax_ids: BTreeSet<String> = ours.tax_id.iter().cloned().collect();
    if !account.is_empty() && !own.contains(account) {
        let mut accounts = own.clone();
        accounts.insert(account.to_owned());
        return classify(line, &accounts, &tax_ids);
    }
    classify(line, own, &tax_ids)
}

fn payment(line: &StatementLine, class: Class) -> Option<Payment> {
    let payment = Payment {
        seller: SellerId(Uuid::nil()),
        amount: Money::new(line.amount, line.currency.known()?).ok()?,
        booked_on: line.booked_on,
        class,
        payer_tax_id: line.payer.tax_id.clone(),
        payer_kpp: line.payer.kpp.clone(),
        payer_account: line.payer.account.clone(),
        on_behalf: line.on_behalf.iter().filter_map(|party| party.tax_id.clone()).collect(),
        booked: line.status == Status::Booked,
        repeated: false,
        mentions: Vec::new(),
        hints: Hints::default(),
    };
    let mut payment = payment.saying(&line.purpose);
    payment.mentions.extend(line.structured_reference.as_deref().map(reference));
    Some(payment)
}

impl Given {
    /// What two rows share that are one payment.
    pub fn identities(&self) -> Vec<String> {
        let line = &self.line;
        if line.direction != Direction::In {
            return Vec::new();
        }
        let payer = line.payer.account.as_ref().or(line.payer.tax_id.as_ref());
        let amount = line.amount.normalize();
        let with = |kind: &str, parts: &[&str]| {
            format!(
                "{kind}\u{1F}{}\u{1F}{amount}\u{1F}{}\u{1F}{}",
                self.own_account,
                line.currency,
                parts.join("\u{1F}")
            )
        };
        let mut keys = Vec::new();
        if let Some(reference) = line.bank_reference.as_deref().filter(|r| r.len() >= 6) {
            keys.push(with("reference", &[reference]));
        }
        match (payer, line.doc_no.as_deref()) {
            (Some(payer), Some(number)) => keys.push(with("number", &[payer, number])),
            (Some(payer), None) => {
                let purpose = line.purpose.split_whitespace().collect::<String>().to_lowercase();
                keys.push(with("text", &[payer, &purpose, &line.booked_on.to_string()]));
            }
            _ => {}
        }
        keys
    }
}
