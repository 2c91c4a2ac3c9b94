//! Numbers of invoices: their canonical form, and where a purpose names one.

use super::text::{Item, Placed, Span, items};
use chrono::{Datelike, NaiveDate};
use types::damm;

/// Canonical form of a number, equal for all ways people type it (G37): upper case, look-alike
/// letters folded to Latin, one separator, no leading zeros in numeric parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NumberKey {
    /// The whole number, such as `88#72815` or `HOR-11111-7`.
    pub full: String,
    /// What stands after the prefix: `72815`; the whole number when it has none.
    pub tail: String,
}

impl NumberKey {
    /// The key of a number as printed or typed.
    #[must_use]
    pub fn of(number: &str) -> Self {
        let folded: String = number.chars().flat_map(char::to_uppercase).filter_map(fold).collect();
        let canonical = |part: &str| {
            let parts: Vec<&str> =
                part.split('-').filter(|p| !p.is_empty()).map(without_zeros).collect();
            parts.join("-")
        };
        match folded.split_once('#') {
            Some((prefix, tail)) if !prefix.is_empty() => {
                let tail = canonical(tail);
                Self { full: format!("{}#{tail}", canonical(prefix)), tail }
            }
            _ => {
                let full = canonical(folded.trim_start_matches('#'));
                Self { tail: full.clone(), full }
            }
        }
    }

    /// What stands before the `#`.
    #[must_use]
    pub fn prefix(&self) -> Option<&str> {
        self.full.split_once('#').map(|(prefix, _)| prefix)
    }

    /// Whether a number by itself names whose invoice it is (§1.9 item 9): it holds a service code
    /// (`HOR-11111-007`), or a valid check digit over its sequence.
    #[must_use]
    pub fn names_client(&self, sequence: u64) -> bool {
        let parts: Vec<&str> = self.full.split('-').collect();
        let numeric = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
        let service_code = parts.len() == 3
            && parts[0].bytes().all(|b| b.is_ascii_alphabetic())
            && parts[1..].iter().all(numeric);
        service_code || (sequence > 0 && self.tail == damm::append(sequence))
    }
}

/// One character of a canonical number; none for what is dropped.
fn fold(c: char) -> Option<char> {
    Some(match c {
        'А' => 'A',
        'В' => 'B',
        'Е' | 'Ё' => 'E',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'О' => 'O',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        'У' => 'Y',
        'Х' => 'X',
        'І' => 'I',
        '-' | '–' | '—' | '‑' | '−' | '_' | ' ' | '\u{A0}' => '-',
        '#' | '/' => c,
        other if other.is_alphanumeric() => other,
        _ => return None,
    })
}

fn without_zeros(part: &str) -> &str {
    if !part.bytes().all(|b| b.is_ascii_digit()) {
        return part;
    }
    let trimmed = part.trim_start_matches('0');
    if trimmed.is_empty() { "0" } else { trimmed }
}

/// A number that a purpose names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Its canonical form.
    pub key: NumberKey,
    /// As written, upper case.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// Date that the purpose gives the invoice.
    pub date: Option<WrittenDate>,
}

/// A date as a payer writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenDate {
    /// With year.
    Full(NaiveDate),
    /// Day and month only.
    DayMonth(u32, u32),
}

impl WrittenDate {
    /// Whether the invoice of that date may be meant.
    #[must_use]
    pub fn agrees(self, issued: NaiveDate) -> bool {
        match self {
            Self::Full(date) => date == issued,
            Self::DayMonth(day, month) => (issued.day(), issued.month()) == (day, month),
        }
    }
}

