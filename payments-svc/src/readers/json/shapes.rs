//! One operation of a known shape → a statement line.

use super::ukraine;
use crate::domain::statements::{CurrencyCode, Direction, Party, Remark, StatementLine, Status};
use crate::readers::MAX_VALUE_CHARS;
use crate::readers::values;
use chrono::{DateTime, NaiveDate};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(super) type Fields = Map<String, Value>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    TBank,
    Modulbank,
    Tochka,
    PrivatBank,
    Monobank,
    Pumb,
    TBankStatement,
}

fn shape(fields: &Fields) -> Option<Shape> {
    let has = |keys: &[&str]| keys.iter().all(|key| fields.contains_key(*key));
    if has(&["typeOfOperation", "payer", "receiver"]) {
        return Some(Shape::TBankStatement);
    }
    if has(&["AUT_CNTR_ACC", "TRANTYPE"]) {
        return Some(Shape::PrivatBank);
    }
    if has(&["creditDebitIndicator"])
        && (has(&["Amount"]) || has(&["amount"]) || has(&["documentNumber"]))
    {
        return Some(Shape::Tochka);
    }
    if has(&["category", "amount"]) && (has(&["contragentName"]) || has(&["contragentInn"])) {
        return Some(Shape::Modulbank);
    }
    if has(&["amount"]) && (has(&["payerAccount"]) || has(&["payerInn"])) {
        return Some(Shape::TBank);
    }
    if has(&["correspondentIBAN", "amount"]) || has(&["docId", "operationDate", "amount"]) {
        return Some(Shape::Pumb);
    }
    (has(&["time", "amount"]) && (has(&["operationAmount"]) || has(&["mcc"]) || has(&["hold"])))
        .then_some(Shape::Monobank)
}

/// True when an object is an operation.
pub fn is_operation(fields: &Fields) -> bool {
    shape(fields).is_some()
}

/// An amount, exact: as text, or a number of at most 15 digits, which keeps its digits.
pub fn decimal(value: &Value) -> Result<Decimal, values::AmountProblem> {
    match value {
        Value::String(text) => values::amount(text),
        Value::Number(number) => {
            let text = number.to_string();
            if text.bytes().filter(u8::is_ascii_digit).count() > 15 {
                return Err(values::AmountProblem::TooLong);
            }
            let text = text.strip_suffix(".0").unwrap_or(&text);
            let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
            if fraction.len() > 2 {
                return Err(values::AmountProblem::TooFine);
            }
            values::amount(text)
        }
        _ => Err(values::AmountProblem::NotANumber),
    }
}

pub(super) fn text(fields: &Fields, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| match fields.get(*key)? {
        // A date that is not known yet.
        Value::String(text) if text.starts_with("0001-01-01") => None,
        Value::String(text) => values::some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

fn inner<'f>(fields: &'f Fields, key: &str) -> Option<&'f Fields> {
    fields.get(key)?.as_object()
}

/// Accounts of both sides.
pub fn sides(fields: &Fields) -> Vec<String> {
    let keys = ["payerAccount", "recipientAccount"];
    keys.iter().filter_map(|key| text(fields, &[key])).map(|a| values::account(&a)).collect()
}

/// What shapes differ in.
pub(super) struct Read {
    pub(super) amount: Decimal,
    pub(super) direction: Direction,
    pub(super) status: Status,
    pub(super) currency: Option<CurrencyCode>,
    pub(super) payer: Party,
    pub(super) payee: Party,
    pub(super) purpose: Option<String>,
    pub(super) number: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) date: Option<String>,
    pub(super) doc_date: Option<String>,
}

