//! Who is billed. One client is made by RPC, as staff make it: the model. Many more are copies of
//! its rows in invoicing's database, set by set, with ids of their own: what is measured reads
//! them as it reads all others, and arranging 100,000 takes seconds.

use crate::{catalogue::Catalogue, door::request_id};
use anyhow::{Context, Result};
use proto::{
    clients::v1::{
        Client, CreateClientRequest, CreateLegalEntityRequest, LegalEntity, client::Kind,
        clients_client::ClientsClient, legal_entities_client::LegalEntitiesClient,
    },
    invoicing::v1::{
        AcceptOrderRequest, Contract, CreateContractRequest, CreateOrderRequest, Order, OrderLine,
        contracts_client::ContractsClient, orders_client::OrdersClient,
    },
};
use service::PeerChannel;
use sqlx::{Connection, PgConnection, PgPool};
use testkit::Company;
use types::id::ClientId;
use uuid::Uuid;

/// Copies inserted by one statement.
const SET: usize = 10_000;

/// A client with a payer and a contract.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Format: clients/{client}
    pub client: String,
    /// Format: legalEntities/{legal_entity}
    pub payer: String,
    /// Format: contracts/{contract}
    pub contract: String,
}

/// Makes a client of an invented company.
///
/// # Errors
/// When it is refused.
pub async fn client(clients: &PeerChannel, n: u32) -> Result<String> {
    let company = Company::number(n);
    let client = Client {
        kind: Kind::Company.into(),
        given_name: "Пётр".into(),
        family_name: format!("Примеров-{n}"),
        company: company.name,
        email: company.email,
        phone: "+79000000000".into(),
        ..Default::default()
    };
    let request = CreateClientRequest { client: Some(client), request_id: request_id() };
    let made = ClientsClient::new(clients.clone()).create_client(request).await?;
    Ok(made.into_inner().name)
}

/// Makes a client with a payer and a prepaid contract.
///
/// # Errors
/// When a part of it is refused.
pub async fn customer(
    clients: &PeerChannel,
    invoicing: &PeerChannel,
    catalogue: &Catalogue,
    n: u32,
) -> Result<Customer> {
    let (client, company) = (client(clients, n).await?, Company::number(n));
    let payer = LegalEntity {
        client: client.clone(),
        title: company.name,
        country: "RU".into(),
        tax_id: company.inn,
        kpp: company.kpp,
        ogrn: company.ogrn,
        address: "г. Примерск, ул. Новая, д. 2".into(),
        ..Default::default()
    };
    let request = CreateLegalEntityRequest { legal_entity: Some(payer), request_id: request_id() };
    let mut payers = LegalEntitiesClient::new(clients.clone());
    let payer = payers.create_legal_entity(request).await?.into_inner().name;
    let contract = Contract {
        client: client.clone(),
        payer: payer.clone(),
        seller: catalogue.seller.clone(),
        date: Some(crate::catalogue::first_day(2026)),
        ..Default::default()
    };
    let request = CreateContractRequest { contract: Some(contract), request_id: request_id() };
    let mut contracts = ContractsClient::new(invoicing.clone());
    let contract = contracts.create_contract(request).await?.into_inner().name;
    Ok(Customer { client, payer, contract })
}

/// Orders one of everything by the month for a customer and accepts it; the held invoices.
/// Format: invoices/{invoice}
///
/// # Errors
/// When it is refused.
pub async fn order(
    invoicing: &PeerChannel,
    catalogue: &Catalogue,
    customer: &Customer,
) -> Result<Vec<String>> {
    let line = |product: &String| OrderLine {
        product: product.clone(),
        contract: customer.contract.clone(),
        cycle_months: 1,
        quantity: 1,
        start_date: Some(crate::catalogue::first_day(2026)),
        ..Default::default()
    };
    let lines = catalogue.products.iter().map(line).collect();
    let order = Order { client: customer.client.clone(), lines, ..Default::default() };
    let mut orders = OrdersClient::new(invoicing.clone());
    let request = CreateOrderRequest { order: Some(order), request_id: request_id() };
    let order = orders.create_order(request).await?.into_inner();
    let request =
        AcceptOrderRequest { name: order.name, etag: order.etag, request_id: request_id() };
    Ok(orders.accept_order(request).await?.into_inner().invoices)
}

