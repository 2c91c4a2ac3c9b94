//! Dated tables of rates, and the decision over them.

use super::{Buyer, TaxDecision, TaxGround, TaxRate, TaxReason, TaxRegime};
use crate::domain::{sellers::RegimeHistory, texts::Text};
use chrono::NaiveDate;
use types::Period;

const fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

/// First day of VAT of 5 and 7 % in the simplified system (176-ФЗ of 12.07.2024).
pub const REGIME_5_7_SINCE: NaiveDate = date(2025, 1, 1);

/// General rate by first day: 117-ФЗ of 07.07.2003, 303-ФЗ of 03.08.2018, 425-ФЗ of 28.11.2025.
const GENERAL: [(NaiveDate, u8); 3] =
    [(date(2004, 1, 1), 18), (date(2019, 1, 1), 20), (date(2026, 1, 1), 22)];

/// Why no rate can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TaxError {
    /// The tables start later.
    #[error("rates are known from {first}; the service date is {0}", first = GENERAL[0].0)]
    BeforeTables(NaiveDate),
    /// The regime did not exist on that day.
    #[error("the regime {regime} does not exist on {day}")]
    NoRegime {
        /// The regime.
        regime: TaxRegime,
        /// The service date.
        day: NaiveDate,
    },
}

/// Decides the tax of one service date.
///
/// # Errors
/// [`TaxError`] when the tables say nothing about the date.
pub fn decide(
    regime: TaxRegime,
    ground: TaxGround,
    buyer: Buyer,
    day: NaiveDate,
) -> Result<TaxDecision, TaxError> {
    Ok(judge(regime, ground, buyer, day)?.decision(day))
}

/// A rate and why, without the phrase that documents print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// Rate.
    pub rate: TaxRate,
    /// Why.
    pub reason: TaxReason,
}

impl Judged {
    const fn none(reason: TaxReason) -> Self {
        Self { rate: TaxRate::NONE, reason }
    }

    fn rated(percent: u8, reason: TaxReason) -> Self {
        Self { rate: TaxRate::percent_of(percent).unwrap_or(TaxRate::NONE), reason }
    }

    /// The same for a buyer who is exempt: what would be charged is not. What is charged at 0 %, or
    /// by nobody, stays for its own reason.
    #[must_use]
    pub fn of_exempt(self) -> Self {
        match self.rate.percent() {
            Some(percent) if percent > 0 => Self::none(TaxReason::BuyerExempt),
            _ => self,
        }
    }

    /// The decision of a day, with the phrase that documents print.
    #[must_use]
    pub fn decision(self, day: NaiveDate) -> TaxDecision {
        let Self { rate, reason } = self;
        TaxDecision { rate, reason, phrase: phrase(rate, reason, day) }
    }
}

/// Judges one service date.
///
/// # Errors
/// [`TaxError`] when the tables say nothing about the date.
pub fn judge(
    regime: TaxRegime,
    ground: TaxGround,
    buyer: Buyer,
    day: NaiveDate,
) -> Result<Judged, TaxError> {
    let general = GENERAL.iter().rev().find(|(since, _)| *since <= day);
    let &(_, general) = general.ok_or(TaxError::BeforeTables(day))?;
    if regime.since().is_some_and(|since| day < since) {
        return Err(TaxError::NoRegime { regime, day });
    }
    // A seller without VAT never prints one, whatever the product or the buyer.
    if regime == TaxRegime::Simplified {
        return Ok(Judged::none(TaxReason::SimplifiedSystem));
    }
    if ground == TaxGround::Digital && buyer.is_abroad() {
        return Ok(Judged::none(TaxReason::PlaceAbroad));
    }
    if ground == TaxGround::SoftwareRegister {
        return Ok(Judged::none(TaxReason::SoftwareRegister));
    }
    Ok(match (regime, ground) {
        (TaxRegime::Simplified5, _) => Judged::rated(5, TaxReason::SimplifiedRate),
        (TaxRegime::Simplified7, _) => Judged::rated(7, TaxReason::SimplifiedRate),
        (_, TaxGround::Reduced) => Judged::rated(10, TaxReason::ReducedRate),
        (_, TaxGround::Zero) => Judged::rated(0, TaxReason::ZeroRate),
        _ => Judged::rated(general, TaxReason::GeneralRate),
    })
}

