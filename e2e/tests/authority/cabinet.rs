//! What a customer of one client learns about another: that there is nothing.

use super::NOW;
use e2e::{
    Suite,
    door::Door,
    steps::{
        bank::{Payment, cp1251, statement},
        catalogue::Catalogue,
        customers::Customer,
        done,
        orders::line,
        refused,
    },
};
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MethodDescriptor};
use proto::gateway::v1::{
    GetHomeRequest, ListCabinetInvoicesRequest, ListCabinetPaymentsRequest,
    ListCabinetTicketsRequest, OpenCabinetTicketRequest, SwitchClientRequest,
    cabinet_client::CabinetClient, sessions_client::SessionsClient,
};
use std::collections::BTreeMap;
use tonic::{Code, Request, Status, client::Grpc, codegen::http::uri::PathAndQuery};
use tonic_prost::ProstCodec;

/// Names of somebody's resources, by collection: `invoices` → `invoices/…`, ….
type Belongings = BTreeMap<&'static str, Vec<String>>;

/// Fields of the cabinet's requests that name nothing, and what may stand in each.
const WORDS: [(&str, &str); 3] = [("subject", "Вопрос"), ("text", "Когда?"), ("reason", "Дорого")];

/// An order with issued and held invoices, a payment and a request: whatever a cabinet may show.
async fn belongings(suite: &Suite, catalogue: &Catalogue, customer: &Customer) -> Belongings {
    let lines = vec![
        line(&catalogue.users, &customer.hosting, 1, 5),
        line(&catalogue.hour, &customer.works, 0, 1),
        line(&catalogue.disk, &customer.hosting, 1, 1),
    ];
    let first = suite.order(customer, lines).await;
    for invoice in &first.invoices {
        suite.issue(invoice).await;
    }
    let lines = vec![line(&catalogue.licences, &customer.hosting, 1, 1)];
    let second = suite.order(customer, lines).await;
    let order = |accepted: &proto::invoicing::v1::AcceptOrderResponse| {
        accepted.order.as_ref().map(|order| order.name.clone()).unwrap_or_default()
    };
    suite.settle().await;
    let payment = paid(suite, catalogue, customer).await;
    let request = OpenCabinetTicketRequest {
        subject: format!("Вопрос {}", customer.client.number),
        text: "Когда?".into(),
        request_id: e2e::request_id(),
        ..Default::default()
    };
    let mut cabinet = CabinetClient::new(suite.log_in_as(customer).await);
    let ticket = done(cabinet.open_ticket(request).await).name;
    // One for each method of the cabinet that names a quote: a yes or no is said once.
    let mut quotes = Vec::new();
    for _ in 0..3 {
        let offered = line(&catalogue.hour, &customer.works, 0, 1);
        quotes.push(suite.sent_quote(customer, offered, &NOW[..10]).await.name);
    }
    suite.settle().await;
    BTreeMap::from([
        ("quotes", quotes),
        ("tickets", vec![ticket]),
        ("lines", vec![payment]),
        ("clients", vec![customer.client.name.clone()]),
        ("legalEntities", vec![customer.payer.clone()]),
        ("contracts", vec![customer.hosting.clone(), customer.works.clone()]),
        ("orders", vec![order(&first), order(&second)]),
        ("subscriptions", [first.subscriptions, second.subscriptions].concat()),
        ("invoices", [first.invoices, second.invoices].concat()),
    ])
}

/// A payment of the customer that is all credit.
async fn paid(suite: &Suite, catalogue: &Catalogue, customer: &Customer) -> String {
    let payment = Payment {
        number: 1,
        date: NOW[..10].into(),
        amount: "100.00".into(),
        from: customer.company.clone(),
        purpose: "аванс".into(),
    };
    let file = cp1251(&statement(&catalogue.works.company, &[payment]));
    let imported = suite.import(&file).await;
    let line = suite.line(&imported, 1).await;
    if line.allocations.is_empty() {
        suite.allocate(&line, "", &customer.client.name).await;
    }
    line.name
}

/// Methods of the cabinet, with the fields of their requests that name something.
fn methods() -> Vec<(MethodDescriptor, Vec<FieldDescriptor>)> {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap();
    let cabinet = pool.get_service_by_name("raschet.gateway.v1.Cabinet").unwrap();
    let methods: Vec<_> = cabinet.methods().collect();
    let names = |method: &MethodDescriptor| {
        let fields: Vec<_> = method.input().fields().collect();
        for field in &fields {
            let message = matches!(field.kind(), Kind::Message(_));
            assert!(!message, "{}: look into messages too", field.full_name());
        }
        let strings = fields.into_iter().filter(|field| matches!(field.kind(), Kind::String));
        let silent = |name: &str| WORDS.iter().any(|(word, _)| *word == name);
        let tells = |field: &FieldDescriptor| {
            !["page_token", "request_id"].contains(&field.name()) && !silent(field.name())
        };
        strings.filter(tells).collect()
    };
    methods.into_iter().map(|method| (method.clone(), names(&method))).collect()
}

