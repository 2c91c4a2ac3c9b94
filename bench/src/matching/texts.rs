//! How payers write: three splits of different words and orders, in the language of the seller
//! (payments.md §4.11, "Renderer").

use super::chance::Chance;
use super::world::{Numbering, money};
use chrono::{Datelike, NaiveDate};

/// Which templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// What the matcher was written with.
    Develop,
    /// What its weights were chosen with.
    Calibrate,
    /// What nothing was changed for after the first look.
    Sealed,
}

/// The parts of a purpose.
#[derive(Debug)]
pub struct Words {
    /// Before the invoice.
    pub openings: &'static [&'static str],
    /// The invoice's word with what stands between it and the number.
    pub invoice: &'static [&'static str],
    /// The same, of several invoices.
    pub invoices: &'static [&'static str],
    /// The same without any sign, glued to the number.
    pub glued: &'static [&'static str],
    /// Before the date.
    pub from: &'static [&'static str],
    /// What is paid for.
    pub goods: &'static [&'static str],
    /// About the tax.
    pub vat: &'static [&'static str],
    /// A contract, with its number as `{}`.
    pub contract: &'static [&'static str],
}

const RU: [Words; 3] = [
    Words {
        openings: &["Оплата по ", "За услуги по ", "Оплата "],
        invoice: &["счету № ", "счету №", "счету ", "сч. № ", "счёту N "],
        invoices: &["счетам № ", "счетам "],
        glued: &["счету", "сч№", "СЧЕТУN"],
        from: &[" от "],
        goods: &[" за услуги связи", " за доступ к сервису", " за хостинг", ""],
        vat: &[". НДС не облагается", ", без НДС", ". В т.ч. НДС 22% - 155,08 руб.", ""],
        contract: &[" по договору № {} от 11.01.2025", " дог. {} от 11.01.25"],
    },
    Words {
        openings: &["Перечисление по ", "Опл. ", "Аванс по ", "Абонентская плата, "],
        invoice: &["счету No ", "сч.", "счет № ", "счету на оплату № ", "счету: "],
        invoices: &["счетам: ", "сч. №№ ", "счетам №№"],
        glued: &["СЧЕТ№", "счёту№", "сч.№"],
        from: &[" от ", " dd ", " ОТ "],
        goods: &[
            " за 5 польз. с 01.03.26 по 31.03.26",
            " увелич. диска 10 Гб",
            " за апрель 2026",
            "",
        ],
        vat: &["; НДС 22/122", ". Без налога (НДС)", ", в том числе НДС (22%) 155.08", ""],
        contract: &[", договор {}", " (контракт №{} от 12.02.2024)"],
    },
    Words {
        openings: &[
            "Платеж за программное обеспечение согласно ",
            "Доплата по ",
            "Оплачивается ",
            "{VO20100}Оплата по ",
            "Погашение задолженности по ",
        ],
        invoice: &[
            "счету-договору № ",
            "счета № ",
            "сч-ту №",
            "счету-оферте ",
            "счету номер ",
            "счет N",
        ],
        invoices: &["счетам NN ", "сч №№ ", "счетам на оплату №"],
        glued: &["ОПЛАТАПОСЧЕТУ", "счет№", "сч-т№"],
        from: &[" от ", ", ", " ("],
        goods: &[
            " за лицензию (12 мес.)",
            " сопровождение 1С за I кв. 2026 г.",
            " тариф «Стандарт» 3 шт.",
            " за период с 01.04.2026 по 30.04.2026",
            "",
        ],
        vat: &[
            " НДС(22%) 155-08",
            ". НДС не предусмотрен",
            "; в т. ч. НДС 22 % — 155,08 р.",
            " Без НДС.",
            "",
        ],
        contract: &[" по дог.№{}", " осн. договор {} от 3 марта 2025 г."],
    },
];

const UA: [Words; 3] = [
    Words {
        openings: &["Оплата згідно ", "За послуги зг. "],
        invoice: &["рахунку № ", "рахунку "],
        invoices: &["рахунків № ", "рахунків "],
        glued: &["рахунку№"],
        from: &[" від "],
        goods: &[" за послуги", ""],
        vat: &[", без ПДВ", ". У т.ч. ПДВ 20% 143,33 грн", ""],
        contract: &[" за договором № {} від 11.01.2025"],
    },
    Words {
        openings: &["Сплата за послуги, ", "Оплата "],
        invoice: &["рах. №", "рах-ку № ", "рахунку-фактури № "],
        invoices: &["рах. №№ ", "рахунках "],
        glued: &["рах.№", "РАХУНКУN"],
        from: &[" від ", " вiд "],
        goods: &[" за доступ до сервісу, квітень 2026", ""],
        vat: &[" Без ПДВ.", ", в т.ч. ПДВ - 143.33", ""],
        contract: &[" дог. {}"],
    },
    Words {
        openings: &["Передоплата по ", "*;101;12345678;Оплата по "],
        invoice: &["рахунку N", "рахунку номер ", "рахунка № "],
        invoices: &["рахунках №№ ", "рахунках "],
        glued: &["рахунок№"],
        from: &[" від ", ", "],
        goods: &[" програмне забезпечення", " за 3 користувачів", ""],
        vat: &[", ПДВ 20% 143,33", " без ПДВ", ""],
        contract: &[" згідно договору №{} від 01.02.2025р."],
    },
];

