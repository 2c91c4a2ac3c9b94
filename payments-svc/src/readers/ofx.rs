//! OFX and QFX: SGML without end tags and XML alike (payments.md §1.8).

mod tags;

use super::encoding::Encoding;
use super::found::{Found, Source};
use super::{MAX_VALUE_CHARS, values};
use crate::domain::statements::verdict::Refusal;
use crate::domain::statements::{
    CurrencyCode, Direction, Party, Remark, StatementDay, StatementLine,
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use tags::{Tag, Tags};

/// Name of the format.
pub const FORMAT: &str = "ofx";

/// One account's part of the file.
#[derive(Debug, Default)]
struct Statement {
    line: usize,
    account: String,
    bank_id: Option<String>,
    currency: Option<CurrencyCode>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    closing: Option<Decimal>,
}

/// A transaction: its leaves, those of aggregates in it with their path.
#[derive(Debug, Default)]
struct Transaction {
    line: usize,
    path: Vec<String>,
    leaves: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct State {
    statement: Option<Statement>,
    transaction: Option<Transaction>,
    /// Whether a balance is the booked one.
    ledger: bool,
    ended: bool,
}

/// Reads a file.
///
/// # Errors
/// [`Refusal`]: limits, or the disk.
pub fn read<'e>(
    source: &dyn Source,
    encoding: Encoding,
    mut found: Found<'e>,
) -> Result<Found<'e>, Refusal> {
    let mut tags = Tags::new(source, encoding)?;
    let mut state = State::default();
    while let Some(tag) = tags.next()? {
        match tag.name.strip_prefix('/') {
            None => begins(&mut state, tag, &mut found)?,
            Some(name) => ends(&mut state, name, &mut found)?,
        }
    }
    let torn = state.transaction.is_some() || !state.ended;
    // A transaction that was cut may lack what makes it another one.
    if let Some(transaction) = state.transaction.take().filter(|_| state.ended) {
        finish(&state, transaction, &mut found)?;
    }
    close(&mut state, &mut found)?;
    found.file.has_end = !torn;
    Ok(found)
}

fn begins(state: &mut State, tag: Tag, found: &mut Found<'_>) -> Result<(), Refusal> {
    match tag.name.as_str() {
        "STMTRS" | "CCSTMTRS" | "INVSTMTRS" => {
            close(state, found)?;
            state.statement = Some(Statement { line: tag.line, ..Statement::default() });
        }
        "STMTTRN" => {
            if let Some(before) = state.transaction.take() {
                finish(state, before, found)?;
            }
            state.transaction = Some(Transaction { line: tag.line, ..Transaction::default() });
        }
        "LEDGERBAL" => state.ledger = true,
        "AVAILBAL" => state.ledger = false,
        _ => match &mut state.transaction {
            Some(transaction) => transaction.take(tag),
            None => header(state, &tag, found),
        },
    }
    Ok(())
}

fn ends(state: &mut State, name: &str, found: &mut Found<'_>) -> Result<(), Refusal> {
    match name {
        "STMTTRN" | "BANKTRANLIST" | "STMTRS" | "CCSTMTRS" => {
            if let Some(transaction) = state.transaction.take() {
                finish(state, transaction, found)?;
            }
        }
        "LEDGERBAL" => state.ledger = false,
        "OFX" => state.ended = true,
        name => {
            if let Some(transaction) = &mut state.transaction
                && transaction.path.last().is_some_and(|open| open == name)
            {
                transaction.path.pop();
            }
        }
    }
    Ok(())
}

impl Transaction {
    fn take(&mut self, tag: Tag) {
        const AGGREGATES: [&str; 7] = [
            "BANKACCTTO",
            "CCACCTTO",
            "PAYEE",
            "CURRENCY",
            "ORIGCURRENCY",
            "BANKACCTFROM",
            "IMAGEDATA",
        ];
        if AGGREGATES.contains(&tag.name.as_str()) {
            self.path.push(tag.name);
            return;
        }
        let plain = tag.name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'));
        if tag.text.is_empty() || !plain || self.leaves.len() >= 100 {
            return;
        }
        let name = self.path.iter().map(String::as_str).chain([tag.name.as_str()]);
        let name = name.collect::<Vec<_>>().join(".");
        self.leaves.entry(name).or_insert(tag.text);
    }
}

