//! Subscriptions.

use super::{code, count, money, not_empty, or_empty, stored_count};
use crate::domain::{
    cycles::Schedule,
    subscriptions::{PriceTerm, Subscription},
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::PgConnection;
use types::id::{ClientId, OrderId, SellerId, SubscriptionId};
use uuid::Uuid;

/// A subscription with what is stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRow {
    /// The subscription as the rules know it.
    pub subscription: Subscription,
    /// Who sells it.
    pub seller: SellerId,
    /// The order that made it.
    pub order: Option<OrderId>,
    /// Title as printed when it was ordered.
    pub title: String,
    /// Why its price is not the catalogue's; empty when it is.
    pub override_reason: String,
    /// First day on which it may be suspended; none means any (A145).
    pub no_suspend_until: Option<NaiveDate>,
    /// Version.
    pub revision: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    client_id: Uuid,
    contract_id: Uuid,
    payer_id: Uuid,
    seller_id: Uuid,
    product_id: Uuid,
    order_id: Option<Uuid>,
    state: String,
    title: String,
    quantity: i32,
    price_id: Option<Uuid>,
    override_reason: String,
    unit_price: Decimal,
    price_cycle: String,
    price_tax: String,
    price_since: NaiveDate,
    currency: String,
    schedule_origin: Option<NaiveDate>,
    anchor_day: Option<i32>,
    cycle_months: Option<i32>,
    service_code: String,
    period_text: String,
    domain: String,
    main_subscription_id: Option<Uuid>,
    start_date: NaiveDate,
    billed_through: NaiveDate,
    paid_through: NaiveDate,
    ended: Option<NaiveDate>,
    no_suspend_until: Option<NaiveDate>,
    revision: i64,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for SubscriptionRow {
    type Error = Failure;

    fn try_from(r: Row) -> Result<Self, Failure> {
        let schedule = match (r.schedule_origin, r.anchor_day, r.cycle_months) {
            (Some(origin), Some(anchor), Some(months)) => Some(
                Schedule::new(origin, count(anchor)?, count(months)?).map_err(Failure::internal)?,
            ),
            _ => None,
        };
        let price = PriceTerm {
            price: r.price_id.map(Into::into),
            unit_price: money(r.unit_price, &r.currency)?,
            cycle: code(&r.price_cycle)?,
            tax: code(&r.price_tax)?,
            since: r.price_since,
        };
        let subscription = Subscription {
            id: r.id.into(),
            client: r.client_id.into(),
            legal_entity: r.payer_id.into(),
            contract: r.contract_id.into(),
            product: r.product_id.into(),
            price,
            quantity: count(r.quantity)?,
            schedule,
            start: r.start_date,
            end: r.ended,
            main: r.main_subscription_id.map(Into::into),
            service_code: not_empty(r.service_code),
            period_text: not_empty(r.period_text),
            domain: not_empty(r.domain),
            billed_through: r.billed_through,
            paid_through: r.paid_through,
            state: code(&r.state)?,
        };
        Ok(Self {
            subscription,
            seller: r.seller_id.into(),
            order: r.order_id.map(Into::into),
            title: r.title,
            override_reason: r.override_reason,
            no_suspend_until: r.no_suspend_until,
            revision: r.revision,
            created_at: r.created_at,
        })
    }
}

/// Inserts a subscription.
///
/// # Errors
/// Those of the database.
pub async fn insert(conn: &mut PgConnection, row: &SubscriptionRow) -> Result<(), Failure> {
    let s = &row.subscription;
    let anchor = s.schedule.map(|g| stored_count(g.anchor())).transpose()?;
    let months = s.schedule.map(|g| stored_count(g.months())).transpose()?;
    sqlx::query!(
        "insert into subscriptions (id, client_id, contract_id, payer_id, seller_id, product_id,
            order_id, state, title, quantity, price_id, override_reason, unit_price, price_cycle,
            price_tax, price_since, currency, schedule_origin, anchor_day, cycle_months,
            service_code, period_text, domain, main_subscription_id, start_date, billed_through,
            paid_through, ended, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)",
        s.id.0,
        s.client.0,
        s.contract.0,
        s.legal_entity.0,
        row.seller.0,
        s.product.0,
        row.order.map(|id| id.0),
        s.state.code(),
        row.title,
        stored_count(s.quantity)?,
        s.price.price.map(|id| id.0),
        row.override_reason,
        s.price.unit_price.amount(),
        s.price.cycle.to_string(),
        s.price.tax.code(),
        s.price.since,
        s.price.unit_price.currency().code(),
        s.schedule.map(Schedule::origin),
        anchor,
        months,
        or_empty(s.service_code.as_ref()),
        or_empty(s.period_text.as_ref()),
        or_empty(s.domain.as_ref()),
        s.main.map(|id| id.0),
        s.start,
        s.billed_through,
        s.paid_through,
        s.end,
        row.created_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Saves what moves of these subscriptions: quantity, state, ends. One statement for all.
///
/// # Errors
/// Those of the database.
pub async fn save(conn: &mut PgConnection, all: &[Subscription]) -> Result<(), Failure> {
    let ids: Vec<_> = all.iter().map(|s| s.id.0).collect();
    let states: Vec<_> = all.iter().map(|s| s.state.code().to_owned()).collect();
    let quantities: Result<Vec<_>, _> = all.iter().map(|s| stored_count(s.quantity)).collect();
    let billed: Vec<_> = all.iter().map(|s| s.billed_through).collect();
    let paid: Vec<_> = all.iter().map(|s| s.paid_through).collect();
    let ended: Vec<_> = all.iter().map(|s| s.end).collect();
    sqlx::query!(
        "update subscriptions s set state = t.state, quantity = t.quantity,
            billed_through = t.billed, paid_through = t.paid, ended = t.ended,
            revision = s.revision + 1
         from unnest($1::uuid[], $2::text[], $3::int[], $4::date[], $5::date[], $6::date[])
            as t (id, state, quantity, billed, paid, ended)
         where s.id = t.id",
        &ids,
        &states,
        &quantities?,
        &billed,
        &paid,
        &ended as &[Option<NaiveDate>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The subscriptions of these ids, in the order of ids.
///
/// # Errors
/// Those of the database.
pub async fn get_all(
    conn: &mut PgConnection,
    ids: &[SubscriptionId],
) -> Result<Vec<SubscriptionRow>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        "select id, client_id, contract_id, payer_id, seller_id, product_id, order_id, state, title,
            quantity, price_id, override_reason, unit_price, price_cycle, price_tax, price_since,
            currency, schedule_origin, anchor_day, cycle_months, service_code, period_text, domain,
            main_subscription_id, start_date, billed_through, paid_through, ended,
            no_suspend_until, revision, created_at
         from subscriptions where id = any($1) order by id",
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(SubscriptionRow::try_from).collect()
}

/// The subscription of an id.
///
/// # Errors
/// Those of the database.
pub async fn get(
    conn: &mut PgConnection,
    id: SubscriptionId,
) -> Result<Option<SubscriptionRow>, Failure> {
    Ok(get_all(conn, &[id]).await?.pop())
}

/// The subscriptions of these clients that the run bills by period, in the order of clients and
/// ids: those that work, and those whose first payment was asked for and not withdrawn.
///
/// # Errors
/// Those of the database.
pub async fn recurring_of(
    conn: &mut PgConnection,
    clients: &[ClientId],
) -> Result<Vec<SubscriptionRow>, Failure> {
    let ids: Vec<Uuid> = clients.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        "select id, client_id, contract_id, payer_id, seller_id, product_id, order_id, state, title,
            quantity, price_id, override_reason, unit_price, price_cycle, price_tax, price_since,
            currency, schedule_origin, anchor_day, cycle_months, service_code, period_text, domain,
            main_subscription_id, start_date, billed_through, paid_through, ended,
            no_suspend_until, revision, created_at
         from subscriptions s
         where client_id = any($1) and cycle_months is not null
            and (state = 'ACTIVE' or (state = 'PENDING' and (
                select bool_and(i.state = 'ISSUED') from billed_periods b
                join invoices i on i.id = b.invoice_id
                where b.subscription_id = s.id and b.kind = 'RENEWAL' and not b.released)))
         order by client_id, id",
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(SubscriptionRow::try_from).collect()
}

/// Which subscriptions a list has.
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    /// Only of this client.
    pub client: Option<ClientId>,
    /// Only in this state, by its code.
    pub state: Option<&'a str>,
    /// Only running ones whose next period starts on this day.
    pub renewal: Option<NaiveDate>,
}

impl Filter<'_> {
    /// Days of the month of the renewal: an anchor behind them means the last one.
    fn days(&self) -> Option<i32> {
        self.renewal.map(|day| i32::from(day.num_days_in_month()))
    }
}

/// Subscriptions before one, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: Filter<'_>,
    before: Option<SubscriptionId>,
    limit: i64,
) -> Result<Vec<SubscriptionRow>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, client_id, contract_id, payer_id, seller_id, product_id, order_id, state, title,
            quantity, price_id, override_reason, unit_price, price_cycle, price_tax, price_since,
            currency, schedule_origin, anchor_day, cycle_months, service_code, period_text, domain,
            main_subscription_id, start_date, billed_through, paid_through, ended,
            no_suspend_until, revision, created_at
         from subscriptions
         where ($1::uuid is null or client_id = $1) and ($2::text is null or state = $2)
            and ($3::uuid is null or id < $3)
            and ($5::date is null or (state = 'ACTIVE' and cycle_months is not null
                and extract(day from $5) = least(anchor_day, $6)
                and mod(((extract(year from $5) - extract(year from schedule_origin)) * 12
                    + extract(month from $5) - extract(month from schedule_origin))::integer,
                    cycle_months) = 0
                and $5 > start_date and (ended is null or $5 < ended)))
         order by id desc limit $4",
        filter.client.map(|id| id.0),
        filter.state,
        before.map(|id| id.0),
        limit,
        filter.renewal,
        filter.days()
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(SubscriptionRow::try_from).collect()
}

