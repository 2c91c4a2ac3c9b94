//! Amounts in words, as documents and payment orders print them (G24).

mod english;
mod russian;

use crate::{Bilingual, Currency, Money};
use rust_decimal::prelude::ToPrimitive;

/// How kopecks are written. Both styles keep them in figures, as the rules for payment orders
/// (Bank of Russia 762-П, annex 1, field 6) and the custom of invoices want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Payment order: whole roubles stand without kopecks («Восемьсот шестьдесят рублей»).
    PaymentOrder,
    /// Invoice, act: kopecks always («Восемьсот шестьдесят рублей 00 копеек»).
    Document,
}

/// The amount is beyond the words known here: 10^15 and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is too large to be written in words; it must be below 10^15")]
pub struct TooLarge(pub Money);

impl Bilingual for TooLarge {
    fn ru(&self) -> String {
        format!("{} – слишком много для записи прописью; нужно меньше 10^15", self.0)
    }
}

/// First number that has no words.
const LIMIT: u64 = 1_000_000_000_000_000;

/// The amount in Russian words, with a capital letter.
///
/// # Errors
/// [`TooLarge`] from 10^15 on.
pub fn russian(money: Money, style: Style) -> Result<String, TooLarge> {
    let parts = Parts::of(money)?;
    let names = russian::names(money.currency());
    let mut text = format!("{} {}", russian::cardinal(parts.major, names.gender), {
        names.major.of(parts.major)
    });
    if parts.minor != 0 || style == Style::Document {
        text.push_str(&format!(" {} {}", parts.minor_figures(), names.minor.of(parts.minor)));
    }
    Ok(parts.finish("минус", &text))
}

/// The amount in English words, with a capital letter; minor units in figures, always.
///
/// # Errors
/// [`TooLarge`] from 10^15 on.
pub fn english(money: Money) -> Result<String, TooLarge> {
    let parts = Parts::of(money)?;
    let names = english::names(money.currency());
    let text = format!(
        "{} {} {} {}",
        english::cardinal(parts.major),
        names.major(parts.major),
        parts.minor_figures(),
        names.minor(parts.minor),
    );
    Ok(parts.finish("minus", &text))
}

/// The amount in the figures of a payment order: `860=` for whole roubles, else `860-50`.
#[must_use]
pub fn figures(money: Money) -> String {
    let plain = money.amount().to_string();
    match plain.split_once('.') {
        Some((major, minor)) if minor.bytes().any(|b| b != b'0') => format!("{major}-{minor}"),
        Some((major, _)) => format!("{major}="),
        None => format!("{plain}="),
    }
}

/// An amount cut into what is written apart.
struct Parts {
    negative: bool,
    major: u64,
    minor: u64,
    currency: Currency,
}

impl Parts {
    fn of(money: Money) -> Result<Self, TooLarge> {
        let amount = money.amount().abs();
        let major = amount.trunc().to_u64().filter(|n| *n < LIMIT).ok_or(TooLarge(money))?;
        let mut fraction = amount.fract();
        fraction.rescale(money.currency().scale());
        let minor = u64::try_from(fraction.mantissa()).unwrap_or(0);
        Ok(Self { negative: money.is_negative(), major, minor, currency: money.currency() })
    }

    fn minor_figures(&self) -> String {
        let width = usize::try_from(self.currency.scale()).unwrap_or(2);
        format!("{:0width$}", self.minor)
    }

    fn finish(&self, minus: &str, text: &str) -> String {
        let whole = if self.negative { format!("{minus} {text}") } else { text.to_owned() };
        let mut chars = whole.chars();
        chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
    }
}

#[cfg(test)]
mod tests;
