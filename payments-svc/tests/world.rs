//! A running payments-svc with one seller, one client with a known payer, and peers that are fakes:
//! events of the other services are handed to the real handlers, one transaction each.

use crate::fakes::{FakeClients, FakeFeed};
use chrono::NaiveDate;
use payments_svc::jobs::{clients_feed, invoicing_feed};
use payments_svc::{MIGRATIONS, Service};
use prost::{Message, Name};
use proto::clients::v1::clients_server::ClientsServer;
use proto::clients::v1::{self as clients, Profile};
use proto::google::r#type::{Date, Money as WireMoney};
use proto::invoicing::v1::{InvoiceIssued, InvoiceResidualChanged, PaymentApplied, SellerChanged};
use proto::payments::v1::learned_rules_client::LearnedRulesClient;
use proto::payments::v1::lines_client::LinesClient;
use proto::payments::v1::matching_policies_client::MatchingPoliciesClient;
use proto::payments::v1::statements_client::StatementsClient;
use proto::payments::v1::{self as pb};
use proto::system::v1::feed_server::FeedServer;
use rust_decimal::Decimal;
use service::feed::{Event, Handler, HandlerError};
use service::{PeerChannel, Role};
use testkit::Harness;
use tonic::{Status, service::Routes};
use tonic_types::StatusExt;
use types::id::{ClientId, EventId, InvoiceId, LegalEntityId, LineId, SellerId};
use types::{Currency, Money};
use uuid::Uuid;

/// Own account of the seller of [`World`], as in G28.
pub const ACCOUNT: &str = "40702810502080001823";
/// Tax id of its client's payer, as in G28.
pub const TAX_ID: &str = "7814695160";

/// The service under test and what it knows.
pub struct World {
    pub harness: Harness,
    pub seller: SellerId,
    pub client: ClientId,
    pub payer: LegalEntityId,
    clients: FakeClients,
    revision: i64,
}

pub fn rub(kopecks: i64) -> Money {
    Money::new(Decimal::new(kopecks, 2), Currency::Rub).unwrap()
}

pub fn wire(kopecks: i64) -> Option<WireMoney> {
    Some(rub(kopecks).into())
}

pub fn day(text: &str) -> Option<Date> {
    Some(text.parse::<NaiveDate>().unwrap().into())
}

pub fn request_id() -> String {
    Uuid::new_v4().to_string()
}

/// The reason of an error, for programs.
pub fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// Fields that an error names.
pub fn fields(status: &Status) -> Vec<String> {
    let bad = status.get_details_bad_request().map(|bad| bad.field_violations);
    bad.into_iter().flatten().map(|violation| violation.field).collect()
}

pub fn event<P: Message + Name>(client: Option<ClientId>, payload: &P) -> Event {
    Event {
        id: EventId::generate(),
        position: 1,
        client,
        kind: P::full_name(),
        payload: payload.encode_to_vec().into(),
        trace: String::new(),
        create_time: "2019-02-09T09:00:00Z".parse().unwrap(),
    }
}

impl World {
    /// The world of G21, with these arguments of the service's own settings.
    pub async fn start(arguments: &[&str]) -> Self {
        assert!(MIGRATIONS.iter().count() > 0);
        let mut harness = Harness::start::<Service>("2019-02-26T09:00:00Z", arguments).await;
        let clients = FakeClients::default();
        let feed = || FeedServer::new(FakeFeed);
        harness
            .fake("clients", Routes::new(ClientsServer::new(clients.clone())).add_service(feed()));
        harness.fake("invoicing", Routes::new(feed()));
        let mut world = Self {
            harness,
            seller: SellerId::generate(),
            client: ClientId::generate(),
            payer: LegalEntityId::generate(),
            clients,
            revision: 0,
        };
        world.seller_changed(world.seller, ACCOUNT, "7709983032").await;
        world.know(TAX_ID, &["40702810200470918965"]).await;
        world
    }

    /// Tells the service that the client has one payer with these requisites.
    pub async fn know(&mut self, tax_id: &str, accounts: &[&str]) {
        let (client, payer) = (self.client, self.payer);
        self.client_changed(client, payer, tax_id, accounts).await;
    }

