//! The rules, one function each.

use super::{Case, Draft, DraftLine, Finding, Fix, Rule, Severity, Subject};
use crate::domain::{
    billing::{
        history::{BillingError, Event, Happened},
        lines::{Kind, Line, tax_terms},
        timeline::{price_at, timeline},
    },
    cycles::Cycle,
    fractions::share,
    periods::{PeriodRule, check_extra, ends_with_month, is_exact_year},
    pricing::PricingError,
    proration::told_in_russian as ru,
    texts::Text,
};
use types::{Money, money::MoneyError};

fn say(
    found: &mut Vec<Finding>,
    (rule, severity): (Rule, Severity),
    subject: Subject,
    (ru, en): (String, String),
    fix: Fix,
) {
    found.push(Finding { rule, severity, subject, text: Text::new(ru, en), fix });
}

/// A133: one product of a family at a time.
pub(super) fn families(case: &Case<'_>, found: &mut Vec<Finding>) {
    let subscriptions = &case.history.subscriptions;
    let standing: Vec<usize> = (0..subscriptions.len())
        .filter(|i| {
            let ended = |e: &Event| e.what == Happened::End && e.on <= case.today;
            !subscriptions[*i].events.iter().any(ended)
        })
        .collect();
    let product = |i: usize| &case.history.products[product_now(case, i)];
    for (n, &first) in standing.iter().enumerate() {
        for &second in &standing[n + 1..] {
            let (a, b) = (product(first), product(second));
            let Some(family) = a.family.as_ref().filter(|f| b.family.as_ref() == Some(f)) else {
                continue;
            };
            let may = |(f, reason): &(String, String)| f == family && !reason.trim().is_empty();
            if case.allowed.iter().any(may) {
                continue;
            }
            say(
                found,
                (Rule::DuplicateFamily, Severity::Error),
                Subject::Subscription(second),
                (
                    format!(
                        "{} и {} – одно и то же ({family}); увеличьте количество",
                        a.code, b.code
                    ),
                    format!("{} and {} are both {family}; increase the quantity", a.code, b.code),
                ),
                Fix::Merge { keep: first, end: second },
            );
        }
    }
}

fn product_now(case: &Case<'_>, index: usize) -> usize {
    let subscription = &case.history.subscriptions[index];
    let changes = subscription.events.iter().filter(|e| e.on <= case.today);
    let last = changes
        .filter_map(|e| match e.what {
            Happened::Product(product) => Some((e.on, product)),
            _ => None,
        })
        .max_by_key(|(on, _)| *on);
    last.map_or(subscription.product, |(_, product)| product)
}

/// A165, A175: a price by hand needs a reason, and must not be the price of another cycle.
pub(super) fn prices(case: &Case<'_>, found: &mut Vec<Finding>) -> Result<(), BillingError> {
    for index in 0..case.history.subscriptions.len() {
        let timeline = timeline(case.history, index)?;
        let Some(now) = timeline.stretches.iter().rev().find(|s| s.terms.by_hand) else {
            continue;
        };
        let subject = Subject::Subscription(index);
        let reason = timeline.reason(now.from).unwrap_or_default();
        if reason.trim().is_empty() {
            say(
                found,
                (Rule::OverrideWithoutReason, Severity::Error),
                subject,
                (
                    "Цена задана вручную без причины".into(),
                    "A price set by hand has no reason".into(),
                ),
                Fix::Reason,
            );
        }
        let Some((_, months)) = timeline.period(now.from) else { continue };
        let product = &case.history.products[now.terms.product];
        let set = cycle_price(now.terms.unit_price, now.terms.price_months, months)?;
        let Some(listed) = price_at(product, Cycle::Months(months), case.today) else { continue };
        let expected = discounted(listed.amount, listed.months, months, listed.discount.left())?;
        let of_other = product.prices.iter().any(|p| {
            // The list's own figure for fewer months, standing under the longer cycle.
            let other = p.cycle != Cycle::Months(months) || p.months != months;
            other && p.amount == set && set != expected
        });
        if of_other {
            say(
                found,
                (Rule::PriceCycleMismatch, Severity::Error),
                subject,
                (
                    format!(
                        "{} – цена другого цикла; за {months} мес. ожидается {}",
                        ru(set),
                        ru(expected)
                    ),
                    format!(
                        "{set} is the price of another cycle; {expected} is expected for \
                         {months} months"
                    ),
                ),
                Fix::Price(expected),
            );
        }
    }
    Ok(())
}

