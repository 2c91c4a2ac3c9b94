//! JSON of banks' interfaces: T-Bank, Modulbank, Tochka, PrivatBank, monobank, PUMB (payments.md
//! §1.4, §1.5). Operations are found by their fields, wherever an answer nests them.

mod shapes;
mod stream;
mod ukraine;

use super::encoding::{Decoded, Encoding};
use super::found::{Found, Source, unreadable};
use super::values;
use crate::domain::statements::StatementDay;
use crate::domain::statements::verdict::Refusal;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use stream::Ended;

/// Name of the format.
pub const FORMAT: &str = "json";

/// What an enclosing object says of the account.
#[derive(Debug, Clone, Default)]
struct Context {
    account: String,
    bank_id: Option<String>,
}

/// What is known before the operations are read: of whose account each object tells, and which
/// account stands in every operation.
#[derive(Debug, Default)]
struct Outline {
    /// By the number of the object.
    contexts: BTreeMap<usize, Context>,
    operations: usize,
    counts: BTreeMap<String, usize>,
}

/// Most accounts that are counted, or objects with one that are remembered.
const MAX_ACCOUNTS: usize = 100_000;

/// Reads an answer of any length.
///
/// # Errors
/// [`Refusal`]: no JSON, limits, or the disk.
pub fn read<'e>(
    source: &dyn Source,
    encoding: Encoding,
    mut found: Found<'e>,
) -> Result<Found<'e>, Refusal> {
    let open = || source.open().map_err(|e| unreadable(&e));
    let decoded = |inner| Box::new(Decoded::new(inner, encoding));
    let mut outline = Outline::default();
    // An account may be told behind the operations of it.
    stream::objects(decoded(open()?), &mut |ended| Ok(outline.take(ended)))?;
    let common = outline.common_account();
    let whole = stream::objects(decoded(open()?), &mut |ended| {
        let context = outline.context(&ended, common.as_deref());
        // An operation that is cut may lack its sign or half of its purpose.
        if ended.torn && shapes::is_operation(&ended.fields) {
            return Ok(None);
        }
        if !shapes::is_operation(&ended.fields) {
            balances(&ended, &context, &mut found)?;
            return Ok(Some(ended.fields));
        }
        found.document()?;
        let own = context.account.as_str();
        let read = shapes::line(&ended.fields, own, context.bank_id.as_deref(), ended.line);
        if let Ok(line) = &read {
            found.account(&line.own_account);
        }
        found.read(read);
        Ok(None)
    })?;
    found.file.has_end = whole;
    Ok(found)
}

impl Outline {
    fn take(&mut self, ended: Ended) -> Option<Map<String, Value>> {
        if let Some(context) = told(&ended.fields)
            && self.contexts.len() < MAX_ACCOUNTS
            && !shapes::is_operation(&ended.fields)
        {
            self.contexts.insert(ended.place, context);
        }
        if !shapes::is_operation(&ended.fields) {
            return Some(ended.fields);
        }
        if ended.torn {
            return None;
        }
        // Objects inside of an operation tell nothing of those around it.
        self.contexts.split_off(&ended.place);
        self.operations += 1;
        let mut sides = shapes::sides(&ended.fields);
        sides.dedup();
        for account in sides {
            if self.counts.len() < MAX_ACCOUNTS || self.counts.contains_key(&account) {
                *self.counts.entry(account).or_default() += 1;
            }
        }
        None
    }

    /// The account of an object: its own, that of the nearest one around it, or the common one.
    fn context(&self, ended: &Ended, common: Option<&str>) -> Context {
        let around = || ended.around.iter().rev().find_map(|place| self.contexts.get(place));
        let bank = around().and_then(|context| context.bank_id.clone());
        let mut context = told(&ended.fields).or_else(|| around().cloned()).unwrap_or_else(|| {
            Context { account: common.unwrap_or_default().to_owned(), bank_id: None }
        });
        context.bank_id = context.bank_id.or(bank);
        context
    }

    /// Where no object tells the account: that which stands in every operation, and alone does.
    fn common_account(&self) -> Option<String> {
        let mut always = self.counts.iter().filter(|(_, count)| **count == self.operations);
        let only = always.next()?.0;
        (self.operations > 1 && always.next().is_none()).then(|| only.clone())
    }
}

fn text<'f>(fields: &'f Map<String, Value>, keys: &[&str]) -> Option<&'f str> {
    keys.iter().find_map(|key| fields.get(*key)?.as_str()).map(str::trim).filter(|t| !t.is_empty())
}

/// The account that an object tells.
fn told(fields: &Map<String, Value>) -> Option<Context> {
    let keys = ["accountNumber", "accountId", "bankAccountNumber", "AUT_MY_ACC", "account", "iban"];
    let told = text(fields, &keys)?;
    // `40802810000000000001/044525999`
    let (account, bank) = told.split_once('/').map_or((told, None), |(a, b)| (a, Some(b)));
    let account = values::account(account);
    let bank_id = bank.and_then(values::plausible_account);
    (!account.is_empty()).then_some(Context { account, bank_id })
}

fn number(fields: &Map<String, Value>, keys: &[&str]) -> Option<Decimal> {
    let value = keys.iter().find_map(|key| fields.get(*key))?;
    let value = value.get("amount").unwrap_or(value);
    shapes::decimal(value).ok()
}

/// Balances of an object that holds operations.
fn balances(ended: &Ended, context: &Context, found: &mut Found<'_>) -> Result<(), Refusal> {
    let fields = &ended.fields;
    let opening =
        number(fields, &["saldoIn", "startDateBalance", "openingBalance", "startBalance"]);
    let closing = number(fields, &["saldoOut", "endDateBalance", "closingBalance", "endBalance"]);
    if context.account.is_empty() || (opening.is_none() && closing.is_none()) {
        return Ok(());
    }
    let date = |keys: &[&str]| text(fields, keys).and_then(values::any_date);
    found.day(StatementDay {
        line: ended.line,
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
