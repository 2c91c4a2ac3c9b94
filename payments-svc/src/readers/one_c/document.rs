//! One `СекцияДокумент` → statement lines.

use super::outline::{Block, Field};
use crate::domain::statements::{CurrencyCode, Direction, Party, Remark, StatementLine, Status};
use crate::readers::MAX_VALUE_CHARS;
use crate::readers::values;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

const PAYER: &str = "плательщик";
const PAYEE: &str = "получатель";

/// Keys whose values are kept in fields of their own.
const READ_KEYS: [&str; 12] = [
    "номер",
    "номердокумента",
    "дата",
    "датадокумента",
    "сумма",
    "суммаприход",
    "суммарасход",
    "датапоступило",
    "датасписано",
    "датаоперации",
    "назначениеплатежа",
    "валюта",
];

/// Reads a document; two lines when both sides are own accounts.
///
/// # Errors
/// The remark that names the line, the key and what is wrong; the neighbours are not concerned.
pub fn read(
    block: &Block,
    own: &[String],
    fallback: CurrencyCode,
    keeps_raw: bool,
    warnings: &mut Vec<Remark>,
) -> Result<Vec<StatementLine>, Remark> {
    too_long(block)?;
    repeated(block, warnings)?;
    let (amount, told) = amount(block)?;
    let payer = party(block, PAYER);
    let payee = party(block, PAYEE);
    if told.is_none() {
        warnings.extend(doubtful_tax_ids(block, &[&payer, &payee]));
    }
    let sides = sides(block, own, told);
    let own_transfer = sides.len() > 1;
    if own.is_empty() || sides.iter().any(|(_, direction)| *direction == Direction::Unknown) {
        warnings.push(Remark::new(
            block.line,
            "DIRECTION_UNKNOWN",
            "Ни плательщик, ни получатель не владелец счёта выписки: направление не определено",
            "Neither payer nor payee is the account of the statement: direction unknown",
        ));
    }
    let doc_date = optional_date(block, &["дата", "датадокумента"])?;
    let mut raw = if keeps_raw { raw(block) } else { BTreeMap::new() };
    let last = sides.len() - 1;
    sides
        .into_iter()
        .enumerate()
        .map(|(at, (own_account, direction))| {
            Ok(StatementLine {
                line: block.line,
                currency: currency(block, &own_account, fallback),
                own_account,
                direction,
                own_transfer,
                status: Status::Booked,
                amount,
                booked_on: booked_on(block, direction)?,
                doc_no: text(block, &["номер", "номердокумента"]),
                doc_date,
                doc_kind: block.kind.clone(),
                bank_unique_id: None,
                bank_reference: None,
                end_to_end_id: None,
                structured_reference: None,
                return_reason: None,
                on_behalf: None,
                uip: uip(block),
                payer: payer.clone(),
                payee: payee.clone(),
                purpose: purpose(block),
                raw: if at == last { std::mem::take(&mut raw) } else { raw.clone() },
            })
        })
        .map(|line| line.map(with_own_account))
        .collect()
}

/// The own side of a line whose direction its amount tells may be left out.
fn with_own_account(mut line: StatementLine) -> StatementLine {
    let ours = match line.direction {
        Direction::In => &mut line.payee,
        Direction::Out => &mut line.payer,
        Direction::Unknown => return line,
    };
    if ours.account.is_none() && !line.own_account.is_empty() {
        ours.account = Some(line.own_account.clone());
    }
    line
}

fn too_long(block: &Block) -> Result<(), Remark> {
    let long = block.fields.iter().find(|field| too_many(&field.value));
    let Some(long) = long else { return Ok(()) };
    Err(values::too_long(long.line, &long.name))
}

fn too_many(value: &str) -> bool {
    value.len() > MAX_VALUE_CHARS && value.chars().count() > MAX_VALUE_CHARS
}

