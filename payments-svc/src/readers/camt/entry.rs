//! One `Ntry` → statement lines.

use super::Statement;
use crate::domain::statements::{CurrencyCode, Direction, Party, Remark, StatementLine, Status};
use crate::readers::MAX_VALUE_CHARS;
use crate::readers::found::Found;
use crate::readers::tree::Node;
use crate::readers::values;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What all lines of an entry share.
struct Entry<'n> {
    node: &'n Node,
    direction: Direction,
    status: Status,
    amount: Decimal,
    currency: CurrencyCode,
    booked_on: NaiveDate,
}

/// Reads an entry: one line per `TxDtls`, when these add up to it; else one line.
pub fn read(statement: &Statement, node: &Node, found: &mut Found<'_>) {
    let entry = match entry(statement, node) {
        Ok(entry) => entry,
        Err(remark) => return found.bad(remark),
    };
    let details: Vec<&Node> = node
        .all("NtryDtls")
        .flat_map(|details| details.children.iter())
        .filter(|n| n.name == "TxDtls")
        .collect();
    match details.as_slice() {
        [] => found.read(line(statement, &entry, None, entry.amount, entry.direction, 0)),
        [one] => {
            if amount_of(one, entry.currency).is_some_and(|amount| amount != entry.amount) {
                found.warn(differ(node));
            }
            found.read(line(statement, &entry, Some(one), entry.amount, entry.direction, 0));
        }
        many => match split(&entry, many) {
            Some(parts) => {
                found.file.documents += parts.len() - 1;
                for (at, (details, amount, direction)) in parts.into_iter().enumerate() {
                    found.read(line(statement, &entry, Some(details), amount, direction, at + 1));
                }
            }
            None => {
                // A batch without amounts is common, and no contradiction.
                if many.iter().any(|details| {
                    amount_of(details, entry.currency).is_some() || details.at(&["Amt"]).is_some()
                }) {
                    found.warn(differ(node));
                }
                found.read(line(statement, &entry, None, entry.amount, entry.direction, 0));
            }
        },
    }
}

fn differ(node: &Node) -> Remark {
    Remark::new(
        node.line,
        "DETAILS_DIFFER",
        "Суммы TxDtls не складываются в сумму Ntry: запись оставлена одной строкой",
        "The amounts of TxDtls do not add up to the Ntry: the entry is kept as one line",
    )
}

fn entry<'n>(statement: &Statement, node: &'n Node) -> Result<Entry<'n>, Remark> {
    let amount = node.at(&["Amt"]).ok_or_else(|| values::missing(node.line, "Amt"))?;
    let currency = amount.attribute("Ccy").and_then(CurrencyCode::parse);
    let currency =
        currency.or(statement.currency).ok_or_else(|| values::missing(amount.line, "Ccy"))?;
    let (line, text) = (amount.line, amount.text.trim());
    let amount = values::exact(text, currency).map_err(|p| p.remark(line, "Amt", text))?;
    if amount <= Decimal::ZERO {
        return Err(values::not_positive(line, "Amt"));
    }
    let direction = match node.text(&["CdtDbtInd"]) {
        Some("CRDT") => Direction::In,
        Some("DBIT") => Direction::Out,
        _ => return Err(values::missing(node.line, "CdtDbtInd")),
    };
    let reversal = matches!(node.text(&["RvslInd"]), Some("true" | "1"));
    let status = node.text(&["Sts", "Cd"]).or_else(|| node.text(&["Sts"])).unwrap_or("BOOK");
    let status = match status {
        "BOOK" if reversal => Status::Reversal,
        "BOOK" => Status::Booked,
        _ => Status::Pending,
    };
    let booked_on = date(node, "BookgDt")?.or(date(node, "ValDt")?);
    let booked_on = booked_on.ok_or_else(|| values::missing(node.line, "BookgDt"))?;
    Ok(Entry { node, direction, status, amount, currency, booked_on })
}

/// A date that is there and is none is an error.
fn date(node: &Node, name: &str) -> Result<Option<NaiveDate>, Remark> {
    let Some(text) = node.text(&[name, "Dt"]).or_else(|| node.text(&[name, "DtTm"])) else {
        return Ok(None);
    };
    values::any_date(text).map(Some).ok_or_else(|| values::bad_date(node.line, name, text))
}

/// What one `TxDtls` says its amount is, when it is in the currency of the entry.
fn amount_of(details: &Node, currency: CurrencyCode) -> Option<Decimal> {
    let paths: [&[&str]; 4] = [
        &["Amt"],
        &["AmtDtls", "TxAmt", "Amt"],
        &["AmtDtls", "CntrValAmt", "Amt"],
        &["AmtDtls", "InstdAmt", "Amt"],
    ];
    paths.iter().filter_map(|path| details.at(path)).find_map(|amount| {
        let code = amount.attribute("Ccy").and_then(CurrencyCode::parse);
        let same = code.is_none_or(|code| code == currency);
        same.then(|| values::exact(&amount.text, currency).ok()).flatten()
    })
}

