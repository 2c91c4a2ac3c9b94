//! Currencies that the suite bills in, and how finely each is counted.

use crate::Bilingual;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A currency of ISO 4217, as a closed list: an unknown code is refused at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Russian rouble.
    Rub,
    /// Belarusian rouble.
    Byn,
    /// Ukrainian hryvnia.
    Uah,
    /// Kazakh tenge.
    Kzt,
    /// Euro.
    Eur,
    /// US dollar.
    Usd,
}

/// The code is none of the currencies known to the suite.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown currency {0:?}; one of RUB, BYN, UAH, KZT, EUR, USD is expected")]
pub struct UnknownCurrency(pub String);

impl Bilingual for UnknownCurrency {
    fn ru(&self) -> String {
        format!("неизвестная валюта {:?}; нужна одна из RUB, BYN, UAH, KZT, EUR, USD", self.0)
    }
}

impl Currency {
    /// Every currency, in a fixed order.
    pub const ALL: [Self; 6] = [Self::Rub, Self::Byn, Self::Uah, Self::Kzt, Self::Eur, Self::Usd];

    /// Digits after the decimal point of the minor unit (ISO 4217): 2 for all of them today.
    #[must_use]
    pub const fn scale(self) -> u32 {
        match self {
            Self::Rub | Self::Byn | Self::Uah | Self::Kzt | Self::Eur | Self::Usd => 2,
        }
    }

    /// The ISO 4217 letters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Rub => "RUB",
            Self::Byn => "BYN",
            Self::Uah => "UAH",
            Self::Kzt => "KZT",
            Self::Eur => "EUR",
            Self::Usd => "USD",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    /// Reads the ISO letters; `RUR`, which banks still write, means RUB.
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        if code == "RUR" {
            return Ok(Self::Rub);
        }
        Self::ALL
            .into_iter()
            .find(|c| c.code() == code)
            .ok_or_else(|| UnknownCurrency(code.chars().take(16).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip_and_old_roubles_are_roubles() {
        for currency in Currency::ALL {
            assert_eq!(currency.code().parse(), Ok(currency));
            let stored = serde_json::to_string(&currency).unwrap();
            assert_eq!(stored, format!("\"{}\"", currency.code()));
            assert_eq!(serde_json::from_str::<Currency>(&stored).unwrap(), currency);
        }
        assert_eq!("RUR".parse(), Ok(Currency::Rub));
        let error = "rub".parse::<Currency>().unwrap_err();
        assert!(error.to_string().contains("one of RUB"), "{error}");
    }
}
