//! Billed periods: claims and the lines that they are of, and how far subscriptions are billed and
//! paid.

use super::{Found, LIMIT};
use chrono::NaiveDate;
use service::Failure;
use sqlx::PgConnection;
use types::id::SubscriptionId;

/// No two standing renewal claims of a subscription overlap.
///
/// # Errors
/// Those of the database.
pub async fn overlaps(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"select 'subscriptions/' || subscription_id as "subject!",
            'from ' || before as "expected!", period::text as "found!"
         from (select subscription_id, period, max(upper(period)) over (
                partition by subscription_id order by lower(period), id
                rows between unbounded preceding and 1 preceding) as before
            from billed_periods where kind = 'RENEWAL' and not released) as t
         where lower(period) < before limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// What a standing invoice bills of a subscription is claimed, exactly; claims that stand are of
/// invoices that stand.
///
/// # Errors
/// Those of the database.
pub async fn claims(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"with lines as (
            select l.id, i.id as invoice_id, l.subscription_id, l.period, l.kind
            from invoice_lines l join invoices i on i.id = l.invoice_id
            where i.state = 'ISSUED'
            union all
            select l.id, i.id, l.subscription_id,
                daterange((l.line -> 'period' ->> 'start')::date,
                    (l.line -> 'period' ->> 'end')::date), l.line ->> 'kind'
            from draft_lines l join invoices i on i.id = l.invoice_id
            where i.state in ('DRAFT', 'HELD')),
         wanted as (
            select id, invoice_id, period, case kind when 'PERIOD' then 'RENEWAL' else 'CHANGE' end
                as kind
            from lines where subscription_id is not null
                and kind in ('PERIOD', 'DELTA', 'CREDIT')),
         standing as (
            select line_id as id, invoice_id, period, kind from billed_periods where not released)
         select 'invoiceLines/' || coalesce(w.id, s.id) as "subject!",
            coalesce(w.kind || ' ' || w.period, 'no claim') as "expected!",
            coalesce(s.kind || ' ' || s.period, 'no claim') as "found!"
         from wanted w full join standing s on s.id = w.id
         where (w.invoice_id, w.period, w.kind) is distinct from
            (s.invoice_id, s.period, s.kind) limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// Suspensions that there are.
///
/// # Errors
/// Those of the database.
pub async fn suspended(conn: &mut PgConnection) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(r#"select count(*) as "n!" from suspensions"#);
    Ok(count.fetch_one(conn).await?)
}

/// What is suspended has a suspension that goes on, and only that; days that are skipped lie in
/// their suspension, and nothing bills them.
///
/// # Errors
/// Those of the database.
pub async fn suspensions(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"select 'subscriptions/' || coalesce(s.id, o.subscription_id) as "subject!",
            case when o.id is null then 'a suspension' else 'SUSPENDED' end as "expected!",
            coalesce(s.state, 'another state') as "found!"
         from (select id, state from subscriptions where state = 'SUSPENDED') s
         full join (select id, subscription_id from suspensions where resumed is null) o
            on o.subscription_id = s.id
         where s.id is null or o.id is null
         union all
         select 'subscriptions/' || k.subscription_id,
            'within ' || daterange(s.first_day, s.resumed), k.period::text
         from skipped_periods k join suspensions s on s.id = k.suspension_id
         where s.resumed is null or not k.period <@ daterange(s.first_day, s.resumed)
         union all
         select 'subscriptions/' || k.subscription_id, 'skipped: ' || k.period,
            'billed: ' || b.period
         from skipped_periods k join billed_periods b on b.subscription_id = k.subscription_id
            and b.kind = 'RENEWAL' and not b.released and b.period && k.period
         limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// How far a subscription says that it is billed and paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Through {
    /// Which.
    pub subscription: SubscriptionId,
    /// Its first day.
    pub start: NaiveDate,
    /// First day that no invoice covers.
    pub billed: NaiveDate,
    /// First day that no paid invoice covers.
    pub paid: NaiveDate,
}

/// Subscriptions with periods after one, in ascending order.
///
/// # Errors
/// Those of the database.
pub async fn through(
    conn: &mut PgConnection,
    after: Option<SubscriptionId>,
    limit: i64,
) -> Result<Vec<Through>, Failure> {
    let rows = sqlx::query!(
        "select id, start_date, billed_through, paid_through from subscriptions
         where cycle_months is not null and ($1::uuid is null or id > $1) order by id limit $2",
        after.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    let row = |id: uuid::Uuid, start, billed, paid| Through {
        subscription: id.into(),
        start,
        billed,
        paid,
    };
    Ok(rows
        .into_iter()
        .map(|r| row(r.id, r.start_date, r.billed_through, r.paid_through))
        .collect())
}
