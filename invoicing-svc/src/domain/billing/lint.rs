//! What a tired person would overlook in a client's subscriptions and drafts: rules, each with a
//! severity, a text and what to do as data (A133, A159–A161, A165, A175, A182; G8, G12).

mod rules;

use super::{
    history::{BillingError, History},
    lines::Line,
};
use crate::domain::{
    codes::codes, proration::told_in_russian as in_russian, tax::TaxRate, texts::Text,
};
use chrono::NaiveDate;
use types::Money;

codes! {
    /// A rule.
    Rule {
        /// Two products of one family at a time (A133).
        DuplicateFamily = "DUPLICATE_FAMILY",
        /// The price is that of another cycle (A165).
        PriceCycleMismatch = "PRICE_CYCLE_MISMATCH",
        /// The line ends on another day than the main service (A159).
        EndDiffersFromMain = "END_DIFFERS_FROM_MAIN",
        /// The line ends inside a month, and is not for exactly one year (A160, A161).
        EndInsideMonth = "END_INSIDE_MONTH",
        /// Accounting does not know the product.
        NoAccountingCode = "NO_ACCOUNTING_CODE",
        /// The product is sold by another legal entity (A182).
        IssuerMismatch = "ISSUER_MISMATCH",
        /// Rate or phrase of VAT is not what the law gives for the days of the line.
        VatPhrase = "VAT_PHRASE",
        /// A price or an amount was set by hand, and nobody said why (A175).
        OverrideWithoutReason = "OVERRIDE_WITHOUT_REASON",
        /// A line of 0.00 of something that costs.
        Zero = "ZERO",
        /// A line below zero that credits nothing, or an invoice below zero.
        Negative = "NEGATIVE",
        /// More than twice, or less than half, of the last one.
        Jump = "JUMP",
    }
}

codes! {
    /// How bad it is.
    Severity {
        /// The draft must not be issued.
        Error = "ERROR",
        /// A person should look.
        Warning = "WARNING",
    }
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A subscription.
    Subscription(usize),
    /// A draft.
    Draft(usize),
    /// A line of a draft.
    Line(usize, usize),
}

/// What would put it right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// End one of two subscriptions and add its units to the other one (A134).
    Merge {
        /// The one to keep.
        keep: usize,
        /// The one to end.
        end: usize,
    },
    /// Take this price of a cycle.
    Price(Money),
    /// End on this day, included.
    LastDay(NaiveDate),
    /// Give the product a code of accounting.
    AccountingCode(usize),
    /// Move the line to an invoice of this seller.
    Seller(usize),
    /// Take this rate and phrase.
    Vat(TaxRate, Text),
    /// Say why.
    Reason,
    /// Take this amount.
    Amount(Money),
    /// Take the line out.
    Remove,
    /// Look, and go on.
    Confirm,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Rule.
    pub rule: Rule,
    /// Severity.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// What is wrong.
    pub text: Text,
    /// What to do.
    pub fix: Fix,
}

/// A line of a draft as it would be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftLine {
    /// As the engine, or a person, made it.
    pub line: Line,
    /// Code of accounting, as printed.
    pub accounting_code: Option<String>,
    /// Phrases of VAT by segment, as printed.
    pub phrases: Vec<Text>,
    /// Why a person set the amount.
    pub reason: Option<String>,
    /// The renewal before it, of the same product of the subscription.
    pub last: Option<Line>,
}

/// A draft of an invoice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// Who issues it.
    pub seller: usize,
    /// Lines.
    pub lines: Vec<DraftLine>,
    /// Amounts of lines that are of no product and no subscription: a person wrote them.
    pub by_hand: Vec<Money>,
}

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// A client's subscriptions and the catalogue.
    pub history: &'a History,
    /// The client's drafts.
    pub drafts: &'a [Draft],
    /// The day.
    pub today: NaiveDate,
    /// Families of which the client may have several, with the reason.
    pub allowed: &'a [(String, String)],
}