/// Tax ids whose check digits fail are read all the same, with a warning.
fn doubtful_tax_ids(block: &Block, parties: &[&Party]) -> Vec<Remark> {
    let tax_ids = parties.iter().filter_map(|party| party.tax_id.as_deref());
    tax_ids
        .filter(|tax_id| values::check_digit_fails(tax_id))
        .map(|tax_id| {
            Remark::new(
                block.line,
                "TAX_ID_CHECK_DIGIT",
                format!("ИНН {tax_id}: контрольные цифры не сходятся"),
                format!("Tax id {tax_id}: the check digits do not hold"),
            )
        })
        .collect()
}

/// A key that comes twice with two values: for money it is an error, since the second may be a
/// payer's text that only looks like a key; elsewhere the first counts.
fn repeated(block: &Block, warnings: &mut Vec<Remark>) -> Result<(), Remark> {
    let mut first: BTreeMap<&str, &Field> = BTreeMap::new();
    for field in block.fields.iter().filter(|field| !field.value.is_empty()) {
        let Some(before) = first.insert(&field.key, field) else { continue };
        first.insert(&field.key, before);
        if before.value == field.value {
            continue;
        }
        let remark = Remark::new(
            field.line,
            "KEY_REPEATED",
            format!("{}: второе значение, отличное от строки {}", field.name, before.line),
            format!("{}: a second value, unlike the one of line {}", field.name, before.line),
        )
        .of(&field.name);
        if field.key.starts_with("сумма") {
            return Err(remark);
        }
        warnings.push(remark);
    }
    Ok(())
}

/// The amount, and the direction that the 2.x dialect tells by the key it stands under.
fn amount(block: &Block) -> Result<(Decimal, Option<Direction>), Remark> {
    let candidates = [
        ("суммаприход", Some(Direction::In)),
        ("суммарасход", Some(Direction::Out)),
        ("сумма", None),
    ];
    let mut told = None;
    for (key, direction) in candidates {
        // What came or went is told: the plain sum says no more.
        let Some(field) = block.field(key).filter(|_| told.is_none() || direction.is_some()) else {
            continue;
        };
        let amount = values::amount(&field.value)
            .map_err(|problem| problem.remark(field.line, &field.name, &field.value))?;
        if amount.is_zero() && direction.is_some() {
            continue;
        }
        // Some banks give what went a sign as well as a key of its own.
        let amount = if direction == Some(Direction::Out) { amount.abs() } else { amount };
        if amount <= Decimal::ZERO {
            return Err(values::not_positive(field.line, &field.name));
        }
        if told.is_some() && direction.is_some() {
            let both = "both СуммаПриход and СуммаРасход";
            return Err(values::bad_entry(field.line, &field.name, both, &field.value));
        }
        told = told.or(Some((amount, direction)));
    }
    told.ok_or_else(|| values::missing(block.line, "Сумма"))
}

/// Which own accounts the document concerns, and which way the money went for each.
///
/// A document of no own account of several belongs to none; only a person can tell.
fn sides(block: &Block, own: &[String], told: Option<Direction>) -> Vec<(String, Direction)> {
    let of = |side| accounts(block, side).into_iter().find(|account| own.contains(account));
    let (payer, payee) = (of(PAYER), of(PAYEE));
    let only = || match own {
        [one] => one.clone(),
        _ => String::new(),
    };
    match (payer, payee, told) {
        (Some(account), _, Some(Direction::Out)) | (_, Some(account), Some(Direction::In)) => {
            vec![(account, told.unwrap_or(Direction::Unknown))]
        }
        (_, _, Some(direction)) => vec![(only(), direction)],
        (Some(from), Some(to), None) => vec![(from, Direction::Out), (to, Direction::In)],
        (Some(from), None, None) => vec![(from, Direction::Out)],
        (None, Some(to), None) => vec![(to, Direction::In)],
        (None, None, None) => vec![(only(), Direction::Unknown)],
    }
}

