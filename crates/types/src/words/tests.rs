//! Amounts in words: golden vectors, genders, and a reader that turns words back into numbers.

use super::*;
use proptest::prelude::*;
use rust_decimal::Decimal;

fn money(kopecks: i64, currency: Currency) -> Money {
    Money::new(Decimal::new(kopecks, 2), currency).unwrap()
}

fn document(kopecks: i64, currency: Currency) -> String {
    russian(money(kopecks, currency), Style::Document).unwrap()
}

/// G24 with its two styles (§1.9, 7).
#[test]
fn golden_words() {
    let whole = money(86_000, Currency::Rub);
    let broken = money(86_050, Currency::Rub);
    assert_eq!(russian(whole, Style::PaymentOrder).unwrap(), "Восемьсот шестьдесят рублей");
    assert_eq!(figures(whole), "860=");
    assert_eq!(
        russian(broken, Style::PaymentOrder).unwrap(),
        "Восемьсот шестьдесят рублей 50 копеек"
    );
    assert_eq!(figures(broken), "860-50");
    assert_eq!(russian(whole, Style::Document).unwrap(), "Восемьсот шестьдесят рублей 00 копеек");
    assert_eq!(english(whole).unwrap(), "Eight hundred sixty roubles 00 kopecks");
}

#[test]
fn genders_and_forms() {
    let cases = [
        (0, "Ноль рублей 00 копеек"),
        (101, "Один рубль 01 копейка"),
        (202, "Два рубля 02 копейки"),
        (100_105, "Одна тысяча один рубль 05 копеек"),
        (200_000, "Две тысячи рублей 00 копеек"),
        (2_100_011, "Двадцать одна тысяча рублей 11 копеек"),
        (1_101_200, "Одиннадцать тысяч двенадцать рублей 00 копеек"),
        (100_000_000, "Один миллион рублей 00 копеек"),
        (
            22_222_222_222_221,
            "Двести двадцать два миллиарда двести двадцать два миллиона двести \
                               двадцать две тысячи двести двадцать два рубля 21 копейка",
        ),
        (-1_000, "Минус десять рублей 00 копеек"),
    ];
    for (kopecks, words) in cases {
        assert_eq!(document(kopecks, Currency::Rub), words);
    }
}

#[test]
fn every_currency_has_its_words() {
    let cases = [
        (Currency::Byn, "Два белорусских рубля 01 копейка", "Two Belarusian roubles 01 kopeck"),
        (Currency::Uah, "Две гривны 01 копейка", "Two hryvnias 01 kopiyka"),
        (Currency::Kzt, "Два тенге 01 тиын", "Two tenge 01 tiyn"),
        (Currency::Eur, "Два евро 01 цент", "Two euros 01 cent"),
        (Currency::Usd, "Два доллара США 01 цент", "Two US dollars 01 cent"),
    ];
    for (currency, in_russian, in_english) in cases {
        assert_eq!(document(201, currency), in_russian);
        assert_eq!(english(money(201, currency)).unwrap(), in_english);
    }
    assert_eq!(document(100, Currency::Uah), "Одна гривна 00 копеек");
    assert_eq!(document(100, Currency::Eur), "Одно евро 00 центов");
}

#[test]
fn english_numerals() {
    let cases = [
        (100, "One rouble 00 kopecks"),
        (2_101, "Twenty-one roubles 01 kopeck"),
        (
            123_456_700,
            "One million two hundred thirty-four thousand five hundred sixty-seven \
                        roubles 00 kopecks",
        ),
        (-500, "Minus five roubles 00 kopecks"),
    ];
    for (kopecks, words) in cases {
        assert_eq!(english(money(kopecks, Currency::Rub)).unwrap(), words);
    }
}

#[test]
fn the_limit_is_ten_to_the_fifteenth() {
    let last = money(99_999_999_999_999_999, Currency::Rub);
    let words = russian(last, Style::Document).unwrap();
    assert!(words.starts_with("Девятьсот девяносто девять триллионов"), "{words}");
    let beyond = money(100_000_000_000_000_000, Currency::Rub);
    assert_eq!(russian(beyond, Style::Document), Err(TooLarge(beyond)));
    assert_eq!(english(beyond), Err(TooLarge(beyond)));
}

/// Reads Russian words back, by a grammar of its own: values add, powers multiply.
fn read(words: &str) -> u64 {
    let (mut total, mut group) = (0, 0);
    for word in words.split(' ') {
        let power = match word.trim_end_matches(['а', 'и', 'о', 'в']) {
            "тысяч" => 1_000,
            "миллион" => 1_000_000,
            "миллиард" => 1_000_000_000,
            "триллион" => 1_000_000_000_000,
            _ => 1,
        };
        if power > 1 {
            total += group * power;
            group = 0;
        } else {
            group += value(word);
        }
    }
    total + group
}

fn value(word: &str) -> u64 {
    match word {
        "ноль" => 0,
        "один" | "одна" | "одно" => 1,
        "два" | "две" => 2,
        "сорок" => 40,
        "сто" => 100,
        "двести" => 200,
        "девяносто" => 90,
        _ => by_stem(word),
    }
}

fn by_stem(word: &str) -> u64 {
    let stems = ["три", "четыр", "пят", "шест", "сем", "восем", "девят"];
    let unit = stems.iter().position(|stem| word.starts_with(stem));
    let digit = unit.map(|i| u64::try_from(i).unwrap() + 3);
    match (word, digit) {
        ("десять", _) => 10,
        ("одиннадцать", _) => 11,
        ("двенадцать", _) => 12,
        ("двадцать", _) => 20,
        ("тридцать", _) => 30,
        (_, Some(digit)) if word.ends_with("надцать") => 10 + digit,
        (_, Some(digit)) if word.ends_with("десят") => 10 * digit,
        (_, Some(digit)) if word.ends_with("сот") || word.ends_with("ста") => 100 * digit,
        (_, Some(digit)) => digit,
        _ => panic!("unknown word {word}"),
    }
}

proptest! {
    /// Words name exactly the number that was written, whatever the currency's gender.
    #[test]
    fn words_read_back(number in 0_u64..LIMIT, small in 0_u64..10_000) {
        for n in [number, small] {
            let masculine = russian::cardinal(n, russian::Gender::Masculine);
            let feminine = russian::cardinal(n, russian::Gender::Feminine);
            prop_assert_eq!(read(&masculine), n, "{}", masculine);
            prop_assert_eq!(read(&feminine), n, "{}", feminine);
        }
    }

    /// Two amounts never share their English words.
    #[test]
    fn english_words_differ(a in 0_u64..LIMIT, b in 0_u64..10_000) {
        prop_assert_eq!(a == b, english::cardinal(a) == english::cardinal(b));
    }
}
