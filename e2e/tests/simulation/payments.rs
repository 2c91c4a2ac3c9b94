//! What the bank brings: right, short, over, twice, with a wrong number, to the other seller's
//! account, from nobody known; and what staff make of it.

use super::{
    life::Life,
    model::{BankLine, Coming, HOSTING},
};
use e2e::{
    money::rub,
    request_id,
    steps::{
        bank::{Payment, cp1251, statement},
        customers::Customer,
        reason, refused,
    },
};
use proto::payments::v1::{AllocateLineRequest, AllocationPart, lines_client::LinesClient};
use rust_decimal::Decimal;
use testkit::Company;
use tonic::Code;

/// Of a hundred payments, those below a number come in a way.
const WAYS: [(u32, &str); 8] = [
    (50, "paid exactly"),
    (60, "paid short"),
    (70, "paid too much"),
    (76, "paid twice"),
    (82, "paid by a wrong number"),
    (87, "paid to the other account"),
    (92, "paid from nobody known"),
    (100, "paid with another"),
];

/// What a person knows of a payment that waits: whose it is, and what it is for.
#[derive(Clone)]
struct Riddle {
    /// Number of its order.
    number: u32,
    client: usize,
    /// Invoices of the seller that it came to.
    invoices: Vec<usize>,
    /// An invoice of the other seller that it was meant for.
    astray: Option<usize>,
}

/// Payments of a day, by the account that they came to.
struct Day {
    date: String,
    payments: [Vec<Payment>; 2],
    coming: [Vec<Coming>; 2],
    riddles: Vec<Riddle>,
}

