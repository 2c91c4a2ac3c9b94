//! What a file says, as JSON, in constant memory: `raschet bank inspect`.

use super::csv::Profile;
use super::found::{Found, Limits, Source, earlier, later};
use crate::domain::statements::arithmetic::{self, Arithmetic};
use crate::domain::statements::verdict::Refusal;
use crate::domain::statements::{Party, Remark, StatementFile, StatementLine};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// One line as JSON.
#[derive(Debug, Serialize)]
struct Line<'l> {
    direction: &'static str,
    amount: String,
    currency: &'l str,
    date: NaiveDate,
    document_number: Option<&'l str>,
    document_date: Option<NaiveDate>,
    payer: Side<'l>,
    payee: Side<'l>,
    purpose: &'l str,
    bank_reference: Option<&'l str>,
    status: &'static str,
    account: &'l str,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_to_end_id: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    structured_reference: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_reason: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf: Option<Side<'l>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    own_transfer: bool,
}

/// One side as JSON.
#[derive(Debug, Serialize)]
struct Side<'l> {
    name: &'l str,
    tax_id: Option<&'l str>,
    kpp: Option<&'l str>,
    account: Option<&'l str>,
    bic: Option<&'l str>,
    bank: Option<&'l str>,
}

impl<'l> Side<'l> {
    fn of(party: &'l Party) -> Self {
        Self {
            name: &party.name,
            tax_id: party.tax_id.as_deref(),
            kpp: party.kpp.as_deref(),
            account: party.account.as_deref(),
            bic: party.bank_id.as_deref(),
            bank: party.bank_name.as_deref(),
        }
    }
}

impl<'l> Line<'l> {
    fn of(line: &'l StatementLine) -> Self {
        Self {
            direction: line.direction.as_str(),
            amount: money(line.amount),
            currency: line.currency.code(),
            date: line.booked_on,
            document_number: line.doc_no.as_deref(),
            document_date: line.doc_date,
            payer: Side::of(&line.payer),
            payee: Side::of(&line.payee),
            purpose: &line.purpose,
            bank_reference: line.bank_reference.as_deref(),
            status: line.status.as_str(),
            account: &line.own_account,
            line: line.line,
            end_to_end_id: line.end_to_end_id.as_deref(),
            structured_reference: line.structured_reference.as_deref(),
            return_reason: line.return_reason.as_deref(),
            on_behalf: line.on_behalf.as_ref().map(Side::of),
            own_transfer: line.own_transfer,
        }
    }
}

/// Two digits after the point at least.
fn money(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string()
}

/// One account as JSON: its periods together.
#[derive(Debug, Default, Serialize)]
struct Account {
    account: String,
    bic: Option<String>,
    currency: Option<String>,
    opening: Option<String>,
    closing: Option<String>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

#[derive(Debug, Serialize)]
struct Warning<'r> {
    line: u32,
    code: &'r str,
    text: &'r str,
}

/// Why nothing was shown.
#[derive(Debug)]
pub enum Problem {
    /// The file is refused.
    Refused(Refusal),
    /// The output cannot be written.
    Output(io::Error),
}

/// Reads a source and writes what it says. Lines go out as they are met, before what is known only
/// at the end.
///
/// # Errors
/// [`Problem`]; of a refused file nothing is written.
pub fn write(
    source: &dyn Source,
    profiles: &[Profile],
    out: &mut dyn Write,
) -> Result<StatementFile, Problem> {
    let mut output = Output { out, lines: 0, failed: None, banks: BTreeMap::new() };
    let mut emit = |line: StatementLine| output.line(&line);
    let found =
        super::stream(source, Limits::STREAM, profiles, &mut emit).map_err(Problem::Refused)?;
    let Found { file, tally, .. } = found;
    let verdict = arithmetic::check_sums(&file, &tally);
    if output.lines == 0 {
        let silent = file.bad.is_empty() && arithmetic::proves_no_movement(&file);
        if file.accounts.is_empty() {
            return Err(Problem::Refused(
                crate::domain::statements::verdict::without_account().with(file.bad),
            ));
        }
        if !silent {
            return Err(Problem::Refused(
                crate::domain::statements::verdict::empty(&file).with(file.bad),
            ));
        }
    }
    output.finish(&file, verdict).map_err(Problem::Output)?;
    Ok(file)
}

