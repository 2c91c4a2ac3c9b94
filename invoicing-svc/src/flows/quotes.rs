//! Accepting a quote: an order of what it offers, accepted at once by the way of all orders.

use crate::{
    domain::{
        orders::{Order, OrderLine},
        quotes::from_day,
    },
    flows::{
        accept::{self, Made, Refused},
        terms::Terms,
    },
    store::{
        self,
        orders::{OrderRow, PricedLine},
        quotes::QuoteRow,
    },
};
use service::{Failure, Frame};
use sqlx::PgConnection;
use types::id::OrderId;

/// What accepting a quote made: its order, and what that made.
#[derive(Debug, Clone)]
pub struct Became {
    /// The order.
    pub order: OrderId,
    /// Its subscriptions and held invoices.
    pub made: Made,
}

/// Makes an order of a quote, whose row and client's account the caller has locked, and accepts it.
///
/// # Errors
/// The position of the line and why it is refused.
pub async fn accept(
    conn: &mut PgConnection,
    frame: &Frame,
    row: &QuoteRow,
) -> Result<Became, (usize, Refused)> {
    let whole = |failure: Failure| (0, Refused::Failure(failure));
    let (client, offer) = (row.quote.client, &row.offer);
    // Two quotes may have offered one thing or the other: of one family only one is accepted.
    let families: Vec<_> =
        lines(offer).map(|(l, p)| (l.product, p.duplicate_reason.clone())).collect();
    accept::check_families(conn, client, &families).await.map_err(whole)?;
    let zone = accept::zone(conn, client).await.map_err(whole)?;
    let today = frame.clock.today(zone);
    let order = offer.order.lines.iter().map(|line| from_day(line, today)).collect();
    let order = Order::new(OrderId::generate(), client, order);
    let order = order.map_err(|_| whole(Failure::internal("a quote of impossible lines")))?;
    let terms = Terms::of_lines(conn, &order.lines).await.map_err(whole)?;
    let mut priced = Vec::with_capacity(order.lines.len());
    for (position, (line, offered)) in order.lines.iter().zip(&offer.lines).enumerate() {
        let made = accept::line(&terms, client, line, Some(&offered.price));
        let made = made.map_err(|refused| (position, refused))?;
        priced.push(made.stored(&offered.domain_registration, &offered.duplicate_reason));
    }
    let placed = placed(conn, frame, &order, &priced).await.map_err(whole)?;
    let made = accept::order(conn, frame, placed).await?;
    Ok(Became { order: order.id, made })
}

fn lines(offer: &OrderRow) -> impl Iterator<Item = (&OrderLine, &PricedLine)> {
    offer.order.lines.iter().zip(&offer.lines)
}

async fn placed(
    conn: &mut PgConnection,
    frame: &Frame,
    order: &Order,
    priced: &[PricedLine],
) -> Result<OrderRow, Failure> {
    store::orders::insert(conn, order, priced, frame.clock.now()).await?;
    let row = store::orders::get(conn, order.id).await?;
    row.ok_or_else(|| Failure::internal("an order is gone as soon as it is placed"))
}