fn cycle_price(amount: Money, per: u32, months: u32) -> Result<Money, MoneyError> {
    share(amount, u64::from(months), u64::from(per))
}

fn discounted(amount: Money, per: u32, months: u32, left: u64) -> Result<Money, MoneyError> {
    share(amount, u64::from(months) * left, u64::from(per) * 10_000)
}

/// A182: who sells it issues it.
pub(super) fn issuer(
    case: &Case<'_>,
    draft: &Draft,
    line: &DraftLine,
    subject: Subject,
    found: &mut Vec<Finding>,
) {
    let product = &case.history.products[line.line.terms.product];
    if product.seller == draft.seller {
        return;
    }
    let id = |at: usize| &case.history.sellers[at].id;
    let (right, wrong) = (id(product.seller), id(draft.seller));
    say(
        found,
        (Rule::IssuerMismatch, Severity::Error),
        subject,
        (
            format!("{} продаёт {right}, а счёт выставляет {wrong}", product.code),
            format!("{} is sold by {right}, the invoice is {wrong}'s", product.code),
        ),
        Fix::Seller(product.seller),
    );
}

/// A159, A160, A161: ends with the main service, at the end of a month, or is exactly one year.
pub(super) fn ends(
    case: &Case<'_>,
    line: &DraftLine,
    subject: Subject,
    found: &mut Vec<Finding>,
) -> Result<(), BillingError> {
    let of = &line.line;
    if !matches!(of.kind, Kind::Renewal | Kind::Change) || is_exact_year(of.period) {
        return Ok(());
    }
    let own = timeline(case.history, of.subscription)?;
    // What ends because the subscription or its terms do is not measured by the main service.
    let cut = own.stretches.iter().any(|s| s.to == Some(of.period.end()))
        || own.settled.iter().any(|s| s.start() == of.period.end());
    let main = own.period(of.period.start()).map(|(period, _)| period);
    if cut || own.end == Some(of.period.end()) {
        return Ok(());
    }
    // Where periods are months of the calendar, an end inside a month is wrong in itself.
    let calendar = main.is_none_or(ends_with_month);
    let alone = if calendar && main.is_some() { check_extra(of.period, None) } else { Vec::new() };
    for broken in check_extra(of.period, main).into_iter().chain(alone) {
        let rule = match broken.rule {
            PeriodRule::EndDiffersFromMain => Rule::EndDiffersFromMain,
            PeriodRule::EndInsideMonth => Rule::EndInsideMonth,
        };
        let text = broken.text();
        let fix = Fix::LastDay(broken.offered);
        found.push(Finding { rule, severity: Severity::Error, subject, text, fix });
    }
    Ok(())
}

/// Accounting must know what it books.
pub(super) fn accounting(
    case: &Case<'_>,
    line: &DraftLine,
    subject: Subject,
    found: &mut Vec<Finding>,
) {
    if line.accounting_code.as_ref().is_some_and(|code| !code.trim().is_empty()) {
        return;
    }
    let product = line.line.terms.product;
    let code = &case.history.products[product].code;
    say(
        found,
        (Rule::NoAccountingCode, Severity::Warning),
        subject,
        (format!("У {code} нет кода для бухгалтерии"), format!("{code} has no code of accounting")),
        Fix::AccountingCode(product),
    );
}

