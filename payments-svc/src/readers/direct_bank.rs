//! 1C:DirectBank statements (XML, 2.x): `OperationInfo` with a `PayDocRu` in it (payments.md §1.5).

use super::encoding::{Decoded, Encoding};
use super::found::{Found, Source, unreadable};
use super::tree::{Node, Step, Xml, broken};
use super::{MAX_VALUE_CHARS, values};
use crate::domain::statements::verdict::Refusal;
use crate::domain::statements::{
    CurrencyCode, Direction, Party, Remark, StatementDay, StatementLine,
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use types::Currency;

/// Name of the format.
pub const FORMAT: &str = "1c-directbank";

/// What is said of the account.
#[derive(Debug, Default)]
struct Statement {
    line: usize,
    values: BTreeMap<String, String>,
}

/// Reads a statement.
///
/// # Errors
/// [`Refusal`]: limits, or the disk.
pub fn read<'e>(
    source: &dyn Source,
    encoding: Encoding,
    mut found: Found<'e>,
) -> Result<Found<'e>, Refusal> {
    let open = || source.open().map_err(|e| unreadable(&e));
    let mut statement = Statement { line: 1, ..Statement::default() };
    let mut xml = Xml::new(Box::new(Decoded::new(open()?, encoding)));
    // What is said of the account may stand behind the operations.
    while let Some(step) = xml.step()? {
        let Step::Begins(node) = step else { continue };
        let name = node.name.clone();
        if name == "OperationInfo" {
            let _ = xml.subtree(node)?;
        } else if HEADER.contains(&name.as_str()) {
            let node = xml.subtree(node)?;
            statement.values.entry(name).or_insert_with(|| node.text.trim().to_owned());
        }
    }
    let torn = xml.torn.is_some();
    let account = statement.values.get("Account").map(|a| values::account(a)).unwrap_or_default();
    let bank = statement.values.get("BIC").and_then(|bic| values::plausible_account(bic));
    found.account(&account);
    let mut xml = Xml::new(Box::new(Decoded::new(open()?, encoding)));
    while let Some(step) = xml.step()? {
        let Step::Begins(node) = step else { continue };
        if node.name == "OperationInfo" {
            let node = xml.subtree(node)?;
            if xml.torn.is_none() {
                found.document()?;
                found.read(broken(&node).map_or_else(|| line(&node, &account), Err));
            }
        }
    }
    xml.tell(&mut found);
    found.day(day(&statement, account, bank))?;
    found.file.has_end = !torn;
    Ok(found)
}

const HEADER: [&str; 10] = [
    "Account",
    "BIC",
    "DateFrom",
    "DateTo",
    "OpeningBalance",
    "ClosingBalance",
    "TotalDebits",
    "TotalCredits",
    "Currency",
    "StatementType",
];

fn day(statement: &Statement, account: String, bank_id: Option<String>) -> StatementDay {
    let text = |key: &str| statement.values.get(key).map(String::as_str);
    let rub = CurrencyCode::from(Currency::Rub);
    let figure = |key| text(key).and_then(|text| values::exact(text, rub).ok());
    StatementDay {
        line: statement.line,
        from: text("DateFrom").and_then(values::any_date),
        to: text("DateTo").and_then(values::any_date),
        bank_id,
        currency: values::currency_of_account(&account),
        own_account: account,
        opening: figure("OpeningBalance"),
        turnover_in: figure("TotalCredits"),
        turnover_out: figure("TotalDebits"),
        closing: figure("ClosingBalance"),
    }
}

fn line(node: &Node, own: &str) -> Result<StatementLine, Remark> {
    // `PayDocRu` in statements; the same fields by other names of the document elsewhere.
    let document = node.at(&["PayDoc"]).unwrap_or(node);
    let kind = document.children.iter().find(|child| child.at(&["DocNo"]).is_some());
    let document = kind.unwrap_or(document);
    let sum = document.text(&["Sum"]).ok_or_else(|| values::missing(node.line, "Sum"))?;
    let currency =
        values::currency_of_account(own).unwrap_or_else(|| CurrencyCode::from(Currency::Rub));
    let amount =
        values::exact(sum, currency).map_err(|problem| problem.remark(node.line, "Sum", sum))?;
    if amount <= Decimal::ZERO {
        return Err(values::not_positive(node.line, "Sum"));
    }
    let (payer, payee) = (party(document.at(&["Payer"])), party(document.at(&["Payee"])));
    let is_own = |party: &Party| !own.is_empty() && party.account.as_deref() == Some(own);
    // 1 is debit of the account, 2 credit.
    let told = match node.text(&["DC"]) {
        Some("1") => Direction::Out,
        Some("2") => Direction::In,
        _ => Direction::Unknown,
    };
    let direction = match (is_own(&payer), is_own(&payee)) {
        (true, false) => Direction::Out,
        (false, true) => Direction::In,
        _ => told,
    };
    let day = node.text(&["Date"]).or_else(|| document.text(&["DocDate"]));
    let day = day.ok_or_else(|| values::missing(node.line, "Date"))?;
    let booked_on =
        values::any_date(day).ok_or_else(|| values::bad_date(node.line, "Date", day))?;
    let purpose = values::one_line(document.text(&["Purpose"]).unwrap_or_default());
    if purpose.chars().count() > MAX_VALUE_CHARS {
        return Err(values::too_long(node.line, "Purpose"));
    }
    Ok(StatementLine {
        direction,
        own_transfer: is_own(&payer) && is_own(&payee),
        doc_no: document.text(&["DocNo"]).and_then(values::some),
        doc_date: document.text(&["DocDate"]).and_then(values::any_date),
        doc_kind: kind.and_then(|kind| values::some(&kind.name)),
        bank_reference: node
            .text(&["ExtID"])
            .or_else(|| node.text(&["UID"]))
            .and_then(values::some),
        uip: document.text(&["Code"]).and_then(values::some),
        payer,
        payee,
        purpose,
        ..StatementLine::new(node.line, own, direction, (amount, currency), booked_on)
    })
}

fn party(node: Option<&Node>) -> Party {
    let Some(node) = node else { return Party::default() };
    let (name, told) = values::name(&values::one_line(node.text(&["Name"]).unwrap_or_default()));
    Party {
        name,
        tax_id: node.text(&["INN"]).and_then(values::tax_id).or(told),
        kpp: node.text(&["KPP"]).and_then(values::kpp),
        account: node.text(&["Account"]).and_then(values::plausible_account),
        bank_id: node.text(&["Bank", "BIC"]).and_then(values::plausible_account),
        bank_name: node.text(&["Bank", "Name"]).and_then(values::some),
    }
}
