//! Counts and sums of many rows at once, for the first screens of staff.

use super::money;
use chrono::{Datelike, NaiveDate};
use service::Failure;
use sqlx::PgConnection;
use types::{
    Money,
    id::{ClientId, ProductId},
};

/// How much waits for staff, each counted up to a cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Invoices on hold.
    pub held: i64,
    /// Invoices past the last due day that is late.
    pub overdue: i64,
    /// Orders that nobody has accepted.
    pub orders: i64,
    /// Services that are suspended.
    pub suspended: i64,
}

/// What waits for staff; `late` is the last due day that makes an unpaid invoice overdue.
///
/// # Errors
/// Those of the database.
pub async fn waiting(
    conn: &mut PgConnection,
    late: NaiveDate,
    cap: i64,
) -> Result<Waiting, Failure> {
    let row = sqlx::query!(
        r#"select
            (select count(*) from (
                select from invoices where state = 'HELD' limit $2) as t) as "held!",
            (select count(*) from (
                select from invoices
                where state = 'ISSUED' and payment_state in ('OPEN', 'PARTIALLY_PAID')
                    and residual > 0 and due_date <= $1 limit $2) as t) as "overdue!",
            (select count(*) from (
                select from orders where state = 'PENDING' limit $2) as t) as "orders!",
            (select count(*) from (
                select from subscriptions where state = 'SUSPENDED' limit $2) as t)
                as "suspended!""#,
        late,
        cap
    )
    .fetch_one(conn)
    .await?;
    let (held, overdue) = (row.held, row.overdue);
    Ok(Waiting { held, overdue, orders: row.orders, suspended: row.suspended })
}

/// A day on which periods of running subscriptions start anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewals {
    /// The day.
    pub day: NaiveDate,
    /// How many do.
    pub all: i64,
    /// Of them, those that end together with a main one.
    pub addons: i64,
    /// Of them, domains.
    pub domains: i64,
}

/// Days of a month on which periods of running subscriptions start anew, and how many do. `last`
/// is the last day of the month.
///
/// # Errors
/// Those of the database.
pub async fn renewals(conn: &mut PgConnection, last: NaiveDate) -> Result<Vec<Renewals>, Failure> {
    let days = i32::try_from(last.day()).map_err(Failure::internal)?;
    let first = last.with_day(1).unwrap_or(last);
    // First counted off the index alone: what is worked out then is done once for all alike.
    let rows = sqlx::query!(
        r#"with alike as materialized (
            select anchor_day, cycle_months, schedule_origin, start_date, ended,
                main_subscription_id is not null as addon,
                product_id in (select id from products where kind = 'DOMAIN') as domain,
                count(*) as n
            from subscriptions where state = 'ACTIVE' and cycle_months is not null
            group by anchor_day, cycle_months, schedule_origin, start_date, ended,
                main_subscription_id is not null,
                product_id in (select id from products where kind = 'DOMAIN'))
         select $1::date + least(anchor_day, $2) - 1 as "day!", sum(n)::bigint as "all!",
            coalesce(sum(n) filter (where addon), 0)::bigint as "addons!",
            coalesce(sum(n) filter (where domain), 0)::bigint as "domains!"
         from alike
         where mod(((extract(year from $1::date) - extract(year from schedule_origin)) * 12
                + extract(month from $1::date) - extract(month from schedule_origin))::integer,
                cycle_months) = 0
            and $1::date + least(anchor_day, $2) - 1 > start_date
            and (ended is null or $1::date + least(anchor_day, $2) - 1 < ended)
         group by 1 order by 1"#,
        first,
        days
    )
    .fetch_all(conn)
    .await?;
    let days = rows.into_iter().map(|r| Renewals {
        day: r.day,
        all: r.all,
        addons: r.addons,
        domains: r.domains,
    });
    Ok(days.collect())
}

/// Invoices of one client that stand alike, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceSum {
    /// HELD, DUE, OVERDUE, PAID, REFUNDED or CANCELLED.
    pub standing: String,
    /// How many.
    pub count: i64,
    /// Σ of totals.
    pub total: Money,
    /// Σ of money set against them.
    pub applied: Money,
    /// Σ of what is left to pay.
    pub residual: Money,
}

/// A client's invoices by standing and currency; `late` as in [`waiting`].
///
/// # Errors
/// Those of the database.
pub async fn invoices(
    conn: &mut PgConnection,
    client: ClientId,
    late: NaiveDate,
) -> Result<Vec<InvoiceSum>, Failure> {
    let rows = sqlx::query!(
        r#"select
            case when state in ('DRAFT', 'HELD') then 'HELD'
                when state in ('CANCELLED', 'EXPIRED') then 'CANCELLED'
                when payment_state = 'REFUNDED' then 'REFUNDED'
                when payment_state = 'PAID' or residual = 0 then 'PAID'
                when due_date <= $2 then 'OVERDUE' else 'DUE' end as "standing!",
            currency, count(*) as "count!", sum(total) as "total!", sum(applied) as "applied!",
            sum(case when state = 'ISSUED' then residual else 0 end) as "residual!"
         from invoices where client_id = $1
         group by 1, 2 order by 2, 1"#,
        client.0,
        late
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(InvoiceSum {
                standing: r.standing,
                count: r.count,
                total: money(r.total, &r.currency)?,
                applied: money(r.applied, &r.currency)?,
                residual: money(r.residual, &r.currency)?,
            })
        })
        .collect()
}

/// Services of one client and one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSum {
    /// The product.
    pub product: ProductId,
    /// Its title in Russian.
    pub title: String,
    /// Its title in English; may be empty.
    pub title_en: String,
    /// Those that are neither over nor suspended.
    pub active: i64,
    /// All of them.
    pub count: i64,
}

/// A client's services by product, the most first.
///
/// # Errors
/// Those of the database.
pub async fn services(
    conn: &mut PgConnection,
    client: ClientId,
) -> Result<Vec<ServiceSum>, Failure> {
    let rows = sqlx::query!(
        r#"select p.id, p.title, p.title_en,
            count(*) filter (where s.state not in ('TERMINATED', 'SUSPENDED')) as "active!",
            count(*) as "count!"
         from subscriptions s join products p on p.id = s.product_id
         where s.client_id = $1
         group by p.id order by 4 desc, p.title, p.id"#,
        client.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| ServiceSum {
            product: r.id.into(),
            title: r.title,
            title_en: r.title_en,
            active: r.active,
            count: r.count,
        })
        .collect())
}
