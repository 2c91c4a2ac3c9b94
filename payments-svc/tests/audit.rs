//! The audit: silent while the books agree, loud about each thing that does not.

use crate::readers::G28;
use crate::world::World;
use proto::system::v1::audit_client::AuditClient;
use proto::system::v1::audit_report::Report;
use proto::system::v1::{Discrepancy, GetTotalsRequest, RunAuditRequest};

async fn run(world: &World) -> (Vec<Discrepancy>, Vec<String>) {
    let mut audit = AuditClient::new(world.harness.peer("invoicing"));
    let mut reports = audit.run_audit(RunAuditRequest {}).await.unwrap().into_inner();
    let (mut found, mut checks) = (Vec::new(), Vec::new());
    while let Some(report) = reports.message().await.unwrap() {
        match report.report.unwrap() {
            Report::Discrepancy(discrepancy) => found.push(discrepancy),
            Report::Summary(summary) => {
                checks.extend(summary.checks.into_iter().map(|check| check.check));
            }
        }
    }
    (found, checks)
}

/// Nothing is found.
pub async fn holds(world: &World) {
    assert_eq!(run(world).await.0, []);
}

#[tokio::test]
async fn each_discrepancy_is_named() {
    let world = World::start(&[]).await;
    let invoice = world.invoice("88#72815", 86_000).await;
    let line = world.matched(G28).await.remove(0);
    let allocation = line.allocations[0].name.clone();
    let mut audit = AuditClient::new(world.harness.peer("invoicing"));
    let totals = audit.get_totals(GetTotalsRequest {}).await.unwrap().into_inner().totals;
    assert_eq!(totals["received/RUB"], "860");
    assert_eq!(totals["in_flight/RUB"], "860");
    world.applied(&allocation, &invoice.to_string(), 80_000, 6_000).await;
    let totals = audit.get_totals(GetTotalsRequest {}).await.unwrap().into_inner().totals;
    assert_eq!((totals["applied/RUB"].as_str(), totals["credit/RUB"].as_str()), ("800", "60"));
    assert_eq!(totals["unallocated/RUB"], "0");
    let (found, checks) = run(&world).await;
    assert_eq!(found, []);
    for check in [
        "LINE_ALLOCATED",
        "LINE_STATE",
        "LINE_NAMES",
        "STATEMENT_LINES",
        "ALLOCATION_SELLER",
        "ALLOCATION_NAMES",
        "ALLOCATION_SETTLED",
        "RULE_EXAMPLES",
    ] {
        assert!(checks.iter().any(|ran| ran == check), "{check}");
    }

    let owner = world.harness.owner("payments").await;
    for (damage, check) in [
        ("update lines set allocated = allocated - 1", "LINE_ALLOCATED"),
        ("update lines set state = 'review', allocated = amount", "LINE_STATE"),
        ("update lines set state = 'matched'", ""),
        ("update statements set line_count = 7", "STATEMENT_LINES"),
        ("update statements set line_count = 1", ""),
        ("update invoices set seller_id = invoice_id", "ALLOCATION_SELLER"),
        ("update invoices i set seller_id = l.seller_id from lines l", ""),
        ("update allocations set credit = 0", "ALLOCATION_SETTLED"),
        ("update allocations set credit = 60", ""),
        ("update lines set statement_id = id", "LINE_NAMES"),
        ("update lines l set statement_id = s.id from statements s", ""),
        ("update invoices set invoice_id = client_id", "ALLOCATION_NAMES"),
        (
            "insert into learned_rules (id, kind, key, client_id, title, state, remembered,
                 activated, created_at)
             select id, 'payer_account', '1', id, '', 'active', false, true, created_at from lines",
            "RULE_EXAMPLES",
        ),
    ] {
        sqlx::query(damage).execute(&owner).await.unwrap();
        let found = run(&world).await.0;
        if check.is_empty() {
            assert_eq!(found, [], "{damage}");
        } else {
            assert!(found.iter().any(|one| one.check == check), "{damage}: {found:?}");
        }
    }
    owner.close().await;
    world.harness.finish().await;
}
