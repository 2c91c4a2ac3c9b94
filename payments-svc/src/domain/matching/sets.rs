//! Several invoices for one payment (payments.md §4.8): listed ones may be paid by the machine,
//! unlisted ones are only proposed.

use super::evidence::{Candidate, Tier};
use super::gates::Case;
use super::reasons::Reason;
use super::{Preset, Proposal, Set, Share};
use types::Money;

/// Most open invoices that sums are tried of.
const MAX_OPEN: usize = 12;

/// Invoices that a text lists.
pub struct Listed {
    /// All of them, as a proposal; several, where one number is that of several invoices.
    pub sets: Vec<Set>,
    /// What each gets, when every gate holds for each.
    pub shares: Option<Vec<Share>>,
}

/// The invoices that the text lists, when these are several.
pub fn listed(case: &Case<'_>) -> Option<Listed> {
    let mut places: Vec<usize> = (0..case.candidates.len())
        .filter(|at| {
            let candidate = &case.candidates[*at];
            candidate.is_named() && candidate.invoice.seller == case.payment.seller
        })
        .collect();
    let spans = |at: &usize| case.candidates[*at].mention.map(|mention| mention.span);
    // Of namesakes that one number names, the payer's own open one is meant.
    let own = |at: &usize| case.candidates[*at].known && case.candidates[*at].is_open();
    let owned: Vec<_> = places.iter().filter(|at| own(at)).map(spans).collect();
    places.retain(|at| own(at) || !owned.contains(&spans(at)));
    // So is the one of its date.
    let dated = |at: &usize| case.candidates[*at].dated();
    let agreed: Vec<_> = places.iter().filter(|at| dated(at) == Some(true)).map(spans).collect();
    places.retain(|at| dated(at) != Some(false) || !agreed.contains(&spans(at)));
    places.sort_by_key(|at| {
        (spans(at), case.candidates[*at].key.full.len(), case.candidates[*at].key.full.clone())
    });
    // One mention, several invoices: only a range or a pair lists them.
    let pairs = |at: &usize| case.candidates[*at].mention.is_some_and(|m| !m.several.is_empty());
    let distinct = places.iter().map(spans).collect::<std::collections::BTreeSet<_>>().len();
    if places.len() < 2 || (distinct < 2 && !places.iter().all(pairs)) {
        return None;
    }
    let equal = sum(case, &places).is_some_and(|sum| sum == case.payment.amount);
    let shares = if equal { shares(case, &places, distinct) } else { None };
    let told_apart = if equal { Vec::new() } else { one_of_each(case, &places) };
    let sets = if told_apart.is_empty() { vec![places] } else { told_apart };
    Some(Listed { sets: sets.iter().map(|places| together(case, places)).collect(), shares })
}

/// What is left to pay of these; none where they are of several currencies.
fn sum(case: &Case<'_>, places: &[usize]) -> Option<Money> {
    let zero = Money::zero(case.payment.amount.currency());
    let mut residuals = places.iter().map(|at| case.candidates[*at].invoice.residual);
    residuals.try_fold(zero, |sum, residual| sum.checked_add(residual).ok())
}

/// Most ways in which namesakes are tried.
const MAX_WAYS: usize = 256;

