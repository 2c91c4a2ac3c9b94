//! The work of a life: five customers from their first order to the close of two months. What is
//! done follows from the seed alone, whatever happens to those who do it.

use super::{moments::Threat, post::REFUSED};
use e2e::{
    Suite,
    steps::{catalogue::Catalogue, customers::Customer, orders::line},
};
use futures::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::{Duration, Instant},
};

/// Customers of a life.
const MEMBERS: u32 = 5;

/// A customer, and what it has ordered.
#[derive(Clone)]
pub struct Member {
    /// How it is called in the books.
    pub label: String,
    pub customer: Customer,
    /// Its subscription to users.
    pub users: String,
}

/// The work, as far as it is done.
pub struct Work<'a> {
    pub suite: &'a Suite,
    seed: u64,
    threat: Option<Threat>,
    steps: Vec<Duration>,
    catalogue: Option<Catalogue>,
    pub members: Vec<Member>,
    /// What calls have answered that no book holds.
    pub said: Vec<String>,
    /// Payment orders so far.
    pub orders: u32,
}

impl<'a> Work<'a> {
    pub fn new(suite: &'a Suite, seed: u64, threat: Option<Threat>) -> Self {
        let (members, said, steps) = Default::default();
        Self { suite, seed, threat, steps, catalogue: None, members, said, orders: 0 }
    }

    /// All of it.
    pub async fn live(&mut self) {
        self.open().await;
        self.order().await;
        self.month("2019-01", "25", "2019-02").await;
        self.month("2019-02", "07", "2019-03").await;
    }

    /// What each step has taken.
    pub fn steps(&self) -> Vec<Duration> {
        self.steps.clone()
    }

    /// One step, under what hangs over it.
    pub async fn step<T>(&mut self, work: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let done = match &self.threat {
            None => work.await,
            Some(threat) => tokio::join!(work, threat.during(self.steps.len())).0,
        };
        eprintln!("step {}: {:?}", self.steps.len(), began.elapsed());
        self.steps.push(began.elapsed());
        done
    }

    /// Chance of its own for each thing that is decided.
    pub fn chance(&self, what: &str, whose: &str) -> StdRng {
        let mut hasher = DefaultHasher::new();
        (self.seed, what, whose).hash(&mut hasher);
        StdRng::seed_from_u64(hasher.finish())
    }

    pub fn catalogue(&self) -> &Catalogue {
        self.catalogue.as_ref().expect("the catalogue is made first")
    }

    /// How a client is called in the books.
    pub fn label(&self, client: &str) -> &str {
        let found = self.members.iter().find(|m| m.customer.client.name == client);
        found.map_or("nobody", |m| &m.label)
    }

    /// How a seller is called in the books.
    pub fn seller(&self, name: &str) -> &str {
        let catalogue = self.catalogue();
        if catalogue.hosting.name == name { "hosting" } else { "works" }
    }

    /// Asserts every law of the books, and that nothing is wrong, parked or stuck.
    pub async fn assert_laws(&self) {
        let customers: Vec<Customer> = self.members.iter().map(|m| m.customer.clone()).collect();
        let catalogue = self.catalogue();
        self.suite.assert_laws(&customers, &[&catalogue.hosting, &catalogue.works]).await;
    }

    /// A life in which nothing happened proves nothing.
    pub fn assert_something_happened(&self, books: &[String]) {
        let count = |what: &str| books.iter().filter(|line| line.contains(what)).count();
        let least = [
            (" invoice ORDER", 5),
            (" invoice MAIN", 3),
            (" PAID,", 2),
            (" act of ", 5),
            ("letter in ", 3),
            (": PROCESSED", 3),
            ("letter invoice_issued", 8),
            ("letter ticket_reply", 2),
            (": SENT", 8),
            (": FAILED", 1),
            (" ticket WORK_ORDER", 5),
            ("money ", 6),
            ("MATCHED", 4),
        ];
        for (what, least) in least {
            assert!(count(what) >= least, "{what:?} {} times:\n{}", count(what), books.join("\n"));
        }
    }

    /// Sellers, prices, a mailbox, customers; every third has a contact whom no letter reaches.
    async fn open(&mut self) {
        let suite = self.suite;
        let catalogue = self.step(suite.catalogue()).await;
        self.step(suite.mailbox()).await;
        let numbers = 1..=MEMBERS;
        let made = numbers.map(async |n| {
            let n = n + 30;
            let customer = suite.customer(n, &catalogue).await;
            if n % 3 == 0 {
                suite.contact(&customer.client.name, &format!("{REFUSED}primer-{n}.example")).await;
            }
            let (label, users) = (format!("customer {n}"), String::new());
            Member { label, customer, users }
        });
        self.members = self.step(join_all(made)).await;
        self.catalogue = Some(catalogue);
        self.step(suite.settle()).await;
    }

    /// Each customer's first order: users and licences, some with disk and an hour of works.
    async fn order(&mut self) {
        let catalogue = self.catalogue().clone();
        let ordered = self.members.iter().enumerate().map(|(index, member)| {
            let mut chance = self.chance("order", &member.label);
            let months = if index % 3 == 2 { 3 } else { 1 };
            let (users, licences) = (chance.random_range(1..=6), chance.random_range(1..=6));
            let (disk, hour) = (chance.random_bool(0.5), chance.random_bool(0.4));
            (member, months, users, licences, disk, hour)
        });
        let suite = self.suite;
        let accepted = ordered.collect::<Vec<_>>().into_iter().map(
            |(member, months, users, licences, disk, hour)| {
                let contract = &member.customer.hosting;
                let mut lines = vec![
                    line(&catalogue.users, contract, months, users),
                    line(&catalogue.licences, contract, months, licences),
                ];
                if disk {
                    lines.push(line(&catalogue.disk, contract, 1, 2));
                }
                if hour {
                    lines.push(line(&catalogue.hour, &member.customer.works, 0, 1));
                }
                let customer = member.customer.clone();
                async move {
                    let accepted = suite.order(&customer, lines).await;
                    for invoice in &accepted.invoices {
                        suite.issue(invoice).await;
                    }
                    accepted.subscriptions[0].clone()
                }
            },
        );
        let accepted: Vec<_> = accepted.collect();
        let users = self.step(join_all(accepted)).await;
        for (member, users) in self.members.iter_mut().zip(users) {
            member.users = users;
        }
        self.step(suite.settle()).await;
    }
}
