//! Money: exactness, rounding, splits.

use super::*;
use proptest::prelude::*;

fn rub(amount: Decimal) -> Money {
    Money::new(amount, Currency::Rub).unwrap()
}

#[test]
fn finer_than_a_kopeck_is_refused() {
    assert_eq!(rub(dec!(860)).to_string(), "860.00 RUB");
    assert_eq!(rub(dec!(860.5000)), rub(dec!(860.50)));
    let error = Money::new(dec!(0.005), Currency::Rub).unwrap_err();
    assert_eq!(
        error.to_string(),
        "0.005 is finer than the minor unit of RUB; use at most 2 digits after the point"
    );
}

#[test]
fn amounts_beyond_the_limit_do_not_get_in() {
    let last = rub(LIMIT);
    assert_eq!(last.minor(), 100_000_000_000_000_000_000);
    assert_eq!(last.checked_add(rub(dec!(0.01))), Err(MoneyError::Overflow));
    for beyond in [LIMIT + dec!(0.01), -LIMIT - dec!(1), Decimal::MAX, Decimal::MIN] {
        assert_eq!(Money::new(beyond, Currency::Rub), Err(MoneyError::Overflow));
        assert_eq!(round(beyond, Currency::Rub).amount().abs(), LIMIT);
    }
    assert_eq!(Money::from_minor(i128::MAX, Currency::Rub), Err(MoneyError::Overflow));
}

#[test]
fn one_representation_of_zero() {
    let minus = rub(dec!(-0.00));
    assert_eq!(minus.to_string(), "0.00 RUB");
    assert_eq!(rub(dec!(0.01)).negated().checked_add(rub(dec!(0.01))).unwrap(), minus);
    assert_eq!(minus.negated().to_string(), "0.00 RUB");
    assert_eq!(round(dec!(-0.001), Currency::Rub).to_string(), "0.00 RUB");
}

#[test]
fn halves_round_away_from_zero() {
    for (exact, rounded) in [
        (dec!(0.005), dec!(0.01)),
        (dec!(-0.005), dec!(-0.01)),
        (dec!(0.015), dec!(0.02)),
        (dec!(0.025), dec!(0.03)),
        (dec!(0.0049999), dec!(0)),
        (dec!(2.345), dec!(2.35)),
    ] {
        assert_eq!(round(exact, Currency::Rub), rub(rounded), "{exact}");
    }
}

#[test]
fn currencies_do_not_mix() {
    let euros = Money::zero(Currency::Eur);
    let mismatch = MoneyError::CurrencyMismatch { left: Currency::Rub, right: Currency::Eur };
    assert_eq!(rub(dec!(1)).checked_add(euros), Err(mismatch.clone()));
    assert_eq!(rub(dec!(1)).checked_sub(euros), Err(mismatch.clone()));
    assert_eq!(rub(dec!(1)).min(euros), Err(mismatch));
    assert!(Money::sum(Currency::Rub, [rub(dec!(1)), euros]).is_err());
}

#[test]
fn splits_by_hand() {
    let thirds = rub(dec!(100)).split(&[dec!(1), dec!(1), dec!(1)]);
    assert_eq!(thirds, [rub(dec!(33.34)), rub(dec!(33.33)), rub(dec!(33.33))]);
    let back = rub(dec!(-100)).split(&[dec!(1), dec!(1), dec!(1)]);
    assert_eq!(back, [rub(dec!(-33.34)), rub(dec!(-33.33)), rub(dec!(-33.33))]);
    let days = rub(dec!(0.05)).split(&[dec!(0), dec!(0.5), dec!(1.5)]);
    assert_eq!(days, [rub(dec!(0)), rub(dec!(0.01)), rub(dec!(0.04))]);
    assert!(rub(dec!(1)).split(&[]).is_empty());
    assert!(rub(dec!(1)).split(&[dec!(0), dec!(0)]).is_empty());
    assert_eq!(rub(dec!(1)).split(&[dec!(-5), dec!(1)]), [rub(dec!(0)), rub(dec!(1))]);
}