/// Numbers begin anew each year, so that one of a list may be that of several invoices, of which
/// one is meant: those together whose sum is the amount. A person chooses, the newest ones first.
fn one_of_each(case: &Case<'_>, places: &[usize]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut last = None;
    for at in places {
        let span = case.candidates[*at].mention.map(|mention| mention.span);
        match groups.last_mut() {
            Some(group) if last == Some(span) => group.push(*at),
            _ => groups.push(vec![*at]),
        }
        last = Some(span);
    }
    let ways = groups.iter().try_fold(1_usize, |ways, group| ways.checked_mul(group.len()));
    if groups.len() < 2 || !ways.is_some_and(|ways| (2..=MAX_WAYS).contains(&ways)) {
        return Vec::new();
    }
    let issued = |at: &usize| case.candidates[*at].invoice.issued_on;
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for mut group in groups {
        group.sort_by_key(|at| std::cmp::Reverse(issued(at)));
        let longer = |way: &Vec<usize>| {
            let way = way.clone();
            group.iter().map(move |at| [way.as_slice(), &[*at]].concat()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all.retain(|way| sum(case, way).is_some_and(|sum| sum == case.payment.amount));
    all.truncate(MAX_SETS);
    all
}

/// Listed invoices as one proposal.
fn together(case: &Case<'_>, places: &[usize]) -> Set {
    let mut reasons: Vec<Reason> =
        places.iter().flat_map(|at| case.facts(&case.candidates[*at])).collect();
    reasons.truncate(1);
    reasons.push(Reason::OneOfList { count: places.len() });
    let payer = case.candidates[places[0]].payer.clone();
    reasons.push(payer);
    let over = sum(case, places).and_then(|sum| case.payment.amount.checked_sub(sum).ok());
    reasons.push(match over {
        Some(over) if over.is_zero() => Reason::AmountEqual,
        Some(over) if over.is_negative() => Reason::AmountShort { by: over.negated() },
        Some(over) => Reason::AmountOver { by: over },
        None => Reason::CurrencyDiffers,
    });
    let invoices = places.iter().map(|at| case.candidates[*at].invoice.id).collect();
    Set { invoices, reasons }
}

/// What each listed invoice gets; none unless every gate holds for each of them.
fn shares(case: &Case<'_>, places: &[usize], distinct: usize) -> Option<Vec<Share>> {
    if case.preset != Preset::Standard {
        return None;
    }
    // Every number of the list must be that of one invoice.
    let expected: usize = case
        .payment
        .mentions
        .iter()
        .map(|m| if distinct < 2 { m.several.len().max(1) } else { 1 })
        .sum();
    if places.len() != expected {
        return None;
    }
    // «сч 12 - 800,00, сч 13 - 700,00»: who says how much for each means that much.
    let total = case.payment.amount.amount();
    let residual = |at: &usize| case.candidates[*at].invoice.residual.amount();
    let told =
        |sum: &rust_decimal::Decimal| *sum == total || places.iter().any(|at| residual(at) == *sum);
    if !case.payment.hints.sums.iter().all(told) {
        return None;
    }
    let shares = places.iter().map(|at| {
        let candidate = &case.candidates[*at];
        let mut reasons = case.facts(candidate);
        reasons.push(Reason::OneOfList { count: places.len() });
        reasons.push(Reason::AmountEqual);
        reasons.push(candidate.payer.clone());
        reasons.push(Reason::SellerAccount);
        reasons.extend(case.common(candidate, true));
        if let Some(other) = case.sibling(*at, places) {
            reasons.push(Reason::VetoSiblingOneSlip { other });
        }
        let holds =
            candidate.is_open() && candidate.known && !reasons.iter().any(Reason::is_obstacle);
        let invoice = candidate.invoice;
        let proposal =
            Proposal { invoice: invoice.id, client: invoice.client, payer: invoice.payer, reasons };
        holds.then_some(Share { proposal, amount: invoice.residual })
    });
    let shares: Vec<Share> = shares.collect::<Option<_>>()?;
    let client = shares.first()?.proposal.client;
    shares.iter().all(|share| share.proposal.client == client).then_some(shares)
}

/// Most sets of unlisted invoices that are proposed.
const MAX_SETS: usize = 3;

/// The sets of the payer's open invoices whose sum is the amount, when nothing is named. A sum is
/// weak evidence: they are never more than proposals. What is paid together was mostly billed one
/// after another, and before: sets that leave out few invoices between come first, then those of
/// few and of old ones.
pub fn unlisted(case: &Case<'_>) -> Vec<Set> {
    let mut open: Vec<&Candidate<'_>> = case
        .candidates
        .iter()
        .filter(|c| c.known && c.is_open() && c.invoice.seller == case.payment.seller)
        .filter(|c| c.invoice.residual.currency() == case.payment.amount.currency())
        .collect();
    let named = open.iter().any(|c| c.tier != Tier::None && c.tier != Tier::Bare);
    if named || open.len() > MAX_OPEN || open.len() < 2 {
        return Vec::new();
    }
    open.sort_by_key(|c| (c.invoice.issued_on, c.invoice.id));
    let amount = case.payment.amount.amount();
    let chosen = |set: u32| {
        open.iter().enumerate().filter(move |(at, _)| set & (1 << at) != 0).map(|(_, c)| *c)
    };
    let fits = |set: &u32| {
        let sum: rust_decimal::Decimal = chosen(*set).map(|c| c.invoice.residual.amount()).sum();
        set.count_ones() >= 2 && sum == amount
    };
    let mut sets: Vec<u32> = (1_u32..(1 << open.len())).filter(fits).collect();
    let bits = |is: &dyn Fn(&Candidate<'_>) -> bool| -> u32 {
        open.iter().enumerate().filter(|(_, c)| is(c)).map(|(at, _)| 1_u32 << at).sum()
    };
    let later = bits(&|c| c.invoice.issued_on > case.payment.booked_on);
    let awaited = bits(&|c| case.snapshot.awaited.contains(&c.invoice.id));
    let left_out = |set: u32| {
        let (from, to) = (set.trailing_zeros(), 32 - set.leading_zeros());
        let between = (1..to - from).fold(1_u32, |bits, _| (bits << 1) | 1) << from;
        (between & !set & !awaited).count_ones()
    };
    // The oldest one has the lowest bit.
    sets.sort_by_key(|set| {
        let doubtful = ((set & later).count_ones(), (set & awaited).count_ones());
        let old_first = std::cmp::Reverse(set.reverse_bits());
        (doubtful, left_out(*set), set.count_ones(), old_first)
    });
    let proposal = |set: &u32| {
        let chosen: Vec<&Candidate<'_>> = chosen(*set).collect();
        let payer = chosen.first()?.payer.clone();
        let invoices = chosen.iter().map(|c| c.invoice.id).collect();
        Some(Set { invoices, reasons: vec![Reason::SumOfOpen, payer] })
    };
    sets.iter().take(MAX_SETS).filter_map(proposal).collect()
}

/// Each reason once, in order.
pub fn distinct(reasons: impl Iterator<Item = Reason>) -> Vec<Reason> {
    let mut all: Vec<Reason> = Vec::new();
    for reason in reasons {
        if !all.contains(&reason) {
            all.push(reason);
        }
    }
    all
}