/// The line of an operation.
///
/// # Errors
/// The remark that says what is wrong with it.
pub fn line(
    fields: &Fields,
    own: &str,
    own_bank: Option<&str>,
    line: usize,
) -> Result<StatementLine, Remark> {
    let read = match shape(fields) {
        Some(Shape::TBank) => t_bank(fields, own, line),
        Some(Shape::TBankStatement) => t_bank_statement(fields, line),
        Some(Shape::Modulbank) => modulbank(fields, line),
        Some(Shape::Tochka) => tochka(fields, line),
        Some(Shape::PrivatBank) => ukraine::privat_bank(fields, line),
        Some(Shape::Monobank) => ukraine::monobank(fields, line),
        Some(Shape::Pumb) => ukraine::pumb(fields, line),
        None => Err(values::missing(line, "amount")),
    }?;
    if read.amount.is_zero() {
        return Err(values::not_positive(line, "amount"));
    }
    let written = read.date.ok_or_else(|| values::missing(line, "date"))?;
    let booked_on = day(&written).ok_or_else(|| values::bad_date(line, "date", &written))?;
    let purpose = values::entities(&read.purpose.unwrap_or_default());
    if purpose.chars().count() > MAX_VALUE_CHARS {
        return Err(values::too_long(line, "purpose"));
    }
    let (mut payer, mut payee) = (read.payer, read.payee);
    let ours = if read.direction == Direction::Out { &mut payer } else { &mut payee };
    if ours.account.is_none() && !own.is_empty() && read.direction != Direction::Unknown {
        ours.account = Some(own.to_owned());
        ours.bank_id = ours.bank_id.take().or_else(|| own_bank.map(str::to_owned));
    }
    let rub = || types::Currency::Rub.into();
    Ok(StatementLine {
        line,
        own_account: own.to_owned(),
        direction: read.direction,
        own_transfer: payer.account.is_some() && payer.account == payee.account,
        status: read.status,
        amount: read.amount.abs(),
        currency: read.currency.or_else(|| values::currency_of_account(own)).unwrap_or_else(rub),
        booked_on,
        doc_no: read.number,
        doc_date: read.doc_date.and_then(|text| day(&text)),
        doc_kind: None,
        bank_unique_id: read.reference.clone(),
        bank_reference: read.reference,
        end_to_end_id: None,
        structured_reference: None,
        return_reason: None,
        on_behalf: None,
        uip: text(fields, &["uin", "uip"]),
        payer,
        payee,
        purpose,
        raw: BTreeMap::new(),
    })
}

/// A date, or seconds since 1970 (monobank).
fn day(text: &str) -> Option<NaiveDate> {
    let seconds = text.parse::<i64>().ok().filter(|seconds| *seconds > 100_000_000);
    match seconds {
        Some(seconds) if text.len() != 8 && text.len() != 14 => {
            DateTime::from_timestamp(seconds, 0).map(|at| at.date_naive())
        }
        _ => values::any_date(text),
    }
}

pub(super) fn amount(fields: &Fields, keys: &[&str], line: usize) -> Result<Decimal, Remark> {
    let key = keys.iter().find(|key| fields.contains_key(**key)).copied();
    let value =
        key.and_then(|key| fields.get(key)).ok_or_else(|| values::missing(line, "amount"))?;
    let value = value.get("amount").unwrap_or(value);
    decimal(value).map_err(|problem| problem.remark(line, "amount", &value.to_string()))
}

/// A side by the prefix of its keys: `payerInn`, `contragentName`, ….
fn side(fields: &Fields, prefix: &str, account: &[&str], bank: &[&str]) -> Party {
    let key = |suffix: &str| format!("{prefix}{suffix}");
    let (name, told) = values::name(&text(fields, &[&key("Name"), prefix]).unwrap_or_default());
    Party {
        name,
        tax_id: text(fields, &[&key("Inn")]).and_then(|id| values::tax_id(&id)).or(told),
        kpp: text(fields, &[&key("Kpp")]).and_then(|kpp| values::kpp(&kpp)),
        account: text(fields, account).and_then(|a| values::plausible_account(&a)),
        bank_id: text(fields, bank).and_then(|id| values::plausible_account(&id)),
        bank_name: text(fields, &[&key("Bank"), &key("BankName")]),
    }
}

fn t_bank(fields: &Fields, own: &str, line: usize) -> Result<Read, Remark> {
    let payer = side(fields, "payer", &["payerAccount"], &["payerBic"]);
    let payee = side(fields, "recipient", &["recipientAccount"], &["recipientBic"]);
    let is_own = |party: &Party| !own.is_empty() && party.account.as_deref() == Some(own);
    let direction = match (is_own(&payer), is_own(&payee)) {
        (true, false) => Direction::Out,
        (false, true) => Direction::In,
        _ => Direction::Unknown,
    };
    let booked: &[&str] = match direction {
        Direction::Out => &["drawDate", "chargeDate", "date"],
        _ => &["chargeDate", "drawDate", "date"],
    };
    Ok(Read {
        amount: amount(fields, &["amount"], line)?,
        direction,
        status: Status::Booked,
        currency: text(fields, &["currency"]).and_then(|code| CurrencyCode::parse(&code)),
        payer,
        payee,
        purpose: text(fields, &["paymentPurpose", "purpose"]),
        number: text(fields, &["number", "documentNumber", "docNumber", "id"]),
        reference: text(fields, &["operationId"]),
        date: text(fields, booked),
        doc_date: text(fields, &["date"]),
    })
}

