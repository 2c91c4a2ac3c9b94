//! A small company to test with: a seller, a client with a payer, a contract and some products.

use proto::{
    clients::v1::{
        self as clients,
        clients_server::{Clients, ClientsServer},
    },
    google::r#type::{Date, Decimal, Money},
    invoicing::v1::{
        self as pb, contracts_client::ContractsClient, invoices_client::InvoicesClient,
        ledger_client::LedgerClient, orders_client::OrdersClient, products_client::ProductsClient,
        sellers_client::SellersClient, subscriptions_client::SubscriptionsClient,
    },
    system::v1::Role,
};
use service::PeerChannel;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use testkit::{Company, Harness};
use tonic::{Code, Request, Response, Status, service::Routes};
use tonic_types::StatusExt;
use types::id::{ClientId, LegalEntityId};
use uuid::Uuid;

/// Friday, when seed A's story begins.
pub const START: &str = "2019-02-08T09:00:00Z";

/// The tests' view of the suite: invoicing-svc, and a clients-svc that knows these profiles.
pub struct World {
    pub harness: Harness,
    pub profiles: Profiles,
    /// Format: sellers/{seller}
    pub seller: String,
    /// Format: clients/{client}
    pub client: String,
    /// Format: legalEntities/{legal_entity}
    pub payer: String,
    /// Format: contracts/{contract}
    pub contract: String,
}

/// What the fake clients-svc answers.
#[derive(Clone, Default)]
pub struct Profiles(pub Arc<Mutex<HashMap<String, clients::Profile>>>);

impl Profiles {
    /// Adds a client with one Russian payer; answers both names.
    pub fn add(&self, number: u32) -> (String, String) {
        let company = Company::number(number);
        let client = ClientId::generate().to_string();
        let payer = LegalEntityId::generate().to_string();
        let entity = clients::LegalEntity {
            name: payer.clone(),
            client: client.clone(),
            title: company.name.clone(),
            country: "RU".into(),
            tax_id: company.inn.clone(),
            kpp: company.kpp.clone(),
            ..Default::default()
        };
        let profile = clients::Profile {
            client: client.clone(),
            revision: 1,
            number: i64::from(number),
            title: company.name,
            kind: clients::client::Kind::Company.into(),
            email: company.email,
            language: "ru".into(),
            zone: "Europe/Moscow".into(),
            legal_entities: vec![entity],
            ..Default::default()
        };
        self.0.lock().unwrap().insert(client.clone(), profile);
        (client, payer)
    }
}

#[tonic::async_trait]
impl Clients for Profiles {
    async fn get_profile(
        &self,
        request: Request<clients::GetProfileRequest>,
    ) -> Result<Response<clients::Profile>, Status> {
        let found = self.0.lock().unwrap().get(&request.get_ref().client).cloned();
        found.map(Response::new).ok_or_else(|| Status::not_found("no such client"))
    }

    async fn batch_get_clients(
        &self,
        _: Request<clients::BatchGetClientsRequest>,
    ) -> Result<Response<clients::BatchGetClientsResponse>, Status> {
        Err(Status::unimplemented("not asked for by invoicing"))
    }

    async fn list_profiles(
        &self,
        _: Request<clients::ListProfilesRequest>,
    ) -> Result<Response<clients::ListProfilesResponse>, Status> {
        Err(Status::unimplemented("not asked for by invoicing"))
    }

    async fn get_client(
        &self,
        _: Request<clients::GetClientRequest>,
    ) -> Result<Response<clients::Client>, Status> {
        Err(Status::unimplemented("not asked for by invoicing"))
    }

    async fn list_clients(
        &self,
        _: Request<clients::ListClientsRequest>,
    ) -> Result<Response<clients::ListClientsResponse>, Status> {
        Err(Status::unimplemented("not asked for by invoicing"))
    }

    async fn create_client(
        &self,
        _: Request<clients::CreateClientRequest>,
    ) -> Result<Response<clients::Client>, Status> {
        Err(Status::unimplemented("not asked for by invoicing"))
    }

    async fn update_client(
        &self,
        _: Request<clients::UpdateClientRequest>,
    ) -> Result<Response<clients::Client>, Status> {
        Err(Status::unimplemented("not asked for by invoicing"))
    }
}

impl World {
    /// Starts invoicing-svc on Friday, 8 February 2019, with one of everything.
    pub async fn start() -> Self {
        Self::start_at(START).await
    }

