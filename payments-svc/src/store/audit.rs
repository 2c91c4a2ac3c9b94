//! Look-ups of the audit: what does not hold, and sums.

use service::Failure;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// What does not hold of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Resource name.
    pub subject: String,
    /// What was derived.
    pub expected: String,
    /// What is stored.
    pub found: String,
}

/// How many lines, statements, allocations and learnt rules there are.
///
/// # Errors
/// Those of the database.
pub async fn examined(conn: &mut PgConnection) -> Result<(i64, i64, i64, i64), Failure> {
    let row = sqlx::query!(
        r#"select (select count(*) from lines) as "lines!",
               (select count(*) from statements) as "statements!",
               (select count(*) from allocations) as "allocations!",
               (select count(*) from learned_rules) as "rules!""#
    );
    let row = row.fetch_one(conn).await?;
    Ok((row.lines, row.statements, row.allocations, row.rules))
}

/// Everything that one check finds, at most 1000 things.
///
/// # Errors
/// Those of the database.
pub async fn discrepancies(conn: &mut PgConnection, check: &str) -> Result<Vec<Found>, Failure> {
    let found = match check {
        "LINE_ALLOCATED" => line_allocated(conn).await?,
        "LINE_STATE" => line_state(conn).await?,
        "LINE_NAMES" => line_names(conn).await?,
        "STATEMENT_LINES" => statement_lines(conn).await?,
        "ALLOCATION_SELLER" => allocation_seller(conn).await?,
        "ALLOCATION_NAMES" => allocation_names(conn).await?,
        "RULE_EXAMPLES" => rule_examples(conn).await?,
        _ => allocation_settled(conn).await?,
    };
    Ok(found)
}

/// Σ of the allocations that stand is what the line says.
async fn line_allocated(conn: &mut PgConnection) -> Result<Vec<Found>, sqlx::Error> {
    sqlx::query_as!(
        Found,
        r#"select 'lines/' || l.id as "subject!", coalesce(s.standing, 0)::text as "expected!",
               l.allocated::text as "found!"
           from lines l
           left join (
               select line_id, sum(amount) as standing from allocations
               where reversed_at is null group by line_id
           ) s on s.line_id = l.id
           where l.allocated <> coalesce(s.standing, 0) limit 1000"#
    )
    .fetch_all(conn)
    .await
}

/// A line is matched exactly when nothing of it is left; what is set aside has no allocation.
async fn line_state(conn: &mut PgConnection) -> Result<Vec<Found>, sqlx::Error> {
    sqlx::query_as!(
        Found,
        r#"select 'lines/' || id as "subject!",
               case when allocated = amount then 'matched' else 'not matched' end as "expected!",
               state as "found!"
           from lines
           where (state = 'matched') <> (allocated = amount)
              or (state in ('ignored', 'imported') and allocated > 0) limit 1000"#
    )
    .fetch_all(conn)
    .await
}

/// The statement and the account that a line names exist.
async fn line_names(conn: &mut PgConnection) -> Result<Vec<Found>, sqlx::Error> {
    sqlx::query_as!(
        Found,
        r#"select 'lines/' || l.id as "subject!", 'statement and account' as "expected!",
               concat_ws(', ', case when s.id is null then 'no statement' end,
                   case when a.id is null then 'no account' end) as "found!"
           from lines l
           left join statements s on s.id = l.statement_id
           left join bank_accounts a on a.id = l.bank_account_id
           where s.id is null or a.id is null
           limit 1000"#
    )
    .fetch_all(conn)
    .await
}

/// A statement has as many lines as it says.
async fn statement_lines(conn: &mut PgConnection) -> Result<Vec<Found>, sqlx::Error> {
    sqlx::query_as!(
        Found,
        r#"select 'statements/' || s.id as "subject!", coalesce(l.lines, 0)::text as "expected!",
               s.line_count::text as "found!"
           from statements s
           left join (select statement_id, count(*) as lines from lines group by 1) l
               on l.statement_id = s.id
           where s.line_count <> coalesce(l.lines, 0) limit 1000"#
    )
    .fetch_all(conn)
    .await
}

