//! The suite's books beside the model's: by lists, of which a page holds a thousand.

use super::{
    arithmetic::tax_inside,
    life::Life,
    model::{HOSTING, Kind, Stage, State},
};
use e2e::{
    money::{amount, day},
    steps::{catalogue::Catalogue, customers::Customer, done},
};
use proto::{
    invoicing::v1::{
        Invoice, ListInvoicesRequest, ListSubscriptionsRequest, Subscription, invoice,
        invoices_client::InvoicesClient, subscription, subscriptions_client::SubscriptionsClient,
    },
    payments::v1::{Line, ListLinesRequest, line, lines_client::LinesClient},
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

const PAGE: i32 = 1000;

/// Places of what the suite calls by names.
#[derive(Debug, Default)]
pub struct Names {
    pub clients: BTreeMap<String, usize>,
    pub sellers: [String; 2],
    /// How often all of the books were compared.
    pub compared: u32,
    invoices: BTreeMap<String, usize>,
    lines: BTreeMap<String, usize>,
}

impl Names {
    pub fn of(customers: &[Customer], catalogue: &Catalogue) -> Self {
        let clients = customers.iter().enumerate();
        Self {
            clients: clients.map(|(place, c)| (c.client.name.clone(), place)).collect(),
            sellers: [catalogue.hosting.name.clone(), catalogue.works.name.clone()],
            ..Self::default()
        }
    }

    fn seller(&self, name: &str) -> usize {
        self.sellers.iter().position(|s| s == name).unwrap()
    }
}

impl Life<'_> {
    /// Invoices, subscriptions and bank lines are what the model says.
    pub async fn compare(&mut self) {
        self.suite.settle().await;
        self.suite.assert_nothing_parked().await;
        self.names.compared += 1;
        let invoices = self.find_invoices().await;
        assert_eq!(invoices.len(), self.model.invoices.len(), "invoices");
        for listed in &invoices {
            if let Some(differs) = self.differs(listed) {
                let lines = self.money_of(&listed.client).await;
                panic!("{differs}\n{listed:#?}\n{lines:#?}");
            }
        }
        let subscriptions = self.list_subscriptions().await;
        let ours: Vec<usize> = (0..self.model.subscriptions.len()).collect();
        assert_eq!(subscriptions.len(), ours.len(), "subscriptions");
        for place in ours {
            self.compare_subscription(place, &subscriptions);
        }
        for listed in self.find_lines().await {
            let place = self.names.lines[&listed.name];
            let left = self.model.unallocated(place);
            assert_eq!(amount(listed.unallocated.as_ref()), left, "{listed:?}");
            let matched = listed.state() == line::State::Matched;
            assert_eq!(matched, left.is_zero(), "{listed:?}");
        }
    }

    /// Invoices as listed; what the model has made meanwhile is found, and its lines compared.
    pub async fn find_invoices(&mut self) -> Vec<Invoice> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        let mut client = InvoicesClient::new(self.suite.admin.clone());
        loop {
            let request = ListInvoicesRequest { page_size: PAGE, page_token, ..Default::default() };
            let page = done(client.list_invoices(request).await);
            all.extend(page.invoices);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        for listed in all.iter().rev() {
            let place = match self.names.invoices.get(&listed.name) {
                Some(place) => *place,
                None => self.find_invoice(listed).await,
            };
            self.model.invoices[place].number.clone_from(&listed.number);
        }
        all
    }

    async fn find_invoice(&mut self, listed: &Invoice) -> usize {
        let client = self.names.clients[&listed.client];
        let seller = self.names.seller(&listed.seller);
        let named = self.model.invoices.iter().position(|i| i.name == listed.name);
        let place = named.or_else(|| {
            self.model.invoices.iter().position(|i| {
                i.name.is_empty() && (i.client, i.seller, i.kind) == (client, seller, kind(listed))
            })
        });
        let Some(place) = place else {
            panic!("an invoice that should not be: {listed:#?}");
        };
        let whole = self.suite.invoice(&listed.name).await;
        self.compare_lines(place, &whole);
        self.model.invoices[place].name.clone_from(&listed.name);
        self.names.invoices.insert(listed.name.clone(), place);
        place
    }

    /// Lines never change, so they are looked at once.
    fn compare_lines(&self, place: usize, whole: &Invoice) {
        let expected = &self.model.invoices[place];
        let mut lines: Vec<_> = expected
            .lines
            .iter()
            .map(|l| {
                let name = l.subscription.map(|s| self.model.subscriptions[s].name.clone());
                let tax =
                    if expected.seller == HOSTING { tax_inside(l.amount) } else { Decimal::ZERO };
                let last = l.span.1.pred_opt().unwrap().to_string();
                let once = l.subscription.is_none();
                let span = (l.span.0.to_string(), last);
                let span = if once { Default::default() } else { span };
                (name.unwrap_or_default(), span, Decimal::from(l.units), l.amount, tax)
            })
            .collect();
        let mut found: Vec<_> = whole
            .lines
            .iter()
            .map(|l| {
                let span = (day(l.start_date.as_ref()), day(l.last_day.as_ref()));
                let units = l.quantity.as_ref().map_or("0", |q| q.value.as_str());
                let (units, tax) = (units.parse().unwrap(), amount(l.tax.as_ref()));
                (l.subscription.clone(), span, units, amount(l.amount.as_ref()), tax)
            })
            .collect();
        lines.sort();
        found.sort();
        assert_eq!(found, lines, "lines of {}: {expected:#?}", whole.name);
    }

    /// What of an invoice is not as the model has it.
    fn differs(&self, listed: &Invoice) -> Option<String> {
        let place = self.names.invoices[&listed.name];
        let expected = &self.model.invoices[place];
        let state = match expected.stage {
            Stage::Held => invoice::State::Held,
            Stage::Issued => invoice::State::Issued,
            Stage::Cancelled => invoice::State::Cancelled,
        };
        let issued = expected.issued.map(|d| d.to_string()).unwrap_or_default();
        let sums = [&listed.total, &listed.credited, &listed.applied, &listed.residual];
        let found =
            (listed.state(), day(listed.issue_date.as_ref()), sums.map(|s| amount(s.as_ref())));
        let (total, applied) = (expected.total(), self.model.applied(place));
        let sums = [total, expected.credited, applied, self.model.left(place)];
        let wanted = (state, issued, sums);
        let paid = listed.payment_state() == invoice::PaymentState::Paid;
        let right = state != invoice::State::Issued || paid == sums[3].is_zero();
        (found != wanted || !right).then(|| {
            format!("found {found:?}, expected {wanted:?} of invoice {place}: {expected:#?}")
        })
    }

    /// The bank lines of a client with what they are meant for, for whoever looks into a failure.
    async fn money_of(&self, client: &str) -> Vec<Line> {
        let request =
            ListLinesRequest { client: client.into(), page_size: PAGE, ..Default::default() };
        let mut lines = LinesClient::new(self.suite.admin.clone());
        let mut whole = Vec::new();
        for line in done(lines.list_lines(request).await).lines {
            whole.push(self.suite.line_named(&line.name).await);
        }
        whole
    }

    async fn list_subscriptions(&self) -> BTreeMap<String, Subscription> {
        let (mut all, mut page_token) = (BTreeMap::new(), String::new());
        let mut client = SubscriptionsClient::new(self.suite.admin.clone());
        loop {
            let request =
                ListSubscriptionsRequest { page_size: PAGE, page_token, ..Default::default() };
            let page = done(client.list_subscriptions(request).await);
            all.extend(page.subscriptions.into_iter().map(|s| (s.name.clone(), s)));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }

    fn compare_subscription(&self, place: usize, found: &BTreeMap<String, Subscription>) {
        let expected = &self.model.subscriptions[place];
        let found = &found[&expected.name];
        let state = match expected.state {
            State::Pending => subscription::State::Pending,
            State::Active => subscription::State::Active,
        };
        let through = |d: Option<&proto::google::r#type::Date>| day(d);
        assert_eq!(
            (
                found.state(),
                found.quantity.unsigned_abs(),
                through(found.billed_through.as_ref()),
                through(found.paid_through.as_ref()),
            ),
            (
                state,
                expected.quantity,
                self.model.billed_through(place).to_string(),
                self.model.paid_through(place).to_string(),
            ),
            "{found:#?} {expected:#?} {:#?}",
            self.model.lines_of(place)
        );
    }

    /// Lines as listed; what the model has received meanwhile is found.
    pub async fn find_lines(&mut self) -> Vec<Line> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        let mut client = LinesClient::new(self.suite.admin.clone());
        loop {
            let request = ListLinesRequest { page_size: PAGE, page_token, ..Default::default() };
            let page = done(client.list_lines(request).await);
            all.extend(page.lines);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(all.len(), self.model.bank.len(), "lines of statements");
        for listed in
            all.iter().filter(|l| !self.names.lines.contains_key(&l.name)).collect::<Vec<_>>()
        {
            let number: u32 = listed.document_number.parse().unwrap();
            let place = self.model.bank.iter().position(|l| l.coming.number == number).unwrap();
            assert_eq!(amount(listed.amount.as_ref()), self.model.bank[place].coming.amount);
            self.model.bank[place].name.clone_from(&listed.name);
            self.names.lines.insert(listed.name.clone(), place);
        }
        all
    }

    /// Each client's balance with each seller.
    pub async fn compare_balances(&self) {
        for (client, customer) in self.customers.iter().enumerate() {
            for seller in Self::sellers() {
                let found = self.suite.balance(&customer.client.name, &self.names.sellers[seller]);
                let found = found.await.unwrap_or_default();
                let sums = [found.credit, found.due, found.advances, found.receivable];
                let credit = self.model.credit(client, seller);
                let rendered = self.model.rendered(client, seller);
                let prepaid = self.model.applied_of(client, seller) - rendered;
                let (ahead, behind) = (prepaid.max(Decimal::ZERO), (-prepaid).max(Decimal::ZERO));
                let expected = [credit, self.model.due(client, seller), credit + ahead, behind];
                let found = sums.map(|s| amount(s.as_ref()));
                assert_eq!(found, expected, "credit, due, advances, debt of {client} at {seller}");
            }
        }
    }
}

fn kind(listed: &Invoice) -> Kind {
    match listed.kind() {
        invoice::Kind::Main => Kind::Renewal,
        invoice::Kind::Order => Kind::Order,
        _ => Kind::Extra,
    }
}
