//! What accepting a line of an order makes: a subscription and its first line.

use super::OrderLine;
use crate::domain::{
    billing::{
        BillingError, begun_of,
        book::{self, Book, Stored, billed_now},
        history::Timing,
    },
    contracts::Contract,
    cycles::{BadSchedule, Cycle, Schedule},
    lines::Line,
    periods::{PeriodViolation, check_extra, is_exact_year},
    pricing::TaxTerms,
    products::{Activation, Alignment, PriceVersion, Product, price_at},
    subscriptions::{PriceTerm, Subscription, SubscriptionState},
};
use chrono::NaiveDate;
use types::{
    Currency, Period,
    id::{InvoiceLineId, SubscriptionId},
};

/// What the line refers to, as read on the day of accepting.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The contract of the line.
    pub contract: &'a Contract,
    /// The product of the line.
    pub product: &'a Product,
    /// Its prices.
    pub prices: &'a [PriceVersion],
    /// The main subscription of the line, if it names one.
    pub main: Option<&'a Subscription>,
    /// What decides the tax.
    pub tax: TaxTerms<'a>,
}

/// What a line made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The subscription; none for things charged once.
    pub subscription: Option<Subscription>,
    /// The line to invoice under the line's contract; none for what is free.
    pub line: Option<Line>,
}

