//! What happens in a life: each act is done in the suite and told to the model, and what either
//! says at once is compared at once.

use super::{
    chance::Chance,
    compare::Names,
    mail::Mail,
    model::{HOSTING, Model, State, Subscription, WORKS, Work},
};
use chrono::{Days, NaiveDate};
use e2e::{
    Suite,
    money::{amount, date, decimal},
    request_id,
    steps::{catalogue::Catalogue, customers::Customer, orders::line, reason, refused},
};
use proto::invoicing::v1::{
    CancelInvoiceRequest, OrderLine, Product, invoices_client::InvoicesClient, product::Activation,
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use tonic::Code;

/// Day on which every life begins: a year's end and a leap day are near.
pub const BIRTH: (i32, u32, u32) = (2019, 12, 2);

/// The suite, the model, and what chance needs to know.
pub struct Life<'a> {
    pub suite: &'a Suite,
    pub chance: Chance,
    pub model: Model,
    pub catalogue: Catalogue,
    /// Works without having been paid, at prices that leave something to round.
    backup: Product,
    pub customers: Vec<Customer>,
    pub names: Names,
    pub mail: Mail,
    /// Number of the last payment order.
    pub payments: u32,
    /// How often what happened.
    pub tally: BTreeMap<&'static str, u32>,
}

impl<'a> Life<'a> {
    /// Clients, and what they order first.
    pub async fn begin(suite: &'a Suite, mut chance: Chance, clients: u32) -> Self {
        let catalogue = suite.catalogue().await;
        let product = Product {
            title: "Резервная копия".into(),
            unit: "шт".into(),
            code: "backup".into(),
            activation: Activation::OnAccept.into(),
            accounting_code: "00-backup".into(),
            ..catalogue.licences.clone()
        };
        let product = Product { name: String::new(), prices: Vec::new(), ..product };
        let prices = [(1, "333.33"), (3, "999.95"), (6, "1999.99")];
        let backup = suite.product(product, &prices).await;
        suite.mailbox().await;
        let mut customers = Vec::new();
        for n in 0..clients {
            customers.push(suite.customer(100 + n, &catalogue).await);
        }
        suite.settle().await;
        suite.repeat_every(chance.between(2, 7));
        let (year, month, day) = BIRTH;
        let today = NaiveDate::from_ymd_opt(year, month, day);
        let model = Model::of(today.unwrap());
        let names = Names::of(&customers, &catalogue);
        let (mail, payments, tally) = (Mail::default(), 100_000, BTreeMap::new());
        let mut life = Self {
            suite,
            chance,
            model,
            catalogue,
            backup,
            customers,
            names,
            mail,
            payments,
            tally,
        };
        let everybody: Vec<usize> = (0..life.customers.len()).collect();
        life.orders(&everybody).await;
        life
    }

    /// Some clients order.
    pub async fn some_order(&mut self, most: u32) {
        let all = (0..self.customers.len()).collect();
        let some = self.chance.some(all, most);
        self.orders(&some).await;
    }

    async fn orders(&mut self, clients: &[usize]) {
        for &client in clients {
            let start = self.day_near(5, 12);
            let (lines, made) = self.wishes(client, start);
            let once = self.chance.percent(15).then(|| self.chance.between(1, 3));
            let customer = &self.customers[client];
            let hour =
                once.map(|units| line(&self.catalogue.hour, &customer.works, 0, units as i32));
            let lines: Vec<OrderLine> = lines.into_iter().chain(hour).collect();
            let accepted = self.suite.order(customer, lines).await;
            *self.tally.entry("orders").or_default() += 1;
            let first = self.model.subscriptions.len();
            self.model.order(client, made);
            for (made, name) in
                self.model.subscriptions[first..].iter_mut().zip(accepted.subscriptions)
            {
                made.name = name;
            }
            if let Some(units) = once {
                self.model.order_once(client, WORKS, units, "5900".parse().unwrap());
            }
        }
        self.find_invoices().await;
        self.issue_held(90).await;
    }

    /// What a client orders to begin on a day: lines, and the subscriptions that they must make.
    fn wishes(&mut self, client: usize, start: NaiveDate) -> (Vec<OrderLine>, Vec<Subscription>) {
        let months = self.chance.pick(&[1, 1, 3, 3, 3, 6, 6, 6, 6]);
        let (mut lines, mut made) = (Vec::new(), Vec::new());
        let (contract, backup) = (self.customers[client].hosting.clone(), self.backup.clone());
        let users = (self.catalogue.users.clone(), Decimal::from(800 * months), Work::OnIssue);
        let licences = (self.catalogue.licences.clone(), Decimal::from(450 * months), Work::Never);
        let backups = [(1, "333.33"), (3, "999.95"), (6, "1999.99")];
        let price = backups.iter().find(|(m, _)| *m == months).unwrap().1;
        let chances = [60, 35, 35];
        let all = [users, licences, (backup, price.parse().unwrap(), Work::Never)];
        for ((product, price, work), chance) in all.into_iter().zip(chances) {
            let needed = lines.is_empty() && work == Work::Never;
            if !self.chance.percent(chance) && !needed {
                continue;
            }
            let quantity = self.chance.between(1, 9);
            let set = self.chance.percent(15);
            let price = if set { price - Decimal::new(1_237, 2) } else { price };
            let mut wish = line(&product, &contract, months as i32, quantity as i32);
            wish.start_date = Some(date(&start.to_string()));
            if set {
                wish.price_override = Some(decimal(&price.to_string()));
                wish.override_reason = "договорились".into();
            }
            let at_once = product.activation() == Activation::OnAccept;
            lines.push(wish);
            made.push(Subscription {
                client,
                price,
                price_months: months,
                origin: start,
                months,
                start,
                quantity,
                state: if at_once { State::Active } else { State::Pending },
                work,
                name: String::new(),
            });
        }
        self.disk(client, start, &mut lines, &mut made);
        (lines, made)
    }

