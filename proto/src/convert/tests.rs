//! Wire values: what is taken, what is refused, and that everything comes back.

use super::*;
use chrono::TimeDelta;
use proptest::prelude::*;
use rust_decimal_macros::dec;

fn money(code: &str, units: i64, nanos: i32) -> wire::Money {
    wire::Money { currency_code: code.into(), units, nanos }
}

fn taken(units: i64, nanos: i32) -> Result<Money, BadValue> {
    Money::try_from(&money("RUB", units, nanos))
}

fn number(text: &str) -> Result<Decimal, BadValue> {
    Decimal::try_from(&wire::Decimal { value: text.into() })
}

#[test]
fn money_by_hand() {
    for (amount, units, nanos) in [
        (dec!(0), 0, 0),
        (dec!(-0.50), 0, -500_000_000),
        (dec!(860.05), 860, 50_000_000),
        (dec!(-48336.50), -48_336, -500_000_000),
    ] {
        let sum = Money::new(amount, Currency::Rub).unwrap();
        assert_eq!(wire::Money::from(sum), money("RUB", units, nanos));
        assert_eq!(taken(units, nanos), Ok(sum));
    }
}

/// style.md §4, 6: signs agree; digits finer than the currency are rejected.
#[test]
fn money_that_is_refused() {
    for (units, nanos) in
        [(1, -1), (-1, 10_000_000), (0, NANOS), (0, -NANOS), (0, i32::MIN), (1, i32::MAX)]
    {
        assert!(taken(units, nanos).unwrap_err().en.starts_with("Malformed amount"));
    }
    assert!(taken(1, 5_000_000).unwrap_err().en.contains("finer than the minor unit of RUB"));
    assert_eq!(taken(i64::MAX, 0).unwrap_err().ru, "сумма слишком велика");
    assert!(taken(i64::MIN, 0).is_err());
    for code in ["", "rub", "XXX"] {
        let error = Money::try_from(&money(code, 1, 0)).unwrap_err();
        assert!(error.ru.contains("нужна одна из RUB"), "{}", error.ru);
    }
}

#[test]
fn numbers_by_hand() {
    for (text, expected) in [
        ("12.50", "12.50"),
        ("+.5", "0.5"),
        ("-5.", "-5"),
        (" 60.00 ", "60.00"),
        ("00000000000000000000000000000000000001", "1"),
        ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
        ("79228162514264337593543950335", "79228162514264337593543950335"),
    ] {
        assert_eq!(number(text).unwrap().to_string(), expected, "{text}");
    }
    for text in ["", ".", "-", "+-1", "1e5", "1E-9", "1_000", "1,5", "1 0", "٣", "NaN", "0x1"] {
        assert!(number(text).is_err(), "{text}");
    }
    let long = "9".repeat(41);
    for text in ["79228162514264337593543950336", "0.00000000000000000000000000001", &long] {
        assert!(number(text).is_err(), "{text}");
    }
}

#[test]
fn days_by_hand() {
    let day = |year, month, day| NaiveDate::try_from(&wire::Date { year, month, day });
    assert_eq!(day(2020, 2, 29), Ok(NaiveDate::from_ymd_opt(2020, 2, 29).unwrap()));
    for (y, m, d) in [
        (2019, 2, 29),
        (0, 1, 1),
        (219, 1, 1),
        (20_199, 1, 1),
        (2019, 0, 1),
        (2019, 1, 0),
        (2019, 13, 1),
        (2019, -1, 1),
        (i32::MAX, i32::MAX, i32::MIN),
    ] {
        assert!(day(y, m, d).is_err(), "{y}-{m}-{d}");
    }
}

#[test]
fn instants_by_hand() {
    let at = |seconds, nanos| instant(&Timestamp { seconds, nanos });
    assert_eq!(at(0, 1_999).unwrap().timestamp_subsec_nanos(), 1_000);
    assert!(at(FIRST_SECOND, 0).is_ok() && at(LAST_SECOND, 999_999_999).is_ok());
    for (seconds, nanos) in [
        (FIRST_SECOND - 1, 0),
        (LAST_SECOND + 1, 0),
        (0, -1),
        (59, NANOS),
        (i64::MAX, i32::MAX),
        (i64::MIN, 0),
    ] {
        assert!(at(seconds, nanos).is_err(), "{seconds}.{nanos}");
    }
    // 59 seconds, then the leap second.
    let leap = DateTime::from_timestamp(1_483_228_799, 1_500_000_000).unwrap();
    assert!(instant(&timestamp(leap)).is_ok());
}

#[test]
fn what_is_missing() {
    assert_eq!(required(Some(1)), Ok(1));
    assert_eq!(required::<i32>(None).unwrap_err().ru, "Обязательное поле.");
}

proptest! {
    #[test]
    fn money_comes_back(minor in any::<i64>(), which in 0_usize..Currency::ALL.len()) {
        let sum = Money::from_minor(i128::from(minor), Currency::ALL[which]).unwrap();
        let sent = wire::Money::from(sum);
        prop_assert!(sent.units.signum() * i64::from(sent.nanos.signum()) >= 0);
        prop_assert_eq!(Money::try_from(&sent), Ok(sum));
    }

    /// Whatever is sent, nothing panics, and what is taken goes back as it came.
    #[test]
    fn any_money(
        code in "RUB|EUR|RUR|[A-Z]{0,4}",
        units: i64,
        nanos in prop_oneof![any::<i32>(), (-99_i32..=99).prop_map(|n| n * 10_000_000)],
    ) {
        if let Ok(sum) = Money::try_from(&money(&code, units, nanos)) {
            let back = wire::Money::from(sum);
            prop_assert_eq!((back.units, back.nanos), (units, nanos));
        }
    }

    #[test]
    fn numbers_come_back(mantissa: i64, scale in 0_u32..=28) {
        let sent = Decimal::new(mantissa, scale);
        let back = Decimal::try_from(&wire::Decimal::from(sent)).unwrap();
        prop_assert_eq!((back, back.scale()), (sent, scale));
    }

    #[test]
    fn any_number(text in "\\PC{0,12}|[+-]?[0-9._eE]{0,50}") {
        if let Ok(taken) = number(&text) {
            prop_assert_eq!(number(&taken.to_string()), Ok(taken));
        }
    }

    #[test]
    fn days_come_back(days in -25_567_i32..=84_371) {
        let day = NaiveDate::from_epoch_days(days).unwrap();
        prop_assert_eq!(NaiveDate::try_from(&wire::Date::from(day)), Ok(day));
    }

    #[test]
    fn instants_come_back(micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000) {
        let at = DateTime::UNIX_EPOCH + TimeDelta::microseconds(micros);
        prop_assert_eq!(instant(&timestamp(at)), Ok(at));
    }
}
