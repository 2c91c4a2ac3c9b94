//! Why an amount is what it is, on the wire.

use crate::domain::{
    lines::Line,
    proration::{ChargeTrace, CreditTrace, Flag, Formula, Piece, Trace},
};
use proto::invoicing::v1 as pb;

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
        amount: Some(trace.amount().into()),
        flags: trace.flags().iter().map(|f: &Flag| f.code().into()).collect(),
        sentence: sentence.ru,
        sentence_en: sentence.en,
        ..pb::Trace::default()
    };
    match trace {
        Trace::Charge(t) => charge(t, common),
        Trace::Credit(t) => credit(t, common),
        Trace::Once(t) => pb::Trace {
            convention: "ONCE".into(),
            formula: format!("{} × {}", t.unit_price.amount(), t.quantity),
            ..common
        },
        Trace::Override(t) => pb::Trace {
            convention: "OVERRIDE".into(),
            formula: t.amount.amount().to_string(),
            override_reason: t.reason.clone(),
            ..common
        },
    }
}

fn charge(t: &ChargeTrace, common: pb::Trace) -> pb::Trace {
    let denominator = match t.formula {
        Formula::Thirtieths => 30,
        _ => t.full.days(),
    };
    let whole = t.formula == Formula::Whole;
    pb::Trace {
        convention: if whole { "WHOLE".into() } else { t.convention.code().into() },
        unit_price: Some(t.unit_price.amount().into()),
        packs: i32::try_from(t.quantity).unwrap_or(i32::MAX),
        start_date: Some(t.period.start().into()),
        last_day: Some(t.period.last().into()),
        pieces: t.pieces.iter().map(|p| piece(p, t.formula, denominator)).collect(),
        formula: formula(t),
        ..common
    }
}

/// A month of the trace: thirtieths over 30, days over the days of the whole period.
fn piece(p: &Piece, formula: Formula, denominator: i64) -> pb::TracePiece {
    let counted =
        if formula == Formula::Days { p.days } else { i64::try_from(p.weight).unwrap_or(0) };
    pb::TracePiece {
        start_date: Some(p.period.start().into()),
        last_day: Some(p.period.last().into()),
        days: i32::try_from(counted).unwrap_or(i32::MAX),
        denominator: i32::try_from(denominator).unwrap_or(i32::MAX),
    }
}

/// `60.00 × (22/30 + 5)`, where whole months are summed up.
fn formula(t: &ChargeTrace) -> String {
    let units = if t.quantity == 1 { String::new() } else { format!(" × {}", t.quantity) };
    let price = t.unit_price.amount();
    match t.formula {
        Formula::Whole if t.numerator == t.denominator => format!("{price}{units}"),
        Formula::Thirtieths if t.price_months == 1 => {
            let parts: Vec<String> = t
                .pieces
                .iter()
                .filter(|p| p.weight != 30)
                .map(|p| format!("{}/30", p.weight))
                .collect();
            let whole = t.pieces.len() - parts.len();
            let months = (whole > 0).then(|| whole.to_string());
            let sum: Vec<String> = parts.into_iter().chain(months).collect();
            format!("{price}{units} × ({})", sum.join(" + "))
        }
        _ => format!("{price}{units} × {}/{}", t.numerator, t.denominator),
    }
}

fn credit(t: &CreditTrace, common: pb::Trace) -> pb::Trace {
    pb::Trace {
        convention: "CREDIT".into(),
        formula: format!(
            "−{} × {}/{} × {}/{}",
            t.billed.amount(),
            t.units,
            t.quantity,
            t.numerator,
            t.denominator
        ),
        ..common
    }
}