/// Weights and amounts at the edge of Decimal lose precision of the share, never of the sum.
#[test]
fn extreme_weights_do_not_overflow() {
    let huge = Money::from_minor(i128::from(i64::MAX), Currency::Rub).unwrap();
    let weights = [Decimal::MAX, Decimal::MAX, dec!(0.0000000000000000000000000001)];
    let parts = huge.split(&weights);
    assert_eq!(Money::sum(Currency::Rub, parts).unwrap(), huge);
}

#[test]
fn storage_is_checked_again() {
    let text = serde_json::to_string(&rub(dec!(860.5))).unwrap();
    assert_eq!(text, r#"{"amount":"860.50","currency":"RUB"}"#);
    assert_eq!(serde_json::from_str::<Money>(&text).unwrap(), rub(dec!(860.50)));
    let fine = r#"{"amount":"860.505","currency":"RUB"}"#;
    assert!(serde_json::from_str::<Money>(fine).is_err());
}

prop_compose! {
    fn amounts()(minor in -1_000_000_000_000_000_000_i64..1_000_000_000_000_000_000) -> Money {
        Money::from_minor(i128::from(minor), Currency::Rub).unwrap()
    }
}

fn weights() -> impl Strategy<Value = Vec<Decimal>> {
    let weight = (0_i64..1_000_000_000, 0_u32..12).prop_map(|(m, s)| Decimal::new(m, s));
    prop::collection::vec(weight, 1..20)
}

proptest! {
    /// Σ of a split is its whole; every part has the sign of the whole, is within one minor unit
    /// of its exact share, and a larger weight never gets less.
    #[test]
    fn a_split_conserves(whole in amounts(), weights in weights()) {
        let total: Decimal = weights.iter().sum();
        prop_assume!(total > Decimal::ZERO);
        let parts = whole.split(&weights);
        prop_assert_eq!(parts.len(), weights.len());
        prop_assert_eq!(Money::sum(Currency::Rub, parts.iter().copied()).unwrap(), whole);
        for (part, weight) in parts.iter().zip(&weights) {
            prop_assert!(part.minor() * whole.minor() >= 0);
            let share = whole.amount() * (*weight / total);
            prop_assert!((part.amount() - share).abs() <= dec!(0.0100001), "{} {}", part, share);
            prop_assert!(!weight.is_zero() || part.is_zero());
        }
        for i in 1..weights.len() {
            let (heavy, light) =
                if weights[i] > weights[0] { (i, 0) } else { (0, i) };
            prop_assert!(parts[heavy].minor().abs() >= parts[light].minor().abs());
        }
    }

    #[test]
    fn adding_and_taking_away(a in amounts(), b in amounts()) {
        prop_assert_eq!(a.checked_add(b).unwrap().checked_sub(b).unwrap(), a);
        prop_assert_eq!(a.checked_add(b), b.checked_add(a));
        prop_assert_eq!(a.checked_add(a.negated()).unwrap(), Money::zero(Currency::Rub));
        prop_assert_eq!(a.min(b).unwrap().amount(), a.amount().min(b.amount()));
    }

    /// Rounding is to the nearest minor unit, symmetric, and leaves money alone.
    #[test]
    fn rounding_is_nearest_and_symmetric(
        m in -1_000_000_000_000_i64..1_000_000_000_000,
        s in 0_u32..9,
    ) {
        let exact = Decimal::new(m, s);
        let rounded = round(exact, Currency::Rub);
        prop_assert!((rounded.amount() - exact).abs() <= dec!(0.005));
        prop_assert_eq!(round(-exact, Currency::Rub), rounded.negated());
        prop_assert_eq!(round(rounded.amount(), Currency::Rub), rounded);
    }

    #[test]
    fn minor_units_and_storage_round_trip(a in amounts()) {
        prop_assert_eq!(Money::from_minor(a.minor(), a.currency()).unwrap(), a);
        let text = serde_json::to_string(&a).unwrap();
        prop_assert_eq!(serde_json::from_str::<Money>(&text).unwrap(), a);
    }
}