/// Rate and phrase as the law gives them for the days of the line.
pub(super) fn vat(
    case: &Case<'_>,
    line: &DraftLine,
    subject: Subject,
    found: &mut Vec<Finding>,
) -> Result<(), BillingError> {
    let of = &line.line;
    // A credit keeps the decisions of the line that it credits.
    if of.kind == Kind::Credit {
        return Ok(());
    }
    let tax = tax_terms(case.history, &of.terms);
    let law = tax.judge(of.period).map_err(PricingError::from)?;
    let decided = law.iter().map(|(period, judged)| judged.decision(period.start()));
    for (i, right) in decided.enumerate() {
        let rate = of.segments.get(i).map(|s| s.judged.rate);
        let phrase = line.phrases.get(i);
        if rate == Some(right.rate) && phrase == Some(&right.phrase) {
            continue;
        }
        say(
            found,
            (Rule::VatPhrase, Severity::Error),
            subject,
            (
                format!("НДС за {}: должно быть «{}»", of.period, right.phrase.ru),
                format!("VAT for {}: {:?} is right", of.period, right.phrase.en),
            ),
            Fix::Vat(right.rate, right.phrase),
        );
        break;
    }
    Ok(())
}

/// An amount by hand needs a reason.
pub(super) fn reason(line: &DraftLine, subject: Subject, found: &mut Vec<Finding>) {
    let told = line.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
    if line.line.by_hand && !told {
        say(
            found,
            (Rule::OverrideWithoutReason, Severity::Error),
            subject,
            (
                "Сумма задана вручную без причины".into(),
                "An amount set by hand has no reason".into(),
            ),
            Fix::Reason,
        );
    }
}

/// Nothing for something, or less than nothing for no credit.
pub(super) fn amounts(line: &DraftLine, subject: Subject, found: &mut Vec<Finding>) {
    let (of, gross) = (&line.line, line.line.amounts.gross);
    if gross.is_zero() && !of.terms.unit_price.is_zero() && of.kind != Kind::Credit {
        say(
            found,
            (Rule::Zero, Severity::Warning),
            subject,
            (
                "Строка на 0,00, хотя цена не нулевая".into(),
                "A line of 0.00 at a price above it".into(),
            ),
            Fix::Remove,
        );
    }
    if gross.is_negative() && of.credits.is_none() {
        say(
            found,
            (Rule::Negative, Severity::Error),
            subject,
            (
                format!("{} не возвращает ни одной строки", ru(gross)),
                format!("{gross} credits no line"),
            ),
            Fix::Amount(gross.negated()),
        );
    }
}

/// More than twice, or less than half, of the last one for as many days and units.
pub(super) fn jump(line: &DraftLine, subject: Subject, found: &mut Vec<Finding>) {
    let Some(last) = &line.last else { return };
    let now = &line.line;
    let whole = |l: &Line| l.period == l.full;
    if !whole(now) || !whole(last) || now.full_months != last.full_months {
        return;
    }
    let (was, is) = (last.amounts.gross.minor(), now.amounts.gross.minor());
    if is > 2 * was || 2 * is < was {
        let (a, b) = (last.amounts.gross, now.amounts.gross);
        say(
            found,
            (Rule::Jump, Severity::Warning),
            subject,
            (
                format!("Было {}, стало {}; проверьте", ru(a), ru(b)),
                format!("It was {a} and is {b}; check it"),
            ),
            Fix::Confirm,
        );
    }
}

/// An invoice asks for money.
pub(super) fn total(
    draft: &Draft,
    subject: Subject,
    found: &mut Vec<Finding>,
) -> Result<(), BillingError> {
    let Some(first) = draft.lines.first() else { return Ok(()) };
    let amounts = draft.lines.iter().map(|l| l.line.amounts.gross);
    let amounts = amounts.chain(draft.by_hand.iter().copied());
    let sum = Money::sum(first.line.amounts.gross.currency(), amounts)?;
    let credits_only =
        draft.by_hand.is_empty() && draft.lines.iter().all(|l| l.line.kind == Kind::Credit);
    if sum.is_negative() && !credits_only {
        say(
            found,
            (Rule::Negative, Severity::Error),
            subject,
            (format!("Итог {} меньше нуля", ru(sum)), format!("The total {sum} is below zero")),
            Fix::Confirm,
        );
    }
    Ok(())
}
