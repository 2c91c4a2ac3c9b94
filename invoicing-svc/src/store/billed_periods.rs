//! Claims: what is billed is claimed, so that it is billed once.

use super::period;
use crate::domain::invoices::Invoice;
use service::Failure;
use sqlx::PgConnection;
use std::collections::HashMap;
use types::{
    Period,
    id::{InvoiceId, SubscriptionId},
};
use uuid::Uuid;

/// Constraint: renewal claims that are not released do not overlap.
pub const OVERLAP: &str = "billed_periods_overlap";
/// Index: a change is billed once per billed line and span of its days.
pub const CHANGE: &str = "billed_periods_change";

/// Makes the claims of these invoices.
///
/// # Errors
/// Those of the database; [`OVERLAP`] or [`CHANGE`] when something is billed already.
pub async fn claim(conn: &mut PgConnection, all: &[&Invoice]) -> Result<(), Failure> {
    let claims: Vec<_> = all
        .iter()
        .flat_map(|i| i.lines.iter().filter_map(move |l| Some((i, l, l.claim()?))))
        .collect();
    let ids: Vec<Uuid> = claims.iter().map(|_| Uuid::now_v7()).collect();
    let clients: Vec<Uuid> = claims.iter().map(|(i, _, _)| i.client.0).collect();
    let subscriptions: Vec<Uuid> = claims.iter().map(|(_, _, c)| c.subscription.0).collect();
    let invoices: Vec<Uuid> = claims.iter().map(|(i, _, _)| i.id.0).collect();
    let lines: Vec<Uuid> = claims.iter().map(|(_, l, _)| l.id.0).collect();
    let kinds: Vec<String> = claims.iter().map(|(_, _, c)| c.kind.code().into()).collect();
    let starts: Vec<_> = claims.iter().map(|(_, _, c)| c.period.start()).collect();
    let ends: Vec<_> = claims.iter().map(|(_, _, c)| c.period.end()).collect();
    let changes: Vec<Option<Uuid>> =
        claims.iter().map(|(_, _, c)| c.change.map(|(id, _)| id.0)).collect();
    let billed: Vec<Option<Uuid>> =
        claims.iter().map(|(_, _, c)| c.change.map(|(_, line)| line.0)).collect();
    sqlx::query!(
        "insert into billed_periods (id, client_id, subscription_id, invoice_id, line_id, kind,
            period, change_id, billed_line_id)
         select id, client, subscription, invoice, line, kind, daterange(starts, ends), change,
            billed
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[],
            $7::date[], $8::date[], $9::uuid[], $10::uuid[])
            as t (id, client, subscription, invoice, line, kind, starts, ends, change, billed)",
        &ids,
        &clients,
        &subscriptions,
        &invoices,
        &lines,
        &kinds,
        &starts,
        &ends,
        &changes as &[Option<Uuid>],
        &billed as &[Option<Uuid>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Releases the claims of an invoice that is cancelled, expires or is reissued, and moves what is
/// billed of its subscriptions back to the first day that no claim covers any more.
///
/// # Errors
/// Those of the database.
pub async fn release(conn: &mut PgConnection, invoice: InvoiceId) -> Result<(), Failure> {
    sqlx::query!(
        "with released as (
            update billed_periods set released = true
            where invoice_id = $1 and not released
            returning subscription_id, kind, period)
         update subscriptions s
         set billed_through = least(s.billed_through, r.start), revision = s.revision + 1
         from (
            select subscription_id, min(lower(period)) as start from released
            where kind = 'RENEWAL' group by subscription_id) as r
         where s.id = r.subscription_id",
        invoice.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether an act holds a piece of an invoice.
///
/// # Errors
/// Those of the database.
pub async fn is_rendered(conn: &mut PgConnection, invoice: InvoiceId) -> Result<bool, Failure> {
    let held = sqlx::query_scalar!(
        r#"select exists(
            select from invoice_lines l join act_lines a on a.invoice_line_id = l.id
            where l.invoice_id = $1) as "e!""#,
        invoice.0
    );
    Ok(held.fetch_one(conn).await?)
}

/// A standing invoice that was made because of what this one bills, so that this one cannot end
/// alone: fewer units are credited against its lines; and unless it is to be billed `again` as it
/// is, more units are billed for its periods, a period was billed since with the quantity that it
/// changed, or a subscription that ends with it was billed further.
///
/// # Errors
/// Those of the database.
pub async fn built_on(
    conn: &mut PgConnection,
    invoice: InvoiceId,
    again: bool,
) -> Result<Option<InvoiceId>, Failure> {
    let found = sqlx::query_scalar!(
        "select other.invoice_id from billed_periods mine
         join invoices i on i.id = mine.invoice_id
         join subscriptions s on s.id = mine.subscription_id
         join billed_periods other on other.subscription_id = mine.subscription_id
            and other.invoice_id <> mine.invoice_id and not other.released
         left join changes c on c.id = other.change_id
         where mine.invoice_id = $1
            and (other.billed_line_id = mine.line_id and c.quantity_after < c.quantity_before
                or not $2 and (
                    mine.kind = 'RENEWAL' and other.kind = 'CHANGE'
                        and other.period && mine.period
                    or mine.kind = 'CHANGE' and i.kind <> 'MAIN'
                        and other.kind = 'RENEWAL' and other.id > mine.id
                        and upper(other.period) > lower(mine.period)
                        and not exists (
                            select from billed_periods same
                            where same.subscription_id = mine.subscription_id
                                and same.change_id = mine.change_id
                                and same.period && other.period)
                    or i.kind = 'ORDER' and s.state = 'PENDING'))
         order by other.id desc limit 1",
        invoice.0,
        again
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.map(Into::into))
}

/// True when no standing claim of another invoice covers what this one claimed, and none of it was
/// skipped because there was no service.
///
/// # Errors
/// Those of the database.
pub async fn are_free(conn: &mut PgConnection, invoice: InvoiceId) -> Result<bool, Failure> {
    let taken = sqlx::query_scalar!(
        r#"select exists(
            select from billed_periods mine join billed_periods other
                on other.subscription_id = mine.subscription_id and other.period && mine.period
                and other.kind = 'RENEWAL' and not other.released
                and other.invoice_id <> mine.invoice_id
            where mine.invoice_id = $1 and mine.kind = 'RENEWAL')
         or exists(
            select from billed_periods mine join skipped_periods skipped
                on skipped.subscription_id = mine.subscription_id and skipped.period && mine.period
            where mine.invoice_id = $1 and mine.kind = 'RENEWAL') as "e!""#,
        invoice.0
    )
    .fetch_one(conn)
    .await?;
    Ok(!taken)
}

