//! Steps 1, 2 and 4: clients, orders, held invoices, and their issue.

use e2e::{
    Suite,
    money::{day, text},
    request_id,
    steps::{
        catalogue::Catalogue, customers::Customer, done, letters::read, orders::line, reason,
        refused,
    },
};
use proto::{
    clients::v1::{
        Client, CreateClientRequest, ListClientsRequest, ListNotesRequest, client::Kind,
        clients_client::ClientsClient, notes_client::NotesClient,
    },
    invoicing::v1::{
        Invoice, ListTransfersRequest, OrderLine, invoice, ledger_client::LedgerClient,
        subscription,
    },
};
use tonic::Code;

/// Who and what the story is about.
pub struct World {
    pub catalogue: Catalogue,
    pub customer: Customer,
    /// A second client, to whom nothing of the first may show.
    pub other: Customer,
    /// Subscriptions. Format: subscriptions/{subscription}
    pub users: String,
    pub licences: String,
    pub disk: String,
    /// Invoices of the first order, one per seller.
    pub hosting: Invoice,
    pub works: Invoice,
    /// Invoice of the disk.
    pub extra: Invoice,
}

/// Address of the accountant who gets the invoices beside the main address.
pub const ACCOUNTANT: &str = "schet@primer-11.example";

/// A33, A35, A38, A40–A45, A53, A123–A128, A158, A182, A194, G48, G55: a client with people, payer
/// and note; an accepted order over two sellers gives a held invoice of each.
pub async fn clients_and_orders(suite: &Suite) -> World {
    let catalogue = suite.catalogue().await;
    suite.mailbox().await;
    let customer = suite.customer(11, &catalogue).await;
    let other = suite.customer(12, &catalogue).await;
    assert_eq!(other.client.number, customer.client.number + 1);
    let contact = suite.contact(&customer.client.name, ACCOUNTANT).await;
    assert!(!contact.main);
    the_address_is_taken(suite, &customer).await;
    suite.note(&customer.client.name, "Платит в последний день").await;
    let request = ListNotesRequest { client: customer.client.name.clone(), ..Default::default() };
    let notes = done(NotesClient::new(suite.admin.clone()).list_notes(request).await).notes;
    assert!(notes.len() == 1 && notes[0].important);
    suite.settle().await;

    let lines = vec![
        line(&catalogue.users, &customer.hosting, 6, 5),
        line(&catalogue.licences, &customer.hosting, 6, 5),
        line(&catalogue.hour, &customer.works, 0, 1),
    ];
    let accepted = suite.order(&customer, lines).await;
    assert_eq!(accepted.invoices.len(), 2, "one per contract, hence per seller");
    let mut invoices = Vec::new();
    for name in &accepted.invoices {
        invoices.push(suite.invoice(name).await);
    }
    let (hosting, works) = of_sellers(invoices, &catalogue);
    assert_first_invoices(&hosting, &works);
    let [users, licences] = <[String; 2]>::try_from(accepted.subscriptions).unwrap();
    let pending = suite.subscription(&users).await;
    assert_eq!(pending.state(), subscription::State::Pending);
    assert_eq!(pending.payer, customer.payer);
    let (disk, extra) = (String::new(), Invoice::default());
    World { catalogue, customer, other, users, licences, disk, hosting, works, extra }
}

fn assert_first_invoices(hosting: &Invoice, works: &Invoice) {
    // 6 × 5 × (800.00 + 450.00), VAT 20 % inside.
    assert_eq!(text(hosting.total.as_ref()), "37500.00 RUB");
    assert_eq!(text(hosting.tax.as_ref()), "6250.00 RUB");
    assert_eq!((text(works.total.as_ref()), text(works.tax.as_ref())), both("5900.00", "0.00"));
    assert!(works.lines[0].tax_rate.is_none(), "a seller without VAT prints none");
    for invoice in [hosting, works] {
        assert_eq!(invoice.state(), invoice::State::Held);
        assert_eq!((invoice.number.as_str(), invoice.sequence), ("", 0));
    }
    let users = &hosting.lines[0];
    assert_eq!(day(users.start_date.as_ref()), "2019-02-01");
    assert_eq!(day(users.last_day.as_ref()), "2019-07-31");
}

fn both(one: &str, two: &str) -> (String, String) {
    (format!("{one} RUB"), format!("{two} RUB"))
}

