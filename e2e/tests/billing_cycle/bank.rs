//! Step 6: what came to the bank.

use super::opening::World;
use e2e::{
    Suite,
    money::{day, text},
    request_id,
    steps::{
        bank::{Payment, cp1251, statement},
        done, reason, refused,
    },
};
use proto::{
    clients::v1::{GetClientRequest, client::Stage, clients_client::ClientsClient},
    invoicing::v1::{
        Invoice, ListTransfersRequest, invoice::PaymentState, ledger_client::LedgerClient,
        subscription,
    },
    payments::v1::{
        AllocateLineRequest, AllocationPart, ImportStatementResponse, Line, line::State,
        lines_client::LinesClient,
    },
};
use tonic::Code;

fn payment(world: &World, number: u32, date: &str, amount: &str, invoice: &Invoice) -> Payment {
    let issued = day(invoice.issue_date.as_ref());
    let issued: Vec<&str> = issued.split('-').rev().collect();
    let purpose =
        format!("Оплата по счету № {} от {}. НДС включен.", invoice.number, issued.join("."));
    Payment {
        number,
        date: date.into(),
        amount: amount.into(),
        from: world.customer.company.clone(),
        purpose,
    }
}

fn codes(line: &Line) -> Vec<&str> {
    line.reasons.iter().map(|r| r.code.as_str()).collect()
}

/// A230, A241, A244, G21, G28: exact number, amount, payer and seller is allocated by itself, with
/// its reasons; the file again changes nothing.
pub async fn what_is_certain_is_allocated(suite: &Suite, world: &World) {
    let paid = payment(world, 27, "2019-02-11", "37500.00", &world.hosting);
    let file = cp1251(&statement(&world.catalogue.hosting.company, &[paid]));
    let imported = suite.import(&file).await;
    assert_eq!((imported.imported, imported.repeated_lines), (1, 0));
    assert_eq!(imported.statement.as_ref().unwrap().encoding, "windows-1251");
    let line = suite.line(&imported, 27).await;
    assert_eq!(line.state(), State::Matched, "{:?}", codes(&line));
    for code in ["NUMBER_EXACT", "DATE_AGREES", "AMOUNT_EQUAL", "PAYER_TAX_ID", "SELLER_ACCOUNT"] {
        assert!(codes(&line).contains(&code), "{code} is not among {:?}", codes(&line));
    }
    let [allocation] = &line.allocations[..] else { panic!("{:?}", line.allocations) };
    assert!(allocation.automatic && allocation.settled);
    assert_eq!(allocation.invoice, world.hosting.name);

    let invoice = suite.invoice(&world.hosting.name).await;
    assert_eq!(invoice.payment_state(), PaymentState::Paid);
    for name in [&world.users, &world.licences] {
        let served = suite.subscription(name).await;
        assert_eq!(served.state(), subscription::State::Active);
        assert_eq!(day(served.paid_through.as_ref()), "2019-08-01");
    }
    let client = GetClientRequest { name: world.customer.client.name.clone() };
    let client = done(ClientsClient::new(suite.admin.clone()).get_client(client).await);
    assert_eq!(client.stage(), Stage::Care, "sales hand over at the first payment");
    let again = suite.import(&file).await;
    assert_eq!((again.imported, again.repeated_lines), (0, 1));
}

/// G22, A182: what differs waits; a person allocates it; what is over is credit; taking it back
/// reverses exactly; no money crosses sellers.
pub async fn what_is_doubtful_waits(suite: &Suite, world: &World) {
    // The same label, but the bytes are UTF-8: banks do that.
    let over = payment(world, 28, "2019-02-13", "400.00", &world.extra);
    let astray = payment(world, 29, "2019-02-13", "5900.00", &world.works);
    let file = statement(&world.catalogue.hosting.company, &[over, astray]);
    let imported = suite.import(file.as_bytes()).await;
    assert_eq!((imported.imported, imported.bad_documents.len()), (2, 0));
    assert_eq!(imported.statement.as_ref().unwrap().encoding, "utf-8");
    assert!(imported.warnings.iter().any(|w| w.code == "ENCODING_LABEL_WRONG"));
    more_than_asked(suite, world, &imported).await;
    money_for_the_other_seller(suite, world, &imported).await;
}