/// Why a line cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// The contract is of another seller than the product.
    #[error("contract: the product is sold by {product}, the contract is with {contract}")]
    OtherSeller {
        /// The product's seller.
        product: types::id::SellerId,
        /// The contract's seller.
        contract: types::id::SellerId,
    },
    /// The contract is closed.
    #[error("contract: {number} is closed since {since}")]
    Closed {
        /// Number of the contract.
        number: String,
        /// First day without it.
        since: NaiveDate,
    },
    /// The product is no longer sold.
    #[error("product: {0} is no longer on sale")]
    NotOnSale(String),
    /// The catalogue has no such price.
    #[error("product: {code} has no price of cycle {cycle} in {currency} on {day}")]
    NoPrice {
        /// Code of the product.
        code: String,
        /// Cycle asked for.
        cycle: Cycle,
        /// Currency of the contract.
        currency: Currency,
        /// First day of the service.
        day: NaiveDate,
    },
    /// The override is in another currency than the contract.
    #[error("price_override: the contract is in {0}")]
    OverrideCurrency(Currency),
    /// The main subscription has no period on that day.
    #[error("main: the main subscription bills no period that holds {0}")]
    NoMainPeriod(NaiveDate),
    /// The period breaks the rules of extra lines.
    #[error("the period of the line is not allowed")]
    Period(Vec<PeriodViolation>),
    /// The grid.
    #[error(transparent)]
    Schedule(#[from] BadSchedule),
    /// What the first period costs.
    #[error(transparent)]
    Billing(#[from] BillingError),
}

/// Accepts a line: its subscription (`subscription` is the id to use) and first line.
///
/// With a main subscription the grid is the main one's, so that the extra line ends with it
/// (A159); "exactly one year" keeps its own grid (A161).
///
/// # Errors
/// [`AcceptError`].
pub fn accept_line(
    order: &OrderLine,
    terms: Terms<'_>,
    subscription: SubscriptionId,
    line: InvoiceLineId,
) -> Result<Accepted, AcceptError> {
    check(order, terms)?;
    let price = price_term(order, terms)?;
    let Some(months) = price.cycle.recurring() else {
        return accept_unrecurring(order, terms, price, subscription, line);
    };
    let (schedule, full) = grid(order, terms, months)?;
    let period =
        Period::new(order.start, full.end()).map_err(|_| AcceptError::NoMainPeriod(order.start))?;
    let main = terms.main.and_then(|main| main.period_of(order.start));
    let violations =
        if is_exact_year(period) { Vec::new() } else { check_extra(period, main.or(Some(full))) };
    if !violations.is_empty() {
        return Err(AcceptError::Period(violations));
    }
    let (product, contract) = (terms.product, terms.contract);
    let subscription = Subscription {
        schedule: Some(schedule),
        billed_through: period.end(),
        ..opened(order, contract, product, price, subscription)
    };
    let first = first_line(order, terms, &subscription, line)?;
    Ok(Accepted { subscription: Some(subscription), line: first })
}

fn check(order: &OrderLine, terms: Terms<'_>) -> Result<(), AcceptError> {
    let (product, contract) = (terms.product, terms.contract);
    if product.seller != contract.seller {
        return Err(AcceptError::OtherSeller {
            product: product.seller,
            contract: contract.seller,
        });
    }
    if let Some(since) = contract.closed.filter(|since| *since <= order.start) {
        return Err(AcceptError::Closed { number: contract.number.clone(), since });
    }
    if !product.on_sale {
        return Err(AcceptError::NotOnSale(product.code.clone()));
    }
    Ok(())
}

fn price_term(order: &OrderLine, terms: Terms<'_>) -> Result<PriceTerm, AcceptError> {
    let currency = terms.contract.currency;
    let listed = price_at(terms.prices, order.cycle, currency, order.start);
    if let Some(o) = &order.price_override {
        if o.unit_price.currency() != currency {
            return Err(AcceptError::OverrideCurrency(currency));
        }
        return Ok(PriceTerm {
            price: None,
            unit_price: o.unit_price,
            cycle: order.cycle,
            tax: listed.map_or(crate::domain::tax::PriceTax::Included, |p| p.tax),
            since: order.start,
        });
    }
    let listed = listed.ok_or_else(|| AcceptError::NoPrice {
        code: terms.product.code.clone(),
        cycle: order.cycle,
        currency,
        day: order.start,
    })?;
    Ok(PriceTerm {
        price: Some(listed.id),
        unit_price: listed.amount,
        cycle: listed.cycle,
        tax: listed.tax,
        since: listed.effective,
    })
}

/// The grid of a line, and the whole period on it that holds its first day.
fn grid(
    order: &OrderLine,
    terms: Terms<'_>,
    months: u32,
) -> Result<(Schedule, Period), AcceptError> {
    let none = AcceptError::NoMainPeriod(order.start);
    let anniversary = terms.product.alignment == Alignment::Anniversary;
    let schedule = match terms.main {
        Some(main) if !(anniversary && months == 12) => main.schedule.ok_or(none.clone())?,
        _ if anniversary => Schedule::anniversary(order.start, months)?,
        _ => Schedule::calendar(order.start, months)?,
    };
    let full = schedule.containing(order.start).ok_or(none)?;
    Ok((schedule, full))
}

fn accept_unrecurring(
    order: &OrderLine,
    terms: Terms<'_>,
    price: PriceTerm,
    subscription: SubscriptionId,
    line: InvoiceLineId,
) -> Result<Accepted, AcceptError> {
    let free = price.cycle == Cycle::Free;
    let opened = opened(order, terms.contract, terms.product, price, subscription);
    if free {
        return Ok(Accepted { subscription: Some(opened), line: None });
    }
    let once = first_line(order, terms, &opened, line)?;
    Ok(Accepted { subscription: None, line: once })
}

/// What the billing engine makes of the first day.
fn first_line(
    order: &OrderLine,
    terms: Terms<'_>,
    subscription: &Subscription,
    line: InvoiceLineId,
) -> Result<Option<Line>, BillingError> {
    let price = &subscription.price;
    let reason = order.price_override.as_ref().map_or("", |o| o.reason.as_str());
    let mut book = Book::default();
    book.add(Stored {
        subscription,
        product: terms.product,
        convention: book::convention(terms.product, terms.prices, price, order.start),
        reason,
        // What is ordered is billed at once, whatever the contract says of renewals.
        timing: Timing::Advance,
        tax: terms.tax,
        steps: &[],
        suspended: None,
        settled: Vec::new(),
    });
    let made = begun_of(&book.history, 0, (order.start, 0), &mut || line)?;
    Ok(billed_now(made, subscription, terms.product, &[]).into_iter().next())
}

fn opened(
    order: &OrderLine,
    contract: &Contract,
    product: &Product,
    price: PriceTerm,
    id: SubscriptionId,
) -> Subscription {
    // What costs nothing has no payment to wait for.
    let at_once = product.activation == Activation::OnAccept || price.cycle == Cycle::Free;
    Subscription {
        id,
        client: contract.client,
        legal_entity: contract.legal_entity,
        contract: contract.id,
        product: product.id,
        price,
        quantity: order.quantity,
        schedule: None,
        start: order.start,
        end: None,
        main: order.main,
        service_code: order.service_code.clone(),
        period_text: order.period_text.clone(),
        domain: order.domain.clone(),
        billed_through: order.start,
        paid_through: order.start,
        state: if at_once { SubscriptionState::Active } else { SubscriptionState::Pending },
    }
}
