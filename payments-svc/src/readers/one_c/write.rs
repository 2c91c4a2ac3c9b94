//! Writer of `1c_to_kl.txt`: payment orders for a bank client (refunds), version 1.03, cp1251.

use crate::domain::statements::Remark;
use chrono::NaiveDate;
use encoding_rs::WINDOWS_1251;
use rust_decimal::Decimal;

/// Longest purpose that banks take, characters.
pub const MAX_PURPOSE: usize = 210;

/// One side of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Side {
    /// Name.
    pub name: String,
    /// ИНН.
    pub tax_id: String,
    /// КПП; empty when there is none.
    pub kpp: String,
    /// Account.
    pub account: String,
    /// Bank.
    pub bank: String,
    /// City of the bank.
    pub city: String,
    /// БИК.
    pub bic: String,
    /// Correspondent account of the bank.
    pub correspondent: String,
}

/// A payment order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Number.
    pub number: String,
    /// Date.
    pub date: NaiveDate,
    /// Amount, above zero.
    pub amount: Decimal,
    /// Who pays: the seller.
    pub payer: Side,
    /// Who is paid.
    pub payee: Side,
    /// Purpose.
    pub purpose: String,
    /// УИП of the payment that is refunded.
    pub code: Option<String>,
}

/// A file of orders, all of one account's day or of several.
///
/// Characters outside cp1251 are written as their nearest, `?` where there is none, with a warning;
/// so is a purpose that is cut. Line ends in values become blanks: no value can end a section.
#[must_use]
pub fn file(orders: &[Order], sender: &str, created: NaiveDate) -> (Vec<u8>, Vec<Remark>) {
    let mut writer = Writer { text: String::new(), warnings: Vec::new() };
    let dates = || orders.iter().map(|order| order.date);
    writer.word("1CClientBankExchange");
    writer.key("ВерсияФормата", "1.03");
    writer.key("Кодировка", "Windows");
    writer.key("Отправитель", sender);
    writer.key("Получатель", "");
    writer.key("ДатаСоздания", &day(created));
    writer.key("ДатаНачала", &day(dates().min().unwrap_or(created)));
    writer.key("ДатаКонца", &day(dates().max().unwrap_or(created)));
    let mut accounts: Vec<&str> = orders.iter().map(|order| order.payer.account.as_str()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts.iter().for_each(|account| writer.key("РасчСчет", account));
    writer.key("Документ", "Платежное поручение");
    orders.iter().for_each(|order| writer.order(order));
    writer.word("КонецФайла");
    (WINDOWS_1251.encode(&writer.text).0.into_owned(), writer.warnings)
}

fn day(date: NaiveDate) -> String {
    date.format("%d.%m.%Y").to_string()
}

struct Writer {
    text: String,
    warnings: Vec<Remark>,
}

impl Writer {
    fn word(&mut self, word: &str) {
        self.text.push_str(word);
        self.text.push_str("\r\n");
    }

    fn key(&mut self, key: &str, value: &str) {
        let (value, changed) = representable(value);
        if changed {
            let line = self.text.matches("\r\n").count() + 1;
            self.warnings.push(
                Remark::new(
                    line,
                    "CHARACTER_REPLACED",
                    format!("{key}: знаки, которых нет в cp1251, заменены"),
                    format!("{key}: characters that cp1251 has not were replaced"),
                )
                .of(key),
            );
        }
        self.word(&format!("{key}={value}"));
    }

    fn order(&mut self, order: &Order) {
        self.word("СекцияДокумент=Платежное поручение");
        self.key("Номер", &order.number);
        self.key("Дата", &day(order.date));
        self.key("Сумма", &format!("{:.2}", order.amount));
        self.side("Плательщик", &order.payer);
        self.side("Получатель", &order.payee);
        self.key("ВидПлатежа", "электронно");
        self.key("ВидОплаты", "01");
        self.key("Код", order.code.as_deref().unwrap_or("0"));
        self.key("Очередность", "5");
        let purpose = self.cut(&order.purpose);
        self.key("НазначениеПлатежа", &purpose);
        self.word("КонецДокумента");
    }

    fn side(&mut self, name: &str, side: &Side) {
        self.key(&format!("{name}Счет"), &side.account);
        self.key(name, &format!("ИНН {} {}", side.tax_id, side.name));
        self.key(&format!("{name}ИНН"), &side.tax_id);
        self.key(&format!("{name}КПП"), &side.kpp);
        self.key(&format!("{name}1"), &side.name);
        self.key(&format!("{name}РасчСчет"), &side.account);
        self.key(&format!("{name}Банк1"), &side.bank);
        self.key(&format!("{name}Банк2"), &side.city);
        self.key(&format!("{name}БИК"), &side.bic);
        self.key(&format!("{name}Корсчет"), &side.correspondent);
    }

    fn cut(&mut self, purpose: &str) -> String {
        if purpose.chars().count() > MAX_PURPOSE {
            let line = self.text.matches("\r\n").count() + 1;
            self.warnings.push(Remark::new(
                line,
                "PURPOSE_CUT",
                format!("Назначение длиннее {MAX_PURPOSE} знаков; лишнее отрезано"),
                format!("The purpose is longer than {MAX_PURPOSE} characters; the rest is cut off"),
            ));
        }
        purpose.chars().take(MAX_PURPOSE).collect()
    }
}

/// The nearest text that cp1251 holds; whether it is another one.
fn representable(value: &str) -> (String, bool) {
    let mut changed = false;
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if c.is_control() {
            text.push(' ');
            continue;
        }
        let mut buffer = [0; 4];
        if !WINDOWS_1251.encode(c.encode_utf8(&mut buffer)).2 {
            text.push(c);
            continue;
        }
        changed = true;
        text.push_str(nearest(c));
    }
    (text.trim().to_owned(), changed)
}

fn nearest(c: char) -> &'static str {
    match c {
        '₽' => "руб.",
        '₸' => "тенге",
        '₴' => "грн",
        '−' | '‑' | '‒' | '―' => "-",
        '\u{2009}' | '\u{202F}' | '\u{2003}' | '\u{2002}' => " ",
        'ә' => "а",
        'Ә' => "А",
        'қ' => "к",
        'Қ' => "К",
        'ң' => "н",
        'Ң' => "Н",
        'ғ' => "г",
        'Ғ' => "Г",
        'ү' | 'ұ' => "у",
        'Ү' | 'Ұ' => "У",
        'һ' => "х",
        'Һ' => "Х",
        'ө' => "о",
        'Ө' => "О",
        'é' | 'è' | 'ê' | 'ë' | 'ę' | 'ě' => "e",
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ą' => "a",
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' => "o",
        'ú' | 'ù' | 'û' | 'ü' | 'ů' => "u",
        'í' | 'ì' | 'î' | 'ï' => "i",
        'ç' | 'ć' | 'č' => "c",
        'ñ' | 'ń' | 'ň' => "n",
        'ß' | 'ś' | 'š' => "s",
        'ż' | 'ź' | 'ž' => "z",
        'ł' => "l",
        '′' | 'ʼ' => "'",
        _ => "?",
    }
}

#[cfg(test)]
mod tests;
