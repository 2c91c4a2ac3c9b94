//! JSON of banks' interfaces: T-Bank, Modulbank, Tochka, PrivatBank, monobank, PUMB (payments.md
//! §1.4, §1.5). Operations are found by their fields, wherever an answer nests them.

mod scan;
mod shapes;
mod ukraine;

use super::encoding::{Decoded, Encoding};
use super::found::{Found, Source, unreadable};
use super::refusals::too_large;
use super::values;
use crate::domain::statements::StatementDay;
use crate::domain::statements::verdict::Refusal;
use rust_decimal::Decimal;
use scan::Object;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::Read;

/// Name of the format.
pub const FORMAT: &str = "json";

/// Longest answer that is read, bytes: interfaces page theirs.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What an enclosing object says of the account.
#[derive(Debug, Clone, Default)]
struct Context {
    account: String,
    bank_id: Option<String>,
}

/// Reads an answer.
///
/// # Errors
/// [`Refusal`]: no JSON, limits, or the disk.
pub fn read<'e>(
    source: &dyn Source,
    encoding: Encoding,
    mut found: Found<'e>,
) -> Result<Found<'e>, Refusal> {
    let mut text = String::new();
    let inner = source.open().map_err(|e| unreadable(&e))?;
    let read = Decoded::new(inner, encoding).take(MAX_BYTES + 1).read_to_string(&mut text);
    let length = read.map_err(|e| unreadable(&e))?;
    if length as u64 > MAX_BYTES {
        return Err(too_large("байт JSON", "bytes of JSON", MAX_BYTES as usize));
    }
    let (objects, whole) = scan::objects(&text);
    let mut contexts: Vec<Context> = Vec::with_capacity(objects.len());
    let mut operations: Vec<(Object, Map<String, Value>, Context)> = Vec::new();
    for object in objects {
        let outer = object.parent.and_then(|at| contexts.get(at)).cloned().unwrap_or_default();
        let Some(fields) = object.fields(&text) else {
            contexts.push(outer);
            continue;
        };
        let context = context(&fields, outer);
        if shapes::is_operation(&fields) {
            operations.push((object, fields, context.clone()));
        } else {
            balances(&object, &fields, &context, &mut found)?;
        }
        contexts.push(context);
    }
    lines(operations, &mut found)?;
    found.file.has_end = whole;
    Ok(found)
}

fn lines(
    operations: Vec<(Object, Map<String, Value>, Context)>,
    found: &mut Found<'_>,
) -> Result<(), Refusal> {
    let common = common_account(&operations);
    for (object, fields, mut context) in operations {
        found.document()?;
        if context.account.is_empty() {
            context.account = common.clone().unwrap_or_default();
        }
        let read = shapes::line(&fields, &context.account, context.bank_id.as_deref(), object.line);
        if let Ok(line) = &read {
            found.account(&line.own_account);
        }
        found.read(read);
    }
    Ok(())
}

/// Where no object tells the account: that which stands in every operation, and alone does.
fn common_account(operations: &[(Object, Map<String, Value>, Context)]) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, fields, _) in operations {
        let mut own: Vec<String> = shapes::sides(fields);
        own.dedup();
        own.into_iter().for_each(|account| *counts.entry(account).or_default() += 1);
    }
    let mut always = counts.into_iter().filter(|(_, count)| *count == operations.len());
    let only = always.next()?;
    (operations.len() > 1 && always.next().is_none()).then_some(only.0)
}

fn text<'f>(fields: &'f Map<String, Value>, keys: &[&str]) -> Option<&'f str> {
    keys.iter().find_map(|key| fields.get(*key)?.as_str()).map(str::trim).filter(|t| !t.is_empty())
}

fn context(fields: &Map<String, Value>, outer: Context) -> Context {
    let keys = ["accountNumber", "accountId", "bankAccountNumber", "AUT_MY_ACC", "account", "iban"];
    let Some(told) = text(fields, &keys) else { return outer };
    // `40802810000000000001/044525999`
    let (account, bank) = told.split_once('/').map_or((told, None), |(a, b)| (a, Some(b)));
    let account = values::account(account);
    if account.is_empty() {
        return outer;
    }
    let bank_id = bank.and_then(values::plausible_account);
    Context { account, bank_id: bank_id.or(outer.bank_id) }
}

fn number(fields: &Map<String, Value>, keys: &[&str]) -> Option<Decimal> {
    let value = keys.iter().find_map(|key| fields.get(*key))?;
    let value = value.get("amount").unwrap_or(value);
    shapes::decimal(value).ok()
}

/// Balances of an object that holds operations.
fn balances(
    object: &Object,
    fields: &Map<String, Value>,
    context: &Context,
    found: &mut Found<'_>,
) -> Result<(), Refusal> {
    let opening =
        number(fields, &["saldoIn", "startDateBalance", "openingBalance", "startBalance"]);
    let closing = number(fields, &["saldoOut", "endDateBalance", "closingBalance", "endBalance"]);
    if context.account.is_empty() || (opening.is_none() && closing.is_none()) {
        return Ok(());
    }
    let date = |keys: &[&str]| text(fields, keys).and_then(values::any_date);
    found.day(StatementDay {
        line: object.line,
        own_account: context.account.clone(),
        from: date(&["startDateTime", "from", "startDate", "dateFrom"]),
        to: date(&["endDateTime", "till", "to", "endDate", "dateTo"]),
        bank_id: context.bank_id.clone(),
        currency: values::currency_of_account(&context.account),
        opening,
        turnover_in: number(fields, &["income", "totalCredits"]),
        turnover_out: number(fields, &["outcome", "totalDebits"]),
        closing,
    })
}