    /// Starts at another instant.
    pub async fn start_at(now: &str) -> Self {
        let mut harness = Harness::start::<invoicing_svc::Service>(now, &[]).await;
        let profiles = Profiles::default();
        harness.fake("clients", Routes::new(ClientsServer::new(profiles.clone())));
        let (client, payer) = profiles.add(7583);
        let mut world = Self {
            harness,
            profiles,
            client,
            payer,
            seller: String::new(),
            contract: String::new(),
        };
        world.seller = world.create_seller(seller(1)).await.unwrap().name;
        world.contract = world.create_contract("").await.unwrap().name;
        world
    }

    fn channel(&self) -> PeerChannel {
        self.harness.client_as(Role::Admin)
    }

    pub fn sellers(&self) -> SellersClient<PeerChannel> {
        SellersClient::new(self.channel())
    }

    pub fn contracts(&self) -> ContractsClient<PeerChannel> {
        ContractsClient::new(self.channel())
    }

    pub fn products(&self) -> ProductsClient<PeerChannel> {
        ProductsClient::new(self.channel())
    }

    pub fn orders(&self) -> OrdersClient<PeerChannel> {
        OrdersClient::new(self.channel())
    }

    pub fn subscriptions(&self) -> SubscriptionsClient<PeerChannel> {
        SubscriptionsClient::new(self.channel())
    }

    pub fn invoices(&self) -> InvoicesClient<PeerChannel> {
        InvoicesClient::new(self.channel())
    }

    pub fn ledger(&self) -> LedgerClient<PeerChannel> {
        LedgerClient::new(self.channel())
    }

    pub async fn create_seller(&self, seller: pb::Seller) -> Result<pb::Seller, Status> {
        let request = pb::CreateSellerRequest { seller: Some(seller), request_id: request_id() };
        self.sellers().create_seller(request).await.map(Response::into_inner)
    }

    /// A contract of the world's client and seller.
    pub async fn create_contract(&self, number: &str) -> Result<pb::Contract, Status> {
        self.create_contract_of(&self.client, &self.payer, number).await
    }

    pub async fn create_contract_of(
        &self,
        client: &str,
        payer: &str,
        number: &str,
    ) -> Result<pb::Contract, Status> {
        let contract = pb::Contract {
            client: client.into(),
            payer: payer.into(),
            seller: self.seller.clone(),
            number: number.into(),
            date: date("2019-02-01"),
            ..Default::default()
        };
        let contract = Some(contract);
        let request = pb::CreateContractRequest { contract, request_id: request_id() };
        self.contracts().create_contract(request).await.map(Response::into_inner)
    }

    /// A product with one price; `months` 0 makes it one-time.
    pub async fn product(&self, product: pb::Product, months: i32, price: &str) -> String {
        let product = pb::Product {
            seller: self.seller.clone(),
            tax_ground: pb::product::TaxGround::Standard.into(),
            ..product
        };
        let request = pb::CreateProductRequest { product: Some(product), request_id: request_id() };
        let name = self.products().create_product(request).await.unwrap().into_inner().name;
        self.price(&name, months, price).await;
        name
    }

    pub async fn price(&self, product: &str, months: i32, price: &str) {
        let price = pb::Price {
            product: product.into(),
            from: date("2018-01-01"),
            cycle_months: months,
            one_time: months == 0,
            unit_price: decimal(price),
            currency: "RUB".into(),
            ..Default::default()
        };
        let request = pb::CreatePriceRequest { price: Some(price), request_id: request_id() };
        self.products().create_price(request).await.unwrap();
    }

    pub async fn create_order(&self, lines: Vec<pb::OrderLine>) -> Result<pb::Order, Status> {
        let order = pb::Order { client: self.client.clone(), lines, ..Default::default() };
        let request = pb::CreateOrderRequest { order: Some(order), request_id: request_id() };
        self.orders().create_order(request).await.map(Response::into_inner)
    }

    pub async fn accept(&self, order: &str) -> Result<pb::AcceptOrderResponse, Status> {
        let request = pb::AcceptOrderRequest {
            name: order.into(),
            etag: String::new(),
            request_id: request_id(),
        };
        self.orders().accept_order(request).await.map(Response::into_inner)
    }

    /// Orders one line of the world's contract and accepts it.
    pub async fn order(&self, line: pb::OrderLine) -> pb::AcceptOrderResponse {
        let contract = self.contract.clone();
        let order = self.create_order(vec![pb::OrderLine { contract, ..line }]).await.unwrap();
        self.accept(&order.name).await.unwrap()
    }

