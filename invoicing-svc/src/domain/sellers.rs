//! Sellers: the legal entities of the company that runs the suite, and their tax regimes by date.

use crate::domain::tax::TaxRegime;
use chrono::{Datelike, NaiveDate};
use types::id::SellerId;

/// A selling legal entity with what its invoices print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// Identity.
    pub id: SellerId,
    /// Full legal name, as documents print it.
    pub name: String,
    /// Tax id (INN, 10 or 12 digits).
    pub inn: String,
    /// Tax registration reason code (KPP), absent for sole traders.
    pub kpp: Option<String>,
    /// State registration number (OGRN or OGRNIP).
    pub ogrn: Option<String>,
    /// Legal address in one line.
    pub address: String,
    /// Account that invoices ask to pay to.
    pub bank: BankDetails,
    /// Who signs for the seller.
    pub signatory: Option<String>,
    /// Its regime through time.
    pub regimes: RegimeHistory,
}

/// Where money for a seller is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankDetails {
    /// Account, 20 digits.
    pub account: String,
    /// Name of the bank.
    pub bank: String,
    /// BIC, 9 digits.
    pub bic: String,
    /// Correspondent account of the bank, 20 digits.
    pub correspondent: String,
}

/// A seller's tax regime by date: each holds from its date until the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegimeHistory(Vec<(NaiveDate, TaxRegime)>);

/// Why a list of regimes is not a history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegimeError {
    /// Nothing is known about any date.
    #[error("regimes: at least one regime with its first day is expected")]
    None,
    /// Two regimes start on one day.
    #[error("regimes: two regimes start on {0}; keep one")]
    SameDay(NaiveDate),
    /// A change inside a month: acts are of whole months and have one regime each.
    #[error("regimes: a regime changes on the first day of a month; got {0}")]
    InsideMonth(NaiveDate),
    /// The regime did not exist yet.
    #[error("regimes: {regime} exists from {since} only; it cannot start on {start}")]
    TooEarly {
        /// The regime.
        regime: TaxRegime,
        /// First day of its existence.
        since: NaiveDate,
        /// First day as given.
        start: NaiveDate,
    },
}

impl RegimeHistory {
    /// A history from its rows, in any order.
    ///
    /// # Errors
    /// [`RegimeError`] for an empty list, two rows of one day, a change inside a month, or a
    /// regime before its law.
    pub fn new(mut rows: Vec<(NaiveDate, TaxRegime)>) -> Result<Self, RegimeError> {
        rows.sort_unstable();
        if rows.is_empty() {
            return Err(RegimeError::None);
        }
        for pair in rows.windows(2) {
            if pair[0].0 == pair[1].0 {
                return Err(RegimeError::SameDay(pair[0].0));
            }
        }
        if let Some((start, _)) = rows[1..].iter().find(|(start, _)| start.day() != 1) {
            return Err(RegimeError::InsideMonth(*start));
        }
        for &(start, regime) in &rows {
            if let Some(since) = regime.since().filter(|since| start < *since) {
                return Err(RegimeError::TooEarly { regime, since, start });
            }
        }
        Ok(Self(rows))
    }

    /// The regime on a day; the earliest one also holds before its first day.
    #[must_use]
    pub fn at(&self, day: NaiveDate) -> TaxRegime {
        let after = self.0.partition_point(|(since, _)| *since <= day);
        self.0[after.saturating_sub(1)].1
    }

    /// The rows, by date.
    #[must_use]
    pub fn rows(&self) -> &[(NaiveDate, TaxRegime)] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cycles::tests::day;

    #[test]
    fn regime_holds_until_the_next() {
        let h = RegimeHistory::new(vec![
            (day("2025-01-01"), TaxRegime::Simplified5),
            (day("2018-01-01"), TaxRegime::Simplified),
        ])
        .unwrap();
        assert_eq!(h.at(day("2017-01-01")), TaxRegime::Simplified);
        assert_eq!(h.at(day("2024-12-31")), TaxRegime::Simplified);
        assert_eq!(h.at(day("2025-01-01")), TaxRegime::Simplified5);
    }

    #[test]
    fn impossible_histories_are_refused() {
        assert_eq!(RegimeHistory::new(vec![]), Err(RegimeError::None));
        let d = day("2024-01-01");
        let twice = vec![(d, TaxRegime::General), (d, TaxRegime::Simplified)];
        assert_eq!(RegimeHistory::new(twice), Err(RegimeError::SameDay(d)));
        let inside = (day("2024-03-05"), TaxRegime::Simplified);
        assert_eq!(
            RegimeHistory::new(vec![(d, TaxRegime::General), inside]),
            Err(RegimeError::InsideMonth(inside.0))
        );
        assert!(matches!(
            RegimeHistory::new(vec![(d, TaxRegime::Simplified5)]),
            Err(RegimeError::TooEarly { .. })
        ));
    }
}
