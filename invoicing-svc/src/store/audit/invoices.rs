//! Invoices: their lines, sums, numbers, and what is credited.

use super::{Found, LIMIT};
use service::Failure;
use sqlx::PgConnection;

/// What is applied to an invoice is the sum of its applications that stand; its payment state
/// follows from its sums.
///
/// # Errors
/// Those of the database.
pub async fn sums(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"with derived as (
            select i.id, i.state, i.payment_state, i.applied, coalesce(a.amount, 0) as money,
                case when i.refunded > 0 and coalesce(a.amount, 0) = 0 then 'REFUNDED'
                    when i.total - i.credited <= coalesce(a.amount, 0) then 'PAID'
                    when coalesce(a.amount, 0) > 0 then 'PARTIALLY_PAID' else 'OPEN' end as payment
            from invoices i left join (
                select invoice_id, sum(amount) as amount from applications
                where reversed_at is null group by invoice_id) a on a.invoice_id = i.id)
         select 'invoices/' || id as "subject!",
            format('%s applied, %s', money, payment) as "expected!",
            format('%s applied, %s', applied, payment_state) as "found!"
         from derived
         where applied <> money or (state = 'ISSUED' and payment_state <> payment)
            or (money > 0 and state <> 'ISSUED') limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// An issued invoice is the sum of its lines, and each line the sum of its tax segments.
///
/// # Errors
/// Those of the database.
pub async fn lines(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"select 'invoices/' || i.id as "subject!",
            format('%s + %s = %s', coalesce(sum(l.net), 0), coalesce(sum(l.tax), 0),
                coalesce(sum(l.gross), 0)) as "expected!",
            format('%s + %s = %s', i.net, i.tax, i.total) as "found!"
         from invoices i join invoice_numbers n on n.invoice_id = i.id
         left join invoice_lines l on l.invoice_id = i.id
         group by i.id
         having (i.net, i.tax, i.total) is distinct from (sum(l.net), sum(l.tax), sum(l.gross))
            or i.net + i.tax <> i.total
         union all
         select 'invoiceLines/' || l.id, format('%s + %s = %s', sum(s.net), sum(s.tax),
            sum(s.gross)), format('%s + %s = %s', l.net, l.tax, l.gross)
         from invoice_lines l left join tax_segments s on s.line_id = l.id
         group by l.id
         having (l.net, l.tax, l.gross) is distinct from (sum(s.net), sum(s.tax), sum(s.gross))
         limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// What was issued has a number, and only that.
///
/// # Errors
/// Those of the database.
pub async fn numbered(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"select 'invoices/' || i.id as "subject!",
            case when i.issue_date is null then 'no number' else 'a number' end as "expected!",
            coalesce(n.number, 'no number') as "found!"
         from invoices i left join invoice_numbers n on n.invoice_id = i.id
         where (i.issue_date is null) <> (n.invoice_id is null)
            or (i.state in ('ISSUED', 'EXPIRED') and n.invoice_id is null)
            or (i.state in ('DRAFT', 'HELD') and n.invoice_id is not null) limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// Series have no gap: as many numbers as the counter says, from 1 on.
///
/// # Errors
/// Those of the database.
pub async fn series(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"with taken as (
            select series_id, counter_key as key, sequence from invoice_numbers
            union all select series_id, '', sequence from acts),
         found as (
            select series_id, key, count(*) as numbers, min(sequence) as first,
                max(sequence) as last
            from taken group by series_id, key)
         select 'series/' || series_id || '/' || key as "subject!",
            format('1 to %s without a gap', coalesce(c.sequence, 0)) as "expected!",
            format('%s numbers from %s to %s', coalesce(f.numbers, 0), coalesce(f.first, 0),
                coalesce(f.last, 0)) as "found!"
         from found f full join (select series_id, key, sequence from series_counters
            where sequence > 0) c using (series_id, key)
         where f.numbers is distinct from c.sequence or f.first is distinct from 1
            or f.last is distinct from c.sequence limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// Credits of standing invoices never exceed the line that they take back from.
///
/// # Errors
/// Those of the database.
pub async fn credits(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"select 'invoiceLines/' || l.id as "subject!", 'at most ' || l.gross as "expected!",
            'credited ' || -sum(c.gross) as "found!"
         from invoice_lines l join invoice_lines c on c.billed_line_id = l.id
         join invoices i on i.id = c.invoice_id
         where c.kind = 'CREDIT' and i.state = 'ISSUED'
         group by l.id having -sum(c.gross) > l.gross limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// How many invoices, issued lines and series there are.
///
/// # Errors
/// Those of the database.
pub async fn examined(conn: &mut PgConnection) -> Result<[i64; 3], Failure> {
    let row = sqlx::query!(
        r#"select (select count(*) from invoices) as "invoices!",
            (select count(*) from invoice_lines) as "lines!",
            (select count(*) from series_counters) as "series!""#
    )
    .fetch_one(conn)
    .await?;
    Ok([row.invoices, row.lines, row.series])
}