/// Accounts that a side is known by, the direct one first.
fn accounts(block: &Block, side: &str) -> Vec<String> {
    ["счет", "расчсчет", "иик"]
        .iter()
        .filter_map(|key| block.of_side(side, key))
        .map(values::account)
        .collect()
}

fn party(block: &Block, side: &str) -> Party {
    let get = |suffixes: &[&str]| suffixes.iter().find_map(|suffix| block.of_side(side, suffix));
    let (tax_id, kpp_behind) =
        get(&["инн", "бин_иин", "бин/иин", "бининн", "бин", "иин", "рнн", "окпо", "єдрпоу", "унп"])
            .map(values::tax_id_and_kpp)
            .unwrap_or_default();
    let (name, tax_id_of_name) = values::name(get(&["1", "", "наименование"]).unwrap_or_default());
    // VTB puts the account where others put the second line of the name.
    let second = get(&["2"])
        .map(values::account)
        .filter(|second| second.len() == 20 && second.bytes().all(|b| b.is_ascii_digit()));
    Party {
        name,
        tax_id: tax_id.or(tax_id_of_name),
        kpp: get(&["кпп"]).and_then(values::kpp).or(kpp_behind),
        account: accounts(block, side)
            .into_iter()
            .next()
            .and_then(|a| values::plausible_account(&a))
            .or(second),
        bank_id: get(&["бик", "банкбик", "мфо"]).and_then(values::plausible_account),
        bank_name: get(&["банк1", "банкнаименование"]).map(values::entities),
    }
}

/// Dates never decide direction, but direction decides which date books the line (rule 9).
fn booked_on(block: &Block, direction: Direction) -> Result<NaiveDate, Remark> {
    let keys: &[&str] = match direction {
        Direction::In => &["датаоперации", "датапоступило", "датасписано", "дата"],
        Direction::Out => &["датаоперации", "датасписано", "дата"],
        Direction::Unknown => &["датаоперации", "датасписано", "датапоступило", "дата"],
    };
    optional_date(block, keys)?.ok_or_else(|| values::missing(block.line, "Дата"))
}

fn optional_date(block: &Block, keys: &[&str]) -> Result<Option<NaiveDate>, Remark> {
    let told = |key: &&str| block.field(key).filter(|field| !values::is_no_date(&field.value));
    let Some(field) = keys.iter().find_map(told) else { return Ok(None) };
    values::any_date(&field.value)
        .map(Some)
        .ok_or_else(|| values::bad_date(field.line, &field.name, &field.value))
}

fn text(block: &Block, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| block.value(key)).map(str::to_owned)
}

fn purpose(block: &Block) -> String {
    let whole = block.value("назначениеплатежа").map(str::to_owned).unwrap_or_else(|| {
        let parts = (1..=6).filter_map(|n| block.value(&format!("назначениеплатежа{n}")));
        parts.collect::<Vec<_>>().join(" ")
    });
    values::entities(&whole)
}

fn uip(block: &Block) -> Option<String> {
    let code = block.value("код")?;
    let plausible = matches!(code.len(), 20 | 24 | 25) && code.bytes().all(|b| b.is_ascii_digit());
    plausible.then(|| code.to_owned())
}

/// The 2.x dialect says the currency; a Russian account carries it in digits 6–8; anything else
/// is checked against the registered bank account when the file is imported.
fn currency(block: &Block, own_account: &str, fallback: CurrencyCode) -> CurrencyCode {
    let stated = block.value("валюта").and_then(CurrencyCode::parse);
    stated.or_else(|| values::currency_of_account(own_account)).unwrap_or(fallback)
}

fn raw(block: &Block) -> BTreeMap<String, String> {
    block
        .fields
        .iter()
        .filter(|field| !field.value.is_empty() && !READ_KEYS.contains(&&*field.key))
        .map(|field| (field.name.to_string(), field.value.clone()))
        .collect()
}