/// Everything that is wrong, by subject.
///
/// # Errors
/// [`BillingError`] where the history itself cannot be read.
pub fn lint(case: &Case<'_>) -> Result<Vec<Finding>, BillingError> {
    let mut found = Vec::new();
    rules::families(case, &mut found);
    rules::prices(case, &mut found)?;
    for (d, draft) in case.drafts.iter().enumerate() {
        for (l, line) in draft.lines.iter().enumerate() {
            let subject = Subject::Line(d, l);
            rules::issuer(case, draft, line, subject, &mut found);
            rules::ends(case, line, subject, &mut found)?;
            rules::accounting(case, line, subject, &mut found);
            rules::vat(case, line, subject, &mut found)?;
            rules::reason(line, subject, &mut found);
            rules::amounts(line, subject, &mut found);
            rules::jump(line, subject, &mut found);
        }
        rules::total(draft, Subject::Draft(d), &mut found)?;
    }
    found.sort_by_key(|f| (f.subject, f.rule));
    Ok(found)
}

/// Drafts of lines that the engine made: one per contract and seller.
#[must_use]
pub fn drafts(history: &History, lines: &[Line], billed: &[Vec<Line>]) -> Vec<Draft> {
    let mut drafts: Vec<((usize, usize), Draft)> = Vec::new();
    for line in lines {
        let product = &history.products[line.terms.product];
        let last = billed.get(line.subscription).and_then(|of| before(of, line));
        let decided = line.segments.iter().map(|s| s.judged.decision(s.period.start()).phrase);
        let draft_line = DraftLine {
            line: line.clone(),
            accounting_code: product.accounting_code.clone(),
            phrases: decided.collect(),
            reason: None,
            last: last.cloned(),
        };
        let key = (line.terms.contract, product.seller);
        match drafts.iter_mut().find(|(known, _)| *known == key) {
            Some((_, draft)) => draft.lines.push(draft_line),
            None => {
                let (seller, lines, by_hand) = (product.seller, vec![draft_line], Vec::new());
                drafts.push((key, Draft { seller, lines, by_hand }));
            }
        }
    }
    drafts.into_iter().map(|(_, draft)| draft).collect()
}

impl Fix {
    /// What to do, as a person is told.
    #[must_use]
    pub fn text(&self, history: &History) -> Text {
        let day = |day: &NaiveDate| day.format("%d.%m.%Y").to_string();
        let of = |at: &usize| history.subscriptions.get(*at).map(|s| s.product);
        let code = |product: Option<usize>| {
            product.and_then(|at| history.products.get(at)).map_or("", |p| p.code.as_str())
        };
        let (ru, en) = match self {
            Self::Merge { keep, end } => {
                let (keep, end) = (code(of(keep)), code(of(end)));
                (
                    format!("Завершите {end} и увеличьте количество {keep}"),
                    format!("End {end} and add its units to {keep}"),
                )
            }
            Self::Price(price) => (
                format!("Поставьте цену {}", in_russian(*price)),
                format!("Set the price to {price}"),
            ),
            Self::LastDay(last) => {
                (format!("Закончите {}", day(last)), format!("End on {}", day(last)))
            }
            Self::AccountingCode(product) => {
                let code = code(Some(*product));
                (
                    format!("Укажите код для бухгалтерии у {code}"),
                    format!("Give {code} a code of accounting"),
                )
            }
            Self::Seller(seller) => {
                let seller = history.sellers.get(*seller).map_or("", |s| s.id.as_str());
                (
                    format!("Перенесите строку в счёт продавца {seller}"),
                    format!("Move the line to an invoice of {seller}"),
                )
            }
            Self::Vat(_, phrase) => {
                (format!("Поставьте «{}»", phrase.ru), format!("Put {:?}", phrase.en))
            }
            Self::Reason => ("Укажите причину".into(), "Say why".into()),
            Self::Amount(amount) => (
                format!("Поставьте сумму {}", in_russian(*amount)),
                format!("Set the amount to {amount}"),
            ),
            Self::Remove => ("Уберите строку".into(), "Take the line out".into()),
            Self::Confirm => ("Проверьте и продолжайте".into(), "Look, and go on".into()),
        };
        Text::new(ru, en)
    }
}

/// The last one before a line, of the same product of the subscription.
#[must_use]
pub fn before<'l>(billed: &'l [Line], line: &Line) -> Option<&'l Line> {
    let same = |l: &&Line| {
        l.kind == line.kind
            && l.terms.same_role(&line.terms)
            && l.period.end() <= line.period.start()
    };
    billed.iter().filter(same).max_by_key(|l| l.period.end())
}

#[cfg(test)]
mod tests;