fn header(state: &mut State, tag: &Tag, found: &mut Found<'_>) {
    let text = tag.text.as_str();
    let Some(statement) = &mut state.statement else {
        if tag.name == "ORG" {
            found.file.sender = values::some(text);
        }
        return;
    };
    match tag.name.as_str() {
        "CURDEF" => statement.currency = CurrencyCode::parse(text),
        "BANKID" if statement.bank_id.is_none() => statement.bank_id = values::some(text),
        "ACCTID" if statement.account.is_empty() => {
            statement.account = values::account(text);
            found.account(&statement.account);
        }
        "DTSTART" => statement.from = date(text),
        "DTEND" => statement.to = date(text),
        "BALAMT" if state.ledger => match values::amount(text) {
            Ok(amount) => statement.closing = Some(amount),
            Err(problem) => found.warn(problem.remark(tag.line, "BALAMT", text)),
        },
        _ => {}
    }
}

/// `20090401122017.000[-5:EST]`: eight digits, else no date at all.
fn date(text: &str) -> Option<NaiveDate> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    values::any_date(text.get(..8).filter(|_| digits >= 8)?)
}

fn finish(state: &State, transaction: Transaction, found: &mut Found<'_>) -> Result<(), Refusal> {
    found.document()?;
    let none = Statement::default();
    let statement = state.statement.as_ref().unwrap_or(&none);
    let read = line(statement, transaction);
    found.read(read);
    Ok(())
}

impl Statement {
    fn own(&self) -> Party {
        Party {
            account: Some(self.account.clone()).filter(|account| !account.is_empty()),
            bank_id: self.bank_id.clone(),
            ..Party::default()
        }
    }
}

fn line(statement: &Statement, transaction: Transaction) -> Result<StatementLine, Remark> {
    let Transaction { line, mut leaves, .. } = transaction;
    let mut take = |key: &str| leaves.remove(key);
    let amount = take("TRNAMT").ok_or_else(|| values::missing(line, "TRNAMT"))?;
    let signed =
        values::amount(&amount).map_err(|problem| problem.remark(line, "TRNAMT", &amount))?;
    if signed.is_zero() {
        return Err(values::not_positive(line, "TRNAMT"));
    }
    let posted = take("DTPOSTED").ok_or_else(|| values::missing(line, "DTPOSTED"))?;
    let booked_on = date(&posted).ok_or_else(|| values::bad_date(line, "DTPOSTED", &posted))?;
    let name = take("NAME").or_else(|| take("PAYEE.NAME"));
    let name = name.map(|name| values::one_line(&name)).unwrap_or_default();
    let purpose = take("MEMO").map(|memo| values::one_line(&memo)).unwrap_or_else(|| name.clone());
    if purpose.chars().count() > MAX_VALUE_CHARS {
        return Err(values::too_long(line, "MEMO"));
    }
    let number = |text: Option<String>| {
        text.and_then(|t| values::some(&t)).filter(|t| t.bytes().any(|b| b != b'0'))
    };
    let account = take("BANKACCTTO.ACCTID").or_else(|| take("CCACCTTO.ACCTID"));
    let other = Party {
        name,
        account: account.and_then(|a| values::plausible_account(&a)),
        bank_id: take("BANKACCTTO.BANKID").and_then(|id| values::plausible_account(&id)),
        ..Party::default()
    };
    let own = statement.own();
    let direction = if signed.is_sign_negative() { Direction::Out } else { Direction::In };
    let (payer, payee) = if direction == Direction::Out { (own, other) } else { (other, own) };
    let currency = take("CURRENCY.CURSYM").and_then(|code| CurrencyCode::parse(&code));
    let currency = currency.or(statement.currency).unwrap_or_else(|| types::Currency::Usd.into());
    let amount = (signed.abs(), currency);
    Ok(StatementLine {
        direction,
        doc_no: number(take("CHECKNUM")).or_else(|| number(take("REFNUM"))),
        doc_kind: take("TRNTYPE").and_then(|kind| values::some(&kind)),
        bank_reference: take("FITID").and_then(|id| values::some(&id)),
        payer,
        payee,
        purpose,
        raw: leaves.into_iter().map(|(key, value)| (key, values::one_line(&value))).collect(),
        ..StatementLine::new(line, &statement.account, direction, amount, booked_on)
    })
}

fn close(state: &mut State, found: &mut Found<'_>) -> Result<(), Refusal> {
    let Some(statement) = state.statement.take() else { return Ok(()) };
    found.day(StatementDay {
        line: statement.line,
        own_account: statement.account,
        from: statement.from,
        to: statement.to.or(statement.from),
        bank_id: statement.bank_id,
        currency: statement.currency,
        opening: None,
        turnover_in: None,
        turnover_out: None,
        closing: statement.closing,
    })
}
