//! Tokens of pay pages: written once, when an invoice is issued.

use service::Failure;
use sqlx::PgConnection;
use std::collections::HashMap;
use types::id::InvoiceId;
use uuid::Uuid;

/// A later invoice in the place of a cancelled one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    /// Human number.
    pub number: String,
    /// Token of its page.
    pub token: String,
}

/// Keeps the tokens of these invoices.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    tokens: &HashMap<InvoiceId, String>,
) -> Result<(), Failure> {
    let (ids, tokens): (Vec<Uuid>, Vec<String>) =
        tokens.iter().map(|(id, token)| (id.0, token.clone())).unzip();
    sqlx::query!(
        "insert into pay_links (invoice_id, token)
         select * from unnest($1::uuid[], $2::text[])",
        &ids,
        &tokens
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The tokens of those of these invoices that have a page.
///
/// # Errors
/// Those of the database.
pub async fn of(
    conn: &mut PgConnection,
    invoices: &[InvoiceId],
) -> Result<HashMap<InvoiceId, String>, Failure> {
    let ids: Vec<Uuid> = invoices.iter().map(|id| id.0).collect();
    let rows =
        sqlx::query!("select invoice_id, token from pay_links where invoice_id = any($1)", &ids)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|r| (r.invoice_id.into(), r.token)).collect())
}

/// The invoice of a token.
///
/// # Errors
/// Those of the database.
pub async fn find(conn: &mut PgConnection, token: &str) -> Result<Option<InvoiceId>, Failure> {
    let id = sqlx::query_scalar!("select invoice_id from pay_links where token = $1", token)
        .fetch_optional(conn)
        .await?;
    Ok(id.map(InvoiceId))
}

/// The issued invoice that stands in the place of a cancelled one, however often it was reissued;
/// none while staff still hold it.
///
/// # Errors
/// Those of the database.
pub async fn successor(
    conn: &mut PgConnection,
    invoice: InvoiceId,
) -> Result<Option<Successor>, Failure> {
    let row = sqlx::query!(
        r#"with recursive later (id, state) as (
            select id, state from invoices where replaces_id = $1
            union
            select i.id, i.state from invoices i join later l on i.replaces_id = l.id
        )
        select n.number as "number!", p.token as "token!" from later l
        join invoice_numbers n on n.invoice_id = l.id
        join pay_links p on p.invoice_id = l.id
        where l.state = 'ISSUED' order by l.id desc limit 1"#,
        invoice.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| Successor { number: r.number, token: r.token }))
}