/// The invoice of hosting and the one of works.
fn of_sellers(invoices: Vec<Invoice>, catalogue: &Catalogue) -> (Invoice, Invoice) {
    let (hosting, works): (Vec<_>, Vec<_>) =
        invoices.into_iter().partition(|i| i.seller == catalogue.hosting.name);
    assert!(works.iter().all(|i| i.seller == catalogue.works.name));
    (hosting.into_iter().next().unwrap(), works.into_iter().next().unwrap())
}

async fn the_address_is_taken(suite: &Suite, customer: &Customer) {
    let mut clients = ClientsClient::new(suite.admin.clone());
    let twin = Client {
        kind: Kind::Company.into(),
        given_name: "Иван".into(),
        family_name: "Двойников".into(),
        email: customer.client.email.to_uppercase(),
        ..Default::default()
    };
    let request = CreateClientRequest { client: Some(twin), request_id: request_id() };
    let status = refused(clients.create_client(request).await, Code::AlreadyExists);
    assert_eq!(reason(&status), "MAIN_ADDRESS_TAKEN");
    let query = customer.company.inn.clone();
    let request = ListClientsRequest { query, ..Default::default() };
    let found = done(clients.list_clients(request).await).clients;
    assert!(found.len() == 1 && found[0].name == customer.client.name, "found by tax id");
}

/// G51: while invoices are held no letter exists, though days pass; a preview can be looked at.
pub async fn nothing_leaves_while_held(suite: &Suite, world: &World) {
    suite.advance("2019-02-02T09:00:00Z").await;
    assert_eq!(suite.sink.letters().len(), 0);
    let preview = suite.document(&world.hosting.name).await;
    assert!(preview.starts_with(b"%PDF-"));
}

/// A150, A163, A201, G24, G51: issuing numbers, posts nothing to the ledger, and sends one letter
/// with the PDF to everybody who gets invoices.
pub async fn invoices_leave(suite: &Suite, world: &mut World) {
    world.hosting = suite.issue(&world.hosting.name).await;
    world.works = suite.issue(&world.works.name).await;
    suite.settle().await;
    for issued in [&world.hosting, &world.works] {
        assert_eq!(issued.sequence, 1, "each seller counts by itself");
        assert!(!issued.number.is_empty());
        assert_eq!(day(issued.issue_date.as_ref()), "2019-02-02");
    }
    let request =
        ListTransfersRequest { client: world.customer.client.name.clone(), ..Default::default() };
    let transfers = done(LedgerClient::new(suite.admin.clone()).list_transfers(request).await);
    assert_eq!(transfers.transfers, [], "a request is no debt");

    let letters: Vec<_> = suite.sink.wait(2).await.iter().map(read).collect();
    assert_eq!(letters.len(), 2);
    for issued in [&world.hosting, &world.works] {
        let about = |l: &&e2e::steps::letters::Read| l.subject.contains(&issued.number);
        let letter = letters.iter().find(|l| about(l) && has_document(l)).unwrap();
        let mut to = letter.to.clone();
        to.sort();
        assert_eq!(to, [world.customer.client.email.as_str(), ACCOUNTANT]);
    }
}

fn has_document(letter: &e2e::steps::letters::Read) -> bool {
    letter.attachments.iter().any(|(name, bytes)| {
        name.ends_with(".pdf") && bytes.starts_with(b"%PDF-") && bytes.len() > 5000
    })
}

/// A159, A160, A203, G1, SEED30: a disk that ends with its main subscription costs 344.00.
pub async fn a_disk_is_added(suite: &Suite, world: &mut World) {
    let disk = OrderLine {
        main_subscription: world.users.clone(),
        ..line(&world.catalogue.disk, &world.customer.hosting, 1, 1)
    };
    let accepted = suite.order(&world.customer, vec![disk]).await;
    let held = suite.invoice(&accepted.invoices[0]).await;
    assert_eq!(text(held.total.as_ref()), "344.00 RUB");
    let trace = held.lines[0].trace.as_ref().unwrap();
    assert_eq!(trace.convention, "SEED30");
    assert!(trace.formula.contains("22/30"), "{}", trace.formula);
    assert_eq!(day(held.lines[0].last_day.as_ref()), "2019-07-31");
    world.extra = suite.issue(&held.name).await;
    assert_eq!(world.extra.sequence, 2);
    world.disk.clone_from(&accepted.subscriptions[0]);
    suite.settle().await;
    suite.sink.wait(3).await;
}
