//! A month of the work: changes, the billing run beside a statement and letters, money that needs
//! a person, answers, and the close.

use super::{
    books::face,
    work::{Member, Work},
};
use e2e::{
    money::{amount, text},
    steps::{
        bank::{Payment, cp1251, statement},
        letters::letter,
    },
};
use futures::future::join_all;
use proto::{
    invoicing::v1::{Invoice, invoice},
    payments::v1::line::State,
    tickets::v1::{InboundLetter, message::Kind},
};
use rand::Rng;
use rust_decimal::Decimal;
use testkit::Company;

impl Work<'_> {
    /// A month from its day to the close at the beginning of the next one.
    pub async fn month(&mut self, month: &str, day: &str, next: &str) {
        let suite = self.suite;
        self.step(suite.advance(&format!("{month}-{day}T09:00:00Z"))).await;
        if day == "07" {
            self.change(month).await;
        }
        self.busy_day(month, day).await;
        self.odd_money(month, day).await;
        self.look_through_the_rest(month).await;
        self.answer(month).await;
        self.step(suite.advance(&format!("{next}-02T09:00:00Z"))).await;
        for again in [false, true] {
            let closed = self.step(suite.close(&format!("{month}-01"), false)).await;
            let (acts, totals) = (closed.0.len(), &closed.1.totals);
            let totals: Vec<String> = totals.iter().map(|t| text(Some(t))).collect();
            self.said.push(format!("{month} closed, again {again}: {acts} acts of {totals:?}"));
        }
    }

    /// One customer in two changes the number of users.
    async fn change(&mut self, month: &str) {
        let suite = self.suite;
        let changes = self.members.iter().map(|member| {
            let mut chance = self.chance(month, &member.label);
            let (changes, users) = (chance.random_bool(0.5), chance.random_range(1..=6));
            let member = member.clone();
            async move {
                let before = suite.subscription(&member.users).await.quantity;
                if !changes || users == before {
                    return;
                }
                let preview = suite.preview(&member.users, users).await;
                let change = suite.confirm(&member.users, &preview).await;
                if !change.invoice.is_empty() {
                    suite.issue(&change.invoice).await;
                }
            }
        });
        let changes: Vec<_> = changes.collect();
        self.step(join_all(changes)).await;
        self.step(suite.settle()).await;
    }

    /// All at once: the billing run a week ahead, a statement with what is open paid in full or in
    /// part, and letters.
    async fn busy_day(&mut self, month: &str, day: &str) {
        let suite = self.suite;
        let mut payments = Vec::new();
        for (member, invoice) in self.open_invoices().await {
            let left = amount(invoice.residual.as_ref());
            let paid = match self.chance(month, &face(&invoice)).random_range(0..100) {
                0..50 => left,
                50..70 => (left / Decimal::TWO).round_dp(2),
                _ => continue,
            };
            payments.push(self.payment(month, day, paid, &member, &purpose(&invoice)));
        }
        let file = cp1251(&statement(&self.catalogue().hosting.company, &payments));
        let written: Vec<_> =
            self.members.iter().filter_map(|member| self.written(month, member)).collect();
        let ahead = format!("{month}-{}", day.parse::<u32>().unwrap() + 6);
        let bill = suite.bill(&ahead, false);
        let letters = join_all(written.into_iter().map(|raw| suite.ingest(raw)));
        let import =
            async { if payments.is_empty() { 0 } else { suite.import(&file).await.imported } };
        let (run, imported, letters): (_, _, Vec<InboundLetter>) =
            self.step(async { tokio::join!(bill, import, letters) }).await;
        assert_eq!(imported as usize, payments.len());
        for (client, _, lines, total) in run.shape() {
            let who = self.label(&client).to_owned();
            self.said.push(format!("{month} billed {who}: {lines} lines, {total}"));
        }
        for letter in letters {
            let (id, state) = (&letter.message_id, letter.state().as_str_name());
            self.said.push(format!("{month} took {id}: {state}"));
        }
        self.step(suite.settle()).await;
    }

    /// A statement with too much for some, and money of strangers.
    async fn odd_money(&mut self, month: &str, day: &str) {
        let mut payments = Vec::new();
        for (member, invoice) in self.open_invoices().await {
            if self.chance(month, &format!("odd {}", face(&invoice))).random_bool(0.4) {
                let paid = amount(invoice.residual.as_ref()) + Decimal::new(12_345, 2);
                payments.push(self.payment(month, day, paid, &member, &purpose(&invoice)));
            }
        }
        for n in 0..2 {
            let mut stranger = self.members[n].clone();
            stranger.customer.company = Company::number(900 + self.orders);
            let paid = Decimal::from(777 + self.orders);
            payments.push(self.payment(month, day, paid, &stranger, "Благодарим за услуги"));
        }
        let file = cp1251(&statement(&self.catalogue().hosting.company, &payments));
        for again in [false, true] {
            let imported = self.step(self.suite.import(&file)).await.imported;
            self.said.push(format!("{month} statement, again {again}: {imported} lines"));
        }
    }

    /// Money that waits becomes a customer's credit, now and then by way of a mistake.
    async fn look_through_the_rest(&mut self, month: &str) {
        let suite = self.suite;
        let mut waiting = suite.lines(State::Review).await;
        waiting.sort_by_key(|line| line.document_number.parse::<u32>().unwrap());
        for line in waiting {
            let mut chance = self.chance(month, &format!("review {}", line.document_number));
            let client = |chance: &mut rand::rngs::StdRng| {
                let n = chance.random_range(0..self.members.len());
                self.members[n].customer.client.name.clone()
            };
            let (mistake, right) = (client(&mut chance), client(&mut chance));
            let by_mistake = chance.random_bool(0.4);
            let line = suite.line_named(&line.name).await;
            let decide = async {
                let mut line = line;
                if by_mistake {
                    let allocated = suite.allocate(&line, "", &mistake).await;
                    line = suite.unmatch(&allocated.name).await;
                }
                suite.allocate(&line, "", &right).await;
            };
            self.step(decide).await;
        }
    }

    /// Each ticket of a letter is answered, some are closed, some customers write once more.
    async fn answer(&mut self, month: &str) {
        let suite = self.suite;
        let subject = format!("Вопрос {month}");
        let answers = self.members.iter().map(|member| {
            let mut chance = self.chance(month, &format!("answer {}", member.label));
            let (close, thanks) = (chance.random_bool(0.5), chance.random_bool(0.5));
            let (member, subject) = (member.clone(), subject.clone());
            async move {
                let client = &member.customer.client;
                for ticket in suite.tickets_about(&client.name, &subject).await {
                    suite.reply(&ticket.name, "Ответ на вопрос.").await;
                    if close {
                        suite.close_ticket(&ticket.name).await;
                    }
                    if !thanks {
                        continue;
                    }
                    let messages = suite.ticket(&ticket.name).await.messages;
                    let ours = messages.iter().rev().find(|m| m.kind() == Kind::Staff).unwrap();
                    let ours = ours.message_id.trim_matches(['<', '>']);
                    let id = format!("thanks-{month}@{}", domain(&client.email));
                    let subject = format!("Re: {subject}");
                    suite.ingest(letter(&client.email, &id, ours, &subject, "Спасибо!")).await;
                }
            }
        });
        let answers: Vec<_> = answers.collect();
        self.step(join_all(answers)).await;
        self.step(suite.settle()).await;
    }

    /// A customer's letter; most write.
    fn written(&self, month: &str, member: &Member) -> Option<Vec<u8>> {
        let mut chance = self.chance(month, &format!("letter {}", member.label));
        let from = &member.customer.client.email;
        let id = format!("question-{month}@{}", domain(from));
        let text = format!("Сколько будет {}?", chance.random_range(1..100));
        chance.random_bool(0.8).then(|| letter(from, &id, "", &format!("Вопрос {month}"), &text))
    }

    /// Issued invoices of hosting with something left to pay, in an order that names nothing.
    async fn open_invoices(&self) -> Vec<(Member, Invoice)> {
        let hosting = &self.catalogue().hosting.name;
        let mut open = Vec::new();
        for member in &self.members {
            let mut all = self.suite.invoices(&member.customer.client.name).await;
            all.retain(|i| {
                let left = amount(i.residual.as_ref());
                i.state() == invoice::State::Issued && left > Decimal::ONE && i.seller == *hosting
            });
            all.sort_by_key(face);
            open.extend(all.into_iter().map(|invoice| (member.clone(), invoice)));
        }
        open
    }

    fn payment(
        &mut self,
        month: &str,
        day: &str,
        paid: Decimal,
        from: &Member,
        purpose: &str,
    ) -> Payment {
        self.orders += 1;
        Payment {
            number: self.orders,
            date: format!("{month}-{day}"),
            amount: format!("{paid:.2}"),
            from: from.customer.company.clone(),
            purpose: purpose.into(),
        }
    }
}

fn domain(email: &str) -> &str {
    email.split_once('@').map_or(email, |(_, domain)| domain)
}

fn purpose(invoice: &Invoice) -> String {
    let issued = e2e::money::day(invoice.issue_date.as_ref());
    let issued: Vec<&str> = issued.split('-').rev().collect();
    format!("Оплата по счету {} от {}", invoice.number, issued.join("."))
}