/// Words after which a number is an invoice's.
const INVOICE_WORDS: [&str; 28] = [
    "СЧЕТ",
    "СЧЕТУ",
    "СЧЕТА",
    "СЧЕТОМ",
    "СЧЕТЕ",
    "СЧЕТАМ",
    "СЧ",
    "СЧ-ТУ",
    "СЧ-Т",
    "СЧЕТ-ОФЕРТА",
    "СЧЕТУ-ОФЕРТЕ",
    "СЧЕТ-ДОГОВОР",
    "СЧЕТУ-ДОГОВОРУ",
    "РАХУНОК",
    "РАХУНКУ",
    "РАХУНКА",
    "РАХ",
    "СХЕТУ",
    "SCHET",
    "SCHETU",
    "SCHETA",
    "SCH",
    "RAHUNOK",
    "RAKHUNOK",
    "INVOICE",
    "INV",
    "ІНВОЙС",
    "ИНВОЙС",
];

/// Beginnings of words that make the account after them no invoice: «лицевой счет 123».
const OTHER_ACCOUNTS: [&str; 6] = ["ЛИЦЕВ", "РАСЧЕТН", "БАНКОВСК", "КОРРЕСП", "ТЕКУЩ", "КОР"];

/// Signs of a number.
const NUMBER_WORDS: [&str; 9] = ["N", "NO", "NR", "НОМЕР", "НОМ", "Н", "НО", "НОМЕРА", "НОМЕРУ"];

/// Most numbers that one purpose may name; a longer list is a list, and waits for a person.
const MAX_MENTIONS: usize = 20;

/// Whether letters glued to a number are a word of their own.
pub(super) fn is_glue(letters: &str) -> bool {
    INVOICE_WORDS.contains(&letters) || ["ОТ", "N", "NO", "С", "ПО"].contains(&letters)
}

/// The numbers of invoices that a purpose names, in order.
#[must_use]
pub fn mentions(purpose: &str) -> Vec<Mention> {
    let items = items(purpose);
    let mut found: Vec<Mention> = Vec::new();
    let mut at = 0;
    while at < items.len() && found.len() < MAX_MENTIONS {
        let next = after_invoice_word(&items, at).or_else(|| by_own_shape(&items, at));
        let Some((mut mention, mut end)) = next else {
            at += 1;
            continue;
        };
        mention.date = date_after(&items, end);
        found.push(mention);
        // «№№ 12, 13 и 15»: what a list goes on with.
        while let Some((number, next)) = list_goes_on(&items, end) {
            let date = date_after(&items, next);
            found.push(Mention { date, ..number });
            end = next;
            if found.len() >= MAX_MENTIONS {
                break;
            }
        }
        at = end;
    }
    found
}

fn mention(text: &str, span: Span) -> Mention {
    Mention { key: NumberKey::of(text), text: text.to_owned(), span, date: None }
}

fn word(items: &[Placed], at: usize) -> Option<&str> {
    match items.get(at).map(|placed| &placed.item) {
        Some(Item::Word(word)) => Some(word),
        _ => None,
    }
}

fn after_invoice_word(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    let is_invoice = INVOICE_WORDS.contains(&word(items, at)?);
    let before = at.checked_sub(1).and_then(|before| word(items, before));
    let other = before.is_some_and(|w| OTHER_ACCOUNTS.iter().any(|stem| w.starts_with(stem)));
    if !is_invoice || other {
        return None;
    }
    number_at(items, skip_signs(items, at + 1))
}

/// Skips `№`, `N`, `.`, `:` and the like before a number.
fn skip_signs(items: &[Placed], mut at: usize) -> usize {
    for _ in 0..5 {
        let sign = match items.get(at).map(|placed| &placed.item) {
            Some(Item::Sign(c)) => matches!(c, '№' | '.' | ':' | '#' | '"' | '«' | '»'),
            Some(Item::Word(word)) => NUMBER_WORDS.contains(&word.as_str()),
            _ => false,
        };
        if !sign {
            break;
        }
        at += 1;
    }
    at
}

