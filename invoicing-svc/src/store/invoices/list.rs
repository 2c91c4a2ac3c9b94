//! Lists of invoices, newest first, with totals (A190–A193).

use crate::store::money;
use chrono::NaiveDate;
use service::Failure;
use sqlx::PgConnection;
use types::{
    Money,
    id::{ClientId, InvoiceId, SellerId},
};

/// Which invoices a list has.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of this client.
    pub client: Option<ClientId>,
    /// Only of this seller.
    pub seller: Option<SellerId>,
    /// Only in this state, by its code.
    pub state: Option<&'static str>,
    /// Only in this payment state, by its code.
    pub payment_state: Option<&'static str>,
    /// Only of this kind, by its code.
    pub kind: Option<&'static str>,
    /// Numbers that begin with this.
    pub number: Option<String>,
    /// Text that a line holds.
    pub line_text: Option<String>,
    /// Only unpaid ones that were due by this day.
    pub late: Option<NaiveDate>,
}

impl Filter {
    /// The beginning of a number as a pattern, with its special characters taken literally.
    fn number_pattern(&self) -> Option<String> {
        self.number.as_ref().map(|n| format!("{}%", escaped(n)))
    }

    fn text_pattern(&self) -> Option<String> {
        self.line_text.as_ref().map(|t| format!("%{}%", escaped(t)))
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// Ids of invoices before one, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    f: &Filter,
    before: Option<InvoiceId>,
    limit: i64,
) -> Result<Vec<InvoiceId>, Failure> {
    let ids = sqlx::query_scalar!(
        "select i.id from invoices i
         where ($1::uuid is null or i.client_id = $1) and ($2::uuid is null or i.seller_id = $2)
            and ($3::text is null or i.state = $3)
            and ($4::text is null or i.payment_state = $4)
            and ($5::text is null or i.kind = $5)
            and ($6::text is null or exists (
                select from invoice_numbers n where n.invoice_id = i.id and n.number like $6))
            and ($7::text is null or exists (
                select from invoice_lines l where l.invoice_id = i.id and l.text ilike $7))
            and ($8::uuid is null or i.id < $8)
            and ($10::date is null or (i.state = 'ISSUED' and i.residual > 0
                and i.payment_state in ('OPEN', 'PARTIALLY_PAID') and i.due_date <= $10))
         order by i.id desc limit $9",
        f.client.map(|id| id.0),
        f.seller.map(|id| id.0),
        f.state,
        f.payment_state,
        f.kind,
        f.number_pattern(),
        f.text_pattern(),
        before.map(|id| id.0),
        limit,
        f.late
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(InvoiceId).collect())
}

/// How many invoices a list has, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn total(conn: &mut PgConnection, f: &Filter, cap: i64) -> Result<i64, Failure> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (
            select from invoices i
            where ($1::uuid is null or i.client_id = $1) and ($2::uuid is null or i.seller_id = $2)
                and ($3::text is null or i.state = $3)
                and ($4::text is null or i.payment_state = $4)
                and ($5::text is null or i.kind = $5)
                and ($6::text is null or exists (
                    select from invoice_numbers n where n.invoice_id = i.id and n.number like $6))
                and ($7::text is null or exists (
                    select from invoice_lines l where l.invoice_id = i.id and l.text ilike $7))
                and ($9::date is null or (i.state = 'ISSUED' and i.residual > 0
                    and i.payment_state in ('OPEN', 'PARTIALLY_PAID') and i.due_date <= $9))
            limit $8) as t"#,
        f.client.map(|id| id.0),
        f.seller.map(|id| id.0),
        f.state,
        f.payment_state,
        f.kind,
        f.number_pattern(),
        f.text_pattern(),
        cap,
        f.late
    )
    .fetch_one(conn)
    .await?;
    Ok(total)
}

/// Sums of what a filter finds among issued invoices, of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Σ of totals.
    pub total: Money,
    /// Σ of money set against them.
    pub applied: Money,
    /// Σ of what is left to pay.
    pub due: Money,
}

/// Sums per currency of the issued invoices that a filter finds.
///
/// # Errors
/// Those of the database.
pub async fn totals(conn: &mut PgConnection, f: &Filter) -> Result<Vec<Totals>, Failure> {
    let rows = sqlx::query!(
        r#"select i.currency, sum(i.total) as "total!", sum(i.applied) as "applied!",
            sum(i.residual) as "due!"
         from invoices i
         where i.state = 'ISSUED'
            and ($1::uuid is null or i.client_id = $1) and ($2::uuid is null or i.seller_id = $2)
            and ($3::text is null or i.state = $3)
            and ($4::text is null or i.payment_state = $4)
            and ($5::text is null or i.kind = $5)
            and ($6::text is null or exists (
                select from invoice_numbers n where n.invoice_id = i.id and n.number like $6))
            and ($7::text is null or exists (
                select from invoice_lines l where l.invoice_id = i.id and l.text ilike $7))
            and ($8::date is null or (i.residual > 0
                and i.payment_state in ('OPEN', 'PARTIALLY_PAID') and i.due_date <= $8))
         group by i.currency order by i.currency"#,
        f.client.map(|id| id.0),
        f.seller.map(|id| id.0),
        f.state,
        f.payment_state,
        f.kind,
        f.number_pattern(),
        f.text_pattern(),
        f.late
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(Totals {
                total: money(r.total, &r.currency)?,
                applied: money(r.applied, &r.currency)?,
                due: money(r.due, &r.currency)?,
            })
        })
        .collect()
}

/// What is left to pay on issued invoices of a client, per seller and currency.
///
/// # Errors
/// Those of the database.
pub async fn due_of(
    conn: &mut PgConnection,
    client: ClientId,
) -> Result<Vec<(SellerId, Money)>, Failure> {
    let rows = sqlx::query!(
        r#"select seller_id, currency, sum(residual) as "due!" from invoices
         where client_id = $1 and state = 'ISSUED'
            and payment_state in ('OPEN', 'PARTIALLY_PAID')
         group by seller_id, currency order by seller_id, currency"#,
        client.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|r| Ok((r.seller_id.into(), money(r.due, &r.currency)?))).collect()
}
