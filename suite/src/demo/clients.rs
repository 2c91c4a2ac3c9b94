//! How a client begins: people, a payer, contracts, an order, its first invoice.

use super::{
    catalogue::{BANK, Catalogue, House},
    chance::Chance,
    office::{Desk, Office, request_id},
    people::{Line, Person},
};
use anyhow::Result;
use futures::{StreamExt, TryStreamExt, stream};
use proto::{
    clients::v1::{
        BankAccount, Client, Contact, CreateClientRequest, CreateContactRequest,
        CreateLegalEntityRequest, CreateNoteRequest, LegalEntity, Note, client::Kind,
        clients_client::ClientsClient, contact, contacts_client::ContactsClient,
        legal_entities_client::LegalEntitiesClient, notes_client::NotesClient,
    },
    invoicing::v1::{
        AcceptOrderRequest, Contract, CreateContractRequest, CreateOrderRequest,
        IssueInvoiceRequest, Order, OrderLine, contract, contracts_client::ContractsClient,
        invoices_client::InvoicesClient, orders_client::OrdersClient,
    },
};
use std::collections::BTreeMap;

/// Clients that are made at a time.
const AT_ONCE: usize = 4;

/// A client as it was made.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Who it is.
    pub person: Person,
    /// Format: clients/{client}
    pub client: String,
    /// Contract with each seller. Format: contracts/{contract}
    pub contracts: BTreeMap<House, String>,
    /// What it has, by code of the product. Format: subscriptions/{subscription}
    pub subscriptions: BTreeMap<&'static str, String>,
}

/// What is bought in addition to users, and ends with them.
const ADDON: &str = "backup";

/// One line of a wish: product, months of a cycle, units.
pub type Wish = (&'static str, i32, i32);

/// Makes clients, in their order, with what they order first. One of them may log in.
///
/// # Errors
/// When a part of it is refused.
pub async fn join(
    office: &Office,
    catalogue: &Catalogue,
    people: &[Person],
    login: Option<(&str, &str)>,
) -> Result<Vec<Customer>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let mut named = Vec::new();
    for person in people {
        let password = login.filter(|(email, _)| *email == person.email()).map(|(_, word)| word);
        named.push((person.clone(), client(office, person, password).await?));
    }
    let made =
        stream::iter(named).map(|(person, client)| furnish(office, catalogue, person, client));
    let mut customers: Vec<Customer> = made.buffered(AT_ONCE).try_collect().await?;
    office.settle().await?;
    for customer in &mut customers {
        let wishes = wishes(&customer.person);
        let held = order(office, catalogue, customer, &wishes).await?;
        for invoice in held {
            issue(office, &invoice).await?;
        }
    }
    Ok(customers)
}

async fn client(office: &Office, person: &Person, password: Option<&str>) -> Result<String> {
    let client = Client {
        kind: person.kind.into(),
        given_name: person.given.into(),
        family_name: person.family.into(),
        company: person.title.clone(),
        email: person.email(),
        phone: format!("+7900{:07}", 5_550_000 + person.n),
        password: password.unwrap_or_default().into(),
        // Every fourth is still looked after by who found it.
        manager: office.name(if person.n % 4 == 3 { Desk::Sales } else { Desk::Care }),
        ..Default::default()
    };
    let request = CreateClientRequest { client: Some(client), request_id: request_id() };
    let mut clients = ClientsClient::new(office.at(Desk::Sales, "clients"));
    Ok(clients.create_client(request).await?.into_inner().name)
}

/// The payer, the accountant, perhaps a note, and the contracts.
async fn furnish(
    office: &Office,
    catalogue: &Catalogue,
    person: Person,
    client: String,
) -> Result<Customer> {
    let payer = payer(office, &person, &client).await?;
    if person.kind != Kind::Individual {
        accountant(office, &person, &client).await?;
    }
    if let Some(text) = note_of(person.n) {
        note(office, &client, text, true).await?;
    }
    let mut contracts = BTreeMap::new();
    for house in [House::Cloud, House::Works] {
        let rental = person.line == Line::Rental && house == House::Works;
        let contract = Contract {
            client: client.clone(),
            payer: payer.clone(),
            seller: catalogue.seller(house),
            date: Some(office.today().into()),
            kind: if rental { contract::Kind::Signed } else { contract::Kind::Offer }.into(),
            payment: if rental { contract::Payment::Postpaid } else { contract::Payment::Prepaid }
                .into(),
            ..Default::default()
        };
        let request = CreateContractRequest { contract: Some(contract), request_id: request_id() };
        let mut client = ContractsClient::new(office.at(Desk::Sales, "invoicing"));
        contracts.insert(house, client.create_contract(request).await?.into_inner().name);
    }
    Ok(Customer { person, client, contracts, subscriptions: BTreeMap::new() })
}

