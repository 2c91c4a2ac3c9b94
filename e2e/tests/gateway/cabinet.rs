//! The cabinet: what a customer reads of its money, and says to us.

use e2e::{
    Suite,
    door::Door,
    money::{rub, text},
    request_id,
    steps::{
        bank::{Payment, cp1251, statement},
        catalogue::Catalogue,
        customers::Customer,
        done,
        letters::read,
        orders::line,
        refused,
    },
};
use proto::{
    gateway::v1::{
        AcceptCabinetQuoteRequest, DeclineCabinetQuoteRequest, GetCabinetInvoiceRequest,
        GetCabinetQuoteDocumentRequest, GetCabinetTicketRequest, GetHomeRequest,
        ListCabinetPaymentsRequest, ListCabinetQuotesRequest, ListCabinetTicketsRequest,
        OpenCabinetTicketRequest, WriteCabinetTicketRequest, cabinet_client::CabinetClient,
        open_cabinet_ticket_request::Topic,
    },
    google::r#type::Decimal,
    invoicing::v1::{
        GetQuoteRequest, OrderLine, invoice, quote::State, quotes_client::QuotesClient,
    },
    payments::v1::AllocationPart,
    tickets::v1::{
        AddTicketNoteRequest, CloseTicketRequest, CreateTicketRequest, GetTicketRequest,
        ReplyTicketRequest, Ticket, message, ticket, tickets_client::TicketsClient,
    },
};
use tonic::Code;

const NOW: &str = "2019-02-26T09:00:00Z";

async fn start() -> (Suite, Catalogue, Customer) {
    let suite = Suite::here(NOW).await;
    let catalogue = suite.catalogue().await;
    let customer = suite.customer(31, &catalogue).await;
    suite.settle().await;
    (suite, catalogue, customer)
}

/// E6–E8 and issue 4, part 4: money that came, what of it paid which invoice, and what is left of
/// it on the balance; two parts of one transfer are one payment, another client's part is not seen.
#[tokio::test]
async fn payments_say_what_they_paid() {
    let (suite, catalogue, customer) = start().await;
    let other = suite.customer(32, &catalogue).await;
    let lines = vec![line(&catalogue.hour, &customer.works, 0, 1)];
    let ordered = suite.order(&customer, lines).await;
    suite.issue(&ordered.invoices[0]).await;
    suite.settle().await;
    let mut cabinet = CabinetClient::new(suite.log_in_as(&customer).await);
    assert!(
        done(cabinet.list_payments(ListCabinetPaymentsRequest::default()).await)
            .payments
            .is_empty()
    );
    let paid = Payment {
        number: 1,
        date: "2019-02-26".into(),
        amount: "7000.00".into(),
        from: customer.company.clone(),
        purpose: "за услуги".into(),
    };
    let file = cp1251(&statement(&catalogue.works.company, &[paid]));
    let imported = suite.import(&file).await;
    let came = suite.line(&imported, 1).await;
    let part = |invoice: &str, client: &str, amount: &str| AllocationPart {
        invoice: invoice.into(),
        client: client.into(),
        amount: Some(rub(amount)),
    };
    let parts = vec![
        part(&ordered.invoices[0], "", "5900.00"),
        part("", &customer.client.name, "600.00"),
        part("", &other.client.name, "500.00"),
    ];
    suite.allocate_parts(&came.name, parts).await;
    suite.settle().await;

    let listed = done(cabinet.list_payments(ListCabinetPaymentsRequest::default()).await);
    let [payment] = &listed.payments[..] else { panic!("{listed:?}") };
    assert_eq!(listed.total_size, 1);
    assert_eq!(text(payment.amount.as_ref()), "6500.00 RUB");
    assert_eq!(text(payment.credit.as_ref()), "600.00 RUB");
    assert_eq!(payment.seller_title, catalogue.works.company.name);
    let [of] = &payment.parts[..] else { panic!("{payment:?}") };
    assert_eq!(
        (of.invoice.as_str(), text(of.amount.as_ref())),
        (&*ordered.invoices[0], "5900.00 RUB".into())
    );
    let home = done(cabinet.get_home(GetHomeRequest {}).await);
    assert_eq!(text(home.received.first()), "6500.00 RUB");
    assert_eq!(text(home.credit.first()), "600.00 RUB");
    assert!(home.client_create_time.is_some());
    let invoice = GetCabinetInvoiceRequest { name: ordered.invoices[0].clone() };
    let invoice = done(cabinet.get_invoice(invoice).await);
    assert_eq!(invoice.number, of.number);
    assert_eq!(invoice.lines.len(), 1, "with its lines");

    suite.unmatch(&came.name).await;
    let listed = done(cabinet.list_payments(ListCabinetPaymentsRequest::default()).await);
    assert!(listed.payments.is_empty(), "what was taken back never came: {listed:?}");
}