/// The pieces of a period by decision, in order; they cover it, and neighbours differ (G54).
/// `exempt` are the days on which the buyer is.
///
/// # Errors
/// As [`decide`].
pub fn decide_by_period(
    regimes: &RegimeHistory,
    ground: TaxGround,
    buyer: Buyer,
    exempt: &[Period],
    period: Period,
) -> Result<Vec<(Period, TaxDecision)>, TaxError> {
    let pieces = judge_by_period(regimes, ground, buyer, exempt, period)?;
    Ok(pieces.into_iter().map(|(piece, j)| (piece, j.decision(piece.start()))).collect())
}

/// The same without phrases.
///
/// # Errors
/// As [`judge`].
pub fn judge_by_period(
    regimes: &RegimeHistory,
    ground: TaxGround,
    buyer: Buyer,
    exempt: &[Period],
    period: Period,
) -> Result<Vec<(Period, Judged)>, TaxError> {
    let inside = |cut: &NaiveDate| period.start() < *cut && *cut < period.end();
    let changes = || GENERAL.iter().map(|(since, _)| *since);
    let mut cuts: Vec<NaiveDate> = changes()
        .chain(regimes.rows().iter().map(|(since, _)| *since))
        .chain(exempt.iter().flat_map(|days| [days.start(), days.end()]))
        .filter(inside)
        .chain([period.start()])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut pieces: Vec<(Period, Judged)> = Vec::with_capacity(cuts.len());
    for (i, &start) in cuts.iter().enumerate() {
        let end = cuts.get(i + 1).copied().unwrap_or(period.end());
        let judged = judge(regimes.at(start), ground, buyer, start)?;
        let relieved = exempt.iter().any(|days| days.contains(start));
        let judged = if relieved { judged.of_exempt() } else { judged };
        let Ok(piece) = Period::new(start, end) else { continue };
        match pieces.last_mut() {
            // The phrase may differ by date while the tax does not: the first one is printed.
            Some((last, before)) if *before == judged => {
                *last = Period::new(last.start(), end).unwrap_or(piece);
            }
            _ => pieces.push((piece, judged)),
        }
    }
    Ok(pieces)
}

