//! Acts: their sums, their postings, and the lines that they are cut from.

use super::{Found, LIMIT};
use crate::domain::lines::Line;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use service::Failure;
use sqlx::PgConnection;
use types::id::InvoiceLineId;
use uuid::Uuid;

/// An act is the sum of its lines, is posted as it says, and is the only one of its contract and
/// month.
///
/// # Errors
/// Those of the database.
pub async fn sums(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"with posted as (
            select t.cause,
                coalesce(sum(t.amount) filter (where d.kind = 'ADVANCES'), 0) as advance,
                coalesce(sum(t.amount) filter (where d.kind = 'RECEIVABLE'), 0) as receivable,
                coalesce(sum(t.amount) filter (where d.kind = 'REVENUE'), 0) as tax
            from transfers t join balances d on d.id = t.debit_id
            where t.kind = 'ACT' group by t.cause)
         select 'acts/' || a.id as "subject!",
            format('%s + %s = %s', l.net, l.tax, l.gross) as "expected!",
            format('%s + %s = %s', a.net, a.tax, a.total) as "found!"
         from acts a left join (
            select act_id, sum(net) as net, sum(tax) as tax, sum(gross) as gross from act_lines
            group by act_id) l on l.act_id = a.id
         where (a.net, a.tax, a.total) is distinct from (l.net, l.tax, l.gross)
         union all
         select 'acts/' || a.id, format('advance %s, receivable %s, VAT %s', a.from_advance,
                a.to_receivable, a.tax),
            format('advance %s, receivable %s, VAT %s', p.advance, p.receivable, p.tax)
         from acts a left join posted p on p.cause = 'acts/' || a.id
         where (a.from_advance, a.to_receivable, a.tax) is distinct from
                (p.advance, p.receivable, p.tax)
            or a.from_advance + a.to_receivable <> a.total
         union all
         select 'contracts/' || contract_id, 'one act of ' || month, count(*) || ' acts'
         from acts group by contract_id, currency, month having count(*) > 1 limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// A line that was cut, with what acts hold of it: months with their amounts.
#[derive(Debug, Clone)]
pub struct Cut {
    /// The line.
    pub line: Line,
    /// First day of each month, with the gross amount that acts hold.
    pub acted: Vec<(NaiveDate, Decimal)>,
}

/// Lines that acts hold pieces of, after one, in ascending order.
///
/// # Errors
/// Those of the database.
pub async fn cuts(
    conn: &mut PgConnection,
    after: Option<InvoiceLineId>,
    limit: i64,
) -> Result<Vec<Cut>, Failure> {
    let rows = sqlx::query!(
        r#"select l.id, l.line, a.month as "month!", sum(a.gross) as "gross!"
         from (select id, line from invoice_lines i
            where ($1::uuid is null or id > $1)
                and exists (select from act_lines a where a.invoice_line_id = i.id)
            order by id limit $2) l
         join act_lines a on a.invoice_line_id = l.id
         group by l.id, l.line, a.month order by l.id, a.month"#,
        after.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    let mut cuts: Vec<(Uuid, Cut)> = Vec::new();
    for row in rows {
        let piece = (row.month, row.gross);
        match cuts.last_mut() {
            Some((id, cut)) if *id == row.id => cut.acted.push(piece),
            _ => {
                let line = serde_json::from_value(row.line).map_err(Failure::internal)?;
                cuts.push((row.id, Cut { line, acted: vec![piece] }));
            }
        }
    }
    Ok(cuts.into_iter().map(|(_, cut)| cut).collect())
}

/// How many acts there are.
///
/// # Errors
/// Those of the database.
pub async fn examined(conn: &mut PgConnection) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(r#"select count(*) as "n!" from acts"#);
    Ok(count.fetch_one(conn).await?)
}