/// The number that stands here: one identifier, or letters and digits parted by blanks.
fn number_at(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    if let Some(spaced) = spaced_number(items, at) {
        return Some(spaced);
    }
    match items.get(at) {
        Some(Placed { item: Item::Id(text), span }) => Some((mention(text, *span), at + 1)),
        _ => None,
    }
}

/// «hor 11111 007»: letters, then two numbers.
fn spaced_number(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    let letters = word(items, at).filter(|w| (2..=5).contains(&w.chars().count()))?;
    if INVOICE_WORDS.contains(&letters) || NUMBER_WORDS.contains(&letters) {
        return None;
    }
    let digits = |at: usize| match items.get(at).map(|placed| &placed.item) {
        Some(Item::Id(text)) if text.bytes().all(|b| b.is_ascii_digit()) => Some(text.as_str()),
        _ => None,
    };
    let (first, second) = (digits(at + 1)?, digits(at + 2)?);
    let span = (items[at].span.0, items[at + 2].span.1);
    (first.len() >= 3 && second.len() >= 3)
        .then(|| (mention(&format!("{letters}-{first}-{second}"), span), at + 3))
}

/// Numbers whose shape is enough: a prefix (`88#72815`), or letters and two numeric parts
/// (`HOR-11111-007`). Bare digits never are: a year or a sum would be one.
fn by_own_shape(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    if let Some(Placed { item: Item::Id(text), span }) = items.get(at) {
        let key = NumberKey::of(text);
        let prefixed = key.prefix().is_some() && key.tail.bytes().all(|b| b.is_ascii_digit());
        if prefixed || key.names_client(0) {
            return Some((mention(text, *span), at + 1));
        }
        return None;
    }
    spaced_number(items, at)
}

fn list_goes_on(items: &[Placed], at: usize) -> Option<(Mention, usize)> {
    let mut next = at;
    if date_after(items, next).is_some() {
        next += 2;
    }
    let joined = match items.get(next).map(|placed| &placed.item) {
        Some(Item::Sign(c)) => matches!(c, ',' | '+'),
        Some(Item::Word(word)) => word == "И",
        _ => false,
    };
    let Some(Placed { item: Item::Id(text), span }) =
        joined.then(|| items.get(skip_signs(items, next + 1))).flatten()
    else {
        return None;
    };
    // «…, 5 гб»: a quantity is no number of a list.
    let end = skip_signs(items, next + 1) + 1;
    let counts =
        matches!(items.get(end).map(|p| &p.item), Some(Item::Word(w)) if w != "И" && w != "ОТ");
    (!counts).then(|| (mention(text, *span), end))
}