fn phrase(rate: TaxRate, reason: TaxReason, day: NaiveDate) -> Text {
    match reason {
        // Until 2025 the simplified system was outside VAT; since then small sellers are exempt.
        TaxReason::SimplifiedSystem if day < REGIME_5_7_SINCE => Text::new(
            "НДС не облагается (п. 2 ст. 346.11 НК РФ)",
            "No VAT: simplified system (art. 346.11 p. 2 of the Tax Code)",
        ),
        TaxReason::SimplifiedSystem => Text::new(
            "Без НДС (п. 1 ст. 145 НК РФ)",
            "No VAT: exempt (art. 145 p. 1 of the Tax Code)",
        ),
        TaxReason::PlaceAbroad => Text::new(
            "НДС не облагается, место реализации – не РФ (ст. 148 НК РФ)",
            "No VAT: place of supply is outside Russia (art. 148 of the Tax Code)",
        ),
        TaxReason::BuyerExempt => {
            Text::new("НДС не облагается (освобождение покупателя)", "No VAT: the buyer is exempt")
        }
        TaxReason::SoftwareRegister => Text::new(
            "НДС не облагается (пп. 26 п. 2 ст. 149 НК РФ)",
            "No VAT: registered software (art. 149 p. 2 subp. 26 of the Tax Code)",
        ),
        TaxReason::GeneralRate
        | TaxReason::ReducedRate
        | TaxReason::ZeroRate
        | TaxReason::SimplifiedRate => {
            let percent = rate.points();
            Text::new(format!("НДС {percent} %"), format!("VAT {percent} %"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{cycles::tests::day, tax::BuyerKind};

    fn rate(regime: TaxRegime, ground: TaxGround, buyer: Buyer, on: &str) -> Option<u8> {
        decide(regime, ground, buyer, day(on)).unwrap().rate.percent()
    }

    /// Every rate of design.md §2, by its table.
    #[test]
    fn rates_by_regime_ground_buyer_and_date() {
        use {TaxGround as G, TaxRegime as R};
        let ru = Buyer::RUSSIAN_COMPANY;
        let abroad = Buyer::new(BuyerKind::Foreign, "DE").unwrap();
        let cases = [
            (R::General, G::Standard, ru, "2018-12-31", Some(18)),
            (R::General, G::Standard, ru, "2019-01-01", Some(20)),
            (R::General, G::Standard, ru, "2025-12-31", Some(20)),
            (R::General, G::Digital, ru, "2026-01-01", Some(22)),
            (R::General, G::Reduced, ru, "2026-01-01", Some(10)),
            (R::General, G::Zero, ru, "2026-01-01", Some(0)),
            (R::General, G::SoftwareRegister, ru, "2026-01-01", None),
            (R::General, G::Digital, abroad, "2026-01-01", None),
            (R::General, G::Standard, abroad, "2026-01-01", Some(22)),
            (R::Simplified, G::Standard, ru, "2019-01-01", None),
            (R::Simplified, G::Zero, ru, "2026-01-01", None),
            (R::Simplified5, G::Standard, ru, "2025-01-01", Some(5)),
            (R::Simplified7, G::Digital, ru, "2026-02-01", Some(7)),
            (R::Simplified7, G::SoftwareRegister, ru, "2026-02-01", None),
        ];
        for (regime, ground, buyer, on, expected) in cases {
            assert_eq!(rate(regime, ground, buyer, on), expected, "{regime} {ground} {on}");
        }
    }

    #[test]
    fn dates_outside_the_tables_are_refused() {
        let ru = Buyer::RUSSIAN_COMPANY;
        let early = day("2003-12-31");
        assert_eq!(
            decide(TaxRegime::General, TaxGround::Standard, ru, early),
            Err(TaxError::BeforeTables(early))
        );
        assert!(decide(TaxRegime::Simplified5, TaxGround::Zero, ru, day("2024-12-31")).is_err());
    }

    #[test]
    fn a_seller_without_vat_never_prints_a_rate() {
        for ground in TaxGround::ALL {
            let d =
                decide(TaxRegime::Simplified, *ground, Buyer::RUSSIAN_COMPANY, day("2024-05-05"));
            let d = d.unwrap();
            assert_eq!(d.rate, TaxRate::NONE);
            assert!(!d.phrase.ru.contains('%') && !d.phrase.en.contains('%'), "{:?}", d.phrase);
        }
    }

    /// G54: a period over New Year 2026 has a piece per rate; a change of regime cuts too.
    #[test]
    fn g54_pieces_by_rate() {
        let regimes = RegimeHistory::new(vec![(day("2018-01-01"), TaxRegime::General)]).unwrap();
        let p = Period::new(day("2025-11-01"), day("2026-05-01")).unwrap();
        let ru = Buyer::RUSSIAN_COMPANY;
        let pieces = decide_by_period(&regimes, TaxGround::Standard, ru, &[], p).unwrap();
        let seen: Vec<_> = pieces.iter().map(|(p, d)| (p.to_string(), d.rate.percent())).collect();
        assert_eq!(
            seen,
            [
                ("01.11.2025–31.12.2025".into(), Some(20)),
                ("01.01.2026–30.04.2026".into(), Some(22))
            ]
        );
        let ten = decide_by_period(&regimes, TaxGround::Reduced, ru, &[], p).unwrap();
        assert_eq!(ten.len(), 1, "10 % does not change");
        assert_eq!(ten[0].0, p);
    }

    /// A93: an exempt buyer pays no VAT on the days of the exemption, and a line that crosses its
    /// boundary is cut there; what is charged at 0 % or not at all keeps its own reason.
    #[test]
    fn an_exempt_buyer_is_not_charged() {
        let regimes = RegimeHistory::new(vec![(day("2018-01-01"), TaxRegime::General)]).unwrap();
        let p = Period::new(day("2026-11-01"), day("2027-05-01")).unwrap();
        let exempt = [Period::new(day("2027-01-01"), day("2027-03-01")).unwrap()];
        let ru = Buyer::RUSSIAN_COMPANY;
        let pieces = judge_by_period(&regimes, TaxGround::Standard, ru, &exempt, p).unwrap();
        let seen: Vec<_> =
            pieces.iter().map(|(p, j)| (p.to_string(), j.rate.percent(), j.reason)).collect();
        assert_eq!(
            seen,
            [
                ("01.11.2026–31.12.2026".into(), Some(22), TaxReason::GeneralRate),
                ("01.01.2027–28.02.2027".into(), None, TaxReason::BuyerExempt),
                ("01.03.2027–30.04.2027".into(), Some(22), TaxReason::GeneralRate),
            ]
        );
        for (ground, reason) in [
            (TaxGround::Zero, TaxReason::ZeroRate),
            (TaxGround::SoftwareRegister, TaxReason::SoftwareRegister),
        ] {
            let pieces = judge_by_period(&regimes, ground, ru, &exempt, p).unwrap();
            let reasons: Vec<_> = pieces.iter().map(|(_, j)| j.reason).collect();
            assert_eq!(reasons, [reason]);
        }
    }
}
