//! Balances, suspense, advances, allocations and applications.

use super::{Found, LIMIT};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::PgConnection;

/// Kept balances are the sums of their transfers.
///
/// # Errors
/// Those of the database.
pub async fn balances(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"with moved as (
            select id, sum(amount) as balance from (
                select debit_id as id, amount from transfers
                union all select credit_id, -amount from transfers) as t
            group by id)
         select 'balances/' || b.id || '/' || b.kind as "subject!",
            coalesce(m.balance, 0)::text as "expected!", b.balance::text as "found!"
         from balances b left join moved m using (id)
         where b.balance <> coalesce(m.balance, 0) limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// Suspense holds what came, was not set aside and is allocated to nobody.
///
/// # Errors
/// Those of the database.
pub async fn suspense(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"with facts as (
            select seller_id, currency, sum(amount) as amount from (
                select seller_id, currency, amount from suspense_lines where not ignored
                union all select seller_id, currency, -amount from allocations where not reversed
            ) as t group by seller_id, currency),
         kept as (
            select seller_id, currency, -sum(balance) as amount from balances
            where kind = 'SUSPENSE' group by seller_id, currency)
         select 'sellers/' || seller_id || '/' || currency as "subject!",
            coalesce(f.amount, 0)::text as "expected!", coalesce(k.amount, 0)::text as "found!"
         from facts f full join kept k using (seller_id, currency)
         where coalesce(f.amount, 0) <> coalesce(k.amount, 0) limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// Bank clearing holds what came and was not set aside.
///
/// # Errors
/// Those of the database.
pub async fn clearing(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"with facts as (
            select seller_id, currency, sum(amount) as amount from suspense_lines
            where not ignored group by seller_id, currency),
         kept as (
            select seller_id, currency, sum(balance) as amount from balances
            where kind = 'BANK_CLEARING' group by seller_id, currency)
         select 'sellers/' || seller_id || '/' || currency as "subject!",
            coalesce(f.amount, 0)::text as "expected!", coalesce(k.amount, 0)::text as "found!"
         from facts f full join kept k using (seller_id, currency)
         where coalesce(f.amount, 0) <> coalesce(k.amount, 0) limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// Advances without a contract are the credit of the payer's allocations.
///
/// # Errors
/// Those of the database.
pub async fn free_advances(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"with facts as (
            select seller_id, client_id, payer_id, currency, sum(credit) as amount
            from allocations group by seller_id, client_id, payer_id, currency),
         kept as (
            select seller_id, client_id, payer_id, currency, -sum(balance) as amount
            from balances where kind = 'ADVANCES' and contract_id is null
            group by seller_id, client_id, payer_id, currency)
         select 'clients/' || client_id || '/' || currency as "subject!",
            coalesce(f.amount, 0)::text as "expected!", coalesce(k.amount, 0)::text as "found!"
         from facts f full join kept k using (seller_id, client_id, payer_id, currency)
         where coalesce(f.amount, 0) <> coalesce(k.amount, 0) limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// Settlement of a contract: its advances less its receivable are what was applied under it less
/// what was rendered.
///
/// # Errors
/// Those of the database.
pub async fn settlement(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"with facts as (
            select contract_id, currency, sum(amount) as amount from (
                select i.contract_id, a.currency, a.amount from applications a
                join invoices i on i.id = a.invoice_id where a.reversed_at is null
                union all select contract_id, currency, -total from acts) as t
            group by contract_id, currency),
         kept as (
            select contract_id, currency, -sum(balance) as amount from balances
            where kind in ('ADVANCES', 'RECEIVABLE') and contract_id is not null
            group by contract_id, currency)
         select 'contracts/' || contract_id || '/' || currency as "subject!",
            coalesce(f.amount, 0)::text as "expected!", coalesce(k.amount, 0)::text as "found!"
         from facts f full join kept k using (contract_id, currency)
         where coalesce(f.amount, 0) <> coalesce(k.amount, 0) limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// No contract has money and debt at once, no advance is overdrawn, and its VAT is none without it.