async fn payer(office: &Office, person: &Person, client: &str) -> Result<String> {
    let company = &person.company;
    let payer = LegalEntity {
        client: client.into(),
        title: if person.title.is_empty() {
            format!("{} {}", person.family, person.given)
        } else {
            company.name.clone()
        },
        tax_id: company.inn.clone(),
        kpp: company.kpp.clone(),
        ogrn: company.ogrn.clone(),
        address: format!("990002, г. Примерск, ул. Новая, д. {}", person.n + 1),
        accounts: vec![BankAccount {
            account: company.account.clone(),
            bic: company.bic.clone(),
            correspondent_account: company.correspondent_account.clone(),
            bank: BANK.into(),
        }],
        ..Default::default()
    };
    let request = CreateLegalEntityRequest { legal_entity: Some(payer), request_id: request_id() };
    let mut payers = LegalEntitiesClient::new(office.at(Desk::Sales, "clients"));
    Ok(payers.create_legal_entity(request).await?.into_inner().name)
}

async fn accountant(office: &Office, person: &Person, client: &str) -> Result<()> {
    let contact = Contact {
        client: client.into(),
        email: person.accountant(),
        given_name: "Валентина".into(),
        family_name: "Учётова".into(),
        access: contact::Access::Accountant.into(),
        letters: vec![contact::LetterKind::Billing.into()],
        ..Default::default()
    };
    let request = CreateContactRequest { contact: Some(contact), request_id: request_id() };
    let mut contacts = ContactsClient::new(office.at(Desk::Sales, "clients"));
    contacts.create_contact(request).await?;
    Ok(())
}

/// Writes a note about a client.
///
/// # Errors
/// When it is refused.
pub async fn note(office: &Office, client: &str, text: &str, important: bool) -> Result<()> {
    let note = Note { client: client.into(), text: text.into(), important, ..Default::default() };
    let request = CreateNoteRequest { note: Some(note), request_id: request_id() };
    let mut notes = NotesClient::new(office.at(Desk::Care, "clients"));
    notes.create_note(request).await?;
    Ok(())
}

/// What somebody wrote down about some of them.
fn note_of(n: usize) -> Option<&'static str> {
    Some(match n {
        0 => "Просят звонить только до 16:00: вечером на месте одна администратор.",
        4 => "Обещали закрыть долг до конца квартала, созвониться с главным бухгалтером.",
        9 => "В назначении платежа пишут «за программу» без номера счёта. Сверять по ИНН.",
        16 => "Может платить дочерняя компания, письмо об этом в тикете.",
        18 => "Сезонность: летом пользователей вдвое больше.",
        23 => "Терминалы на складе опечатаны до оплаты.",
        35 => "Кассы докупают перед праздниками, предупредить техников заранее.",
        _ => return None,
    })
}

