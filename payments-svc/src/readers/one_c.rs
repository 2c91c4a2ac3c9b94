//! 1CClientBankExchange, versions 1.01–1.03, and the 2.x dialect of Kazakh banks
//! (payments.md §1.1–1.2; the standard: v8.1c.ru, «Стандарт обмена с системами клиент банка»).
//!
//! Tolerant where genuine files deviate, strict where a guess would move money: direction comes
//! from the own account only, an ambiguous amount is an error of its document.

mod document;
mod outline;
mod values;

use super::encoding::{self, Encoding};
use super::{MAX_REMARKS, destroyed, too_large};
use crate::domain::statements::verdict::Refusal;
use crate::domain::statements::{Remark, StatementDay, StatementFile};
use outline::{Block, Outline};

/// Name of the format, as stored with a statement.
pub const FORMAT: &str = "1c-client-bank-exchange";

/// Reads a file whose encoding is already proved by a key of the format.
///
/// # Errors
/// [`Refusal`]: not this format after all, destroyed Cyrillic, or a limit.
pub fn read(bytes: &[u8], encoding: Encoding) -> Result<StatementFile, Refusal> {
    // Sections of accounts may stand behind documents, whose direction they tell.
    let outline = outline::read(encoding::lines(bytes, encoding), drop)?;
    let mut warnings = outline.warnings.clone();
    let header = &outline.header;
    let declared = header.value("кодировка").map(str::to_owned);
    if let Some(label) = declared.as_deref().filter(|label| !encoding.is_called(label)) {
        warnings.push(Remark::new(
            header.line_of("кодировка"),
            "ENCODING_LABEL_WRONG",
            format!("В файле указана кодировка «{label}», на деле {}", encoding.name()),
            format!("The file claims encoding {label:?}; its bytes are {}", encoding.name()),
        ));
    }
    let accounts = own_accounts(&outline);
    let days = days(&outline, &mut warnings);
    let mut file = StatementFile {
        format: FORMAT,
        version: header.value("версияформата").map(str::to_owned),
        encoding: encoding.name(),
        declared_encoding: declared,
        sender: header.value("отправитель").map(str::to_owned),
        from: header_date(header, "датаначала", &mut warnings),
        to: header_date(header, "датаконца", &mut warnings),
        accounts,
        days,
        lines: Vec::new(),
        documents: outline.documents,
        bad: Vec::new(),
        warnings,
        has_end: outline.has_end,
    };
    outline::read(encoding::lines(bytes, encoding), |block| {
        match document::read(&block, &file.accounts, &mut file.warnings) {
            Ok(lines) => file.lines.extend(lines),
            Err(remark) => file.bad.push(remark),
        }
    })?;
    file.warnings.truncate(MAX_REMARKS);
    Ok(file)
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
        own_account: block.value("расчсчет").map(values::account).unwrap_or_default(),
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
    let field = block.field(key)?;
    let date = values::date(&field.value);
    if date.is_none() {
        warnings.push(values::bad_date(field.line, &field.name, &field.value));
    }
    date
}
