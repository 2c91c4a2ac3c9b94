//! Which columns a table has: by a profile, by a saved one, or by their usual names.

use super::row::Columns;
use crate::readers::encoding::{self, Encoding};
use crate::readers::values;
use csv::{ReaderBuilder, StringRecord};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Day of the booking.
    Date,
    /// Day that counts where the booking has none yet.
    DateFallback,
    /// Number of the document.
    Number,
    /// Date of the document.
    DocumentDate,
    /// Amount with its sign.
    Amount,
    /// Amount that came.
    In,
    /// Amount that went.
    Out,
    /// Which way the money went.
    Side,
    /// Currency.
    Currency,
    /// Purpose.
    Purpose,
    /// The bank's reference.
    Reference,
    /// State of the operation.
    Status,
    /// Own account.
    OwnAccount,
    /// Own bank.
    OwnBank,
    /// Own tax id.
    OwnTaxId,
    /// Name of the other side.
    OtherName,
    /// Its tax id.
    OtherTaxId,
    /// Its КПП.
    OtherKpp,
    /// Its account.
    OtherAccount,
    /// Its bank.
    OtherBank,
    /// Name of its bank.
    OtherBankName,
    /// Payer's name.
    PayerName,
    /// Payer's tax id.
    PayerTaxId,
    /// Payer's account.
    PayerAccount,
    /// Payee's name.
    PayeeName,
    /// Payee's tax id.
    PayeeTaxId,
    /// Payee's account.
    PayeeAccount,
}

/// A bank's table as data.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Headings that prove it.
    #[serde(default, rename = "match")]
    pub proof: Vec<String>,
    /// What each column holds, by its heading.
    #[serde(default)]
    pub columns: BTreeMap<Role, String>,
    /// The same by place, from 0, for tables without headings.
    #[serde(default)]
    pub positions: BTreeMap<Role, usize>,
    /// Least number of columns of a table without headings.
    #[serde(default)]
    pub width: usize,
    /// Currency where no column tells it.
    #[serde(default)]
    pub currency: Option<String>,
    /// States of operations that may still change.
    #[serde(default)]
    pub pending: Vec<String>,
    /// Values of `side` that mean money that went.
    #[serde(default)]
    pub outgoing: Vec<String>,
    /// Names of what stands before the headings.
    #[serde(default)]
    pub preamble: BTreeMap<String, Vec<String>>,
}

/// A profile with what separates its columns here.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The profile.
    pub profile: Profile,
    /// `;`, `,`, tab or `|`.
    pub delimiter: u8,
}

const DELIMITERS: [u8; 4] = [b';', b'\t', b',', b'|'];

/// Rows that are searched for headings.
const ROWS: usize = 60;

/// Words of headings, which prove the encoding.
const WORDS: [&str; 12] = [
    "Дата",
    "Сумма",
    "Описание",
    "Назначение",
    "Приход",
    "Валюта",
    "Номер",
    "Контрагент",
    "Кредит",
    "Платник",
    "Рахунок",
    "Призначення",
];

/// What columns are usually called, folded; the first that is there counts.
const USUAL: [(Role, &[&str]); 22] = [
    (
        Role::Date,
        &[
            "дата операции",
            "дата проводки",
            "дата списания/зачисления",
            "дата проведения",
            "дата транзакции",
            "дата",
            "дата документа",
            "дата операції",
            "booking date",
            "operation date",
            "transaction date",
            "date",
        ],
    ),
    (Role::DocumentDate, &["дата документа", "дата п/п"]),
    (
        Role::Number,
        &[
            "номер документа",
            "№ документа",
            "номер п/п",
            "№ п/п",
            "номер",
            "№ док.",
            "document number",
            "номер платежа",
        ],
    ),
    (
        Role::In,
        &[
            "приход",
            "поступление",
            "поступления",
            "зачисление",
            "зачислено",
            "кредит",
            "сумма по кредиту",
            "сумма кредит",
            "по кредиту",
            "кредит (поступление)",
            "credit",
            "paid in",
        ],
    ),
    (
        Role::Out,
        &[
            "расход",
            "списание",
            "списания",
            "списано",
            "дебет",
            "сумма по дебету",
            "сумма дебет",
            "по дебету",
            "дебет (списание)",
            "debit",
            "paid out",
        ],
    ),
    (
        Role::Amount,
        &["сумма в валюте счета", "сумма операции", "сумма платежа", "сумма", "сума", "amount"],
    ),
    (Role::Side, &["тип операции", "направление", "дебет/кредит", "д/к", "дт/кт"]),
    (Role::Currency, &["валюта счета", "валюта", "валюта операции", "валюта платежа", "currency"]),
    (
        Role::Purpose,
        &[
            "назначение платежа",
            "назначение",
            "описание операции",
            "содержание операции",
            "основание",
            "описание",
            "призначення платежу",
            "description",
            "details",
            "purpose",
        ],
    ),
    (
        Role::Reference,
        &[
            "референс проводки",
            "референс",
            "код операции",
            "id операции",
            "идентификатор операции",
            "reference",
        ],
    ),
    (
        Role::OwnAccount,
        &["номер счета", "счет", "лицевой счет", "мой счет", "account", "счет клиента", "рахунок"],
    ),
    (
        Role::OtherName,
        &[
            "контрагент",
            "наименование контрагента",
            "название контрагента",
            "корреспондент",
            "наименование корреспондента",
            "counterparty",
            "name",
        ],
    ),
    (
        Role::OtherTaxId,
        &["инн контрагента", "инн корреспондента", "едрпоу контрагента", "инн", "бин/иин", "унп"],
    ),
    (Role::OtherKpp, &["кпп контрагента", "кпп корреспондента", "кпп"]),
    (
        Role::OtherAccount,
        &[
            "счет контрагента",
            "номер счета контрагента",
            "счет корреспондента",
            "р/с контрагента",
            "counterparty account",
            "iban",
        ],
    ),
    (Role::OtherBank, &["бик банка контрагента", "бик контрагента", "бик банка", "бик", "мфо"]),
    (
        Role::OtherBankName,
        &["банк контрагента", "наименование банка контрагента", "банк корреспондента"],
    ),
    (Role::PayerName, &["плательщик", "наименование плательщика"]),
    (Role::PayerTaxId, &["инн плательщика"]),
    (Role::PayerAccount, &["счет плательщика", "номер счета плательщика", "р/с плательщика"]),
    (Role::PayeeName, &["получатель", "наименование получателя"]),
    (Role::PayeeAccount, &["счет получателя", "номер счета получателя", "р/с получателя"]),
];

