//! Orders and their lines.

use super::{code, count, money, not_empty, or_empty, stored_count};
use crate::domain::{
    orders::{Order, OrderLine, OrderState, PriceOverride},
    subscriptions::PriceTerm,
    tax::Taxed,
    texts::Text,
};
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use std::collections::HashMap;
use types::id::{ClientId, OrderId, SubscriptionId};
use uuid::Uuid;

/// An order with what is stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// The order as the rules know it.
    pub order: Order,
    /// Human number.
    pub number: i64,
    /// What the lines cost and became, in the order of the lines.
    pub lines: Vec<PricedLine>,
    /// Version.
    pub revision: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// What a line of an order costs, and what the form says besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedLine {
    /// Name of the product.
    pub name: Text,
    /// The price as applied.
    pub price: PriceTerm,
    /// Months of a billing period; none for what is free or charged once.
    pub period_months: Option<u32>,
    /// Amounts of the first period.
    pub amounts: Taxed,
    /// Code of the choice of domain registration.
    pub domain_registration: String,
    /// Why another product of the family is right.
    pub duplicate_reason: String,
    /// The subscription that it became.
    pub subscription: Option<SubscriptionId>,
}

/// Inserts an order with its lines; answers its human number.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    order: &Order,
    priced: &[PricedLine],
    now: DateTime<Utc>,
) -> Result<i64, Failure> {
    let number = sqlx::query_scalar!(
        "insert into orders (id, client_id, state, created_at) values ($1, $2, $3, $4)
         returning number",
        order.id.0,
        order.client.0,
        order.state.code(),
        now
    )
    .fetch_one(&mut *conn)
    .await?;
    for (position, (line, priced)) in order.lines.iter().zip(priced).enumerate() {
        let position = i32::try_from(position).map_err(Failure::internal)?;
        insert_line(conn, order.id, position, line, priced).await?;
    }
    Ok(number)
}

async fn insert_line(
    conn: &mut PgConnection,
    order: OrderId,
    position: i32,
    line: &OrderLine,
    priced: &PricedLine,
) -> Result<(), Failure> {
    let by_hand = line.price_override.as_ref();
    sqlx::query!(
        "insert into order_lines (order_id, position, product_id, contract_id, cycle, quantity,
            override_reason, override_author, start_date, main_subscription_id, service_code, text,
            domain, domain_registration, duplicate_reason, price_id, unit_price, price_cycle,
            price_tax, price_since, currency, period_months, net, tax, gross)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22, $23, $24, $25)",
        order.0,
        position,
        line.product.0,
        line.contract.0,
        line.cycle.to_string(),
        stored_count(line.quantity)?,
        by_hand.map_or("", |o| &o.reason),
        by_hand.map_or("", |o| &o.author),
        line.start,
        line.main.map(|id| id.0),
        or_empty(line.service_code.as_ref()),
        or_empty(line.period_text.as_ref()),
        or_empty(line.domain.as_ref()),
        priced.domain_registration,
        priced.duplicate_reason,
        priced.price.price.map(|id| id.0),
        priced.price.unit_price.amount(),
        priced.price.cycle.to_string(),
        priced.price.tax.code(),
        priced.price.since,
        priced.price.unit_price.currency().code(),
        priced.period_months.map(stored_count).transpose()?,
        priced.amounts.net.amount(),
        priced.amounts.tax.amount(),
        priced.amounts.gross.amount()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes which subscription a line became.