struct Output<'o> {
    out: &'o mut dyn Write,
    lines: usize,
    failed: Option<io::Error>,
    /// Banks of own accounts, as lines tell them.
    banks: BTreeMap<String, (Option<String>, String)>,
}

impl Output<'_> {
    fn line(&mut self, line: &StatementLine) {
        if self.failed.is_none() {
            let written = self.put(line);
            self.failed = written.err();
        }
        self.lines += 1;
        self.bank(line);
    }

    fn put(&mut self, line: &StatementLine) -> io::Result<()> {
        self.out.write_all(if self.lines == 0 { b"{\"lines\":[\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *self.out, &Line::of(line)).map_err(io::Error::from)
    }

    fn bank(&mut self, line: &StatementLine) {
        if let Some((Some(_), _)) = self.banks.get(&line.own_account) {
            return;
        }
        let own = |party: &&Party| party.account.as_deref() == Some(line.own_account.as_str());
        let bank = [&line.payer, &line.payee].into_iter().find(own).and_then(|p| p.bank_id.clone());
        self.banks.insert(line.own_account.clone(), (bank, line.currency.to_string()));
    }

    fn finish(&mut self, file: &StatementFile, verdict: Arithmetic) -> io::Result<()> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        self.out.write_all(if self.lines == 0 { b"{\"lines\":[" } else { b"\n" })?;
        write!(
            self.out,
            "],\"format\":{:?},\"encoding\":{:?},\"accounts\":",
            file.format, file.encoding
        )?;
        let accounts = self.accounts(file);
        serde_json::to_writer(&mut *self.out, &accounts).map_err(io::Error::from)?;
        self.out.write_all(b",\"warnings\":")?;
        let mut remarks: Vec<Remark> = file.bad.iter().chain(&file.warnings).cloned().collect();
        if let Arithmetic::Differs(differences) = verdict {
            remarks.extend(differences);
        }
        if !file.has_end {
            remarks.push(super::refusals::truncated());
        }
        let warnings: Vec<Warning<'_>> =
            remarks.iter().map(|r| Warning { line: r.line, code: &r.code, text: &r.en }).collect();
        serde_json::to_writer(&mut *self.out, &warnings).map_err(io::Error::from)?;
        self.out.write_all(b"}\n")?;
        self.out.flush()
    }

    /// Accounts in order of first mention, their periods merged by date, never by place.
    fn accounts(&self, file: &StatementFile) -> Vec<Account> {
        let of = |account: &String| {
            let days = || file.days.iter().filter(|day| day.own_account == *account);
            let first = days().min_by_key(|day| (day.from.is_none(), day.from));
            // Of one day's sections the later one closes it.
            let last = days().max_by_key(|day| (day.to, day.line));
            let told = self.banks.get(account);
            let currency = days().find_map(|day| day.currency).map(|code| code.to_string());
            Account {
                account: account.clone(),
                bic: days()
                    .find_map(|d| d.bank_id.clone())
                    .or_else(|| told.and_then(|(b, _)| b.clone())),
                currency: currency.or_else(|| told.map(|(_, currency)| currency.clone())),
                opening: first.and_then(|day| day.opening).map(money),
                closing: last.and_then(|day| day.closing).map(money),
                from: days().fold(None, |from, day| earlier(from, day.from)).or(file.from),
                to: days().fold(None, |to, day| later(to, day.to)).or(file.to),
            }
        };
        file.accounts.iter().map(of).collect()
    }
}