    /// Five users at 800.00 a month from 1 February, billed by the half-year, and works at once:
    /// answers its subscription and its held invoice.
    pub async fn users(&self) -> (String, String) {
        let product = pb::Product {
            title: "Пользователь 1С".into(),
            option: "Пользователь".into(),
            activation: pb::product::Activation::OnAccept.into(),
            ..Default::default()
        };
        let product = self.product(product, 6, "4800.00").await;
        let made = self
            .order(pb::OrderLine {
                product,
                cycle_months: 6,
                quantity: 5,
                start_date: date("2019-02-01"),
                ..Default::default()
            })
            .await;
        (made.subscriptions[0].clone(), made.invoices[0].clone())
    }

    pub async fn invoice(&self, name: &str) -> pb::Invoice {
        let request = pb::GetInvoiceRequest { name: name.into() };
        self.invoices().get_invoice(request).await.unwrap().into_inner()
    }

    pub async fn subscription(&self, name: &str) -> pb::Subscription {
        let request = pb::GetSubscriptionRequest { name: name.into() };
        self.subscriptions().get_subscription(request).await.unwrap().into_inner()
    }

    pub async fn issue(&self, name: &str) -> Result<pb::Invoice, Status> {
        let request = pb::IssueInvoiceRequest {
            name: name.into(),
            etag: String::new(),
            request_id: request_id(),
        };
        self.invoices().issue_invoice(request).await.map(Response::into_inner)
    }

    /// Kinds of the events that were appended, oldest first, without their package.
    pub async fn events(&self) -> Vec<String> {
        let pool = self.harness.owner("invoicing").await;
        let kinds: Vec<(String,)> =
            sqlx::query_as("select kind from events order by seq").fetch_all(&pool).await.unwrap();
        let short = |kind: String| kind.rsplit('.').next().unwrap_or_default().to_owned();
        kinds.into_iter().map(|(kind,)| short(kind)).collect()
    }

    /// Payloads of the events of one kind, oldest first.
    pub async fn payloads<P: prost::Message + prost::Name + Default>(&self) -> Vec<P> {
        let pool = self.harness.owner("invoicing").await;
        let payloads: Vec<(Vec<u8>,)> =
            sqlx::query_as("select payload from events where kind = $1 order by seq")
                .bind(P::full_name())
                .fetch_all(&pool)
                .await
                .unwrap();
        payloads.into_iter().map(|(bytes,)| P::decode(bytes.as_slice()).unwrap()).collect()
    }
}

/// An invented seller under the general regime.
pub fn seller(number: u32) -> pb::Seller {
    let company = Company::number(number);
    pb::Seller {
        title: company.name,
        country: "RU".into(),
        tax_id: company.inn,
        kpp: company.kpp,
        address: "г. Примерск, ул. Вымышленная, 1".into(),
        currency: "RUB".into(),
        tax_regimes: vec![pb::TaxRegime {
            from: date("2018-01-01"),
            kind: pb::tax_regime::Kind::General.into(),
        }],
        account: Some(pb::SellerAccount {
            account: company.account,
            bic: company.bic,
            correspondent_account: company.correspondent_account,
            bank: "АО «Примербанк»".into(),
        }),
        signatory: "Директор, Примеров П. П.".into(),
        ..Default::default()
    }
}

/// A fresh request id.
pub fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// A date such as 2019-02-08.
pub fn date(text: &str) -> Option<Date> {
    Some(text.parse::<chrono::NaiveDate>().unwrap().into())
}

/// A number such as 60.00.
pub fn decimal(text: &str) -> Option<Decimal> {
    Some(Decimal { value: text.into() })
}

/// An amount in roubles as text, such as 344.00.
pub fn rub(money: &Option<Money>) -> String {
    let money = types::Money::try_from(money.as_ref().expect("an amount")).unwrap();
    assert_eq!(money.currency().code(), "RUB");
    money.amount().to_string()
}

/// A date as text.
pub fn day(date: &Option<Date>) -> String {
    chrono::NaiveDate::try_from(date.as_ref().expect("a date")).unwrap().to_string()
}

/// The status of a call that must be refused.
pub fn refused<T>(result: Result<T, Status>, code: Code, reason: &str) -> Status {
    let status = match result {
        Ok(_) => panic!("must be refused with {reason}"),
        Err(status) => status,
    };
    let info = status.get_error_details().error_info().cloned();
    let found = info.map(|i| i.reason).unwrap_or_default();
    assert_eq!((status.code(), found.as_str()), (code, reason), "{status:?}");
    status
}

/// Paths of the fields that a refusal names.
pub fn fields(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let bad = details.bad_request().cloned().expect("names fields");
    bad.field_violations.into_iter().map(|v| v.field).collect()
}