/// Makes `count` copies of the model in invoicing's database: each a client with its own profile,
/// payer, contract and subscriptions, that nothing was billed to yet.
///
/// # Errors
/// Those of the database.
pub async fn copy(invoicing: &PgPool, model: &Customer, count: usize) -> Result<()> {
    let model: ClientId = model.client.parse().context("a client's name")?;
    let mut done = 0;
    while done < count {
        let size = SET.min(count - done);
        let ids = |n: usize| (0..n).map(|_| Uuid::now_v7()).collect::<Vec<_>>();
        let (clients, payers, contracts) = (ids(size), ids(size), ids(size));
        let mut conn = invoicing.acquire().await?;
        let mut tx = conn.begin().await?;
        copy_clients(&mut tx, model, &clients, &payers).await?;
        copy_contracts(&mut tx, model, &clients, &payers, &contracts).await?;
        copy_subscriptions(&mut tx, model, &clients, &payers, &contracts).await?;
        tx.commit().await?;
        done += size;
    }
    sqlx::query("vacuum analyze").execute(invoicing).await?;
    Ok(())
}

async fn copy_clients(
    conn: &mut PgConnection,
    model: ClientId,
    clients: &[Uuid],
    payers: &[Uuid],
) -> Result<()> {
    sqlx::query(
        "with given as (
            select client, payer from unnest($2::uuid[], $3::uuid[]) as t (client, payer)
        ), profiled as (
            insert into profiles (client_id, revision, number, title, kind, language, zone)
            select g.client, m.revision, m.number, m.title, m.kind, m.language, m.zone
            from given g, profiles m where m.client_id = $1
        ), known as (
            insert into accounts (client_id, created_at)
            select g.client, m.created_at from given g, accounts m where m.client_id = $1
        )
        insert into payers (payer_id, revision, client_id, kind, title, country, tax_id, kpp, ogrn,
            address)
        select g.payer, m.revision, g.client, m.kind, m.title, m.country, m.tax_id, m.kpp, m.ogrn,
            m.address
        from given g, payers m where m.client_id = $1",
    )
    .bind(model.0)
    .bind(clients)
    .bind(payers)
    .execute(conn)
    .await?;
    Ok(())
}

async fn copy_contracts(
    conn: &mut PgConnection,
    model: ClientId,
    clients: &[Uuid],
    payers: &[Uuid],
    contracts: &[Uuid],
) -> Result<()> {
    sqlx::query(
        "insert into contracts (id, client_id, payer_id, seller_id, number, date, kind, terms,
            due_days, currency, created_at)
         select g.contract, g.client, g.payer, m.seller_id, g.contract::text, m.date, m.kind,
            m.terms, m.due_days, m.currency, m.created_at
         from unnest($2::uuid[], $3::uuid[], $4::uuid[]) as g (client, payer, contract),
            contracts m
         where m.client_id = $1",
    )
    .bind(model.0)
    .bind(clients)
    .bind(payers)
    .bind(contracts)
    .execute(conn)
    .await?;
    Ok(())
}

async fn copy_subscriptions(
    conn: &mut PgConnection,
    model: ClientId,
    clients: &[Uuid],
    payers: &[Uuid],
    contracts: &[Uuid],
) -> Result<()> {
    let of_model: Vec<Uuid> = sqlx::query_scalar(
        "select id from subscriptions where client_id = $1 and cycle_months is not null",
    )
    .bind(model.0)
    .fetch_all(&mut *conn)
    .await?;
    for subscription in of_model {
        let ids: Vec<Uuid> = clients.iter().map(|_| Uuid::now_v7()).collect();
        // Without an order and begun on the model's first day not billed: nothing bills the copy.
        sqlx::query(
            "insert into subscriptions (id, client_id, contract_id, payer_id, seller_id, product_id,
                state, title, quantity, price_id, override_reason, unit_price, price_cycle,
                price_tax, price_since, currency, schedule_origin, anchor_day, cycle_months,
                service_code, period_text, domain, start_date, billed_through, paid_through,
                created_at)
             select g.id, g.client, g.contract, g.payer, m.seller_id, m.product_id,
                'ACTIVE', m.title, m.quantity, m.price_id, m.override_reason, m.unit_price,
                m.price_cycle, m.price_tax, m.price_since, m.currency, m.schedule_origin,
                m.anchor_day, m.cycle_months, m.service_code, m.period_text, m.domain,
                m.billed_through, m.billed_through, m.billed_through, m.created_at
             from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[])
                as g (id, client, payer, contract), subscriptions m
             where m.id = $1",
        )
        .bind(subscription)
        .bind(&ids)
        .bind(clients)
        .bind(payers)
        .bind(contracts)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
