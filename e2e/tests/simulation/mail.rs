//! Letters in and out: each that came ends in one state, each that left left once.

use super::life::Life;
use e2e::steps::{
    done,
    letters::{letter, read},
};
use proto::tickets::v1::{
    ListInboundLettersRequest, ListTicketsRequest, inbound_letter::State,
    letters_client::LettersClient, ticket::Origin, tickets_client::TicketsClient,
};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of letters.
#[derive(Debug, Default)]
pub struct Mail {
    /// Letters that people wrote so far.
    written: u32,
    /// Client and ticket, with the last letter of its author.
    threads: Vec<(usize, String, String)>,
    /// How many letters ended in which state.
    ended: BTreeMap<i32, u32>,
    /// Letters that left and were looked at.
    seen: usize,
    ids: BTreeSet<String>,
    /// Recipient and subject of letters with an invoice.
    invoices: Vec<(String, String)>,
}

impl Life<'_> {
    /// People write: clients, strangers, the same letter twice, answers to what staff answered.
    pub async fn letters(&mut self, most: u32) {
        for _ in 0..self.chance.between(1, most) {
            self.mail.written += 1;
            let id = format!("l{}@mail.example", self.mail.written);
            let threads: Vec<usize> = (0..self.mail.threads.len()).collect();
            if !threads.is_empty() && self.chance.percent(35) {
                let thread = self.chance.pick(&threads);
                self.answer(thread, &id).await;
            } else if self.chance.percent(20) {
                let raw = letter("nobody@elsewhere.example", &id, "", "Вопрос", "Сколько стоит?");
                self.ended(State::Quarantined, raw, "UNKNOWN_SENDER").await;
            } else {
                let clients: Vec<usize> = (0..self.customers.len()).collect();
                let client = self.chance.pick(&clients);
                let from = self.customers[client].client.email.clone();
                let raw = letter(&from, &id, "", "Не работает", "Помогите, пожалуйста.");
                let ticket = self.ended(State::Processed, raw.clone(), "").await;
                let opened = self.suite.ticket(&ticket).await;
                assert_eq!(opened.client, self.customers[client].client.name);
                self.mail.threads.push((client, ticket, id));
                if self.chance.percent(40) {
                    self.ended(State::Duplicate, raw, "").await;
                }
            }
        }
    }

    /// Staff answer, and the client answers that: one thread, one ticket.
    async fn answer(&mut self, thread: usize, id: &str) {
        let (client, ticket, last) = self.mail.threads[thread].clone();
        self.suite.reply(&ticket, "Проверьте теперь.").await;
        let from = self.customers[client].client.email.clone();
        let raw = letter(&from, id, &last, "Re: Не работает", "Спасибо, работает.");
        assert_eq!(self.ended(State::Processed, raw, "").await, ticket, "the same thread");
        self.mail.threads[thread].2 = id.into();
    }

    /// Hands a letter in, which must end in a state; answers its ticket.
    async fn ended(&mut self, state: State, raw: Vec<u8>, reason: &str) -> String {
        let taken = self.suite.ingest(raw).await;
        assert_eq!(taken.state(), state, "{taken:?}");
        assert!(taken.reason.contains(reason), "{taken:?}");
        *self.mail.ended.entry(state.into()).or_default() += 1;
        self.note(match state {
            State::Processed => "letters taken",
            State::Duplicate => "letters twice",
            _ => "letters of strangers",
        });
        taken.ticket
    }

    /// The journal of letters and the tickets are what people wrote and changes asked for.
    pub async fn compare_mail(&mut self) {
        let mut letters = LettersClient::new(self.suite.admin.clone());
        for state in [State::Processed, State::Duplicate, State::Quarantined] {
            let request = ListInboundLettersRequest {
                state: state.into(),
                page_size: 1,
                ..Default::default()
            };
            let found = done(letters.list_inbound_letters(request).await).total_size;
            let expected = self.mail.ended.get(&state.into()).copied().unwrap_or_default();
            assert_eq!(found.unsigned_abs(), expected, "letters {state:?}");
        }
        let (mut threads, mut work, mut page_token) = (0, 0, String::new());
        let mut tickets = TicketsClient::new(self.suite.admin.clone());
        loop {
            let request = ListTicketsRequest { page_size: 1000, page_token, ..Default::default() };
            let page = done(tickets.list_tickets(request).await);
            threads += page.tickets.iter().filter(|t| t.origin() == Origin::Letter).count();
            work += page.tickets.iter().filter(|t| t.origin() == Origin::WorkOrder).count();
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(threads, self.mail.threads.len(), "tickets of letters");
        assert_eq!(work, self.model.work(), "work for technicians, each asked for once");
        self.compare_sent();
    }

    /// Every issued invoice with something to pay left once, to its client; no letter left twice.
    fn compare_sent(&mut self) {
        let letters = self.suite.sink.letters();
        for sent in letters[self.mail.seen..].iter().map(read) {
            // Reminders (A48) bear the invoice too; whom they reach is for the model of none.
            if !sent.attachments.is_empty() && !sent.subject.starts_with("Напоминание: ")
            {
                assert!(sent.attachments[0].1.starts_with(b"%PDF-"), "{}", sent.subject);
                self.mail.invoices.push((sent.to.concat(), sent.subject.clone()));
            }
            assert!(self.mail.ids.insert(sent.message_id), "sent twice: {}", sent.subject);
        }
        self.mail.seen = letters.len();
        let mut expected: Vec<(String, String)> = Vec::new();
        for invoice in self.model.asked() {
            let issued = invoice.issued.unwrap().format("%d.%m.%Y");
            let subject = format!("Счёт № {} от {issued}", invoice.number);
            expected.push((self.customers[invoice.client].client.email.clone(), subject));
        }
        expected.sort();
        self.mail.invoices.sort();
        assert_eq!(self.mail.invoices, expected, "letters with invoices");
    }
}
