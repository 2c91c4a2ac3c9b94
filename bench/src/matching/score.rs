//! How right decisions are: by class, with the bounds that the number of lines allows
//! (payments.md §4.11, "Metrics").

use super::lines::{CLASSES, Line};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// One class of lines.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tally {
    /// Class.
    pub class: String,
    /// Lines.
    pub lines: u64,
    /// Of them decidable.
    pub decidable: u64,
    /// Set against something by the machine.
    pub auto: u64,
    /// Of these not as it should be.
    pub wrong: u64,
    /// Decidable ones that were set against the right invoices.
    pub found: u64,
    /// Proposed to a person, where something is meant.
    pub suggested: u64,
    /// Of these with the right invoices first.
    pub first: u64,
    /// Of these with the right invoices among the first three.
    pub third: u64,
}

/// All classes.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Score {
    /// Each class.
    pub classes: Vec<Tally>,
    /// The first wrong ones, to look at.
    #[serde(skip)]
    pub examples: Vec<String>,
    /// The first decidable ones that were not decided.
    #[serde(skip)]
    pub missed: Vec<String>,
    /// The first ones of which another proposal stands before the right one.
    #[serde(skip)]
    pub misplaced: Vec<String>,
}

/// What was decided about a line.
#[derive(Debug, Default)]
pub struct Decided {
    /// Allocations, minor units.
    pub auto: Vec<(usize, u64)>,
    /// Proposals, best first.
    pub proposals: Vec<Vec<usize>>,
    /// Why.
    pub reasons: Vec<String>,
}

impl Decided {
    /// From a row that `bank decide` prints.
    #[must_use]
    pub fn of(answer: &Value) -> Self {
        let place = |id: &Value| id.as_str().and_then(|id| id.strip_prefix('i')?.parse().ok());
        let minor = |amount: &Value| amount.as_str().and_then(|a| a.replace('.', "").parse().ok());
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let auto = list(&answer["allocations"]);
        let auto = auto.iter().filter_map(|a| Some((place(&a["invoice"])?, minor(&a["amount"])?)));
        let proposals = list(&answer["proposals"]);
        let proposals =
            proposals.iter().map(|p| list(&p["invoices"]).iter().filter_map(place).collect());
        let reasons = list(&answer["reasons"]);
        let reasons = reasons.iter().filter_map(|r| r.as_str().map(str::to_owned));
        Self { auto: auto.collect(), proposals: proposals.collect(), reasons: reasons.collect() }
    }
}

impl Score {
    /// Counts.
    #[must_use]
    pub fn of(lines: &[Line], decided: &[Decided]) -> Self {
        let mut score = Self::default();
        let tally = |class: &str| Tally { class: class.into(), ..Tally::default() };
        score.classes = CLASSES.iter().map(|(class, _)| tally(class)).collect();
        for (line, decided) in lines.iter().zip(decided) {
            score.line(line, decided);
        }
        score
    }

    fn line(&mut self, line: &Line, decided: &Decided) {
        let Some(tally) = self.classes.iter_mut().find(|t| t.class == line.class) else { return };
        tally.lines += 1;
        tally.decidable += u64::from(line.decidable);
        let set = |shares: &[(usize, u64)]| shares.iter().copied().collect::<BTreeSet<_>>();
        let right = !line.truth.is_empty() && set(&decided.auto) == set(&line.truth);
        // What leads astray is right only where it can be known.
        let lucky = line.class.starts_with('C') && !line.decidable;
        if !decided.auto.is_empty() {
            tally.auto += 1;
            if !right || lucky {
                tally.wrong += 1;
                if self.examples.len() < 40 {
                    let example = format!("{} {} → {:?}", line.class, line.json, decided.auto);
                    self.examples.push(example);
                }
            }
            tally.found += u64::from(right && line.decidable);
        } else if line.decidable && self.missed.len() < 400 {
            self.missed.push(format!(
                "{} {} {:?} {:?}",
                line.class, line.json, line.truth, decided.reasons
            ));
        }
        if decided.auto.is_empty() && !decided.proposals.is_empty() && !line.truth.is_empty() {
            let meant: BTreeSet<usize> = line.truth.iter().map(|(at, _)| *at).collect();
            let is = |p: &Vec<usize>| p.iter().copied().collect::<BTreeSet<_>>() == meant;
            tally.suggested += 1;
            let first = decided.proposals.first().is_some_and(is);
            tally.first += u64::from(first);
            tally.third += u64::from(decided.proposals.iter().take(3).any(is));
            if !first && self.misplaced.len() < 400 {
                let proposed = &decided.proposals;
                self.misplaced.push(format!(
                    "{} {} {:?} proposed {proposed:?} {:?}",
                    line.class, line.json, line.truth, decided.reasons
                ));
            }
        }
    }

    /// Σ of the classes that begin so.
    #[must_use]
    pub fn sum(&self, of: &str) -> Tally {
        let mut sum = Tally { class: of.into(), ..Tally::default() };
        for tally in self.classes.iter().filter(|tally| tally.class.starts_with(of)) {
            sum.lines += tally.lines;
            sum.decidable += tally.decidable;
            sum.auto += tally.auto;
            sum.wrong += tally.wrong;
            sum.found += tally.found;
            sum.suggested += tally.suggested;
            sum.first += tally.first;
            sum.third += tally.third;
        }
        sum
    }

    /// As a table for people.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::from(
            "| class | lines | decidable | auto | wrong | recall | suggested | hit@1 | hit@3 |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        );
        let mut all = self.classes.clone();
        all.extend(["A", "B", "C", ""].map(|of| self.sum(of)));
        for t in all {
            let of = |part: u64, whole: u64| match whole {
                0 => String::from("–"),
                _ => format!("{:.4}", part as f64 / whole as f64),
            };
            let class = if t.class.is_empty() { "all" } else { &t.class };
            let _ = writeln!(
                text,
                "| {class} | {} | {} | {} | {} | {} | {} | {} | {} |",
                t.lines,
                t.decidable,
                t.auto,
                t.wrong,
                of(t.found, t.decidable),
                t.suggested,
                of(t.first, t.suggested),
                of(t.third, t.suggested)
            );
        }
        text
    }
}

/// So large may the share of wrong ones be, at 95 %, where so many of so many were (Poisson).
#[must_use]
pub fn wrong_at_most(wrong: u64, of: u64) -> f64 {
    // Of many the normal one is near enough, and does not underflow.
    if wrong > 100 {
        let k = wrong as f64;
        return (k + 1.645 * k.sqrt() + 2.0) / (of.max(1) as f64);
    }
    // The mean under which so few or fewer have a chance of one in twenty.
    let chance = |mean: f64| {
        let mut term = (-mean).exp();
        let mut sum = term;
        for k in 1..=wrong {
            term *= mean / k as f64;
            sum += term;
        }
        sum
    };
    let (mut low, mut high) = (0.0_f64, 10.0 + 3.0 * wrong as f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if chance(middle) > 0.05 { low = middle } else { high = middle }
    }
    high / (of.max(1) as f64)
}

/// So small may a share be, at 95 % (Wilson).
#[must_use]
pub fn at_least(found: u64, of: u64) -> f64 {
    let (n, z) = (of.max(1) as f64, 1.644_853_6_f64);
    let p = found as f64 / n;
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    (p + z * z / (2.0 * n) - spread) / (1.0 + z * z / n)
}
