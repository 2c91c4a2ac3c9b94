//! Russian numerals and the names of currencies.

use crate::Currency;
use crate::plural::Forms;

/// Gender of the counted noun: один рубль, одна гривна, одно евро.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gender {
    Masculine,
    Feminine,
    Neuter,
}

/// How a currency and its minor unit are counted.
pub(super) struct Names {
    pub gender: Gender,
    pub major: Forms,
    pub minor: Forms,
}

const KOPECK: Forms = Forms::new("копейка", "копейки", "копеек");
const CENT: Forms = Forms::new("цент", "цента", "центов");

pub(super) const fn names(currency: Currency) -> Names {
    let (gender, major, minor) = match currency {
        Currency::Rub => (Gender::Masculine, Forms::new("рубль", "рубля", "рублей"), KOPECK),
        Currency::Byn => (
            Gender::Masculine,
            Forms::new("белорусский рубль", "белорусских рубля", "белорусских рублей"),
            KOPECK,
        ),
        Currency::Uah => (Gender::Feminine, Forms::new("гривна", "гривны", "гривен"), KOPECK),
        Currency::Kzt => (
            Gender::Masculine,
            Forms::new("тенге", "тенге", "тенге"),
            Forms::new("тиын", "тиына", "тиынов"),
        ),
        Currency::Eur => (Gender::Neuter, Forms::new("евро", "евро", "евро"), CENT),
        Currency::Usd => {
            (Gender::Masculine, Forms::new("доллар США", "доллара США", "долларов США"), CENT)
        }
    };
    Names { gender, major, minor }
}

const HUNDREDS: [&str; 10] = [
    "",
    "сто",
    "двести",
    "триста",
    "четыреста",
    "пятьсот",
    "шестьсот",
    "семьсот",
    "восемьсот",
    "девятьсот",
];

const TENS: [&str; 10] = [
    "",
    "",
    "двадцать",
    "тридцать",
    "сорок",
    "пятьдесят",
    "шестьдесят",
    "семьдесят",
    "восемьдесят",
    "девяносто",
];

/// Numerals below twenty; 1 and 2 depend on the gender.
const SMALL: [&str; 20] = [
    "",
    "",
    "",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
];

/// Powers of a thousand, the largest first, each with its gender.
const POWERS: [(u64, Gender, Forms); 4] = [
    (1_000_000_000_000, Gender::Masculine, Forms::new("триллион", "триллиона", "триллионов")),
    (1_000_000_000, Gender::Masculine, Forms::new("миллиард", "миллиарда", "миллиардов")),
    (1_000_000, Gender::Masculine, Forms::new("миллион", "миллиона", "миллионов")),
    (1_000, Gender::Feminine, Forms::new("тысяча", "тысячи", "тысяч")),
];

/// The numeral in lower case, for a noun of the gender. The number is below 10^15.
pub(super) fn cardinal(number: u64, gender: Gender) -> String {
    if number == 0 {
        return "ноль".into();
    }
    let mut words = Vec::new();
    for (power, power_gender, forms) in POWERS {
        let group = number / power % 1000;
        if group > 0 {
            push_group(&mut words, group, power_gender);
            words.push(forms.of(group));
        }
    }
    push_group(&mut words, number % 1000, gender);
    words.join(" ")
}

/// Adds the words of a number below a thousand.
fn push_group(words: &mut Vec<&'static str>, group: u64, gender: Gender) {
    let pick = |table: &[&'static str], index: u64| {
        usize::try_from(index).ok().and_then(|i| table.get(i).copied()).unwrap_or("")
    };
    let mut push = |word: &'static str| {
        if !word.is_empty() {
            words.push(word);
        }
    };
    push(pick(&HUNDREDS, group / 100));
    let below_hundred = group % 100;
    let rest = if below_hundred < 20 {
        below_hundred
    } else {
        push(pick(&TENS, below_hundred / 10));
        below_hundred % 10
    };
    push(match (rest, gender) {
        (1, Gender::Masculine) => "один",
        (1, Gender::Feminine) => "одна",
        (1, Gender::Neuter) => "одно",
        (2, Gender::Feminine) => "две",
        (2, _) => "два",
        (other, _) => pick(&SMALL, other),
    });
}