/// Money on one seller's account is never meant for another seller's invoice (A182).
async fn allocation_seller(conn: &mut PgConnection) -> Result<Vec<Found>, sqlx::Error> {
    sqlx::query_as!(
        Found,
        r#"select 'allocations/' || a.id as "subject!", 'sellers/' || l.seller_id as "expected!",
               'sellers/' || coalesce(i.seller_id, a.seller_id) as "found!"
           from allocations a
           join lines l on l.id = a.line_id
           left join invoices i using (invoice_id)
           where a.seller_id <> l.seller_id or i.seller_id <> l.seller_id limit 1000"#
    )
    .fetch_all(conn)
    .await
}

/// The line, the client and the invoice that an allocation names exist.
async fn allocation_names(conn: &mut PgConnection) -> Result<Vec<Found>, sqlx::Error> {
    sqlx::query_as!(
        Found,
        r#"select 'allocations/' || a.id as "subject!", 'line, client and invoice' as "expected!",
               concat_ws(', ', case when l.id is null then 'no line' end,
                   case when c.client_id is null then 'no client' end,
                   case when a.invoice_id is not null and i.invoice_id is null
                       then 'no invoice' end) as "found!"
           from allocations a
           left join lines l on l.id = a.line_id
           left join accounts c on c.client_id = a.client_id
           left join invoices i on i.invoice_id = a.invoice_id
           where l.id is null or c.client_id is null
              or (a.invoice_id is not null and i.invoice_id is null)
           limit 1000"#
    )
    .fetch_all(conn)
    .await
}

/// A learnt rule that counts was taught by two lines, or confirmed by a person.
async fn rule_examples(conn: &mut PgConnection) -> Result<Vec<Found>, sqlx::Error> {
    sqlx::query_as!(
        Found,
        r#"select 'learnedRules/' || r.id as "subject!", 'at least 2 lines' as "expected!",
               count(e.line_id)::text as "found!"
           from learned_rules r left join learned_rule_examples e on e.rule_id = r.id
           where r.state = 'active' and not r.remembered
           group by r.id having count(e.line_id) < 2 limit 1000"#
    )
    .fetch_all(conn)
    .await
}

/// allocated = applied + credit, once invoicing has answered.
async fn allocation_settled(conn: &mut PgConnection) -> Result<Vec<Found>, sqlx::Error> {
    sqlx::query_as!(
        Found,
        r#"select 'allocations/' || id as "subject!",
               case when reversed_at is null then amount else 0 end::text as "expected!",
               (applied + credit)::text as "found!"
           from allocations
           where settled
             and applied + credit <> case when reversed_at is null then amount else 0 end
           limit 1000"#
    )
    .fetch_all(conn)
    .await
}

/// Sums per currency: `received` (came and was not set aside), `allocated`, `unallocated`,
/// `applied`, `credit` and `in_flight` (allocated and not answered yet).
///
/// # Errors
/// Those of the database.
pub async fn totals(conn: &mut PgConnection) -> Result<BTreeMap<String, String>, Failure> {
    let rows = sqlx::query!(
        r#"select l.currency as "currency!",
               l.received as "received!", l.allocated as "allocated!",
               coalesce(a.applied, 0) as "applied!", coalesce(a.credit, 0) as "credit!",
               coalesce(a.in_flight, 0) as "in_flight!"
           from (
               select currency, sum(amount) as received, sum(allocated) as allocated
               from lines where direction = 'in' and state <> 'ignored' group by currency
           ) l
           left join (
               select currency, sum(applied) as applied, sum(credit) as credit,
                   sum(case when settled then 0 else amount end) as in_flight
               from allocations where reversed_at is null group by currency
           ) a using (currency)"#
    )
    .fetch_all(conn)
    .await?;
    let mut totals = BTreeMap::new();
    for row in rows {
        let sums = [
            ("received", row.received),
            ("allocated", row.allocated),
            ("unallocated", row.received - row.allocated),
            ("applied", row.applied),
            ("credit", row.credit),
            ("in_flight", row.in_flight),
        ];
        for (name, sum) in sums {
            totals.insert(format!("{name}/{}", row.currency), sum.normalize().to_string());
        }
    }
    Ok(totals)
}