/// A heading for comparison: lower case, `ё` = `е`, single blanks, no quotes.
pub fn fold(heading: &str) -> String {
    let plain: String = heading
        .chars()
        .filter(|c| !matches!(c, '"' | '\'' | '\u{FEFF}'))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ё' { 'е' } else { c })
        .collect();
    values::one_line(&plain)
}

fn built_in() -> Vec<Profile> {
    serde_json::from_str(include_str!("profiles.json")).unwrap_or_default()
}

/// The layout of a table, by its head; none when no column can be told.
pub fn layout(head: &[u8], profiles: &[Profile]) -> Option<(Encoding, Layout)> {
    let encoding = encoding::detect(head, &WORDS).unwrap_or_else(|| encoding::guess(head, None));
    let text = encoding.codec().decode(head).0;
    let all: Vec<Profile> = profiles.iter().cloned().chain(built_in()).collect();
    let tables: Vec<(u8, Vec<StringRecord>)> =
        DELIMITERS.into_iter().map(|delimiter| (delimiter, rows(&text, delimiter))).collect();
    let by_headings = all.iter().filter(|p| !p.columns.is_empty()).find_map(|profile| {
        tables.iter().find_map(|(delimiter, rows)| {
            let layout = Layout { profile: profile.clone(), delimiter: *delimiter };
            rows.iter().any(|row| layout.headings(row).is_some()).then_some(layout)
        })
    });
    let by_place = || {
        all.iter().filter(|p| !p.positions.is_empty()).find_map(|profile| {
            let (delimiter, rows) = tables.first()?;
            let layout = Layout { profile: profile.clone(), delimiter: *delimiter };
            let columns = layout.positions()?;
            let first = rows.iter().find(|row| row.len() > 1)?;
            (first.len() >= profile.width && columns.fits(first)).then_some(layout)
        })
    };
    let usual = || {
        tables.iter().find_map(|(delimiter, rows)| {
            let profile = rows.iter().find_map(usual)?;
            Some(Layout { profile, delimiter: *delimiter })
        })
    };
    Some((encoding, by_headings.or_else(by_place).or_else(usual)?))
}

fn rows(text: &str, delimiter: u8) -> Vec<StringRecord> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    reader.records().take(ROWS).filter_map(Result::ok).collect()
}

/// A profile of the usual names, when they tell enough.
fn usual(row: &StringRecord) -> Option<Profile> {
    let headings: Vec<String> = row.iter().map(fold).collect();
    let mut columns = BTreeMap::new();
    for (role, names) in USUAL {
        let taken = |name: &&str| columns.values().any(|taken: &String| taken == *name);
        let name = names.iter().find(|name| headings.iter().any(|h| h == *name) && !taken(name));
        if let Some(name) = name {
            columns.insert(role, (*name).to_owned());
        }
    }
    let has = |role| columns.contains_key(&role);
    let money = has(Role::Amount) || (has(Role::In) && has(Role::Out));
    let other = [Role::Purpose, Role::OtherName, Role::PayerName].into_iter().any(has);
    if !has(Role::Date) || !money || !other {
        return None;
    }
    if has(Role::In) && has(Role::Out) {
        columns.remove(&Role::Amount);
    }
    let proof = columns.values().cloned().collect();
    Some(Profile {
        name: "headings".into(),
        proof,
        columns,
        outgoing: ["дебет", "д", "дт", "списание", "расход", "debit", "dr"]
            .map(str::to_owned)
            .into(),
        ..Profile::default()
    })
}

impl Layout {
    /// The columns, when this row holds the headings.
    pub fn headings(&self, row: &StringRecord) -> Option<Columns> {
        if self.profile.columns.is_empty() || row.len() < 2 {
            return None;
        }
        let headings: Vec<String> = row.iter().map(fold).collect();
        let place = |name: &str| {
            let name = fold(name);
            headings.iter().position(|heading| *heading == name)
        };
        if !self.profile.proof.iter().all(|name| place(name).is_some()) {
            return None;
        }
        let columns = self.profile.columns.iter();
        Some(Columns::new(columns.filter_map(|(role, name)| Some((*role, place(name)?)))))
    }

    /// The columns of a table without headings.
    pub fn positions(&self) -> Option<Columns> {
        let positions = &self.profile.positions;
        (!positions.is_empty()).then(|| Columns::new(positions.iter().map(|(r, p)| (*r, *p))))
    }
}