struct Requests {
    cabinet: CabinetClient<Door>,
    staff: TicketsClient<Door>,
}

impl Requests {
    async fn open(&mut self, topic: Topic) -> Ticket {
        let request = OpenCabinetTicketRequest {
            topic: topic.into(),
            subject: "Диск мал".into(),
            text: "Добавьте 5 ГБ.".into(),
            request_id: request_id(),
        };
        let ticket = done(self.cabinet.open_ticket(request.clone()).await);
        assert_eq!(done(self.cabinet.open_ticket(request).await), ticket, "once, however often");
        ticket
    }

    async fn mine(&mut self, name: &str) -> Ticket {
        let request = GetCabinetTicketRequest { name: name.into() };
        done(self.cabinet.get_ticket(request).await)
    }

    async fn theirs(&mut self, name: &str) -> Ticket {
        done(self.staff.get_ticket(GetTicketRequest { name: name.into() }).await)
    }

    async fn note(&mut self, name: &str) {
        let (name, text) = (name.into(), "тайна: должник".into());
        let request = AddTicketNoteRequest { name, text, request_id: request_id() };
        done(self.staff.add_ticket_note(request).await);
    }

    async fn close(&mut self, name: &str) {
        let request = CloseTicketRequest {
            name: name.into(),
            request_id: request_id(),
            ..Default::default()
        };
        done(self.staff.close_ticket(request).await);
    }
}

