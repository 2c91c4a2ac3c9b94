//! What an order that was asked for costs: for orders and quotes alike.

use super::{texts, wire};
use crate::{
    domain::orders::{Order, OrderError, OrderLine},
    flows::{accept, terms::Terms},
    store::orders::PricedLine,
};
use service::{Failure, Frame};
use sqlx::PgConnection;
use types::id::{ClientId, OrderId};

/// How the checked lines become an order: placed, or offered only.
type Make = fn(OrderId, ClientId, Vec<OrderLine>) -> Result<Order, Vec<OrderError>>;

/// The order of a draft and what its lines cost, at the prices of today.
///
/// # Errors
/// What is wrong with its lines; those of the database.
pub(in crate::api) async fn price(
    conn: &mut PgConnection,
    frame: &Frame,
    draft: &wire::Draft,
    actor: &str,
    make: Make,
) -> Result<(Order, Vec<PricedLine>), Failure> {
    let zone = accept::zone(conn, draft.client).await?;
    let today = frame.clock.today(zone);
    let mut lines = Vec::new();
    for line in &draft.lines {
        lines.push(draft.resolve(conn, line, today, actor).await?);
    }
    accept::check_families(conn, draft.client, &draft.families()).await?;
    let order = make(OrderId::generate(), draft.client, lines);
    let order = order.map_err(|errors| texts::order(draft.field, &errors))?;
    let terms = Terms::of_lines(conn, &order.lines).await?;
    let mut priced = Vec::new();
    for (position, line) in order.lines.iter().enumerate() {
        let accepted = accept::line(&terms, draft.client, line, None)
            .map_err(|refused| texts::line(draft.field, position, refused))?;
        priced.push(wire::priced(&draft.lines[position], &accepted));
    }
    Ok((order, priced))
}