const BY: [Words; 3] = [
    Words {
        openings: &["Оплата по ", "За услуги по "],
        invoice: &["счету № ", "счёту №"],
        invoices: &["счетам № "],
        glued: &["счету"],
        from: &[" от "],
        goods: &[" за услуги", ""],
        vat: &[", без НДС", ", в т.ч. НДС 20% 143.33", ""],
        contract: &[" по договору {} от 11.01.2025"],
    },
    Words {
        openings: &["OTHR 122601 Оплата по ", "Аплата па "],
        invoice: &["счету N", "рахунку № "],
        invoices: &["счетам №№ "],
        glued: &["сч№"],
        from: &[" от ", " ад "],
        goods: &[" за паслугі", ""],
        vat: &[" без НДС", ""],
        contract: &[" дог. {}"],
    },
    Words {
        openings: &["oplata po ", "OTHR 130000 oplata za uslugi po "],
        invoice: &["schetu ", "schetu No ", "schetu N "],
        invoices: &["schetam "],
        glued: &["schetu"],
        from: &[" ot "],
        goods: &[" za aprel 2026", ""],
        vat: &[" bez NDS", ""],
        contract: &[" dogovor {}"],
    },
];

/// The words of a split for a seller.
#[must_use]
pub const fn words(split: Split, numbering: Numbering) -> &'static Words {
    let place = match split {
        Split::Develop => 0,
        Split::Calibrate => 1,
        Split::Sealed => 2,
    };
    match numbering {
        Numbering::Checked => &RU[place],
        Numbering::Service => &UA[place],
        Numbering::Plain => &BY[place],
    }
}

const MONTHS: [(&str, &str); 12] = [
    ("января", "січня"),
    ("февраля", "лютого"),
    ("марта", "березня"),
    ("апреля", "квітня"),
    ("мая", "травня"),
    ("июня", "червня"),
    ("июля", "липня"),
    ("августа", "серпня"),
    ("сентября", "вересня"),
    ("октября", "жовтня"),
    ("ноября", "листопада"),
    ("декабря", "грудня"),
];

/// A date in digits.
pub fn date(chance: &mut Chance, split: Split, day: NaiveDate) -> String {
    let forms: &[&str] = match split {
        Split::Develop => &["%d.%m.%Y", "%d.%m.%y"],
        Split::Calibrate => &["%d.%m.%Yг.", "%d.%m.%y г.", "%d/%m/%Y"],
        Split::Sealed => &["%d.%m.%Y г", "%d-%m-%Y", "%Y-%m-%d", "%d.%m.%yг"],
    };
    day.format(chance.one(forms)).to_string()
}

/// A date with the name of its month.
pub fn word_date(chance: &mut Chance, numbering: Numbering, day: NaiveDate) -> String {
    let (ru, ua) = MONTHS[day.month0() as usize];
    let month = if numbering == Numbering::Service { ua } else { ru };
    let year = chance.one(&[" г.", "г", "", " года"]);
    let year = if numbering == Numbering::Service { " р." } else { year };
    format!("{} {month} {}{year}", day.day(), day.year())
}

/// A sum in the text.
pub fn sum(chance: &mut Chance, split: Split, minor: u64) -> String {
    let (whole, cents) = (minor / 100, minor % 100);
    let form = match split {
        Split::Develop => chance.below(2),
        Split::Calibrate => 2 + chance.below(2),
        Split::Sealed => 4 + chance.below(2),
    };
    match form {
        0 => format!(" Сумма {}", money(minor).replace('.', ",")),
        1 => format!(" Сумма: {whole}р. {cents:02}к."),
        2 => format!(" Сумма {whole}-{cents:02}"),
        3 => format!(" Сумма {} руб.", money(minor)),
        4 => format!(" на сумму {whole} руб {cents:02} коп"),
        _ => format!(" Сумма {whole}={cents:02} руб"),
    }
}

/// Letters that look like others, in a number and its word.
#[must_use]
pub fn homoglyphs(text: &str) -> String {
    let fold = |c: char| match c {
        'H' => 'Н',
        'O' => 'О',
        'с' => 'c',
        'е' => 'e',
        'о' => 'o',
        'у' => 'y',
        'р' => 'p',
        other => other,
    };
    text.chars().map(fold).collect()
}
