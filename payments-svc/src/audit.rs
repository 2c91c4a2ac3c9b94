//! What must hold of the money, derived again from first facts.

use crate::store;
use service::audit::Check;
use service::{Failure, Frame};
use std::collections::BTreeMap;

/// Every check, over one snapshot each.
///
/// # Errors
/// Those of the database.
pub async fn checks(frame: Frame) -> Result<Vec<Check>, Failure> {
    let mut conn = frame.pool.acquire().await?;
    let (lines, statements, allocations, rules) = store::audit::examined(&mut conn).await?;
    let mut checks = Vec::new();
    for (name, examined) in [
        ("LINE_ALLOCATED", lines),
        ("LINE_STATE", lines),
        ("LINE_NAMES", lines),
        ("STATEMENT_LINES", statements),
        ("ALLOCATION_SELLER", allocations),
        ("ALLOCATION_NAMES", allocations),
        ("ALLOCATION_SETTLED", allocations),
        ("RULE_EXAMPLES", rules),
    ] {
        let mut check = Check::new(name, examined);
        for found in store::audit::discrepancies(&mut conn, name).await? {
            check.found(found.subject, found.expected, found.found);
        }
        checks.push(check);
    }
    Ok(checks)
}

/// Sums per currency that invoicing's books are compared with.
///
/// # Errors
/// Those of the database.
pub async fn totals(frame: Frame) -> Result<BTreeMap<String, String>, Failure> {
    let mut conn = frame.pool.acquire().await?;
    store::audit::totals(&mut conn).await
}