/// Issue 4, part 4: a request of the cabinet is a ticket with its clocks; the customer reads what
/// is said to each other and nothing else; its answer opens a closed one again (A214, A216).
#[tokio::test]
async fn requests_are_a_talk_without_what_staff_note() {
    let (suite, _, customer) = start().await;
    let cabinet = CabinetClient::new(suite.log_in_as(&customer).await);
    let mut requests = Requests { cabinet, staff: TicketsClient::new(suite.admin.clone()) };
    let opened = requests.open(Topic::Money).await;
    assert_eq!((opened.subject.as_str(), opened.messages.len()), ("Диск мал", 1));
    assert_eq!(opened.messages[0].author, customer.client.email);
    let seen = requests.theirs(&opened.name).await;
    assert_eq!(
        (seen.department.as_str(), seen.requester.as_str()),
        ("billing", &*customer.client.email)
    );
    assert_eq!((seen.origin(), seen.trust()), (ticket::Origin::Cabinet, ticket::Trust::Verified));
    assert_eq!(seen.client, customer.client.name);
    assert!(seen.due_time.is_some(), "the two hours run");

    requests.note(&opened.name).await;
    let reply = ReplyTicketRequest {
        name: opened.name.clone(),
        text: "Добавим сегодня.".into(),
        request_id: request_id(),
        ..Default::default()
    };
    done(requests.staff.reply_ticket(reply).await);
    let mine = requests.mine(&opened.name).await;
    let kinds: Vec<_> = mine.messages.iter().map(|m| (m.sequence, m.kind())).collect();
    assert_eq!(kinds, [(1, message::Kind::Client), (2, message::Kind::Staff)], "no note, no gap");
    assert_eq!(mine.state(), ticket::State::Answered);
    let shown = format!("{mine:?}");
    for secret in ["тайна", "staff/", "operator", "people/"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    assert!(mine.due_time.is_none() && mine.department.is_empty() && mine.etag.is_empty());

    requests.close(&opened.name).await;
    let more = WriteCabinetTicketRequest {
        name: opened.name.clone(),
        text: "Спасибо, но мало.".into(),
        request_id: request_id(),
    };
    let again = done(requests.cabinet.write_ticket(more).await);
    assert_eq!((again.state(), again.messages.len()), (ticket::State::Open, 3));
    assert_eq!(requests.theirs(&opened.name).await.reopen_count, 1);
}

/// What staff write among themselves about a client is no request of it: neither listed, nor read,
/// nor answered, whoever guesses its name.
#[tokio::test]
async fn staffs_own_tickets_are_not_there() {
    let (suite, _, customer) = start().await;
    let mut cabinet = CabinetClient::new(suite.log_in_as(&customer).await);
    let ticket = Ticket {
        client: customer.client.name.clone(),
        subject: "Отключить должника?".into(),
        ..Default::default()
    };
    let request = CreateTicketRequest {
        ticket: Some(ticket),
        text: "Ждём до пятницы.".into(),
        send: false,
        request_id: request_id(),
    };
    let inner = done(TicketsClient::new(suite.admin.clone()).create_ticket(request).await);
    let listed = done(cabinet.list_tickets(ListCabinetTicketsRequest::default()).await);
    assert_eq!((listed.tickets.len(), listed.total_size), (0, 0), "{listed:?}");
    let get = GetCabinetTicketRequest { name: inner.name.clone() };
    refused(cabinet.get_ticket(get).await, Code::NotFound);
    let write = WriteCabinetTicketRequest {
        name: inner.name,
        text: "А вот и нет".into(),
        request_id: request_id(),
    };
    refused(cabinet.write_ticket(write).await, Code::NotFound);
    let empty = OpenCabinetTicketRequest { request_id: request_id(), ..Default::default() };
    refused(cabinet.open_ticket(empty).await, Code::InvalidArgument);
}

/// A9, A104: the customer reads what it was sent and nothing else of it, takes the document, and
/// says yes once; the invoice is held for staff. A letter with the document has left.
#[tokio::test]
async fn a_quote_is_read_and_accepted() {
    let (suite, catalogue, customer) = start().await;
    let mut cabinet = CabinetClient::new(suite.log_in_as(&customer).await);
    let offered = OrderLine {
        price_override: Some(Decimal { value: "5000.00".into() }),
        override_reason: "тайна: торгуется".into(),
        ..line(&catalogue.hour, &customer.works, 0, 1)
    };
    let sent = suite.sent_quote(&customer, offered, "2019-03-01").await;
    suite.settle().await;
    assert_eq!(done(cabinet.get_home(GetHomeRequest {}).await).open_quotes, 1);
    let listed = done(cabinet.list_quotes(ListCabinetQuotesRequest::default()).await);
    let [quote] = &listed.quotes[..] else { panic!("{listed:?}") };
    assert_eq!((quote.state(), text(quote.total.as_ref())), (State::Sent, "5000.00 RUB".into()));
    assert_eq!(quote.lines[0].title, catalogue.hour.title);
    let shown = format!("{quote:?}");
    for secret in ["тайна", "staff/", "operator", "people/"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    let document = GetCabinetQuoteDocumentRequest { name: sent.name.clone() };
    let document = done(cabinet.get_quote_document(document).await);
    assert!(document.content.starts_with(b"%PDF-"));
    let letters: Vec<_> = suite.sink.wait(1).await.iter().map(read).collect();
    let letter = letters.iter().find(|letter| letter.subject.contains("предложение"));
    let letter = letter.unwrap_or_else(|| panic!("{letters:?}"));
    assert_eq!(letter.attachments, [(document.filename, document.content)]);
    let accept = AcceptCabinetQuoteRequest { name: sent.name.clone(), request_id: request_id() };
    let accepted = done(cabinet.accept_quote(accept.clone()).await);
    assert_eq!(accepted.state(), State::Accepted);
    assert_eq!(done(cabinet.accept_quote(accept).await), accepted, "once, however often");
    assert_eq!(done(cabinet.get_home(GetHomeRequest {}).await).open_quotes, 0);
    let invoices = suite.invoices(&customer.client.name).await;
    let [invoice] = &invoices[..] else { panic!("{invoices:?}") };
    assert_eq!(
        (invoice.state(), text(invoice.total.as_ref())),
        (invoice::State::Held, "5000.00 RUB".into())
    );
    let decline = DeclineCabinetQuoteRequest {
        name: sent.name.clone(),
        request_id: request_id(),
        ..Default::default()
    };
    refused(cabinet.decline_quote(decline).await, Code::FailedPrecondition);
    let seen = GetQuoteRequest { name: sent.name };
    let seen = done(QuotesClient::new(suite.admin.clone()).get_quote(seen).await);
    assert!(seen.decided_by.starts_with("people/"), "{}", seen.decided_by);
}