/// The parts of an entry, when they add up to it: with their own signs, or else all with its.
fn split<'n>(
    entry: &Entry<'_>,
    details: &[&'n Node],
) -> Option<Vec<(&'n Node, Decimal, Direction)>> {
    let amounts: Vec<Decimal> =
        details.iter().map(|d| amount_of(d, entry.currency)).collect::<Option<_>>()?;
    if amounts.iter().any(|amount| *amount <= Decimal::ZERO) {
        return None;
    }
    let side = |details: &Node| match details.text(&["CdtDbtInd"]) {
        Some("CRDT") => Direction::In,
        Some("DBIT") => Direction::Out,
        _ => entry.direction,
    };
    let own: Decimal = details
        .iter()
        .zip(&amounts)
        .map(|(d, amount)| if side(d) == entry.direction { *amount } else { -*amount })
        .sum();
    let parts = |side: &dyn Fn(&Node) -> Direction| {
        details.iter().zip(&amounts).map(|(d, amount)| (*d, *amount, side(d))).collect()
    };
    if own == entry.amount {
        return Some(parts(&side));
    }
    (amounts.iter().sum::<Decimal>() == entry.amount).then(|| parts(&|_| entry.direction))
}

fn line(
    statement: &Statement,
    entry: &Entry<'_>,
    details: Option<&Node>,
    amount: Decimal,
    direction: Direction,
    part: usize,
) -> Result<StatementLine, Remark> {
    let node = entry.node;
    let purpose = purpose(node, details);
    if purpose.chars().count() > MAX_VALUE_CHARS {
        return Err(values::too_long(node.line, "RmtInf"));
    }
    let (payer, payee) = parties(statement, details, direction);
    let text = |path: &[&str]| details.and_then(|d| d.text(path)).and_then(reference);
    let entry_reference = node.text(&["AcctSvcrRef"]).and_then(reference);
    let own = text(&["Refs", "AcctSvcrRef"]).or_else(|| text(&["Refs", "TxId"]));
    let unique = match (part, own.clone(), entry_reference.clone()) {
        (0, own, entry) => entry.or(own),
        (_, Some(own), entry) if Some(&own) != entry.as_ref() => Some(own),
        (part, _, entry) => entry.map(|entry| format!("{entry}/{part}")),
    };
    let status = match entry.status {
        // Nothing ties what is only announced to the line that will confirm it.
        Status::Booked if statement.preview && unique.is_none() => Status::Pending,
        status => status,
    };
    let on_behalf = details.and_then(|d| match direction {
        Direction::Out => party(d, "UltmtCdtr"),
        Direction::In | Direction::Unknown => party(d, "UltmtDbtr"),
    });
    Ok(StatementLine {
        line: details.map_or(node.line, |d| d.line),
        own_account: statement.account.clone(),
        direction,
        own_transfer: false,
        status,
        amount,
        currency: entry.currency,
        booked_on: entry.booked_on,
        doc_no: text(&["Refs", "ChqNb"]),
        doc_date: None,
        doc_kind: text(&["Purp", "Cd"]),
        bank_unique_id: unique,
        bank_reference: own
            .or(entry_reference)
            .or_else(|| node.text(&["NtryRef"]).and_then(reference)),
        end_to_end_id: text(&["Refs", "EndToEndId"]),
        structured_reference: text(&["RmtInf", "Strd", "CdtrRefInf", "Ref"]),
        return_reason: details.and_then(return_reason),
        on_behalf,
        uip: None,
        payer,
        payee,
        purpose,
        raw: raw(node, details),
    })
}

/// A reference, unless it says that there is none.
fn reference(text: &str) -> Option<String> {
    values::some(text)
        .filter(|text| !["NOTPROVIDED", "NONREF"].contains(&text.to_uppercase().as_str()))
}

fn return_reason(details: &Node) -> Option<String> {
    let info = details.at(&["RtrInf"])?;
    let code = info.text(&["Rsn", "Cd"]).or_else(|| info.text(&["Rsn", "Prtry"]));
    let more = info.text(&["AddtlInf"]);
    let all: Vec<&str> = [code, more].into_iter().flatten().collect();
    Some(if all.is_empty() { "RETURN".into() } else { values::one_line(&all.join(" ")) })
}

fn purpose(node: &Node, details: Option<&Node>) -> String {
    let unstructured: Vec<&str> = details
        .into_iter()
        .flat_map(|d| d.all("RmtInf"))
        .flat_map(|info| info.all("Ustrd"))
        .map(|ustrd| ustrd.text.as_str())
        .collect();
    if !unstructured.is_empty() {
        return values::one_line(&unstructured.join(" "));
    }
    let more = details.and_then(|d| {
        d.text(&["RmtInf", "Strd", "AddtlRmtInf"]).or_else(|| d.text(&["AddtlTxInf"]))
    });
    values::one_line(more.or_else(|| node.text(&["AddtlNtryInf"])).unwrap_or_default())
}

