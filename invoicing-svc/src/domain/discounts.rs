//! Discounts in per cent, kept exactly.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A discount of 0 to 100 %, in hundredths of a per cent.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Discount(u16);

/// The text is not a discount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a discount; 0 to 100 per cent with at most two digits after the point is \
         expected, such as 5% or 12.5%"
)]
pub struct BadDiscount(pub String);

impl Discount {
    /// No discount.
    pub const NONE: Self = Self(0);
    /// What the whole price is, in the units of [`Discount::left`].
    pub const WHOLE: u64 = 10_000;

    /// What is left of the price, of [`Discount::WHOLE`].
    #[must_use]
    pub fn left(self) -> u64 {
        Self::WHOLE - u64::from(self.0)
    }

    /// True for 0 %.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Discount {
    /// `5%`, `12.5%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, hundredths) = (self.0 / 100, self.0 % 100);
        match (hundredths, hundredths % 10) {
            (0, _) => write!(f, "{whole}%"),
            (h, 0) => write!(f, "{whole}.{}%", h / 10),
            (h, _) => write!(f, "{whole}.{h:02}%"),
        }
    }
}

impl FromStr for Discount {
    type Err = BadDiscount;

    fn from_str(text: &str) -> Result<Self, BadDiscount> {
        let bad = || BadDiscount(text.into());
        let number = text.strip_suffix('%').unwrap_or(text).trim_end();
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |part: &str, most: usize| {
            (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        };
        if !digits(whole, 3) || !digits(fraction, 2) {
            return Err(bad());
        }
        let all: u64 = format!("{whole}{fraction:0<2}").parse().map_err(|_| bad())?;
        if all > Self::WHOLE {
            return Err(bad());
        }
        u16::try_from(all).map(Self).map_err(|_| bad())
    }
}

impl TryFrom<String> for Discount {
    type Error = BadDiscount;

    fn try_from(text: String) -> Result<Self, BadDiscount> {
        text.parse()
    }
}

impl From<Discount> for String {
    fn from(discount: Discount) -> Self {
        discount.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_discounts() {
        for text in ["0%", "5%", "12.5%", "7.25%", "0.05%", "100%"] {
            assert_eq!(text.parse::<Discount>().unwrap().to_string(), text);
        }
        assert_eq!("5".parse::<Discount>().unwrap().left(), 9500);
        assert_eq!("5.50 %".parse::<Discount>().unwrap().to_string(), "5.5%");
        for bad in ["", "%", "-5%", "100.01%", "101", "5,5%", "5.125%", ".5", "5.", "0x5", "999"] {
            assert!(bad.parse::<Discount>().is_err(), "{bad}");
        }
    }
}
