//! Lines of invoices: editable drafts, and issued ones with their tax segments.

use crate::domain::{invoices::Invoice, lines::Line};
use rust_decimal::Decimal;
use serde_json::Value;
use service::Failure;
use sqlx::{PgConnection, types::Json};
use std::collections::HashMap;
use types::id::{InvoiceId, SubscriptionId};
use uuid::Uuid;

/// Replaces the draft lines of these invoices.
///
/// # Errors
/// Those of the database.
pub async fn write_drafts(conn: &mut PgConnection, all: &[&Invoice]) -> Result<(), Failure> {
    if all.is_empty() {
        return Ok(());
    }
    drop_drafts(conn, all).await?;
    let lines = || all.iter().flat_map(|i| i.lines.iter().enumerate().map(move |l| (i, l)));
    let ids: Vec<Uuid> = lines().map(|(_, (_, l))| l.id.0).collect();
    let invoices: Vec<Uuid> = lines().map(|(i, _)| i.id.0).collect();
    let positions: Vec<i32> = lines().map(|(_, (n, _))| position(n)).collect();
    let subscriptions: Vec<Option<Uuid>> =
        lines().map(|(_, (_, l))| l.subscription.map(|id| id.0)).collect();
    let changes: Vec<Option<Uuid>> = lines().map(|(_, (_, l))| l.change.map(|id| id.0)).collect();
    let json: Result<Vec<Value>, _> = lines().map(|(_, (_, l))| serde_json::to_value(l)).collect();
    sqlx::query!(
        "insert into draft_lines (id, invoice_id, position, subscription_id, change_id, line)
         select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::uuid[],
            $6::jsonb[])",
        &ids,
        &invoices,
        &positions,
        &subscriptions as &[Option<Uuid>],
        &changes as &[Option<Uuid>],
        &json.map_err(Failure::internal)?
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Drops the draft lines of these invoices, whose lines are written for good.
///
/// # Errors
/// Those of the database.
pub async fn drop_drafts(conn: &mut PgConnection, all: &[&Invoice]) -> Result<(), Failure> {
    let invoices: Vec<Uuid> = all.iter().map(|i| i.id.0).collect();
    sqlx::query!("delete from draft_lines where invoice_id = any($1)", &invoices)
        .execute(conn)
        .await?;
    Ok(())
}

fn position(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// Writes the lines of issued invoices for good, with their tax segments.
///
/// # Errors
/// Those of the database.
pub async fn write_issued(conn: &mut PgConnection, all: &[&Invoice]) -> Result<(), Failure> {
    insert_lines(conn, all).await?;
    insert_segments(conn, all).await
}

async fn insert_lines(conn: &mut PgConnection, all: &[&Invoice]) -> Result<(), Failure> {
    let lines = || all.iter().flat_map(|i| i.lines.iter().enumerate().map(move |(n, l)| (i, n, l)));
    let ids: Vec<Uuid> = lines().map(|(_, _, l)| l.id.0).collect();
    let invoices: Vec<Uuid> = lines().map(|(i, _, _)| i.id.0).collect();
    let positions: Vec<i32> = lines().map(|(_, n, _)| position(n)).collect();
    let clients: Vec<Uuid> = lines().map(|(i, _, _)| i.client.0).collect();
    let subscriptions: Vec<Option<Uuid>> =
        lines().map(|(_, _, l)| l.subscription.map(|id| id.0)).collect();
    let products: Vec<Option<Uuid>> = lines().map(|(_, _, l)| l.product.map(|id| id.0)).collect();
    let changes: Vec<Option<Uuid>> = lines().map(|(_, _, l)| l.change.map(|id| id.0)).collect();
    let kinds: Vec<String> = lines().map(|(_, _, l)| l.kind.code().into()).collect();
    let billed: Vec<Option<Uuid>> = lines().map(|(_, _, l)| l.billed_line.map(|id| id.0)).collect();
    let texts: Vec<String> = lines().map(|(_, _, l)| l.title().ru).collect();
    let starts: Vec<_> = lines().map(|(_, _, l)| l.period.start()).collect();
    let ends: Vec<_> = lines().map(|(_, _, l)| l.period.end()).collect();
    let quantities: Result<Vec<i32>, _> =
        lines().map(|(_, _, l)| crate::store::stored_count(l.quantity)).collect();
    let nets: Vec<Decimal> = lines().map(|(_, _, l)| l.amounts.net.amount()).collect();
    let taxes: Vec<Decimal> = lines().map(|(_, _, l)| l.amounts.tax.amount()).collect();
    let grosses: Vec<Decimal> = lines().map(|(_, _, l)| l.amounts.gross.amount()).collect();
    let json: Vec<Json<&Line>> = lines().map(|(_, _, l)| Json(l)).collect();
    sqlx::query!(
        "insert into invoice_lines (id, invoice_id, position, client_id, subscription_id,
            product_id, change_id, kind, billed_line_id, text, period, quantity, net, tax, gross,
            line)
         select id, invoice, position, client, subscription, product, change, kind, billed, text,
            daterange(starts, ends), quantity, net, tax, gross, line
         from unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::uuid[],
            $7::uuid[], $8::text[], $9::uuid[], $10::text[], $11::date[], $12::date[], $13::int[],
            $14::numeric[], $15::numeric[], $16::numeric[], $17::jsonb[])
            as t (id, invoice, position, client, subscription, product, change, kind, billed, text,
                starts, ends, quantity, net, tax, gross, line)",
        &ids,
        &invoices,
        &positions,
        &clients,
        &subscriptions as &[Option<Uuid>],
        &products as &[Option<Uuid>],
        &changes as &[Option<Uuid>],
        &kinds,
        &billed as &[Option<Uuid>],
        &texts,
        &starts,
        &ends,
        &quantities?,
        &nets,
        &taxes,
        &grosses,
        &json as &[Json<&Line>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert_segments(conn: &mut PgConnection, all: &[&Invoice]) -> Result<(), Failure> {
    let lines = || all.iter().flat_map(|i| &i.lines);
    let segments = || lines().flat_map(|l| l.segments.iter().enumerate().map(move |s| (l, s)));
    let ids: Vec<Uuid> = segments().map(|(l, _)| l.id.0).collect();
    let positions: Vec<i32> = segments().map(|(_, (n, _))| position(n)).collect();
    let starts: Vec<_> = segments().map(|(_, (_, s))| s.period.start()).collect();
    let ends: Vec<_> = segments().map(|(_, (_, s))| s.period.end()).collect();
    let rates: Vec<Option<i32>> =
        segments().map(|(_, (_, s))| s.decision.rate.percent().map(i32::from)).collect();
    let reasons: Vec<String> =
        segments().map(|(_, (_, s))| s.decision.reason.code().into()).collect();
    let ru: Vec<String> = segments().map(|(_, (_, s))| s.decision.phrase.ru.clone()).collect();
    let en: Vec<String> = segments().map(|(_, (_, s))| s.decision.phrase.en.clone()).collect();
    let nets: Vec<Decimal> = segments().map(|(_, (_, s))| s.amounts.net.amount()).collect();
    let taxes: Vec<Decimal> = segments().map(|(_, (_, s))| s.amounts.tax.amount()).collect();
    let grosses: Vec<Decimal> = segments().map(|(_, (_, s))| s.amounts.gross.amount()).collect();
    sqlx::query!(
        "insert into tax_segments (line_id, position, period, rate, reason, phrase_ru, phrase_en,
            net, tax, gross)
         select line, position, daterange(starts, ends), rate, reason, ru, en, net, tax, gross
         from unnest($1::uuid[], $2::int[], $3::date[], $4::date[], $5::int[], $6::text[],
            $7::text[], $8::text[], $9::numeric[], $10::numeric[], $11::numeric[])
            as t (line, position, starts, ends, rate, reason, ru, en, net, tax, gross)",
        &ids,
        &positions,
        &starts,
        &ends,
        &rates as &[Option<i32>],
        &reasons,
        &ru,
        &en,
        &nets,
        &taxes,
        &grosses
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The lines of these invoices in printed order, whether they are drafts or issued.
///
/// # Errors
/// Those of the database.
pub async fn lines(
    conn: &mut PgConnection,
    invoices: &[InvoiceId],
) -> Result<HashMap<InvoiceId, Vec<Line>>, Failure> {
    let ids: Vec<Uuid> = invoices.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select invoice_id as "invoice_id!", line as "line!" from (
            select invoice_id, position, line from invoice_lines where invoice_id = any($1)
            union all
            select invoice_id, position, line from draft_lines where invoice_id = any($1)) as t
         order by invoice_id, position"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    let mut lines: HashMap<InvoiceId, Vec<Line>> = HashMap::new();
    for row in rows {
        let line = serde_json::from_value(row.line).map_err(Failure::internal)?;
        lines.entry(row.invoice_id.into()).or_default().push(line);
    }
    Ok(lines)
}

/// The lines of these subscriptions, of invoices that stand (HELD included), oldest first.
///
/// # Errors
/// Those of the database.
pub async fn standing(
    conn: &mut PgConnection,
    subscriptions: &[SubscriptionId],
) -> Result<HashMap<SubscriptionId, Vec<Line>>, Failure> {
    let ids: Vec<Uuid> = subscriptions.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select subscription_id as "subscription_id!", line as "line!" from (
            select l.subscription_id, l.invoice_id, l.position, l.line from invoice_lines l
            join invoices i on i.id = l.invoice_id
            where l.subscription_id = any($1) and i.state = 'ISSUED'
            union all
            select l.subscription_id, l.invoice_id, l.position, l.line from draft_lines l
            join invoices i on i.id = l.invoice_id
            where l.subscription_id = any($1) and i.state in ('HELD', 'DRAFT')) as t
         order by invoice_id, position"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    let mut lines: HashMap<SubscriptionId, Vec<Line>> = HashMap::new();
    for row in rows {
        let line = serde_json::from_value(row.line).map_err(Failure::internal)?;
        lines.entry(row.subscription_id.into()).or_default().push(line);
    }
    Ok(lines)
}
