//! Tax on a line is a decision: regime × ground × buyer × date → rate, ground and printed phrase.
//!
//! Rates come from dated tables (НК РФ art. 164; 18 → 20 % on 01.01.2019, 20 → 22 % on 01.01.2026).
//! The decision is recorded on the line; nothing is decided again when a document is printed.

mod amounts;
mod rates;

pub use amounts::{TaxRounding, Taxed, document_tax, on_top, within};
pub use rates::{
    Judged, REGIME_5_7_SINCE, TaxError, decide, decide_by_period, judge, judge_by_period,
};

use crate::domain::{codes::codes, texts::Text};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

codes! {
    /// How a seller is taxed.
    TaxRegime {
        /// General system (ОСНО): charges VAT.
        General = "GENERAL",
        /// Simplified system without VAT.
        Simplified = "SIMPLIFIED",
        /// Simplified system with VAT of 5 % (from 2025).
        Simplified5 = "SIMPLIFIED_5",
        /// Simplified system with VAT of 7 % (from 2025).
        Simplified7 = "SIMPLIFIED_7",
    }
}

impl TaxRegime {
    /// First day on which the regime exists, where it is younger than the tables.
    #[must_use]
    pub const fn since(self) -> Option<NaiveDate> {
        match self {
            Self::General | Self::Simplified => None,
            Self::Simplified5 | Self::Simplified7 => Some(REGIME_5_7_SINCE),
        }
    }
}

codes! {
    /// What kind of thing a product is for VAT.
    TaxGround {
        /// General rate, wherever the buyer is.
        Standard = "STANDARD",
        /// Service whose place is the buyer's (data processing, hosting, electronic services).
        Digital = "DIGITAL",
        /// Reduced rate of 10 % (art. 164 p. 2).
        Reduced = "REDUCED",
        /// Right to use software of the Russian register: exempt (art. 149 p. 2 subp. 26).
        SoftwareRegister = "SOFTWARE_REGISTER",
        /// Zero rate (art. 164 p. 1).
        Zero = "ZERO",
    }
}

codes! {
    /// Who buys.
    BuyerKind {
        /// Company.
        Company = "COMPANY",
        /// Sole trader.
        SoleTrader = "SOLE_TRADER",
        /// Individual.
        Individual = "INDIVIDUAL",
        /// State body.
        State = "STATE",
        /// Foreign company.
        Foreign = "FOREIGN",
    }
}

/// The buyer, as far as tax cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// Kind of legal entity.
    pub kind: BuyerKind,
    /// Country, ISO 3166 two letters.
    pub country: [u8; 2],
}

impl Buyer {
    /// A Russian company.
    pub const RUSSIAN_COMPANY: Self = Self { kind: BuyerKind::Company, country: *b"RU" };

    /// A buyer of a country given by two letters; nothing for other texts.
    #[must_use]
    pub fn new(kind: BuyerKind, country: &str) -> Option<Self> {
        let letters: [u8; 2] = country.as_bytes().try_into().ok()?;
        let upper = letters.iter().all(u8::is_ascii_uppercase);
        upper.then_some(Self { kind, country: letters })
    }

    /// True when the buyer's place is outside Russia.
    #[must_use]
    pub fn is_abroad(self) -> bool {
        self.country != *b"RU" || self.kind == BuyerKind::Foreign
    }
}

/// A rate of VAT, or no VAT at all (which is not 0 %).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaxRate(Option<u8>);

impl TaxRate {
    /// No VAT.
    pub const NONE: Self = Self(None);
    /// Rates that the tables know, in per cent.
    pub const PERCENTS: [u8; 7] = [0, 5, 7, 10, 18, 20, 22];

    /// A rate by its per cent, if the tables know it.
    #[must_use]
    pub fn percent_of(percent: u8) -> Option<Self> {
        Self::PERCENTS.contains(&percent).then_some(Self(Some(percent)))
    }

    /// The rate in per cent; `None` means no VAT.
    #[must_use]
    pub const fn percent(self) -> Option<u8> {
        self.0
    }

    /// The rate in per cent with no VAT as 0, for arithmetic.
    #[must_use]
    pub fn points(self) -> u8 {
        self.0.unwrap_or(0)
    }
}

codes! {
    /// Why a line has the rate that it has.
    TaxReason {
        /// General rate of the date.
        GeneralRate = "GENERAL_RATE",
        /// Reduced rate.
        ReducedRate = "REDUCED_RATE",
        /// Zero rate.
        ZeroRate = "ZERO_RATE",
        /// Special rate of the simplified system.
        SimplifiedRate = "SIMPLIFIED_RATE",
        /// The seller's regime charges none.
        SimplifiedSystem = "SIMPLIFIED_SYSTEM",
        /// Software of the Russian register.
        SoftwareRegister = "SOFTWARE_REGISTER",
        /// Place of supply is abroad.
        PlaceAbroad = "PLACE_ABROAD",
        /// The buyer is exempt on these days.
        BuyerExempt = "BUYER_EXEMPT",
    }
}

/// The tax of a line, as decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxDecision {
    /// Rate.
    pub rate: TaxRate,
    /// Why.
    pub reason: TaxReason,
    /// Phrase that documents print.
    pub phrase: Text,
}

codes! {
    /// Whether a price holds its tax, and what stays when the rate changes.
    PriceTax {
        /// Tax is inside; the price to pay stays when the rate changes.
        Included = "INCLUDED",
        /// Tax is inside; the price without tax stays when the rate changes.
        IncludedNetFixed = "INCLUDED_NET_FIXED",
        /// Tax comes on top.
        OnTop = "ON_TOP",
    }
}