    /// Puts a profile where clients-svc would have it, without telling.
    pub fn put_profile(
        &mut self,
        client: ClientId,
        payer: LegalEntityId,
        tax_id: &str,
        accounts: &[&str],
    ) {
        self.revision += 1;
        let account =
            |a: &&str| clients::BankAccount { account: (*a).into(), ..Default::default() };
        let entity = clients::LegalEntity {
            name: payer.to_string(),
            client: client.to_string(),
            tax_id: tax_id.into(),
            accounts: accounts.iter().map(account).collect(),
            ..Default::default()
        };
        let profile = Profile {
            client: client.to_string(),
            revision: self.revision,
            legal_entities: vec![entity],
            ..Default::default()
        };
        self.clients.put(client, profile);
    }

    pub async fn client_changed(
        &mut self,
        client: ClientId,
        payer: LegalEntityId,
        tax_id: &str,
        accounts: &[&str],
    ) {
        self.put_profile(client, payer, tax_id, accounts);
        let changed =
            clients::ClientChanged { client: client.to_string(), revision: self.revision };
        let handler = clients_feed::Handler::new(self.harness.frame());
        self.deliver(&handler, &event(Some(client), &changed)).await.unwrap();
    }

    /// Hands an event to a handler, as the follower does.
    pub async fn deliver<H: Handler>(
        &self,
        handler: &H,
        event: &Event,
    ) -> Result<(), HandlerError> {
        let frame = self.harness.frame();
        let prepared = handler.prepare(event).await?;
        let mut tx = frame.begin().await.unwrap();
        handler.apply(&mut tx, event, prepared).await?;
        tx.commit().await.unwrap();
        frame.wake();
        Ok(())
    }

    pub async fn invoicing<P: Message + Name>(
        &self,
        client: Option<ClientId>,
        payload: &P,
    ) -> Result<(), HandlerError> {
        let handler = invoicing_feed::Handler::new(self.harness.frame());
        self.deliver(&handler, &event(client, payload)).await
    }

    pub async fn seller_changed(&self, seller: SellerId, account: &str, tax_id: &str) {
        let changed = SellerChanged {
            seller: seller.to_string(),
            account: account.into(),
            bic: "044525593".into(),
            currency: "RUB".into(),
            title: "ООО «Продавец»".into(),
            tax_id: tax_id.into(),
        };
        self.invoicing(None, &changed).await.unwrap();
    }

    /// An issued invoice of the world's seller and client.
    pub async fn invoice(&self, number: &str, kopecks: i64) -> InvoiceId {
        let id = InvoiceId::generate();
        self.invoicing(Some(self.client), &self.issued(id, number, kopecks)).await.unwrap();
        id
    }

    pub fn issued(&self, id: InvoiceId, number: &str, kopecks: i64) -> InvoiceIssued {
        InvoiceIssued {
            invoice: id.to_string(),
            number: number.into(),
            sequence: 72815,
            client: self.client.to_string(),
            payer: self.payer.to_string(),
            contract: String::new(),
            seller: self.seller.to_string(),
            total: wire(kopecks),
            residual: wire(kopecks),
            issue_date: day("2019-02-09"),
            due_date: day("2019-02-28"),
        }
    }

    pub async fn residual(&self, invoice: InvoiceId, kopecks: i64, state: &str) {
        let changed = InvoiceResidualChanged {
            invoice: invoice.to_string(),
            residual: wire(kopecks),
            state: state.into(),
            payment_state: "OPEN".into(),
        };
        self.invoicing(Some(self.client), &changed).await.unwrap();
    }

    pub async fn applied(&self, allocation: &str, invoice: &str, applied: i64, credit: i64) {
        let answer = PaymentApplied {
            allocation: allocation.into(),
            invoice: invoice.into(),
            applied: wire(applied),
            credit: wire(credit),
        };
        self.invoicing(Some(self.client), &answer).await.unwrap();
    }

    pub fn statements(&self) -> StatementsClient<PeerChannel> {
        StatementsClient::new(self.harness.client_as(Role::Treasury))
    }

    pub fn lines(&self) -> LinesClient<PeerChannel> {
        LinesClient::new(self.harness.client_as(Role::Treasury))
    }

    pub fn policies(&self) -> MatchingPoliciesClient<PeerChannel> {
        MatchingPoliciesClient::new(self.harness.client_as(Role::Treasury))
    }

