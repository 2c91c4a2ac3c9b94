//! Accepting an order: subscriptions, and a held invoice per contract and currency.

use crate::{
    domain::{
        cycles::Cycle,
        invoices::{Invoice, InvoiceKind, group},
        orders::{self, AcceptError, Accepted, OrderLine, OrderState, accept_line},
        subscriptions::{PriceTerm, SubscriptionState},
        tax::Taxed,
        texts::Text,
    },
    flows::{events, terms::Terms},
    store::{
        self,
        invoices::NewInvoice,
        orders::{OrderRow, PricedLine},
        subscriptions::SubscriptionRow,
    },
};
use chrono_tz::Tz;
use service::{Failure, Frame, Text as Answer, feed};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use types::id::{ClientId, InvoiceId, InvoiceLineId, ProductId, SubscriptionId};

/// Why a line is refused: by the rules, or because something is missing.
#[derive(Debug)]
pub enum Refused {
    /// By the rules of orders.
    Line(AcceptError),
    /// Something that it names does not exist, or the database failed.
    Failure(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// What a line makes, and the price that it pays.
#[derive(Debug, Clone)]
pub struct Priced {
    /// Subscription and first line.
    pub accepted: Accepted,
    /// The price as applied.
    pub price: PriceTerm,
    /// Name of the product.
    pub name: Text,
}

impl Priced {
    /// What is stored of it beside the line, with what the form says besides.
    #[must_use]
    pub fn stored(&self, domain_registration: &str, duplicate_reason: &str) -> PricedLine {
        let Accepted { subscription, line } = &self.accepted;
        let zero = Taxed::zero(self.price.unit_price.currency());
        PricedLine {
            name: self.name.clone(),
            price: self.price.clone(),
            period_months: subscription.as_ref().and_then(|s| s.schedule).map(|s| s.months()),
            amounts: line.as_ref().map_or(zero, |l| l.amounts),
            domain_registration: domain_registration.into(),
            duplicate_reason: duplicate_reason.into(),
            subscription: None,
        }
    }
}

/// What accepting made.
#[derive(Debug, Clone, Default)]
pub struct Made {
    /// Subscriptions, in the order of the lines.
    pub subscriptions: Vec<SubscriptionId>,
    /// Held invoices.
    pub invoices: Vec<InvoiceId>,
}

/// The zone of a client's billing dates.
///
/// # Errors
/// Those of the database; `INTERNAL` for a zone that does not exist.
pub async fn zone(conn: &mut PgConnection, client: ClientId) -> Result<Tz, Failure> {
    let profile = store::profiles::get(conn, client).await?;
    match profile {
        Some(profile) => profile.zone.parse().map_err(Failure::internal),
        None => Ok(chrono_tz::Europe::Moscow),
    }
}

/// Products of one family exclude each other on one client, unless staff say why (A133).
///
/// # Errors
/// `FAILED_PRECONDITION` with reason `DUPLICATE_FAMILY`; those of the database.
pub async fn check_families(
    conn: &mut PgConnection,
    client: ClientId,
    lines: &[(ProductId, String)],
) -> Result<(), Failure> {
    let mut ordered: BTreeMap<String, usize> = BTreeMap::new();
    for (product, reason) in lines {
        let product = store::products::get(conn, *product).await?;
        let Some(product) = product.filter(|p| !p.family.is_empty()) else { continue };
        let standing = store::subscriptions::of_family(conn, client, &product.family).await?;
        let count = ordered.entry(product.family.clone()).or_default();
        *count += 1;
        if reason.is_empty() && (*count > 1 || !standing.is_empty()) {
            let name = standing.first().unwrap_or(&product.product.name.ru).clone();
            return Err(Failure::precondition(
                "DUPLICATE_FAMILY",
                Answer::new(
                    format!(
                        "У клиента уже есть услуга этого вида: {name}. Укажите, зачем ещё одна."
                    ),
                    format!("The client has a service of this family: {name}. Say why another."),
                ),
            ));
        }
    }
    Ok(())
}

/// What one line makes; `pinned` is the price that was shown when the order was created.
///
/// # Errors
/// [`Refused`].
pub fn line(
    terms: &Terms,
    client: ClientId,
    line: &OrderLine,
    pinned: Option<&PriceTerm>,
) -> Result<Priced, Refused> {
    let contract = terms.contract(line.contract)?;
    let product = terms.product(line.product)?;
    let seller = terms.seller(contract.seller)?;
    let main = match line.main {
        Some(id) => Some(terms.main(id)?),
        None => None,
    };
    if main.is_some_and(|main| main.client != client) {
        let name = line.main.map(|id| id.to_string()).unwrap_or_default();
        return Err(Failure::not_found(name).into());
    }
    // Only the price that was shown, if one was: a newer price list does not change an order.
    let pinned_id = pinned.and_then(|p| p.price);
    let prices: Vec<_> = terms
        .prices(line.product)
        .iter()
        .filter(|p| pinned_id.is_none_or(|id| p.id == id))
        .cloned()
        .collect();
    let with = orders::Terms {
        contract,
        product: &product.product,
        prices: &prices,
        main,
        tax: crate::domain::pricing::TaxTerms {
            regimes: &seller.seller.regimes,
            ground: product.product.ground,
            buyer: terms.buyer(contract)?,
            exempt: terms.exempt(contract),
        },
    };
    let (subscription, first) = (SubscriptionId::generate(), InvoiceLineId::generate());
    let accepted = accept_line(line, with, subscription, first).map_err(Refused::Line)?;
    let price = price_of(line, &accepted, &prices)?;
    Ok(Priced { accepted, price, name: product.product.name.clone() })
}

/// The price that a line pays: its subscription's, or of what is charged once, the line's.
fn price_of(
    line: &OrderLine,
    accepted: &Accepted,
    prices: &[crate::domain::products::PriceVersion],
) -> Result<PriceTerm, Refused> {
    if let Some(subscription) = &accepted.subscription {
        return Ok(subscription.price.clone());
    }
    let first = accepted.line.as_ref();
    let first = first.ok_or_else(|| Failure::internal("a line that makes nothing"))?;
    let currency = first.unit_price.currency();
    let listed = crate::domain::products::price_at(prices, Cycle::Once, currency, line.start);
    let by_hand = line.price_override.is_some();
    Ok(PriceTerm {
        price: listed.filter(|_| !by_hand).map(|p| p.id),
        unit_price: first.unit_price,
        cycle: line.cycle,
        tax: listed.map_or(crate::domain::tax::PriceTax::Included, |p| p.tax),
        since: listed.map_or(line.start, |p| p.effective),
    })
}

/// Accepts a pending order, whose row and client's account the caller has locked.
///
/// # Errors
/// The position of the line and why it is refused.
pub async fn order(
    conn: &mut PgConnection,
    frame: &Frame,
    row: OrderRow,
) -> Result<Made, (usize, Refused)> {
    let whole = |failure: Failure| (0, Refused::Failure(failure));
    let id = row.order.id;
    let client = row.order.client;
    row.order.clone().accept().map_err(|e| whole(not_pending(&e)))?;
    let terms = Terms::of_lines(conn, &row.order.lines).await.map_err(whole)?;
    let mut made = Vec::new();
    for (position, (ordered, priced)) in row.order.lines.iter().zip(&row.lines).enumerate() {
        let accepted = line(&terms, client, ordered, Some(&priced.price));
        made.push(accepted.map_err(|refused| (position, refused))?.accepted);
    }
    write(conn, frame, &row, &terms, made).await.map_err(whole).inspect(|_| {
        tracing::debug!(order = %id, "order accepted");
    })
}

/// The order is not pending any more.
fn not_pending(e: &orders::OrderError) -> Failure {
    let text = Answer::new("Заказ уже не ожидает решения.", e.to_string());
    Failure::precondition("ORDER_NOT_PENDING", text)
}

async fn write(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &OrderRow,
    terms: &Terms,
    accepted: Vec<Accepted>,
) -> Result<Made, Failure> {
    let order = &row.order;
    let now = frame.clock.now();
    let mut made = Made::default();
    let mut lines = Vec::new();
    for (position, (ordered, accepted)) in order.lines.iter().zip(accepted).enumerate() {
        let contract = terms.contract(ordered.contract)?;
        store::accounts::open(conn, order.client, contract.seller, ordered.start).await?;
        if let Some(subscription) = accepted.subscription {
            let id = subscription.id;
            let active = subscription.state == SubscriptionState::Active;
            let subscription = SubscriptionRow {
                subscription,
                seller: contract.seller,
                order: Some(order.id),
                title: terms.product(ordered.product)?.product.name.ru.clone(),
                override_reason: ordered
                    .price_override
                    .as_ref()
                    .map(|o| o.reason.clone())
                    .unwrap_or_default(),
                no_suspend_until: None,
                revision: 1,
                created_at: now,
            };
            store::subscriptions::insert(conn, &subscription).await?;
            store::orders::line_became(conn, order.id, position, id).await?;
            if active {
                let changed = events::subscription_changed(&subscription.subscription);
                feed::append(conn, frame, Some(order.client), &changed).await?;
            }
            made.subscriptions.push(id);
        }
        lines.extend(accepted.line.map(|line| (ordered.contract, line)));
    }
    for ((contract, _), lines) in group(lines) {
        let contract = terms.contract(contract)?;
        let invoice = Invoice::draft(InvoiceId::generate(), InvoiceKind::Order, contract, lines)
            .and_then(|draft| draft.hold(None))
            .map_err(Failure::internal)?;
        made.invoices.push(invoice.id);
        let order = Some(order.id);
        let new = NewInvoice { invoice, order, run: None, payer_revision: None, paid_at: None };
        store::invoices::insert(conn, &[new], now).await?;
    }
    store::orders::save_state(conn, order.id, OrderState::Accepted, "").await?;
    store::orders::activate_complete(conn, &[order.id]).await?;
    Ok(made)
}