///
/// # Errors
/// Those of the database.
pub async fn line_became(
    conn: &mut PgConnection,
    order: OrderId,
    position: usize,
    subscription: SubscriptionId,
) -> Result<(), Failure> {
    sqlx::query!(
        "update order_lines set subscription_id = $3 where order_id = $1 and position = $2",
        order.0,
        i32::try_from(position).map_err(Failure::internal)?,
        subscription.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Saves the state of an order.
///
/// # Errors
/// Those of the database.
pub async fn save_state(
    conn: &mut PgConnection,
    order: OrderId,
    state: OrderState,
    cancel_reason: &str,
) -> Result<(), Failure> {
    sqlx::query!(
        "update orders set state = $2, cancel_reason = $3, revision = revision + 1 where id = $1",
        order.0,
        state.code(),
        cancel_reason
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks accepted orders active all of whose subscriptions work now; one that made none (one-time
/// products only) when all its invoices are paid.
///
/// # Errors
/// Those of the database.
pub async fn activate_complete(conn: &mut PgConnection, orders: &[OrderId]) -> Result<(), Failure> {
    let ids: Vec<Uuid> = orders.iter().map(|id| id.0).collect();
    sqlx::query!(
        "update orders o set state = 'ACTIVE', revision = revision + 1
         where o.id = any($1) and o.state = 'ACCEPTED' and not exists (
            select 1 from subscriptions s where s.order_id = o.id and s.state = 'PENDING')
         and (exists (select 1 from subscriptions s where s.order_id = o.id) or not exists (
            select 1 from invoices i where i.order_id = o.id
                and i.state in ('DRAFT', 'HELD', 'ISSUED') and i.payment_state <> 'PAID'))",
        &ids
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Locks an order for its change of state.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, id: OrderId) -> Result<Option<OrderRow>, Failure> {
    sqlx::query!("select id from orders where id = $1 for update", id.0)
        .fetch_optional(&mut *conn)
        .await?;
    get(conn, id).await
}

/// The order of an id.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: OrderId) -> Result<Option<OrderRow>, Failure> {
    Ok(get_all(conn, &[id]).await?.pop())
}

/// The orders of these ids, newest first.
///
/// # Errors
/// Those of the database.
pub async fn get_all(conn: &mut PgConnection, ids: &[OrderId]) -> Result<Vec<OrderRow>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let orders = sqlx::query!(
        "select id, number, client_id, state, revision, created_at
         from orders where id = any($1) order by id desc",
        &ids
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut lines = lines_of(conn, &ids).await?;
    orders
        .into_iter()
        .map(|o| {
            let (ordered, priced) = lines.remove(&o.id).unwrap_or_default().into_iter().unzip();
            let order = Order {
                id: o.id.into(),
                client: o.client_id.into(),
                state: code(&o.state)?,
                lines: ordered,
            };
            Ok(OrderRow {
                order,
                number: o.number,
                lines: priced,
                revision: o.revision,
                created_at: o.created_at,
            })
        })
        .collect()
}

async fn lines_of(
    conn: &mut PgConnection,
    orders: &[Uuid],
) -> Result<HashMap<Uuid, Vec<(OrderLine, PricedLine)>>, Failure> {
    let rows = sqlx::query!(
        "select l.order_id, l.product_id, l.contract_id, l.cycle, l.quantity, l.override_reason,
            l.override_author, l.start_date, l.main_subscription_id, l.service_code, l.text,
            l.domain, l.domain_registration, l.duplicate_reason, l.price_id, l.unit_price,
            l.price_cycle, l.price_tax, l.price_since, l.currency, l.period_months, l.net, l.tax,
            l.gross, l.subscription_id, p.title, p.title_en
         from order_lines l join products p on p.id = l.product_id
         where l.order_id = any($1) order by l.order_id, l.position",
        orders
    )
    .fetch_all(conn)
    .await?;
    let mut lines: HashMap<Uuid, Vec<(OrderLine, PricedLine)>> = HashMap::new();
    for r in rows {
        let unit_price = money(r.unit_price, &r.currency)?;
        let price_override = (!r.override_reason.is_empty()).then_some(PriceOverride {
            unit_price,
            reason: r.override_reason,
            author: r.override_author,
        });
        let line = OrderLine {
            product: r.product_id.into(),
            contract: r.contract_id.into(),
            cycle: code(&r.cycle)?,
            quantity: count(r.quantity)?,
            price_override,
            period_text: not_empty(r.text),
            domain: not_empty(r.domain),
            start: r.start_date,
            main: r.main_subscription_id.map(Into::into),
            service_code: not_empty(r.service_code),
        };
        let priced = PricedLine {
            name: Text::new(r.title, r.title_en),
            price: PriceTerm {
                price: r.price_id.map(Into::into),
                unit_price,
                cycle: code(&r.price_cycle)?,
                tax: code(&r.price_tax)?,
                since: r.price_since,
            },
            period_months: r.period_months.map(count).transpose()?,
            amounts: Taxed {
                net: money(r.net, &r.currency)?,
                tax: money(r.tax, &r.currency)?,
                gross: money(r.gross, &r.currency)?,
            },
            domain_registration: r.domain_registration,
            duplicate_reason: r.duplicate_reason,
            subscription: r.subscription_id.map(Into::into),
        };
        lines.entry(r.order_id).or_default().push((line, priced));
    }
    Ok(lines)
}

/// Which orders a list has.
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    /// Only of this client.
    pub client: Option<ClientId>,
    /// Only in this state, by its code.
    pub state: Option<&'a str>,
}

/// Ids of orders before one, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: Filter<'_>,
    before: Option<OrderId>,
    limit: i64,
) -> Result<Vec<OrderId>, Failure> {
    let ids = sqlx::query_scalar!(
        "select id from orders
         where state <> 'QUOTED' and ($1::uuid is null or client_id = $1)
            and ($2::text is null or state = $2) and ($3::uuid is null or id < $3)
         order by id desc limit $4",
        filter.client.map(|id| id.0),
        filter.state,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(OrderId).collect())
}

/// How many orders a list has, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn total(conn: &mut PgConnection, filter: Filter<'_>, cap: i64) -> Result<i64, Failure> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (
            select 1 from orders
            where state <> 'QUOTED' and ($1::uuid is null or client_id = $1)
                and ($2::text is null or state = $2)
            limit $3) as t"#,
        filter.client.map(|id| id.0),
        filter.state,
        cap
    )
    .fetch_one(conn)
    .await?;
    Ok(total)
}

/// Families of products of which a client has several on purpose, each with why (A133).
///
/// # Errors
/// Those of the database.
pub async fn allowed_twice(
    conn: &mut PgConnection,
    client: ClientId,
) -> Result<Vec<(String, String)>, Failure> {
    let rows = sqlx::query!(
        "select distinct p.family, l.duplicate_reason
         from subscriptions s join order_lines l on l.subscription_id = s.id
            join products p on p.id = s.product_id
         where s.client_id = $1 and s.state <> 'TERMINATED' and l.duplicate_reason <> ''
            and p.family <> ''
         order by 1, 2",
        client.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.family, r.duplicate_reason)).collect())
}
