//! ISO 20022 camt.052, .053 and .054 in all versions met (payments.md §1.6): elements by local
//! name, one entry in memory at a time.

mod entry;

use super::encoding::{Decoded, Encoding};
use super::found::{Found, Source, earlier, later, unreadable};
use super::tree::{Node, Step, Xml, broken};
use super::values;
use crate::domain::statements::verdict::Refusal;
use crate::domain::statements::{CurrencyCode, Remark, StatementDay};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Name of the format where the message does not tell which.
pub const FORMAT: &str = "camt";

/// One statement, report or notification of a message.
#[derive(Debug, Default)]
struct Statement {
    line: usize,
    account: String,
    owner: Option<String>,
    bank_id: Option<String>,
    currency: Option<CurrencyCode>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    opening: Option<(Decimal, CurrencyCode)>,
    closing: Option<(Decimal, CurrencyCode)>,
    turnover_in: Option<Decimal>,
    turnover_out: Option<Decimal>,
    /// Whether its lines are only announced (camt.054 and intraday reports are confirmed later).
    preview: bool,
}

/// Reads a message.
///
/// # Errors
/// [`Refusal`]: limits, or the disk.
pub fn read<'e>(
    source: &dyn Source,
    encoding: Encoding,
    mut found: Found<'e>,
) -> Result<Found<'e>, Refusal> {
    let inner = source.open().map_err(|e| unreadable(&e))?;
    let mut xml = Xml::new(Box::new(Decoded::new(inner, encoding)));
    let mut open: Option<Statement> = None;
    let mut ended = false;
    while let Some(step) = xml.step()? {
        match step {
            Step::Begins(node) => match (node.name.as_str(), &mut open) {
                ("Stmt" | "Rpt" | "Ntfctn", _) => {
                    // The one before has no end of its own.
                    if let Some(before) = open.take() {
                        close(before, &mut found)?;
                    }
                    let preview = node.name == "Ntfctn";
                    open = Some(Statement { line: node.line, preview, ..Statement::default() });
                }
                (_, Some(statement)) => {
                    let node = xml.subtree(node)?;
                    // What is torn in the middle is no entry.
                    if xml.torn.is_none() {
                        part(statement, &node, &mut found)?;
                    }
                }
                (name, None) => envelope(name, &node, &mut found),
            },
            Step::Ends(name) => match name.as_str() {
                "Stmt" | "Rpt" | "Ntfctn" => {
                    if let Some(statement) = open.take() {
                        close(statement, &mut found)?;
                    }
                }
                "Document" => ended = true,
                name if name.starts_with("BkToCstmr") => ended = true,
                _ => {}
            },
        }
    }
    if let Some(statement) = open {
        close(statement, &mut found)?;
        ended = false;
    }
    xml.tell(&mut found);
    found.file.has_end = ended && xml.torn.is_none();
    Ok(found)
}

/// The message's own elements: which it is, and which version.
fn envelope(name: &str, node: &Node, found: &mut Found<'_>) {
    match name {
        "BkToCstmrStmt" => found.file.format = "camt.053",
        "BkToCstmrAcctRpt" => found.file.format = "camt.052",
        "BkToCstmrDbtCdtNtfctn" => found.file.format = "camt.054",
        _ => {}
    }
    let version = node.attributes.iter().find_map(|(_, value)| {
        let at = value.find("camt.05")?;
        value.get(at..at + 15)
    });
    if found.file.version.is_none() {
        found.file.version = version.map(str::to_owned);
    }
}

/// One element of a statement.
fn part(statement: &mut Statement, node: &Node, found: &mut Found<'_>) -> Result<(), Refusal> {
    if let Some(remark) = broken(node).filter(|_| node.name != "Ntry") {
        found.warn(remark);
        // Whose account it is must be known, and stands in it or does not.
        if node.name != "Acct" {
            return Ok(());
        }
    }
    match node.name.as_str() {
        "Acct" => account(statement, node, found),
        "FrToDt" => {
            let day = |path: &[&str]| node.text(path).and_then(values::any_date);
            statement.from = day(&["FrDtTm"]).or_else(|| day(&["FrDt"]));
            statement.to = day(&["ToDtTm"]).or_else(|| day(&["ToDt"]));
        }
        "Bal" => balance(statement, node, found),
        "TxsSummry" => {
            let currency = currency(statement);
            let sum = |side| {
                node.text(&[side, "Sum"]).and_then(|text| values::exact(text, currency).ok())
            };
            statement.turnover_in = sum("TtlCdtNtries");
            statement.turnover_out = sum("TtlDbtNtries");
        }
        "Ntry" => {
            found.document()?;
            match broken(node) {
                Some(remark) => found.bad(remark),
                None => entry::read(statement, node, found),
            }
        }
        _ => {}
    }
    Ok(())
}