/// How many subscriptions a list has, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn total(conn: &mut PgConnection, filter: Filter<'_>, cap: i64) -> Result<i64, Failure> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (
            select 1 from subscriptions
            where ($1::uuid is null or client_id = $1) and ($2::text is null or state = $2)
            and ($4::date is null or (state = 'ACTIVE' and cycle_months is not null
                and extract(day from $4) = least(anchor_day, $5)
                and mod(((extract(year from $4) - extract(year from schedule_origin)) * 12
                    + extract(month from $4) - extract(month from schedule_origin))::integer,
                    cycle_months) = 0
                and $4 > start_date and (ended is null or $4 < ended)))
            limit $3) as t"#,
        filter.client.map(|id| id.0),
        filter.state,
        cap,
        filter.renewal,
        filter.days()
    )
    .fetch_one(conn)
    .await?;
    Ok(total)
}

/// Says until when a subscription is not to be suspended (A145).
///
/// # Errors
/// Those of the database.
pub async fn protect(
    conn: &mut PgConnection,
    id: SubscriptionId,
    until: Option<NaiveDate>,
) -> Result<(), Failure> {
    sqlx::query!(
        "update subscriptions set no_suspend_until = $2, revision = revision + 1 where id = $1",
        id.0,
        until
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Titles of a client's subscriptions of a family that still stand (A133).
///
/// # Errors
/// Those of the database.
pub async fn of_family(
    conn: &mut PgConnection,
    client: ClientId,
    family: &str,
) -> Result<Vec<String>, Failure> {
    let titles = sqlx::query_scalar!(
        "select s.title from subscriptions s join products p on p.id = s.product_id
         where s.client_id = $1 and p.family = $2 and s.state <> 'TERMINATED' order by s.id",
        client.0,
        family
    )
    .fetch_all(conn)
    .await?;
    Ok(titles)
}