/// The collection that a field's comment names: `Format: invoices/{invoice}`.
fn collection(field: &FieldDescriptor) -> String {
    let file = field.parent_file();
    let info = file.file_descriptor_proto().source_code_info.clone().unwrap();
    let own = info.location.iter().find(|location| location.path == field.path()).unwrap();
    let comment = own.leading_comments.clone().unwrap_or_default();
    let (_, format) = comment.split_once("Format: ").unwrap_or_else(|| {
        panic!("{} names something; its comment says no format", field.full_name())
    });
    format.split('/').next().unwrap().trim().to_owned()
}

async fn call(door: &Door, method: &MethodDescriptor, request: DynamicMessage) -> Option<Status> {
    let mut grpc = Grpc::new(door.clone());
    grpc.ready().await.unwrap();
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let codec = ProstCodec::<DynamicMessage, ()>::default();
    let path = PathAndQuery::try_from(path).unwrap();
    grpc.server_streaming(Request::new(request), path, codec).await.err()
}

/// G51, design.md (Authority): every id kind that a request of the cabinet has, issued or held, of
/// another client: NOT_FOUND, as what does not exist; and the lists show nothing of it.
#[tokio::test]
async fn another_clients_ids_are_not_found() {
    let suite = Suite::here(NOW).await;
    let catalogue = suite.catalogue().await;
    let (one, two) = (suite.customer(11, &catalogue).await, suite.customer(12, &catalogue).await);
    suite.settle().await;
    let mine = belongings(&suite, &catalogue, &one).await;
    let theirs = belongings(&suite, &catalogue, &two).await;
    let (door, stranger) = (suite.log_in_as(&one).await, suite.log_in_as(&two).await);
    let (mut tried, mut quote) = (0, 0);
    for (method, fields) in methods() {
        for field in fields {
            let collection = collection(&field);
            let foreign = theirs.get(&*collection).unwrap_or_else(|| {
                panic!("{}: give the other client one of {collection}", field.full_name())
            });
            for name in foreign {
                let request = with(&method, &field, name);
                let status = call(&door, &method, request).await.expect("a refusal");
                let code = status.code();
                assert_eq!(code, Code::NotFound, "{} {name}: {status:?}", method.full_name());
                assert!(!status.message().contains("Примеров"), "{status:?}");
                tried += 1;
            }
            let own = &mine[&*collection][if collection == "quotes" { quote } else { 0 }];
            quote += usize::from(collection == "quotes");
            let opened = call(&door, &method, with(&method, &field, own)).await;
            assert!(opened.is_none(), "one's own is there: {opened:?}");
        }
    }
    assert!(tried >= 8, "only {tried} ids were tried");
    nothing_is_listed(&door, &theirs, &two).await;
    foreign_page_tokens(&door, &stranger).await;
}

fn with(method: &MethodDescriptor, field: &FieldDescriptor, name: &str) -> DynamicMessage {
    let mut request = DynamicMessage::new(method.input());
    request.set_field(field, prost_reflect::Value::String(name.to_owned()));
    for (word, text) in WORDS {
        if let Some(field) = method.input().get_field_by_name(word) {
            request.set_field(&field, prost_reflect::Value::String(text.into()));
        }
    }
    if let Some(id) = method.input().get_field_by_name("request_id") {
        request.set_field(&id, prost_reflect::Value::String(e2e::request_id()));
    }
    request
}

/// No name of the other client's things is in any answer; its client cannot be switched to.
async fn nothing_is_listed(door: &Door, theirs: &Belongings, two: &Customer) {
    let mut cabinet = CabinetClient::new(door.clone());
    let home = done(cabinet.get_home(GetHomeRequest {}).await);
    let list = ListCabinetInvoicesRequest { page_size: 1000, ..Default::default() };
    let listed = done(cabinet.list_invoices(list).await);
    assert_eq!(listed.invoices.len(), 2, "the issued ones, and nothing held");
    let payments = ListCabinetPaymentsRequest { page_size: 1000, ..Default::default() };
    let payments = done(cabinet.list_payments(payments).await);
    let tickets = ListCabinetTicketsRequest { page_size: 1000, ..Default::default() };
    let tickets = done(cabinet.list_tickets(tickets).await);
    assert_eq!((payments.payments.len(), tickets.tickets.len()), (1, 1));
    let shown = format!("{home:?} {listed:?} {payments:?} {tickets:?}");
    for name in theirs.values().flatten() {
        assert!(!shown.contains(name.as_str()), "{name} shows");
    }
    assert!(!shown.contains(&two.company.name));
    let switch = SwitchClientRequest { client: two.client.name.clone() };
    refused(SessionsClient::new(door.clone()).switch_client(switch).await, Code::NotFound);
    let still = done(CabinetClient::new(door.clone()).get_home(GetHomeRequest {}).await);
    assert_eq!(still.client_number, home.client_number);
}

/// A token for the next page of another client's list opens nothing.
async fn foreign_page_tokens(door: &Door, stranger: &Door) {
    let page = |token: &str| ListCabinetInvoicesRequest { page_size: 1, page_token: token.into() };
    let theirs = done(CabinetClient::new(stranger.clone()).list_invoices(page("")).await);
    assert!(!theirs.next_page_token.is_empty());
    let mut cabinet = CabinetClient::new(door.clone());
    let foreign = cabinet.list_invoices(page(&theirs.next_page_token)).await;
    refused(foreign, Code::InvalidArgument);
    let mine = done(cabinet.list_invoices(page("")).await);
    done(cabinet.list_invoices(page(&mine.next_page_token)).await);
}