/// Payer and payee. What came back names the sides of the payment that it undoes.
fn parties(statement: &Statement, details: Option<&Node>, direction: Direction) -> (Party, Party) {
    let of = |name| details.and_then(|d| party(d, name)).unwrap_or_default();
    let (debtor, creditor) = (of("Dbtr"), of("Cdtr"));
    let ours = |party: &Party| party.account.as_deref() == Some(statement.account.as_str());
    let nobody = |party: &Party| *party == Party::default();
    let (mut payer, mut payee) = match direction {
        Direction::In | Direction::Unknown
            if (ours(&debtor) && !ours(&creditor))
                || (nobody(&debtor) && !nobody(&creditor) && !ours(&creditor)) =>
        {
            (creditor, debtor)
        }
        Direction::Out
            if (ours(&creditor) && !ours(&debtor))
                || (nobody(&creditor) && !nobody(&debtor) && !ours(&debtor)) =>
        {
            (creditor, debtor)
        }
        _ => (debtor, creditor),
    };
    let own = if direction == Direction::Out { &mut payer } else { &mut payee };
    if own.account.is_none() && !statement.account.is_empty() {
        own.account = Some(statement.account.clone());
        own.bank_id = own.bank_id.take().or_else(|| statement.bank_id.clone());
        if own.name.is_empty() {
            own.name = statement.owner.clone().unwrap_or_default();
        }
    }
    (payer, payee)
}

/// A party of `RltdPties`, with its account and bank; version 8 nests it into `Pty`.
fn party(details: &Node, name: &str) -> Option<Party> {
    let parties = details.at(&["RltdPties"]);
    let agents = details.at(&["RltdAgts"]);
    let node = parties.and_then(|p| p.at(&[name]));
    let inner = node
        .map(|node| node.at(&["Pty"]).or_else(|| node.at(&["Agt", "FinInstnId"])).unwrap_or(node));
    let account = parties.and_then(|p| p.at(&[&format!("{name}Acct"), "Id"]));
    let account = account.and_then(|id| {
        id.text(&["IBAN"]).or_else(|| id.text(&["Othr", "Id"])).or_else(|| id.text(&["BBAN"]))
    });
    let agent = agents.and_then(|a| a.at(&[&format!("{name}Agt"), "FinInstnId"]));
    let party = Party {
        name: inner.and_then(|n| n.text(&["Nm"])).map(values::one_line).unwrap_or_default(),
        tax_id: inner.and_then(|n| n.at(&["Id"])).and_then(tax_id),
        kpp: None,
        account: account.and_then(values::plausible_account),
        bank_id: agent.and_then(bank_id),
        bank_name: agent.and_then(|a| a.text(&["Nm"])).and_then(values::some),
    };
    (party != Party::default()).then_some(party)
}

/// An identification that is called a tax id, or that can be nothing else.
fn tax_id(id: &Node) -> Option<String> {
    let others = ["OrgId", "PrvtId"].into_iter().filter_map(|kind| id.at(&[kind]));
    others
        .flat_map(|kind| kind.children.iter())
        .filter(|n| n.name == "Othr")
        .find_map(|other| values::tax_id(other.text(&["Id"])?))
}

/// BIC of an agent, or its number in a clearing system.
pub fn bank_id(agent: &Node) -> Option<String> {
    let id = agent.text(&["BICFI"]).or_else(|| agent.text(&["BIC"]));
    id.or_else(|| agent.text(&["ClrSysMmbId", "MmbId"]))
        .or_else(|| agent.text(&["Othr", "Id"]))
        .and_then(values::plausible_account)
}

/// References and codes that no field of a line has.
fn raw(node: &Node, details: Option<&Node>) -> BTreeMap<String, String> {
    let mut raw = BTreeMap::new();
    let mut keep = |name: &str, text: Option<&str>| {
        if let Some(text) = text.and_then(values::some) {
            raw.insert(name.to_owned(), text);
        }
    };
    keep("NtryRef", node.text(&["NtryRef"]));
    keep("ValDt", node.text(&["ValDt", "Dt"]).or_else(|| node.text(&["ValDt", "DtTm"])));
    keep("BkTxCd", node.text(&["BkTxCd", "Domn", "Fmly", "SubFmlyCd"]));
    keep("BkTxCd.Prtry", node.text(&["BkTxCd", "Prtry", "Cd"]));
    keep("AddtlNtryInf", node.text(&["AddtlNtryInf"]));
    if let Some(details) = details {
        for name in ["MsgId", "PmtInfId", "InstrId", "TxId", "UETR", "MndtId"] {
            keep(name, details.text(&["Refs", name]));
        }
        keep("AddtlTxInf", details.text(&["AddtlTxInf"]));
    }
    raw
}