/// What a client orders first.
fn wishes(person: &Person) -> Vec<Wish> {
    let mut chance = Chance::of(1_000 + person.n as u64);
    let months = if person.n == 0 { 1 } else { chance.pick(&[1, 1, 1, 3, 3, 6, 12]) };
    let short = months.min(3);
    match person.line {
        Line::Hosting => {
            let users = chance.between(2, 14);
            let mut all = vec![("users", months, users), ("licences", months, users)];
            all.push(match chance.between(0, 2) {
                0 => ("hotel", months, 1),
                1 => ("disk5", 1, chance.between(1, 6)),
                _ => ("disk15", 1, chance.between(1, 4)),
            });
            if person.n.is_multiple_of(4) {
                all.extend([("reports", 12, 1), ("manager", 0, 1)]);
            }
            if person.n.is_multiple_of(3) {
                all.push(("domain", 12, 1 + i32::from(person.n.is_multiple_of(2))));
            }
            // Whoever logs in to the cabinet sees what is counted, too.
            if person.n == 0 {
                all.push(("shop", 1, 1));
            }
            all
        }
        Line::Rental => {
            let servers = chance.between(1, 3);
            vec![("server", short, servers), ("terminal", short, chance.between(2, 20))]
        }
        Line::Telecom => {
            let lines = chance.between(2, 30);
            let (numbers, packs) = (chance.between(1, 4), chance.between(1, 8));
            vec![("sip", short, lines), ("number", short, numbers), ("minutes", short, packs)]
        }
        Line::Shop => {
            let (orders, tills) = (chance.between(1, 12), chance.between(1, 6));
            vec![("shop", 1, 1), ("shop-orders", 1, orders), ("shop-tills", 1, tills)]
        }
        Line::Once => vec![once(person.n)],
    }
}

/// What is bought without a subscription.
#[must_use]
pub fn once(n: usize) -> Wish {
    [("hour", 0, 2), ("setup", 0, 1), ("lesson", 0, 3), ("hour", 0, 5)][n % 4]
}

/// Orders and accepts; answers the held invoices.
///
/// # Errors
/// When that is refused.
pub async fn order(
    office: &Office,
    catalogue: &Catalogue,
    customer: &mut Customer,
    wishes: &[Wish],
) -> Result<Vec<String>> {
    let house = |code: &str| match code {
        "server" | "terminal" | "hour" | "setup" | "lesson" => House::Works,
        _ => House::Cloud,
    };
    let main = |code: &str| {
        let users = customer.subscriptions.get("users").filter(|_| code == ADDON);
        users.cloned()
    };
    let lines = wishes.iter().map(|(code, months, quantity)| OrderLine {
        product: catalogue.product(code),
        contract: customer.contracts.get(&house(code)).cloned().unwrap_or_default(),
        cycle_months: *months,
        quantity: *quantity,
        main_subscription: main(code).unwrap_or_default(),
        ..Default::default()
    });
    let order =
        Order { client: customer.client.clone(), lines: lines.collect(), ..Default::default() };
    let mut orders = OrdersClient::new(office.at(Desk::Sales, "invoicing"));
    let request = CreateOrderRequest { order: Some(order), request_id: request_id() };
    let order = orders.create_order(request).await?.into_inner();
    let request =
        AcceptOrderRequest { name: order.name, etag: order.etag, request_id: request_id() };
    let accepted = orders.accept_order(request).await?.into_inner();
    // One for each line that goes on, in their order.
    let going_on = wishes.iter().filter(|(code, ..)| !matches!(*code, "hour" | "setup" | "lesson"));
    for ((code, ..), subscription) in going_on.zip(accepted.subscriptions) {
        customer.subscriptions.insert(code, subscription);
    }
    Ok(accepted.invoices)
}

/// Some of those who have users for a while want their data kept elsewhere too: an add-on, whose
/// periods end with those of the users (A19).
///
/// # Errors
/// When that is refused.
pub async fn add_on(
    office: &Office,
    catalogue: &Catalogue,
    customers: &mut [Customer],
) -> Result<()> {
    for customer in customers {
        let wishes = wishes(&customer.person);
        let Some((_, months, _)) = wishes.iter().find(|(code, ..)| *code == "users") else {
            continue;
        };
        if customer.subscriptions.contains_key(ADDON) || customer.person.n % 4 != 2 {
            continue;
        }
        let held = order(office, catalogue, customer, &[(ADDON, *months, 1)]).await?;
        for invoice in held {
            issue(office, &invoice).await?;
        }
    }
    Ok(())
}

/// Issues a held invoice.
///
/// # Errors
/// When that is refused.
pub async fn issue(office: &Office, invoice: &str) -> Result<()> {
    let request = IssueInvoiceRequest {
        name: invoice.into(),
        request_id: request_id(),
        ..Default::default()
    };
    InvoicesClient::new(office.at(Desk::Care, "invoicing")).issue_invoice(request).await?;
    Ok(())
}