///
/// # Errors
/// Those of the database.
pub async fn sides(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"with sides as (
            select contract_id, currency,
                -coalesce(sum(balance) filter (where kind = 'ADVANCES'), 0) as advances,
                coalesce(sum(balance) filter (where kind = 'RECEIVABLE'), 0) as receivable,
                coalesce(sum(balance) filter (where kind = 'VAT_ON_ADVANCES'), 0) as vat
            from balances where contract_id is not null group by contract_id, currency)
         select 'contracts/' || contract_id || '/' || currency as "subject!",
            'money or debt, not both; VAT of money only' as "expected!",
            format('advances %s, receivable %s, VAT on advances %s', advances, receivable, vat)
                as "found!"
         from sides
         where advances < 0 or receivable < 0 or (advances > 0 and receivable > 0)
            or vat < 0 or vat > advances limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// An allocation that stands is applied or credit, one that was taken back is neither; a bank line
/// is never allocated beyond its amount.
///
/// # Errors
/// Those of the database.
pub async fn allocations(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"with applied as (
            select allocation_id, sum(amount) as amount from (
                select allocation_id, amount from applications where reversed_at is null
                union all
                select allocation_id, amount from late_fee_payments where reversed_at is null) as t
            group by allocation_id)
         select 'allocations/' || a.id as "subject!",
            case when a.reversed then 0 else a.amount end::text as "expected!",
            format('applied %s, credit %s', coalesce(p.amount, 0), a.credit) as "found!"
         from allocations a left join applied p on p.allocation_id = a.id
         where coalesce(p.amount, 0) + a.credit <> case when a.reversed then 0 else a.amount end
         union all
         select 'lines/' || line_id, coalesce(max(s.amount), 0)::text, sum(a.amount)::text
         from allocations a left join suspense_lines s using (line_id)
         where not a.reversed group by line_id
         having sum(a.amount) > coalesce(max(s.amount), 0) or bool_or(s.ignored) limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// Money is applied to invoices of its own seller, client and currency only (A182).
///
/// # Errors
/// Those of the database.
pub async fn applications(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"select 'applications/' || p.id as "subject!",
            format('sellers/%s clients/%s %s', i.seller_id, i.client_id, i.currency)
                as "expected!",
            format('sellers/%s clients/%s %s', a.seller_id, a.client_id, a.currency) as "found!"
         from applications p join allocations a on a.id = p.allocation_id
         join invoices i on i.id = p.invoice_id
         where (i.seller_id, i.client_id, i.currency) is distinct from
                (a.seller_id, a.client_id, a.currency)
            or p.currency <> a.currency or p.client_id <> a.client_id limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}

/// Sums of money of one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    /// Currency.
    pub currency: String,
    /// Came and was not set aside.
    pub received: Decimal,
    /// Is meant for clients.
    pub allocated: Decimal,
    /// Stands in suspense, by the ledger.
    pub unallocated: Decimal,
    /// Is set against invoices and late fees.
    pub applied: Decimal,
    /// Is credit.
    pub credit: Decimal,
}

/// Sums of money per currency.
///
/// # Errors
/// Those of the database.
pub async fn sums(conn: &mut PgConnection) -> Result<Vec<Sums>, Failure> {
    let sums = sqlx::query_as!(
        Sums,
        r#"select l.currency as "currency!", l.received as "received!",
            coalesce(a.allocated, 0) as "allocated!", coalesce(s.unallocated, 0) as "unallocated!",
            coalesce(p.applied, 0) as "applied!", coalesce(a.credit, 0) as "credit!"
         from (select currency, coalesce(sum(amount) filter (where not ignored), 0) as received
            from suspense_lines group by currency) l
         left join (select currency, sum(amount) as allocated, sum(credit) as credit
            from allocations where not reversed group by currency) a using (currency)
         left join (select currency, sum(amount) as applied from (
                select currency, amount from applications where reversed_at is null
                union all
                select currency, amount from late_fee_payments where reversed_at is null) as t
            group by currency) p using (currency)
         left join (select currency, -sum(balance) as unallocated
            from balances where kind = 'SUSPENSE' group by currency) s using (currency)
         order by l.currency"#
    );
    Ok(sums.fetch_all(conn).await?)
}

/// How many balances, bank lines, allocations, applications and contracts there are.
///
/// # Errors
/// Those of the database.
pub async fn examined(conn: &mut PgConnection) -> Result<[i64; 5], Failure> {
    let row = sqlx::query!(
        r#"select (select count(*) from balances) as "balances!",
            (select count(*) from suspense_lines) as "lines!",
            (select count(*) from allocations) as "allocations!",
            (select count(*) from applications) as "applications!",
            (select count(*) from contracts) as "contracts!""#
    )
    .fetch_one(conn)
    .await?;
    Ok([row.balances, row.lines, row.allocations, row.applications, row.contracts])
}
