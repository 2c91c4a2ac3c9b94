//! Late fees and the money set against them.

use super::{Found, LIMIT};
use service::Failure;
use sqlx::PgConnection;

/// What is paid of a fee is the sum of its payments that stand, which are of its own client, seller
/// and currency; the ledger's penalties are the sum of all of them.
///
/// # Errors
/// Those of the database.
pub async fn payments(conn: &mut PgConnection) -> Result<Vec<Found>, Failure> {
    let found = sqlx::query_as!(
        Found,
        r#"with paid as (
            select late_fee_id, sum(amount) as amount from late_fee_payments
            where reversed_at is null group by late_fee_id),
         facts as (
            select f.seller_id, p.currency, sum(p.amount) as amount from late_fee_payments p
            join late_fees f on f.id = p.late_fee_id where p.reversed_at is null
            group by f.seller_id, p.currency),
         kept as (
            select seller_id, currency, -sum(balance) as amount from balances
            where kind = 'PENALTIES' group by seller_id, currency)
         select 'lateFees/' || f.id as "subject!", coalesce(p.amount, 0)::text as "expected!",
            f.paid::text as "found!"
         from late_fees f left join paid p on p.late_fee_id = f.id
         where f.paid <> coalesce(p.amount, 0)
         union all
         select 'lateFeePayments/' || p.id,
            format('sellers/%s clients/%s %s', f.seller_id, f.client_id, f.currency),
            format('sellers/%s clients/%s %s', a.seller_id, a.client_id, a.currency)
         from late_fee_payments p join late_fees f on f.id = p.late_fee_id
         join allocations a on a.id = p.allocation_id
         where p.reversed_at is null and (f.seller_id, f.client_id, f.currency)
            is distinct from (a.seller_id, a.client_id, a.currency)
         union all
         select 'sellers/' || seller_id || '/' || currency, coalesce(f.amount, 0)::text,
            coalesce(k.amount, 0)::text
         from facts f full join kept k using (seller_id, currency)
         where coalesce(f.amount, 0) <> coalesce(k.amount, 0) limit $1"#,
        LIMIT
    );
    Ok(found.fetch_all(conn).await?)
}