fn currency(statement: &Statement) -> CurrencyCode {
    let known = statement.currency.or(statement.opening.map(|(_, code)| code));
    known.or(CurrencyCode::parse("EUR")).unwrap_or_else(|| types::Currency::Eur.into())
}

fn account(statement: &mut Statement, node: &Node, found: &mut Found<'_>) {
    let id = node.text(&["Id", "IBAN"]).or_else(|| node.text(&["Id", "Othr", "Id"]));
    // Before version 2 identifications other than IBAN had names of their own.
    let id =
        id.or_else(|| node.text(&["Id", "BBAN"])).or_else(|| node.text(&["Id", "PrtryAcct", "Id"]));
    statement.account = id.map(values::account).unwrap_or_default();
    statement.currency = node.text(&["Ccy"]).and_then(CurrencyCode::parse);
    statement.bank_id = node.at(&["Svcr", "FinInstnId"]).and_then(entry::bank_id);
    statement.owner =
        node.text(&["Ownr", "Nm"]).or_else(|| node.text(&["Nm"])).and_then(values::some);
    found.account(&statement.account);
}

fn balance(statement: &mut Statement, node: &Node, found: &mut Found<'_>) {
    let code = node.text(&["Tp", "CdOrPrtry", "Cd"]).or_else(|| node.text(&["Tp", "Cd"]));
    let amount = node.at(&["Amt"]);
    let currency = amount.and_then(|a| a.attribute("Ccy")).and_then(CurrencyCode::parse);
    let (Some(amount), Some(currency)) = (amount, currency) else { return };
    let Ok(amount) = values::exact(&amount.text, currency) else {
        found.warn(Remark::new(
            node.line,
            "BALANCE_UNREADABLE",
            "Остаток не прочитан: не число",
            "A balance is not a number; it is left out",
        ));
        return;
    };
    let amount = if node.text(&["CdtDbtInd"]) == Some("DBIT") { -amount } else { amount };
    let day = node.text(&["Dt", "Dt"]).or_else(|| node.text(&["Dt", "DtTm"]));
    let day = day.and_then(values::any_date);
    match code {
        Some("OPBD") => {
            statement.opening = Some((amount, currency));
            statement.from = statement.from.or(day);
        }
        Some("PRCD") if statement.opening.is_none() => statement.opening = Some((amount, currency)),
        Some("CLBD") => {
            statement.closing = Some((amount, currency));
            statement.to = statement.to.or(day);
        }
        _ => {}
    }
}

fn close(statement: Statement, found: &mut Found<'_>) -> Result<(), Refusal> {
    let own = statement.currency.or(statement.opening.map(|(_, code)| code));
    let currency = own.or(statement.closing.map(|(_, code)| code));
    let same = |balance: Option<(Decimal, CurrencyCode)>| {
        balance.filter(|(_, code)| Some(*code) == currency).map(|(amount, _)| amount)
    };
    let foreign = [statement.opening, statement.closing].into_iter().flatten();
    if foreign.into_iter().any(|(_, code)| Some(code) != currency) {
        found.warn(Remark::new(
            statement.line,
            "BALANCE_CURRENCY",
            "Остатки в другой валюте, чем счёт, не учтены",
            "Balances in another currency than the account are left out",
        ));
    }
    found.day(StatementDay {
        line: statement.line,
        opening: same(statement.opening),
        closing: same(statement.closing),
        turnover_in: statement.turnover_in,
        turnover_out: statement.turnover_out,
        from: earlier(statement.from, statement.to),
        to: later(statement.to, statement.from),
        own_account: statement.account,
        bank_id: statement.bank_id,
        currency,
    })
}
