//! A suite with work to do, and a caller who repeats what is refused, as it is asked to.

use super::program::Program;
use e2e::{
    Suite, request_id,
    steps::{catalogue::Catalogue, customers::Customer, orders::line},
};
use proto::{
    clients::v1::{
        Client, CreateClientRequest, ListClientsRequest, client::Kind,
        clients_client::ClientsClient,
    },
    gateway::v1::{AdvanceClockRequest, operations_client::OperationsClient},
    invoicing::v1::{Invoice, IssueInvoiceRequest, invoices_client::InvoicesClient},
};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    time::{Duration, Instant},
};
use testkit::SmtpSink;
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

/// How long a caller goes on.
const PATIENCE: Duration = Duration::from_secs(180);

/// Reasons of refusals, with how often.
pub type Refused = RefCell<BTreeMap<String, u32>>;

pub struct World {
    pub program: Program,
    pub suite: Suite,
    pub customer: Customer,
    catalogue: Catalogue,
    clients: u32,
    invoices: i64,
    lost_letters: i64,
}

impl World {
    pub async fn new() -> Self {
        let sink = SmtpSink::start();
        let program = Program::start(sink.port());
        Self::over(program, sink).await
    }

    pub async fn over(program: Program, sink: SmtpSink) -> Self {
        let suite = Suite::elsewhere(program.address(), program.operator_token(), sink).await;
        let catalogue = suite.catalogue().await;
        suite.mailbox().await;
        let customer = suite.customer(21, &catalogue).await;
        suite.settle().await;
        Self { program, suite, customer, catalogue, clients: 1, invoices: 0, lost_letters: 0 }
    }

    /// A held invoice.
    pub async fn held(&self) -> String {
        let lines = vec![line(&self.catalogue.users, &self.customer.hosting, 1, 1)];
        let accepted = self.suite.order(&self.customer, lines).await;
        accepted.invoices[0].clone()
    }

    /// Issues an invoice, whose number follows that of the last one; a letter leaves.
    pub async fn issue(&mut self, name: &str, refused: &Refused) -> Invoice {
        let request = IssueInvoiceRequest {
            name: name.into(),
            request_id: request_id(),
            ..Default::default()
        };
        let admin = &self.suite.admin;
        let issue = || {
            let (mut invoices, request) = (InvoicesClient::new(admin.clone()), request.clone());
            async move { invoices.issue_invoice(request).await }
        };
        let issued = persist(refused, issue).await;
        self.invoices += 1;
        assert_eq!(issued.sequence, self.invoices, "numbers have no gap");
        issued
    }

    /// Makes so many clients, one after another.
    pub async fn make_clients(&mut self, count: u32, refused: &Refused) {
        for _ in 0..count {
            self.clients += 1;
            let n = self.clients;
            let client = Client {
                kind: Kind::Company.into(),
                given_name: "Пётр".into(),
                family_name: format!("Упорный-{n}"),
                email: format!("uporny-{n}@primer.example"),
                ..Default::default()
            };
            let request = CreateClientRequest { client: Some(client), request_id: request_id() };
            let admin = &self.suite.admin;
            let create = || {
                let (mut clients, request) = (ClientsClient::new(admin.clone()), request.clone());
                async move { clients.create_client(request).await }
            };
            persist(refused, create).await;
        }
    }

    /// Whoever reads is answered.
    pub async fn read(&self) -> Result<(), Status> {
        let mut clients = ClientsClient::new(self.suite.admin.clone());
        clients.list_clients(ListClientsRequest::default()).await.map(|_| ())
    }

    /// Everything is done, once; nothing is parked or wrong; a letter left for each invoice.
    pub async fn assert_whole(&self) {
        let operator = &self.suite.operator;
        let settle = || {
            let mut operations = OperationsClient::new(operator.clone());
            let to = "2000-01-01T00:00:00Z".parse().unwrap();
            let request = AdvanceClockRequest { to: Some(proto::convert::timestamp(to)) };
            async move { operations.advance_clock(request).await }
        };
        persist(&Refused::default(), settle).await;
        self.suite.assert_clean().await;
        assert_eq!(self.count_clients().await, self.clients, "each once");
        let expected = usize::try_from(self.invoices + self.lost_letters).unwrap();
        let letters = self.suite.sink.wait(expected).await.len();
        assert_eq!(letters, expected, "one letter for each invoice");
        self.program.assert_discreet();
    }

    /// Clients and issued invoices that there are.
    pub const fn known(&self) -> (u32, i64) {
        (self.clients, self.invoices)
    }

    /// Forgets what a restored life does not know; its letters have left all the same.
    pub fn forget(&mut self, (clients, invoices): (u32, i64)) {
        self.lost_letters += self.invoices - invoices;
        (self.clients, self.invoices) = (clients, invoices);
    }

    /// After a caller has given up: what was answered is there, and at most the one call more.
    pub async fn recount_clients(&mut self) {
        let found = self.count_clients().await;
        assert!(found == self.clients || found + 1 == self.clients, "{found}, {}", self.clients);
        self.clients = found;
    }

    pub async fn count_clients(&self) -> u32 {
        let mut clients = ClientsClient::new(self.suite.admin.clone());
        let request = ListClientsRequest { page_size: 1, ..Default::default() };
        let listed = clients.list_clients(request).await.unwrap().into_inner();
        u32::try_from(listed.total_size).unwrap()
    }
}

/// Repeats a call for as long as it is answered UNAVAILABLE, after the pause that it is told.
pub async fn persist<T, F>(refused: &Refused, call: impl Fn() -> F) -> T
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let began = Instant::now();
    loop {
        let status = match call().await {
            Ok(response) => return response.into_inner(),
            Err(status) => status,
        };
        let (reason, pause) = outage(&status);
        *refused.borrow_mut().entry(reason).or_default() += 1;
        assert!(began.elapsed() < PATIENCE, "refused for ever: {status:?}");
        tokio::time::sleep(pause).await; // the caller does as it is told
    }
}

/// Reason and pause of a refusal, which must say what to do and nothing that only a log may hold.
pub fn outage(status: &Status) -> (String, Duration) {
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    let details = status.get_error_details();
    let text = &details.localized_message().expect("a text for people").message;
    assert!(text.to_lowercase().contains("повторите"), "{text}");
    for secret in ["postgres", "socket", "/"] {
        assert!(!text.contains(secret), "{text}");
    }
    let pause = details.retry_info().and_then(|retry| retry.retry_delay).expect("when to repeat");
    (details.error_info().expect("a reason").reason.clone(), pause)
}