async fn more_than_asked(suite: &Suite, world: &World, imported: &ImportStatementResponse) {
    let (client, seller) = (&world.customer.client.name, &world.catalogue.hosting.name);
    let line = suite.line(imported, 28).await;
    assert_eq!(line.state(), State::Review);
    assert!(codes(&line).contains(&"AMOUNT_OVER"), "{:?}", codes(&line));
    assert_eq!(line.proposals[0].invoices, std::slice::from_ref(&world.extra.name));
    let before = suite.balance(client, seller).await.unwrap();

    let line = suite.allocate(&line, &world.extra.name, "").await;
    let [made] = &line.allocations[..] else { panic!("{:?}", line.allocations) };
    assert_eq!(
        (text(made.applied.as_ref()), text(made.credit.as_ref())),
        ("344.00 RUB".into(), "56.00 RUB".into())
    );
    let paid = suite.balance(client, seller).await.unwrap();
    assert_eq!(text(paid.credit.as_ref()), "56.00 RUB");
    assert_eq!(suite.invoice(&world.extra.name).await.payment_state(), PaymentState::Paid);

    let line = suite.unmatch(&line.name).await;
    assert_eq!(
        (line.state(), text(line.unallocated.as_ref())),
        (State::Review, "400.00 RUB".into())
    );
    assert_eq!(suite.balance(client, seller).await.unwrap(), before, "reversed exactly");
    let open = suite.invoice(&world.extra.name).await;
    assert_eq!(
        (open.payment_state(), text(open.residual.as_ref())),
        (PaymentState::Open, "344.00 RUB".into())
    );
    suite.allocate(&line, &world.extra.name, "").await;
    assert_eq!(suite.balance(client, seller).await.unwrap(), paid, "and made again the same");

    // A188, A189, G32: the disk's work waited for the payment, and was asked for once.
    let work = suite.tickets_about(client, "дисковое пространство").await;
    assert_eq!(work.len(), 1, "once, though it was paid twice");
    assert_eq!(work[0].messages[0].text, "Δ 0-5");
}

async fn money_for_the_other_seller(
    suite: &Suite,
    world: &World,
    imported: &ImportStatementResponse,
) {
    let client = world.customer.client.name.as_str();
    let line = suite.line(imported, 29).await;
    assert_eq!(line.state(), State::Review);
    assert!(codes(&line).contains(&"PAID_TO_OTHER_SELLER"), "{:?}", codes(&line));
    let part = AllocationPart {
        invoice: world.works.name.clone(),
        client: String::new(),
        amount: line.unallocated.clone(),
    };
    let request = AllocateLineRequest {
        name: line.name.clone(),
        parts: vec![part],
        request_id: request_id(),
        ..Default::default()
    };
    let across = LinesClient::new(suite.admin.clone()).allocate_line(request).await;
    let status = refused(across, Code::FailedPrecondition);
    assert_eq!(reason(&status), "PAID_TO_OTHER_SELLER");
    // The customer pays again, to the right seller; the stray money stays as credit.
    suite.allocate(&line, "", client).await;
    let right = payment(world, 30, "2019-02-13", "5900.00", &world.works);
    let file = cp1251(&statement(&world.catalogue.works.company, &[right]));
    let imported = suite.import(&file).await;
    assert_eq!(suite.line(&imported, 30).await.state(), State::Matched);
    let hosting = suite.balance(client, &world.catalogue.hosting.name).await.unwrap();
    assert_eq!(text(hosting.credit.as_ref()), "5956.00 RUB");
    let works = suite.balance(client, &world.catalogue.works.name).await.unwrap();
    assert_eq!((text(works.credit.as_ref()), text(works.due.as_ref())), zeros());
    let request = ListTransfersRequest { client: client.into(), ..Default::default() };
    let transfers = done(LedgerClient::new(suite.admin.clone()).list_transfers(request).await);
    assert!(transfers.transfers.iter().any(|t| t.credit == "ADVANCES"), "money is an advance");
}

fn zeros() -> (String, String) {
    ("0.00 RUB".into(), "0.00 RUB".into())
}
