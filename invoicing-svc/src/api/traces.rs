//! Why an amount is what it is, on the wire.

use crate::domain::{
    lines::Line,
    proration::{ChargeTrace, Flag, Formula, Piece, Trace},
};
use proto::invoicing::v1 as pb;
use types::period::days_in_month;

/// The trace of a line; of one that several rates share, the pieces of all and the first formula.
pub(super) fn of_line(line: &Line) -> Option<pb::Trace> {
    let mut all = line.traces.iter().map(|t| encode(t, line));
    let mut first = all.next()?;
    for more in all {
        first.pieces.extend(more.pieces);
        first.flags.extend(more.flags);
        first.formula = format!("{} + {}", first.formula, more.formula);
        first.sentence = format!("{} {}", first.sentence, more.sentence);
        first.sentence_en = format!("{} {}", first.sentence_en, more.sentence_en);
    }
    first.amount = Some(line.amounts.gross.into());
    Some(first)
}

fn encode(trace: &Trace, line: &Line) -> pb::Trace {
    let sentence = trace.sentence();
    let common = pb::Trace {
        unit_price: Some(line.unit_price.amount().into()),
        packs: i32::try_from(line.quantity).unwrap_or(i32::MAX),
        start_date: Some(line.period.start().into()),
        last_day: Some(line.period.last().into()),
        formula: trace.formula(),
        amount: Some(trace.amount().into()),
        flags: trace.flags().iter().map(|f: &Flag| f.code().into()).collect(),
        sentence: sentence.ru,
        sentence_en: sentence.en,
        ..pb::Trace::default()
    };
    match trace {
        Trace::Charge(t) => charge(t, common),
        Trace::Credit(_) => pb::Trace { convention: "CREDIT".into(), ..common },
        Trace::Once(_) => pb::Trace { convention: "ONCE".into(), ..common },
        Trace::Override(t) => {
            pb::Trace { convention: "OVERRIDE".into(), override_reason: t.reason.clone(), ..common }
        }
    }
}

fn charge(t: &ChargeTrace, common: pb::Trace) -> pb::Trace {
    let whole = t.formula == Formula::Whole;
    pb::Trace {
        convention: if whole { "WHOLE".into() } else { t.convention.code().into() },
        unit_price: Some(t.unit_price.amount().into()),
        packs: i32::try_from(t.quantity).unwrap_or(i32::MAX),
        start_date: Some(t.period.start().into()),
        last_day: Some(t.period.last().into()),
        pieces: t.pieces.iter().map(|p| piece(p, t)).collect(),
        override_reason: t.price_reason.clone().unwrap_or_default(),
        ..common
    }
}

/// A month of the trace: thirtieths over 30, days over the days of the month or the whole period.
fn piece(p: &Piece, t: &ChargeTrace) -> pb::TracePiece {
    let thirtieths = i64::try_from(p.weight).unwrap_or(i64::MAX);
    let (counted, denominator) = match t.formula {
        Formula::Thirtieths => (thirtieths, 30),
        Formula::Months => (p.days, i64::from(days_in_month(p.period.start()))),
        Formula::Whole | Formula::Days | Formula::Nothing => (p.days, t.full.days()),
    };
    pb::TracePiece {
        start_date: Some(p.period.start().into()),
        last_day: Some(p.period.last().into()),
        days: i32::try_from(counted).unwrap_or(i32::MAX),
        denominator: i32::try_from(denominator).unwrap_or(i32::MAX),
    }
}
