//! Amounts and days as letters and pages write them, in Russian or in English.

use crate::{Currency, Money};
use chrono::NaiveDate;

/// A day: `09.02.2019`, or `09 February 2019` in English.
#[must_use]
pub fn day(day: NaiveDate, english: bool) -> String {
    let format = if english { "%d %B %Y" } else { "%d.%m.%Y" };
    day.format(format).to_string()
}

/// An amount: `12 860,00 ₽`, or `12,860.00 RUB` in English. What belongs together stays on a line.
#[must_use]
pub fn amount(money: Money, english: bool) -> String {
    let text = money.amount().abs().to_string();
    let (units, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let (group, point) = if english { (',', '.') } else { ('\u{a0}', ',') };
    let mut printed = String::from(if money.is_negative() { "−" } else { "" });
    for (i, digit) in units.chars().enumerate() {
        if i > 0 && (units.len() - i).is_multiple_of(3) {
            printed.push(group);
        }
        printed.push(digit);
    }
    let currency = match money.currency() {
        Currency::Rub if !english => "₽",
        currency => currency.code(),
    };
    format!("{printed}{point}{cents}\u{a0}{currency}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal_macros::dec;

    #[test]
    fn amounts_and_days_as_people_write_them() {
        let money = Money::new(dec!(1048336.50), Currency::Rub).unwrap();
        assert_eq!(amount(money, false), "1\u{a0}048\u{a0}336,50\u{a0}₽");
        assert_eq!(amount(money, true), "1,048,336.50\u{a0}RUB");
        let small = Money::new(dec!(-860), Currency::Byn).unwrap();
        assert_eq!(amount(small, false), "−860,00\u{a0}BYN");
        let date = NaiveDate::from_ymd_opt(2019, 2, 9).unwrap();
        assert_eq!(day(date, false), "09.02.2019");
        assert_eq!(day(date, true), "09 February 2019");
    }
}
