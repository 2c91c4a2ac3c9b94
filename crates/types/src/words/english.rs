//! English numerals and the names of currencies.

use crate::Currency;

/// How a currency and its minor unit are counted: one, then many.
pub(super) struct Names {
    major: [&'static str; 2],
    minor: [&'static str; 2],
}

impl Names {
    pub(super) fn major(&self, count: u64) -> &'static str {
        self.major[usize::from(count != 1)]
    }

    pub(super) fn minor(&self, count: u64) -> &'static str {
        self.minor[usize::from(count != 1)]
    }
}

pub(super) const fn names(currency: Currency) -> Names {
    let (major, minor) = match currency {
        Currency::Rub => (["rouble", "roubles"], ["kopeck", "kopecks"]),
        Currency::Byn => (["Belarusian rouble", "Belarusian roubles"], ["kopeck", "kopecks"]),
        Currency::Uah => (["hryvnia", "hryvnias"], ["kopiyka", "kopiykas"]),
        Currency::Kzt => (["tenge", "tenge"], ["tiyn", "tiyn"]),
        Currency::Eur => (["euro", "euros"], ["cent", "cents"]),
        Currency::Usd => (["US dollar", "US dollars"], ["cent", "cents"]),
    };
    Names { major, minor }
}

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

const POWERS: [(u64, &str); 4] = [
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];

/// The numeral in lower case. The number is below 10^15.
pub(super) fn cardinal(number: u64) -> String {
    if number == 0 {
        return SMALL[0].into();
    }
    let mut words = Vec::new();
    for (power, name) in POWERS {
        let group = number / power % 1000;
        if group > 0 {
            words.push(below_thousand(group));
            words.push(name.into());
        }
    }
    if !number.is_multiple_of(1000) {
        words.push(below_thousand(number % 1000));
    }
    words.join(" ")
}

fn below_thousand(group: u64) -> String {
    let pick = |table: &[&'static str], index: u64| {
        usize::try_from(index).ok().and_then(|i| table.get(i).copied()).unwrap_or("")
    };
    let mut words = Vec::new();
    if group >= 100 {
        words.push(format!("{} hundred", pick(&SMALL, group / 100)));
    }
    match group % 100 {
        0 => {}
        small @ 1..20 => words.push(pick(&SMALL, small).into()),
        round if round % 10 == 0 => words.push(pick(&TENS, round / 10).into()),
        other => {
            words.push(format!("{}-{}", pick(&TENS, other / 10), pick(&SMALL, other % 10)));
        }
    }
    words.join(" ")
}
