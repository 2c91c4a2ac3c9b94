//! What must hold of the books, derived again from first facts: transfers, applications, issued
//! lines, claims and acts (design.md §2 and §6).

use crate::{
    domain::{covered::covered, ledger::Law, month_close::cut},
    store::{
        self,
        audit::{Found, LIMIT, acts, billed, invoices, late_fees, money},
        late_fees::LateFeeRow,
    },
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use service::{Failure, Frame, audit::Check};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use types::{Currency, Money, id::SubscriptionId};

/// Rows that are looked at a time.
const BATCH: i64 = 2000;

/// Every check, over one snapshot.
///
/// # Errors
/// Those of the database.
pub async fn checks(frame: Frame) -> Result<Vec<Check>, Failure> {
    let mut tx = frame.begin().await?;
    store::ledger::one_snapshot(&mut tx).await?;
    all(&mut tx).await
}

/// Every check, as a transaction sees the books.
///
/// # Errors
/// Those of the database.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<Check>, Failure> {
    let [balances, lines, allocations, applications, contracts] = money::examined(conn).await?;
    let [all_invoices, invoice_lines, series] = invoices::examined(conn).await?;
    let all_acts = acts::examined(conn).await?;
    let stopped = billed::suspended(conn).await?;
    Ok(vec![
        noted("BALANCE_KEPT", balances, money::balances(conn).await?),
        noted("BANK_CLEARING", lines, money::clearing(conn).await?),
        noted("SUSPENSE", lines, money::suspense(conn).await?),
        noted("FREE_ADVANCES", allocations, money::free_advances(conn).await?),
        noted("CONTRACT_SETTLEMENT", contracts, money::settlement(conn).await?),
        noted("CONTRACT_SIDES", contracts, money::sides(conn).await?),
        noted("ALLOCATION_POSITION", allocations, money::allocations(conn).await?),
        noted("APPLICATION_SELLER", applications, money::applications(conn).await?),
        fees(conn).await?,
        law(conn).await?,
        noted("INVOICE_PAYMENT", all_invoices, invoices::sums(conn).await?),
        noted("INVOICE_LINES", invoice_lines, invoices::lines(conn).await?),
        noted("INVOICE_NUMBERED", all_invoices, invoices::numbered(conn).await?),
        noted("SERIES_GAP", series, invoices::series(conn).await?),
        noted("CREDIT_WITHIN_BILLED", invoice_lines, invoices::credits(conn).await?),
        noted("PERIOD_OVERLAP", invoice_lines, billed::overlaps(conn).await?),
        noted("PERIOD_CLAIMED", invoice_lines, billed::claims(conn).await?),
        through(conn).await?,
        noted("SUSPENSION", stopped, billed::suspensions(conn).await?),
        noted("ACT_SUMS", all_acts, acts::sums(conn).await?),
        pieces(conn).await?,
    ])
}

fn noted(name: &'static str, examined: i64, found: Vec<Found>) -> Check {
    let mut check = Check::new(name, examined);
    for Found { subject, expected, found } in found {
        check.found(subject, expected, found);
    }
    check
}

/// received = unallocated + allocated; allocated = applied + credit + refunded, per currency.
async fn law(conn: &mut PgConnection) -> Result<Check, Failure> {
    let sums = money::sums(conn).await?;
    let mut check = Check::new("MONEY_LAW", i64::try_from(sums.len()).unwrap_or(i64::MAX));
    for s in sums {
        let currency: Currency = s.currency.parse().map_err(Failure::internal)?;
        let amount = |a: Decimal| Money::new(a, currency).map_err(Failure::internal);
        let law = Law {
            received: amount(s.received)?,
            unallocated: amount(s.unallocated)?,
            allocated: amount(s.allocated)?,
            applied: amount(s.applied)?,
            credit: amount(s.credit)?,
            refunded: Money::zero(currency),
            in_flight: Money::zero(currency),
        };
        if let Err(broken) = law.check() {
            check.found(s.currency, "received = unallocated + allocated", broken);
        }
    }
    Ok(check)
}