    pub fn rules(&self) -> LearnedRulesClient<PeerChannel> {
        LearnedRulesClient::new(self.harness.client_as(Role::Treasury))
    }

    /// Imports a file in chunks.
    pub async fn import(&self, bytes: &[u8]) -> Result<pb::ImportStatementResponse, Status> {
        self.import_as(bytes, &header("kl_to_1c.txt")).await
    }

    pub async fn import_as(
        &self,
        bytes: &[u8],
        header: &pb::ImportHeader,
    ) -> Result<pb::ImportStatementResponse, Status> {
        let answer = self.statements().import_statement(stream(bytes, header)).await?;
        Ok(answer.into_inner())
    }

    /// Imports a file and waits until the matcher has decided; answers all lines of that file.
    pub async fn matched(&self, text: &str) -> Vec<pb::Line> {
        let statement = self.import(text.as_bytes()).await.unwrap().statement.unwrap();
        self.harness.settle().await;
        let request = pb::ListLinesRequest { statement: statement.name, ..Default::default() };
        self.lines().list_lines(request).await.unwrap().into_inner().lines
    }

    pub async fn line(&self, name: &str) -> pb::Line {
        let request = pb::GetLineRequest { name: name.into() };
        self.lines().get_line(request).await.unwrap().into_inner()
    }

    /// Events of one kind, in order, as they were appended.
    pub async fn events<P: Message + Name + Default>(&self) -> Vec<P> {
        let rows: Vec<(Vec<u8>,)> =
            sqlx::query_as("select payload from events where kind = $1 order by seq")
                .bind(P::full_name())
                .fetch_all(&self.harness.frame().pool)
                .await
                .unwrap();
        rows.into_iter().map(|(payload,)| P::decode(payload.as_slice()).unwrap()).collect()
    }
}

pub fn header(filename: &str) -> pb::ImportHeader {
    pb::ImportHeader {
        filename: filename.into(),
        accept_truncated: false,
        request_id: request_id(),
    }
}

/// A file as a client streams it: the header, then chunks, small ones for a short file.
pub fn stream(
    bytes: &[u8],
    header: &pb::ImportHeader,
) -> impl futures::Stream<Item = pb::ImportStatementRequest> + Send + use<> {
    let first = pb::ImportStatementRequest { header: Some(header.clone()), chunk: Vec::new() };
    let chunks: Vec<_> = bytes
        .chunks(100.max(bytes.len() / 100))
        .map(|chunk| pb::ImportStatementRequest { header: None, chunk: chunk.to_vec() })
        .collect();
    futures::stream::iter(std::iter::once(first).chain(chunks))
}

/// A payment to [`ACCOUNT`], as a document of a statement.
#[derive(Debug, Clone)]
pub struct Document {
    pub number: u32,
    pub amount: String,
    pub tax_id: String,
    pub account: String,
    pub purpose: String,
}

impl Document {
    /// What the client pays by G21.
    pub fn new(number: u32, amount: &str, purpose: &str) -> Self {
        Self {
            number,
            amount: amount.into(),
            tax_id: TAX_ID.into(),
            account: "40702810200470918965".into(),
            purpose: purpose.into(),
        }
    }

    pub fn text(&self) -> String {
        format!(
            "СекцияДокумент=Платежное поручение\nНомер={}\nДата=25.02.2019\nСумма={}\n\
             ДатаПоступило=26.02.2019\nПлательщикСчет={}\nПлательщикИНН={}\n\
             Плательщик1=ООО \"Тех.промышлен\"\nПолучательСчет={ACCOUNT}\n\
             ПолучательИНН=7709983032\nНазначениеПлатежа={}\nКонецДокумента\n",
            self.number, self.amount, self.account, self.tax_id, self.purpose
        )
    }
}

/// A statement of [`ACCOUNT`] with these documents.
pub fn statement(documents: &[Document]) -> String {
    let documents: String = documents.iter().map(Document::text).collect();
    format!(
        "1CClientBankExchange\nВерсияФормата=1.03\nКодировка=UTF-8\nРасчСчет={ACCOUNT}\n\
         {documents}КонецФайла\n"
    )
}

/// A name of a line that does not exist.
pub fn no_line() -> String {
    LineId::generate().to_string()
}