fn date_after(items: &[Placed], at: usize) -> Option<WrittenDate> {
    if word(items, at) != Some("ОТ") {
        return None;
    }
    match items.get(at + 1).map(|placed| &placed.item) {
        Some(Item::Date(date)) => Some(WrittenDate::Full(*date)),
        Some(Item::DayMonth(day, month)) => Some(WrittenDate::DayMonth(*day, *month)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(purpose: &str) -> Vec<String> {
        mentions(purpose).into_iter().map(|mention| mention.key.full).collect()
    }

    /// G37: every way to type a number has one canonical form.
    #[test]
    fn numbers_have_one_canonical_form() {
        for text in ["HOR-11111-007", "hor 11111 007", "НОR-11111-007", "hor–11111–7"] {
            assert_eq!(NumberKey::of(text).full, "HOR-11111-7", "{text}");
        }
        assert_eq!(NumberKey::of("HOR-11111-1000").full, "HOR-11111-1000");
        let key = NumberKey::of("88#072815");
        assert_eq!((key.full.as_str(), key.tail.as_str()), ("88#72815", "72815"));
        assert_eq!(key.prefix(), Some("88"));
    }

    /// §1.9 item 9: a service code or a check digit names the client, plain digits do not.
    #[test]
    fn some_numbers_name_their_client() {
        assert!(NumberKey::of("HOR-11111-007").names_client(7));
        assert!(NumberKey::of("88#728156").names_client(72815));
        assert!(!NumberKey::of("88#72815").names_client(72815));
        assert!(!NumberKey::of("72815").names_client(0));
    }

    /// G21, A241 and the fixtures of payments.md §4.9: numbers are found, and nothing else is.
    #[test]
    fn purposes_name_exactly_their_invoices() {
        let cases: [(&str, &[&str]); 23] = [
            (
                "Оплата по счету 88#72815 от 09.02.19; Увел. диск. простр-ва 5 гб + Доступ на \
                 1 польз. \"Стандарт\" с 01.03.19 по 31.03.19 Сумма: 860р. 00к. НДС не облагается.",
                &["88#72815"],
            ),
            ("Оплата по счету N 1024 от 01.01.23г 18026,52", &["1024"]),
            (
                "Оплата за металл по счету № ХИМ-ММР286 от 22.08.2018 г. в т.ч. НДС 18% - 7 248.81",
                &["XИM-MMP286"],
            ),
            (
                "За транспортные услуги по счету № Ек2Тюм003221 от 18 Апреля 2019г. Сумма \
                 2 999-00руб без НДС",
                &["EK2TЮM003221"],
            ),
            (
                "Предоплата по дог. ГПН-18/39000/03564/Р/64537-2018-174 от 29.12.2018 по сч \
                 19-685 от 14.10.2019 по отгр. … В т.ч.НДС(20%) 5.616.666,67=",
                &["19-685"],
            ),
            ("1005860460:  4 услуги с НДС. ЗА ООО \"НЭО …\" ИНН 5904188926 Без НДС", &[]),
            ("За товар по Счёту № 269 от 19 сентября 2022 г., Без налога (НДС)", &["269"]),
            ("Оплата по договору №б/н от 31.03.2022 на 11.09.2022. Сумма 2007-35 руб.", &[]),
            ("Оплата по заказу клиента №9614, НДС не облагается", &[]),
            ("Перевод ошибочно перечисленной суммы", &[]),
            ("oplata po schetu 12 ot 01.01.2026", &["12"]),
            ("Оплата по cчeтy 12 без НДС", &["12"]),
            ("Оплата HOR-11111-007", &["HOR-11111-7"]),
            ("oplata hor 11111 007", &["HOR-11111-7"]),
            ("ОПЛАТА ПО СЧЕТУ1000001ОТ09.02.19", &["1000001"]),
            ("СЧ№12ОТ 01.02.2019", &["12"]),
            ("По счетам №№ 12, 13 и 15 от 05.02.19", &["12", "13", "15"]),
            ("Пополнение, лицевой счет 12345", &[]),
            ("на расчетный счет 40702810502080001823", &[]),
            ("Счет-фактура 55 от 01.02.2019", &[]),
            ("Оплата 860 руб за март 2019", &[]),
            ("по счету от 09.02.19", &[]),
            ("оплата 72815", &[]),
        ];
        for (purpose, want) in cases {
            assert_eq!(found(purpose), want, "{purpose}");
        }
    }

    #[test]
    fn the_date_of_the_invoice_is_read() {
        let date = |purpose: &str| mentions(purpose)[0].date;
        let full = |y, m, d| Some(WrittenDate::Full(NaiveDate::from_ymd_opt(y, m, d).unwrap()));
        assert_eq!(date("счет 88#72815 от 09.02.19;"), full(2019, 2, 9));
        assert_eq!(date("счету № 269 от 19 сентября 2022 г., без"), full(2022, 9, 19));
        assert_eq!(date("счету1000001от09.02.19"), full(2019, 2, 9));
        assert_eq!(date("счету 12 от 09.02. без НДС"), Some(WrittenDate::DayMonth(9, 2)));
        assert_eq!(date("счету 12 без НДС"), None);
        let span = mentions("по счету 88#72815")[0].span;
        assert_eq!(span, (9, 17));
    }
}