/// What is billed of these subscriptions or never will be: their standing renewal claims, and the
/// days of suspensions that are skipped.
///
/// # Errors
/// Those of the database.
pub async fn claimed(
    conn: &mut PgConnection,
    subscriptions: &[SubscriptionId],
) -> Result<HashMap<SubscriptionId, Vec<Period>>, Failure> {
    let ids: Vec<Uuid> = subscriptions.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select subscription_id as "subscription_id!", period as "period!" from billed_periods
         where subscription_id = any($1) and kind = 'RENEWAL' and not released
         union all
         select subscription_id, period from skipped_periods where subscription_id = any($1)
         order by 1, 2"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    let mut claims: HashMap<SubscriptionId, Vec<Period>> = HashMap::new();
    for row in rows {
        claims.entry(row.subscription_id.into()).or_default().push(period(row.period)?);
    }
    Ok(claims)
}

/// The days of these subscriptions that nobody owes: the renewal periods that paid invoices cover,
/// and the days of suspensions that are skipped.
///
/// # Errors
/// Those of the database.
pub async fn paid(
    conn: &mut PgConnection,
    subscriptions: &[SubscriptionId],
) -> Result<HashMap<SubscriptionId, Vec<Period>>, Failure> {
    let ids: Vec<Uuid> = subscriptions.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select b.subscription_id as "subscription_id!", b.period as "period!"
         from billed_periods b
         join invoices i on i.id = b.invoice_id
         where b.subscription_id = any($1) and b.kind = 'RENEWAL' and not b.released
            and i.state = 'ISSUED' and i.payment_state = 'PAID'
         union all
         select subscription_id, period from skipped_periods where subscription_id = any($1)
         order by 1, 2"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    let mut paid: HashMap<SubscriptionId, Vec<Period>> = HashMap::new();
    for row in rows {
        paid.entry(row.subscription_id.into()).or_default().push(period(row.period)?);
    }
    Ok(paid)
}

/// Makes the claims of an invoice that returns to issued again. The caller has seen that its
/// periods are free, and moves what is billed of its subscriptions.
///
/// # Errors
/// Those of the database; [`OVERLAP`] or [`CHANGE`] when something is billed already.
pub async fn claim_again(conn: &mut PgConnection, invoice: InvoiceId) -> Result<(), Failure> {
    sqlx::query!(
        "update billed_periods set released = false where invoice_id = $1 and released",
        invoice.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The days of suspensions of these subscriptions that nobody owes.
///
/// # Errors
/// Those of the database.
pub async fn skipped(
    conn: &mut PgConnection,
    subscriptions: &[SubscriptionId],
) -> Result<HashMap<SubscriptionId, Vec<Period>>, Failure> {
    let ids: Vec<Uuid> = subscriptions.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select subscription_id, period from skipped_periods where subscription_id = any($1)
         order by 1, 2",
        &ids
    )
    .fetch_all(conn)
    .await?;
    let mut skipped: HashMap<SubscriptionId, Vec<Period>> = HashMap::new();
    for row in rows {
        skipped.entry(row.subscription_id.into()).or_default().push(period(row.period)?);
    }
    Ok(skipped)
}