/// Operations of T-Bank's newer interface, with an object for each side.
fn t_bank_statement(fields: &Fields, line: usize) -> Result<Read, Remark> {
    let party = |name: &str| {
        let side = inner(fields, name);
        let of = |keys: &[&str]| side.and_then(|side| text(side, keys));
        let (name, told) = values::name(&of(&["name"]).unwrap_or_default());
        Party {
            name,
            tax_id: of(&["inn"]).and_then(|id| values::tax_id(&id)).or(told),
            kpp: of(&["kpp"]).and_then(|kpp| values::kpp(&kpp)),
            account: of(&["acct", "account"]).and_then(|a| values::plausible_account(&a)),
            bank_id: of(&["bicRu", "bic"]).and_then(|id| values::plausible_account(&id)),
            bank_name: of(&["bankName"]),
        }
    };
    let direction = match text(fields, &["typeOfOperation"]).as_deref() {
        Some("Credit") => Direction::In,
        Some("Debit") => Direction::Out,
        _ => Direction::Unknown,
    };
    let pending = text(fields, &["operationStatus"]).is_some_and(|s| s == "Authorization");
    let currency = text(fields, &["accountCurrencyDigitalCode", "operationCurrencyDigitalCode"]);
    Ok(Read {
        amount: amount(fields, &["accountAmount", "operationAmount"], line)?,
        direction,
        status: if pending { Status::Pending } else { Status::Booked },
        currency: currency.and_then(|code| CurrencyCode::parse(&code)),
        payer: party("payer"),
        payee: party("receiver"),
        purpose: text(fields, &["payPurpose", "description"]),
        number: text(fields, &["documentNumber"]),
        reference: text(fields, &["operationId"]),
        date: text(fields, &["trxnPostDate", "operationDate"]),
        doc_date: text(fields, &["docDate"]),
    })
}

fn modulbank(fields: &Fields, line: usize) -> Result<Read, Remark> {
    let other =
        side(fields, "contragent", &["contragentBankAccountNumber"], &["contragentBankBic"]);
    let own = Party {
        account: text(fields, &["bankAccountNumber"]).and_then(|a| values::plausible_account(&a)),
        ..Party::default()
    };
    let status = text(fields, &["status"]).unwrap_or_default();
    // Debit of the client's own books is money that came; `Received` says the same.
    let came = status == "Received"
        || text(fields, &["category"])
            .is_some_and(|category| category.eq_ignore_ascii_case("debet"));
    let direction = if came { Direction::In } else { Direction::Out };
    let (payer, payee) = if came { (other, own) } else { (own, other) };
    let done = ["Received", "Executed", ""].contains(&status.as_str());
    Ok(Read {
        amount: amount(fields, &["amount"], line)?,
        direction,
        status: if done { Status::Booked } else { Status::Pending },
        currency: text(fields, &["currency"]).and_then(|code| CurrencyCode::parse(&code)),
        payer,
        payee,
        purpose: text(fields, &["paymentPurpose"]),
        number: text(fields, &["docNumber"]),
        reference: text(fields, &["id", "absId"]),
        date: text(fields, &["executed", "created"]),
        doc_date: text(fields, &["created"]),
    })
}

fn tochka(fields: &Fields, line: usize) -> Result<Read, Remark> {
    let party = |name: &str, account: &str, agent: &str| {
        let person = inner(fields, name);
        let of = |key: &str| person.and_then(|person| text(person, &[key]));
        let (name, told) = values::name(&of("name").unwrap_or_default());
        let id = |key: &str| inner(fields, key).and_then(|part| text(part, &["identification"]));
        Party {
            name,
            tax_id: of("inn").and_then(|id| values::tax_id(&id)).or(told),
            kpp: of("kpp").and_then(|kpp| values::kpp(&kpp)),
            account: id(account).and_then(|a| values::plausible_account(&a)),
            bank_id: id(agent).and_then(|a| values::plausible_account(&a)),
            bank_name: inner(fields, agent).and_then(|agent| text(agent, &["name"])),
        }
    };
    let indicator = text(fields, &["creditDebitIndicator"]).unwrap_or_default().to_lowercase();
    let direction = match indicator.as_str() {
        "credit" | "crdt" => Direction::In,
        "debit" | "dbit" => Direction::Out,
        _ => Direction::Unknown,
    };
    let pending = text(fields, &["status"]).is_some_and(|s| !s.eq_ignore_ascii_case("booked"));
    let money = inner(fields, "Amount").or_else(|| inner(fields, "amount"));
    let currency = money.and_then(|money| text(money, &["currency"]));
    Ok(Read {
        amount: amount(fields, &["Amount", "amount"], line)?,
        direction,
        status: if pending { Status::Pending } else { Status::Booked },
        currency: currency.and_then(|code| CurrencyCode::parse(&code)),
        payer: party("DebtorParty", "DebtorAccount", "DebtorAgent"),
        payee: party("CreditorParty", "CreditorAccount", "CreditorAgent"),
        purpose: text(fields, &["description"]),
        number: text(fields, &["documentNumber"]),
        reference: text(fields, &["transactionId", "paymentId"]),
        date: text(fields, &["documentProcessDate", "bookingDate", "documentDate", "date"]),
        doc_date: text(fields, &["documentDate"]),
    })
}