/// What a late fee costs follows from its days and from its invoice's money; what is paid of it
/// from its payments.
async fn fees(conn: &mut PgConnection) -> Result<Check, Failure> {
    let mut check = noted("LATE_FEES", 0, late_fees::payments(conn).await?);
    let mut last = None;
    loop {
        let rows = store::late_fees::after(conn, last, BATCH).await?;
        let Some(row) = rows.last() else { return Ok(check) };
        last = Some(row.fee.id);
        let invoices: Vec<_> = rows.iter().map(|row| row.fee.invoice).collect();
        let debts = store::late_fees::debts(conn, &invoices).await?;
        for LateFeeRow { fee, .. } in rows {
            check.examined += 1;
            let price = debts.get(&fee.invoice).map(|debt| debt.price(&fee.charged));
            let derived = price.transpose().map_err(Failure::internal)?.map(|p| p.amount);
            if derived != Some(fee.amount) && room(&check) {
                check.found(fee.id.to_string(), format!("{derived:?}"), fee.amount);
            }
        }
    }
}

/// How far subscriptions are billed and paid follows from claims and from paid invoices.
async fn through(conn: &mut PgConnection) -> Result<Check, Failure> {
    let mut check = Check::new("BILLED_AND_PAID_THROUGH", 0);
    let mut after: Option<SubscriptionId> = None;
    loop {
        let rows = billed::through(conn, after, BATCH).await?;
        let Some(last) = rows.last() else { return Ok(check) };
        after = Some(last.subscription);
        let ids: Vec<SubscriptionId> = rows.iter().map(|r| r.subscription).collect();
        let claimed = store::billed_periods::claimed(conn, &ids).await?;
        let paid = store::billed_periods::paid(conn, &ids).await?;
        for row in rows {
            check.examined += 1;
            let id = row.subscription;
            let derive = |periods: Option<&Vec<_>>| {
                covered(row.start, periods.map_or(&[][..], Vec::as_slice))
            };
            let derived = (derive(claimed.get(&id)), derive(paid.get(&id)));
            if derived != (row.billed, row.paid) && room(&check) {
                let told = |(billed, paid): (NaiveDate, NaiveDate)| {
                    format!("billed to {billed}, paid to {paid}")
                };
                check.found(id.to_string(), told(derived), told((row.billed, row.paid)));
            }
        }
    }
}

fn room(check: &Check) -> bool {
    i64::try_from(check.discrepancies.len()).is_ok_and(|n| n < LIMIT)
}

/// What acts hold of a line is what cutting it by month gives (G53).
async fn pieces(conn: &mut PgConnection) -> Result<Check, Failure> {
    let mut check = Check::new("ACT_PIECES", 0);
    let mut after = None;
    loop {
        let cuts = acts::cuts(conn, after, BATCH).await?;
        let Some(last) = cuts.last() else { return Ok(check) };
        after = Some(last.line.id);
        for one in cuts {
            check.examined += 1;
            let mut derived: BTreeMap<NaiveDate, Decimal> = BTreeMap::new();
            for piece in cut(&one.line).map_err(Failure::internal)? {
                *derived.entry(piece.month).or_default() += piece.amounts.gross.amount();
            }
            for (month, gross) in one.acted {
                let expected = derived.get(&month).copied().unwrap_or_default();
                if expected != gross && room(&check) {
                    let subject = format!("{} of {month}", one.line.id);
                    check.found(subject, expected, gross);
                }
            }
        }
    }
}

/// Sums per currency that payments-svc's are compared with; each name means the same there.
///
/// # Errors
/// Those of the database.
pub async fn totals(frame: Frame) -> Result<BTreeMap<String, String>, Failure> {
    let mut conn = frame.pool.acquire().await?;
    let mut totals = BTreeMap::new();
    for s in money::sums(&mut conn).await? {
        let sums = [
            ("received", s.received),
            ("allocated", s.allocated),
            ("unallocated", s.unallocated),
            ("applied", s.applied),
            ("credit", s.credit),
        ];
        for (name, sum) in sums {
            totals.insert(format!("{name}/{}", s.currency), sum.normalize().to_string());
        }
    }
    Ok(totals)
}
