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
}

/// Reads an object.
///
/// # Errors
/// What is missing or wrong.
pub fn read(text: &str) -> Result<Given, String> {
    let fields: Map<String, Value> = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let told = |key: &str| fields.get(key).and_then(text_of);
    let amount = told("amount").ok_or("amount is missing")?;
    let amount: Decimal = amount.parse().map_err(|_| format!("{amount:?} is no amount"))?;
    let currency = told("currency").ok_or("currency is missing")?;
    let currency = CurrencyCode::parse(&currency).ok_or(format!("{currency:?} is no currency"))?;
    let date = told("date").ok_or("date is missing")?;
    let date: NaiveDate =
        date.get(..10).unwrap_or(&date).parse().map_err(|_| format!("{date:?} is no date"))?;
    let direction =
        told("direction").and_then(|d| Direction::parse(&d)).unwrap_or(Direction::Unknown);
    let (payer, payee) = (party(fields.get("payer")), party(fields.get("payee")));
    let own = if direction == Direction::Out { &payer } else { &payee };
    let own_account = own.account.clone().or_else(|| told("account")).unwrap_or_default();
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
    Ok(Given { id, own_account, date, line })
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

impl Given {
    /// What the line is about.
    pub fn class(&self, own: &BTreeSet<String>) -> Class {
        let ours =
            if self.line.direction == Direction::Out { &self.line.payer } else { &self.line.payee };
        let tax_ids: BTreeSet<String> = ours.tax_id.iter().cloned().collect();
        if !self.own_account.is_empty() && !own.contains(&self.own_account) {
            let mut accounts = own.clone();
            accounts.insert(self.own_account.clone());
            return classify(&self.line, &accounts, &tax_ids);
        }
        classify(&self.line, own, &tax_ids)
    }

    /// The line as the matcher sees it; none in a currency that nothing is billed in.
    pub fn payment(&self, seller: SellerId, class: Class, repeated: bool) -> Option<Payment> {
        let line = &self.line;
        let payment = Payment {
            seller,
            amount: Money::new(line.amount, line.currency.known()?).ok()?,
            booked_on: line.booked_on,
            class,
            payer_tax_id: line.payer.tax_id.clone(),
            payer_kpp: line.payer.kpp.clone(),
            payer_account: line.payer.account.clone(),
            on_behalf: line.on_behalf.iter().filter_map(|party| party.tax_id.clone()).collect(),
            booked: line.status == Status::Booked,
            repeated,
            mentions: Vec::new(),
            hints: Hints::default(),
        };
        let mut payment = payment.saying(&line.purpose);
        payment.mentions.extend(line.structured_reference.as_deref().map(reference));
        Some(payment)
    }

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
