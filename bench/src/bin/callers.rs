//! Single acts through the gateway of `raschet up`, by 1 and by 8 callers at once: create a client;
//! create an invoice of one line and issue it. `callers 200` names how many of each; that is also
//! the default.

use anyhow::{Context, Result};
use bench::{
    catalogue::Catalogue,
    clients::{self, Customer},
    door::{self, Door, request_id},
    measure,
    report::{Figure, Report},
    stage::Stage,
};
use proto::{
    clients::v1::{Client, CreateClientRequest, client::Kind, clients_client::ClientsClient},
    google::r#type::Decimal,
    invoicing::v1::{
        CreateInvoiceRequest, Invoice, InvoiceLine, IssueInvoiceRequest,
        invoices_client::InvoicesClient,
    },
};
use testkit::Company;

/// Clients that invoices are made for.
const CUSTOMERS: u32 = 40;

#[tokio::main]
async fn main() -> Result<()> {
    let count: usize = std::env::args().nth(1).map_or(Ok(200), |n| n.parse()).context("acts")?;
    let stage = Stage::open().await?;
    let mut report = Report::new("callers", stage.machine().await?);
    let gate = stage.up(&[]).await?;
    let door = door::administrator(&gate).await?;
    let (clients, invoicing) = (stage.channel("clients"), stage.channel("invoicing"));
    let catalogue = Catalogue::make(&invoicing).await?;
    let mut customers = Vec::new();
    for n in 0..CUSTOMERS {
        customers.push(clients::customer(&clients, &invoicing, &catalogue, 10 + n).await?);
    }
    for (round, callers) in [1, 8].into_iter().enumerate() {
        let calls = count / callers;
        // Numbers of companies that no other round has.
        let first = 1000 + round * count;
        let (times, all) =
            measure::callers(callers, calls, |n| create_client(&door, first + n)).await?;
        let name = format!("create client, callers: {callers}");
        let figure = Figure::new(name, "clients", times.len() as u64, &[all]);
        report.add(figure.calls(&times).peak(gate.process.peak()?))?;
        let (times, all) = measure::callers(callers, calls, |n| {
            create_and_issue(&door, &customers[n % customers.len()])
        })
        .await?;
        let name = format!("create and issue invoice, callers: {callers}");
        let figure = Figure::new(name, "invoices", times.len() as u64, &[all]);
        report.add(figure.calls(&times).peak(gate.process.peak()?))?;
    }
    report.finish()
}

async fn create_client(door: &Door, n: usize) -> Result<()> {
    let company = Company::number(u32::try_from(n)?);
    let client = Client {
        kind: Kind::Company.into(),
        given_name: "Анна".into(),
        family_name: format!("Примерова-{n}"),
        company: company.name,
        email: company.email,
        ..Default::default()
    };
    let request = CreateClientRequest { client: Some(client), request_id: request_id() };
    ClientsClient::new(door.clone()).create_client(request).await?;
    Ok(())
}

async fn create_and_issue(door: &Door, customer: &Customer) -> Result<()> {
    let line = InvoiceLine {
        text: "Настройка рабочего места".into(),
        quantity: Some(Decimal { value: "2".into() }),
        unit_price: Some(Decimal { value: "1500.00".into() }),
        ..Default::default()
    };
    let invoice = Invoice {
        client: customer.client.clone(),
        contract: customer.contract.clone(),
        lines: vec![line],
        ..Default::default()
    };
    let mut invoices = InvoicesClient::new(door.clone());
    let request = CreateInvoiceRequest { invoice: Some(invoice), request_id: request_id() };
    let invoice = invoices.create_invoice(request).await?.into_inner();
    let (name, etag) = (invoice.name, invoice.etag);
    invoices.issue_invoice(IssueInvoiceRequest { name, etag, request_id: request_id() }).await?;
    Ok(())
}