    /// A disk that ends with what the client has already: a monthly price by another's periods.
    fn disk(
        &mut self,
        client: usize,
        start: NaiveDate,
        lines: &mut Vec<OrderLine>,
        made: &mut Vec<Subscription>,
    ) {
        let own = |s: &&Subscription| s.client == client && s.start <= start;
        let longer = |s: &&Subscription| s.months > 1;
        let Some(main) = self.model.subscriptions.iter().filter(own).find(longer) else { return };
        if !self.chance.percent(40) {
            return;
        }
        let quantity = self.chance.between(1, 4);
        let contract = &self.customers[client].hosting;
        lines.push(OrderLine {
            main_subscription: main.name.clone(),
            start_date: Some(date(&start.to_string())),
            duplicate_reason: "ещё один сервер".into(),
            ..line(&self.catalogue.disk, contract, 1, quantity as i32)
        });
        made.push(Subscription {
            client,
            price: Decimal::from(60),
            price_months: 1,
            start,
            quantity,
            state: State::Pending,
            work: Work::OnPayment,
            name: String::new(),
            ..main.clone()
        });
    }

    /// A day from so many ago to so many ahead; today more often than not.
    fn day_near(&mut self, ago: u32, ahead: u32) -> NaiveDate {
        if self.chance.percent(60) {
            return self.model.day();
        }
        let days = u64::from(self.chance.between(0, ago + ahead));
        self.model.day() - Days::new(u64::from(ago)) + Days::new(days)
    }

    /// Issues what is held, each with a chance.
    pub async fn issue_held(&mut self, chance: u32) {
        for invoice in self.model.held() {
            if self.chance.percent(chance) {
                self.suite.issue(&self.model.invoices[invoice].name).await;
                self.model.issue(invoice);
            }
        }
    }

    /// Some subscriptions get more or fewer units; the preview tells what it will cost.
    pub async fn changes(&mut self, most: u32) {
        let all = (0..self.model.subscriptions.len()).filter(|s| self.model.may_change(*s));
        for subscription in self.chance.some(all.collect(), most) {
            let it = &self.model.subscriptions[subscription];
            let (before, name) = (it.quantity, it.name.clone());
            let after = self.chance.between(1, 9);
            if after == before || !self.model.may_change(subscription) {
                continue;
            }
            let preview = self.suite.preview(&name, after as i32).await;
            let change = self.suite.confirm(&name, &preview).await;
            self.note(if after > before { "more units" } else { "fewer units" });
            assert_eq!((&change.lines, &change.total), (&preview.lines, &preview.total), "G52");
            let made = self.model.change(subscription, after);
            let total = made.map_or(Decimal::ZERO, |i| self.model.invoices[i].total());
            assert_eq!(amount(change.total.as_ref()), total, "{name}: {before} → {after}");
            assert_eq!(change.invoice.is_empty(), made.is_none(), "{name}: {before} → {after}");
            if let Some(invoice) = made {
                self.model.invoices[invoice].name.clone_from(&change.invoice);
                if self.chance.percent(90) {
                    self.suite.issue(&change.invoice).await;
                    self.model.issue(invoice);
                }
            }
        }
    }

    /// Some renewals that nobody has paid were wrong: cancelled, or issued anew.
    pub async fn cancellations(&mut self, most: u32) {
        let all = (0..self.model.invoices.len()).filter(|i| self.model.may_cancel(*i));
        for invoice in self.chance.some(all.collect(), most) {
            let name = self.model.invoices[invoice].name.clone();
            if self.chance.percent(50) {
                self.note("cancelled");
                self.suite.cancel(&name).await;
                self.model.cancel(invoice);
            } else {
                self.note("reissued");
                let successor = self.suite.reissue(&name).await.name;
                let made = self.model.reissue(invoice);
                self.model.invoices[made].name = successor;
            }
        }
        self.issue_held(80).await;
        self.refusals(3).await;
    }

    /// Some invoices on which an act or a later invoice stands are not to be cancelled.
    async fn refusals(&mut self, most: u32) {
        let all = 0..self.model.invoices.len();
        let all = all.filter_map(|i| Some((i, self.model.must_stand(i)?)));
        for (invoice, why) in self.chance.some(all.collect(), most) {
            let request = CancelInvoiceRequest {
                name: self.model.invoices[invoice].name.clone(),
                reason: "ошибка".into(),
                request_id: request_id(),
                ..Default::default()
            };
            let mut invoices = InvoicesClient::new(self.suite.admin.clone());
            let status = refused(invoices.cancel_invoice(request).await, Code::FailedPrecondition);
            assert_eq!(reason(&status), why, "{:?}", self.model.invoices[invoice]);
            self.note(why);
        }
    }

    /// Counts what happened, for the tally at the end.
    pub fn note(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    /// The billing run, looked at first, and once more.
    pub async fn bill(&mut self) {
        let date = self.model.day() + Days::new(u64::from(self.chance.between(0, 25)));
        let dry = self.suite.bill(&date.to_string(), true).await;
        let run = self.suite.bill(&date.to_string(), false).await;
        assert_eq!(dry.shape(), run.shape(), "what a dry run shows is what the run makes");
        let made = self.model.bill(date);
        assert_eq!(run.results.len(), made.len(), "billed until {date}: {:#?}", run.results);
        let again = self.suite.bill(&date.to_string(), false).await;
        assert_eq!(again.summary.invoices, 0, "again: nothing");
    }

    /// Places of the sellers.
    pub const fn sellers() -> [usize; 2] {
        [HOSTING, WORKS]
    }
}