impl Life<'_> {
    /// A day's statements, twice now and then, and what staff make of the rest.
    pub async fn statements(&mut self, chance: u32) {
        let day = self.come(chance);
        for (seller, (payments, coming)) in day.payments.into_iter().zip(day.coming).enumerate() {
            if payments.is_empty() {
                continue;
            }
            let own = [&self.catalogue.hosting, &self.catalogue.works][seller];
            let file = cp1251(&statement(&own.company, &payments));
            let imported = self.suite.import(&file).await;
            assert_eq!(imported.imported as usize, payments.len(), "{:?}", imported.bad_documents);
            self.model.receive(coming);
            if self.chance.percent(40) {
                let again = self.suite.import(&file).await;
                assert_eq!(again.imported, 0, "the file again changes nothing");
                self.note("statements again");
            }
        }
        self.find_lines().await;
        for riddle in day.riddles {
            self.solve(riddle).await;
        }
        self.suite.settle().await;
    }

    /// Each open invoice is paid with a chance, in one way or another.
    fn come(&mut self, chance: u32) -> Day {
        let mut day = Day::of(self.model.day().to_string());
        let open = self.model.open();
        for (place, &(invoice, left)) in open.iter().enumerate() {
            if !self.chance.percent(chance) {
                continue;
            }
            let it = &self.model.invoices[invoice];
            let (client, seller) = (it.client, it.seller);
            let named = format!("{} от {}", it.number, it.issued.unwrap().format("%d.%m.%Y"));
            let purpose = format!("Оплата по счету № {named}. НДС включен.");
            let also = open[place + 1..].iter().find(|(i, _)| {
                let other = &self.model.invoices[*i];
                (other.client, other.seller) == (client, seller)
            });
            let (payer, names) = (Some(client), vec![invoice]);
            let exact = Coming { number: 0, seller, payer, amount: left, names };
            let mut come = |coming: Coming, purpose: &str, invoices: &[usize]| {
                self.payments += 1;
                let from = payer_of(&self.customers, &coming, self.payments);
                let astray = (coming.seller != seller).then_some(invoice);
                let invoices = if astray.is_some() { Vec::new() } else { invoices.to_vec() };
                day.riddles.push(Riddle { number: self.payments, client, invoices, astray });
                day.put(Coming { number: self.payments, ..coming }, from, purpose);
            };
            let half = (left / Decimal::TWO).round_dp(2).max(Decimal::new(1, 2));
            let (wrong, own) = ("Оплата по счету № 9900001. НДС включен.", &[invoice][..]);
            let way = self.chance.between(0, 99);
            let what = WAYS.iter().find(|(until, _)| way < *until).map_or("", |(_, what)| what);
            *self.tally.entry(what).or_default() += 1;
            match way {
                0..50 => come(exact, &purpose, own),
                50..60 => come(Coming { amount: half, ..exact }, &purpose, own),
                60..70 => {
                    come(Coming { amount: left + Decimal::new(12_345, 2), ..exact }, &purpose, own);
                }
                70..76 => {
                    come(exact.clone(), &purpose, own);
                    come(exact, &purpose, own);
                }
                76..82 => come(Coming { names: Vec::new(), ..exact }, wrong, own),
                82..87 => come(Coming { seller: 1 - seller, ..exact }, &purpose, own),
                87..92 => come(Coming { payer: None, ..exact }, &purpose, own),
                _ => match also {
                    Some(&(other, rest)) => {
                        let number = &self.model.invoices[other].number;
                        let purpose = format!("Оплата по счетам № {} и № {number}", it.number);
                        let (amount, names) = (left + rest, vec![invoice, other]);
                        come(Coming { amount, names, ..exact }, &purpose, &[invoice, other]);
                    }
                    None => come(exact, &purpose, own),
                },
            }
        }
        if self.chance.percent(30) {
            self.payments += 1;
            day.stranger(self.payments);
        }
        day
    }

    /// A person looks at a line that waits.
    async fn solve(&mut self, riddle: Riddle) {
        let Riddle { number, client, invoices, astray } = riddle;
        let line = self.model.bank.iter().position(|l| l.coming.number == number).unwrap();
        let left = self.model.unallocated(line);
        let stranger = self.model.bank[line].coming.payer.is_none();
        if left.is_zero() || (stranger && self.chance.percent(30)) {
            return;
        }
        if let Some(invoice) = astray {
            self.cannot_cross(line, invoice, left).await;
            self.note("paid to the other seller");
        }
        let (mut rest, mut parts) = (left, Vec::new());
        for &invoice in &invoices {
            // What is over is credit, said or not; what is paid already is refused.
            let open = self.model.left(invoice);
            let part = if invoices.len() == 1 { rest } else { rest.min(open) };
            if open > Decimal::ZERO && part > Decimal::ZERO {
                parts.push((Some(invoice), client, part));
                rest -= part;
            }
        }
        if rest > Decimal::ZERO {
            parts.push((None, client, rest));
        }
        self.allocate(line, &parts).await;
    }

    async fn allocate(&mut self, line: usize, parts: &[(Option<usize>, usize, Decimal)]) {
        let wire = parts.iter().map(|(invoice, client, amount)| AllocationPart {
            invoice: invoice.map(|i| self.model.invoices[i].name.clone()).unwrap_or_default(),
            client: self.customers[*client].client.name.clone(),
            amount: Some(rub(&amount.to_string())),
        });
        let BankLine { name, coming, .. } = &self.model.bank[line];
        eprintln!("  {} of {:?}: {parts:?}", coming.number, coming.payer);
        self.suite.allocate_parts(name, wire.collect()).await;
        self.model.allocate(line, parts);
    }

    /// Money on one seller's account never closes another seller's invoice.
    async fn cannot_cross(&self, line: usize, invoice: usize, amount: Decimal) {
        let part = AllocationPart {
            invoice: self.model.invoices[invoice].name.clone(),
            client: String::new(),
            amount: Some(rub(&amount.to_string())),
        };
        let request = AllocateLineRequest {
            name: self.model.bank[line].name.clone(),
            parts: vec![part],
            request_id: request_id(),
            ..Default::default()
        };
        let across = LinesClient::new(self.suite.admin.clone()).allocate_line(request).await;
        let status = refused(across, Code::FailedPrecondition);
        assert_eq!(reason(&status), "PAID_TO_OTHER_SELLER");
    }

    /// What was allocated is taken back, and mostly allocated anew: to the client's oldest open
    /// invoice, or as credit.
    pub async fn take_back(&mut self, most: u32) {
        let lines = self.chance.some(self.model.may_take_back(), most);
        for line in lines {
            let client = self.model.client_of(line).unwrap();
            let name = self.model.bank[line].name.clone();
            self.suite.unmatch(&name).await;
            self.note("payments taken back");
            self.model.take_back(line);
            let left = self.model.unallocated(line);
            if left.is_zero() || self.chance.percent(25) {
                continue;
            }
            let seller = self.model.bank[line].coming.seller;
            let open = self.model.open().into_iter().map(|(i, _)| i);
            let mut own = open.filter(|i| {
                let invoice = &self.model.invoices[*i];
                (invoice.client, invoice.seller) == (client, seller)
            });
            let invoice = own.next().filter(|_| self.chance.percent(70));
            self.allocate(line, &[(invoice, client, left)]).await;
            self.suite.settle().await;
        }
    }
}

/// The requisites that a payment comes with; a client's, or nobody's.
fn payer_of(customers: &[Customer], coming: &Coming, number: u32) -> Company {
    match coming.payer {
        Some(client) => customers[client].company.clone(),
        None => Company::number(50_000 + number % 10_000),
    }
}

impl Day {
    fn of(date: String) -> Self {
        Self { date, payments: Default::default(), coming: Default::default(), riddles: Vec::new() }
    }

    /// Somebody pays for something; nobody knows what.
    fn stranger(&mut self, number: u32) {
        let (amount, names) = (Decimal::from(777), Vec::new());
        let coming = Coming { number, seller: HOSTING, payer: None, amount, names };
        self.put(coming, Company::number(60_000 + number % 10_000), "Благодарим за услуги");
    }

    fn put(&mut self, coming: Coming, from: Company, purpose: &str) {
        self.payments[coming.seller].push(Payment {
            number: coming.number,
            date: self.date.clone(),
            amount: format!("{:.2}", coming.amount),
            from,
            purpose: purpose.into(),
        });
        self.coming[coming.seller].push(coming);
    }
}
