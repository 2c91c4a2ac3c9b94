//! `Ledger`: balances, transfers, applications; and an audit that finds what is wrong.

use crate::{
    bank::Bank,
    world::{World, fields, rub},
};
use proto::{
    invoicing::v1::{self as pb, ledger_client::LedgerClient},
    system::v1::Role,
};
use sqlx::Acquire;
use tonic::Code;

/// A52, A102: what a client has and owes, per seller; transfers and applications page by page.
#[tokio::test]
async fn balances_transfers_and_applications() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    assert_eq!(bank.balance().await, ["0.00", "0.00", "0.00", "0.00"]);
    let (_, main) = world.users().await;
    world.issue(&main).await.unwrap();
    assert_eq!(bank.balance().await, ["0.00", "24000.00", "0.00", "0.00"]);
    let first = bank.pay(&main, "10000.00", "2019-02-11").await;
    let second = bank.pay(&main, "15000.00", "2019-02-12").await;
    assert_eq!(bank.balance().await, ["1000.00", "0.00", "25000.00", "0.00"]);

    let mut ledger = world.ledger();
    let mut request = pb::ListTransfersRequest { page_size: 3, ..Default::default() };
    let mut all = Vec::new();
    loop {
        let page = ledger.list_transfers(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.total_size, 8, "two lines: received, allocated, applied, its VAT");
        all.extend(page.transfers);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(all.len(), 8);
    assert!(all.windows(2).all(|two| two[0].name > two[1].name), "newest first");
    let received = all.last().unwrap();
    assert_eq!((received.debit.as_str(), received.credit.as_str()), ("BANK_CLEARING", "SUSPENSE"));
    assert_eq!((received.client.as_str(), received.cause.as_str()), ("", first.line.as_str()));
    let mine = pb::ListTransfersRequest { client: world.client.clone(), ..Default::default() };
    let mine = ledger.list_transfers(mine).await.unwrap().into_inner().transfers;
    assert_eq!(mine.len(), 6, "suspense is nobody's");
    assert!(mine.iter().all(|t| t.payer == world.payer));

    let of = pb::ListApplicationsRequest { invoice: main.clone(), ..Default::default() };
    let of = ledger.list_applications(of).await.unwrap().into_inner().applications;
    let of: Vec<_> = of.iter().map(|a| (a.allocation.as_str(), rub(&a.amount))).collect();
    let newest = (second.allocation.as_str(), "14000.00".to_owned());
    assert_eq!(of, [newest, (first.allocation.as_str(), "10000.00".into())]);
    bank.unmatch(&second).await;
    let of = pb::ListApplicationsRequest { client: world.client.clone(), ..Default::default() };
    let of = ledger.list_applications(of).await.unwrap().into_inner().applications;
    assert_eq!(of.iter().map(|a| a.reversed).collect::<Vec<_>>(), [true, false]);
    world.harness.finish().await;
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let world = World::start().await;
    let mut ledger = world.ledger();
    let nobody = ledger.get_balance(pb::GetBalanceRequest::default()).await.unwrap_err();
    assert_eq!(fields(&nobody), ["client"]);
    let all = ledger.list_applications(pb::ListApplicationsRequest::default()).await.unwrap_err();
    assert_eq!(all.code(), Code::InvalidArgument, "of a client or an invoice, never of all");
    let bad = pb::ListTransfersRequest { client: "7583".into(), ..Default::default() };
    assert_eq!(fields(&ledger.list_transfers(bad).await.unwrap_err()), ["client"]);
    let mut sales = LedgerClient::new(world.harness.client_as(Role::Sales));
    let books = sales.list_transfers(pb::ListTransfersRequest::default()).await.unwrap_err();
    assert_eq!(books.code(), Code::PermissionDenied);
    world.harness.finish().await;
}

/// Step 10: whatever is tampered with is named, and by the check that it breaks.
#[tokio::test]
async fn the_audit_names_what_is_wrong() {
    let world = World::start().await;
    let bank = Bank { world: &world };
    let (_, main) = world.users().await;
    world.issue(&main).await.unwrap();
    bank.pay(&main, "30000.00", "2019-02-11").await;
    world.harness.advance("2019-03-01T09:00:00Z").await;
    bank.audit().await;
    let pool = world.harness.owner("invoicing").await;
    for (tamper, broken) in [
        ("update balances set balance = balance + 1 where kind = 'ADVANCES'", "BALANCE_KEPT"),
        ("update suspense_lines set amount = amount + 1", "SUSPENSE"),
        ("update allocations set credit = credit - 1", "ALLOCATION_POSITION"),
        ("update allocations set credit = credit - 1", "FREE_ADVANCES"),
        ("update applications set amount = amount - 1", "CONTRACT_SETTLEMENT"),
        ("update applications set amount = amount - 1", "INVOICE_PAYMENT"),
        ("update invoices set payment_state = 'OPEN'", "INVOICE_PAYMENT"),
        ("update invoices set total = total + 1", "INVOICE_LINES"),
        ("update tax_segments set gross = gross + 1", "INVOICE_LINES"),
        ("update invoice_numbers set sequence = 2", "SERIES_GAP"),
        ("update series_counters set sequence = 7", "SERIES_GAP"),
        ("delete from invoice_numbers", "INVOICE_NUMBERED"),
        ("update billed_periods set released = true", "PERIOD_CLAIMED"),
        ("update billed_periods set released = true", "BILLED_AND_PAID_THROUGH"),
        ("update subscriptions set paid_through = paid_through + 1", "BILLED_AND_PAID_THROUGH"),
        ("update subscriptions set state = 'SUSPENDED'", "SUSPENSION"),
        ("update balances set balance = -1 where kind = 'BANK_CLEARING'", "BANK_CLEARING"),
    ] {
        let mut conn = pool.acquire().await.unwrap();
        let mut tx = conn.begin().await.unwrap();
        sqlx::query(tamper).execute(&mut *tx).await.unwrap();
        let found = invoicing_svc::audit::all(&mut tx).await.unwrap();
        let found: Vec<_> = found.into_iter().filter(|c| !c.discrepancies.is_empty()).collect();
        let names: Vec<_> = found.iter().map(|c| c.name).collect();
        assert!(names.contains(&broken), "{tamper}: {names:?}");
        let named = found.iter().flat_map(|c| &c.discrepancies).all(|d| !d.subject.is_empty());
        assert!(named, "each names its subject");
        tx.rollback().await.unwrap();
    }
    bank.audit().await;
    let totals = invoicing_svc::audit::totals(world.harness.frame().clone()).await.unwrap();
    let total = |name: &str| totals[&format!("{name}/RUB")].clone();
    assert_eq!((total("received"), total("allocated")), ("30000".into(), "30000".into()));
    assert_eq!((total("applied"), total("credit")), ("24000".into(), "6000".into()));
    assert_eq!(total("unallocated"), "0");
    world.harness.finish().await;
}
