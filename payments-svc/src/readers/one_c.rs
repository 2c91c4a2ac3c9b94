//! 1CClientBankExchange, versions 1.01–1.03, and the 2.x dialect of Kazakh banks
//! (payments.md §1.1–1.2; the standard: v8.1c.ru, «Стандарт обмена с системами клиент банка»).
//!
//! Tolerant where genuine files deviate, strict where a guess would move money: direction comes
//! from the own account only, an ambiguous amount is an error of its document.

mod document;
mod keys;
mod outline;
pub mod write;

use super::encoding::{Encoding, Lines};
use super::found::{Found, Source, unreadable};
use super::refusals::label_wrong;
use super::values;
use crate::domain::statements::verdict::Refusal;
use crate::domain::statements::{CurrencyCode, Remark, StatementDay};
use outline::{Block, Outline};
use types::Currency;

/// Name of the format, as stored with a statement.
pub const FORMAT: &str = "1c-client-bank-exchange";

/// Reads a file whose encoding is already proved by a key of the format.
///
/// # Errors
/// [`Refusal`]: not this format after all, destroyed Cyrillic, or a limit.
pub fn read<'e>(
    source: &dyn Source,
    encoding: Encoding,
    mut found: Found<'e>,
) -> Result<Found<'e>, Refusal> {
    let lines = || source.open().map(|s| Lines::new(s, encoding)).map_err(|e| unreadable(&e));
    // Sections of accounts may stand behind documents, whose direction they tell.
    let outline = outline::without_documents(lines()?)?;
    head(&outline, encoding, &mut found);
    let own = found.file.accounts.clone();
    let fallback = currency_of_file(&found.file.days, &own);
    outline::read(lines()?, |block| {
        found.document()?;
        let mut warnings = Vec::new();
        let keeps = found.limits.raw;
        match document::read(&block, &own, fallback, keeps, &mut warnings) {
            Ok(lines) => lines.into_iter().for_each(|line| found.line(line)),
            Err(remark) => found.bad(remark),
        }
        warnings.into_iter().for_each(|remark| found.warn(remark));
        Ok(())
    })?;
    Ok(found)
}

/// What stands before and between documents.
fn head(outline: &Outline, encoding: Encoding, found: &mut Found<'_>) {
    outline.warnings.iter().for_each(|remark| found.warn(remark.clone()));
    let header = &outline.header;
    let declared = header.value("кодировка").map(str::to_owned);
    if let Some(label) = declared.as_deref().filter(|label| !encoding.is_called(label)) {
        found.warn(label_wrong(header.line_of("кодировка"), label, encoding.name()));
    }
    let mut warnings = Vec::new();
    let file = &mut found.file;
    file.version = header.value("версияформата").map(str::to_owned);
    file.declared_encoding = declared;
    file.sender = header.value("отправитель").map(str::to_owned);
    file.from = header_date(header, "датаначала", &mut warnings);
    file.to = header_date(header, "датаконца", &mut warnings);
    file.accounts = own_accounts(outline);
    file.days = days(outline, &mut warnings);
    file.has_end = outline.has_end;
    warnings.into_iter().for_each(|remark| found.warn(remark));
}

/// The currency of lines whose account does not tell it: that of the own accounts.
fn currency_of_file(days: &[StatementDay], own: &[String]) -> CurrencyCode {
    let told = days.iter().find_map(|day| day.currency);
    let told = told.or_else(|| own.iter().find_map(|a| values::currency_of_account(a)));
    told.unwrap_or_else(|| CurrencyCode::from(Currency::Rub))
}

/// Accounts that the header or a section names as the statement's own.
fn own_accounts(outline: &Outline) -> Vec<String> {
    let mut accounts: Vec<String> = Vec::new();
    for block in std::iter::once(&outline.header).chain(&outline.accounts) {
        for field in block.fields.iter().filter(|field| &*field.key == "расчсчет") {
            let account = values::account(&field.value);
            if !account.is_empty() && !accounts.contains(&account) {
                accounts.push(account);
            }
        }
    }
    accounts
}

fn days(outline: &Outline, warnings: &mut Vec<Remark>) -> Vec<StatementDay> {
    outline.accounts.iter().map(|block| day(block, warnings)).collect()
}

fn day(block: &Block, warnings: &mut Vec<Remark>) -> StatementDay {
    let from = header_date(block, "датаначала", warnings);
    let account = block.value("расчсчет").map(values::account).unwrap_or_default();
    let mut figure = |key| {
        let field = block.field(key)?;
        values::amount(&field.value)
            .map_err(|problem| warnings.push(problem.remark(field.line, &field.name, &field.value)))
            .ok()
    };
    let (opening, closing) = (figure("начальныйостаток"), figure("конечныйостаток"));
    let (turnover_in, turnover_out) = (figure("всегопоступило"), figure("всегосписано"));
    StatementDay {
        line: block.line,
        currency: values::currency_of_account(&account),
        bank_id: None,
        own_account: account,
        from,
        to: header_date(block, "датаконца", warnings).or(from),
        opening,
        turnover_in,
        turnover_out,
        closing,
    }
}

/// Dates of the header inform only, so a damaged one is a warning.
fn header_date(block: &Block, key: &str, warnings: &mut Vec<Remark>) -> Option<chrono::NaiveDate> {
    // Older Kazakh files: `Дата1`, `Дата2`.
    let older = if key == "датаначала" { "дата1" } else { "дата2" };
    let field = block.field(key).or_else(|| block.field(older))?;
    let date = values::any_date(&field.value);
    if date.is_none() {
        warnings.push(values::bad_date(field.line, &field.name, &field.value));
    }
    date
}
