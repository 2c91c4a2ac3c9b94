//! Sellers, clients and invoices with their numbers (payments.md §4.11, "World").

use super::chance::Chance;
use chrono::{Days, NaiveDate};
use std::collections::HashMap;
use std::fmt::Write as _;
use types::damm;

/// How a seller numbers its invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbering {
    /// `88#728156`, with a check digit.
    Checked,
    /// `HOR-11111-007`.
    Service,
    /// `72815`, beginning anew each year.
    Plain,
}

/// Who issues invoices.
#[derive(Debug)]
pub struct Seller {
    /// Its account.
    pub account: String,
    /// Its currency.
    pub currency: &'static str,
    /// Its tax id.
    pub tax_id: String,
    /// Its numbers.
    pub numbering: Numbering,
}

/// Who is billed.
#[derive(Debug)]
pub struct Client {
    /// Its seller's place.
    pub seller: usize,
    /// Its name.
    pub name: String,
    /// Its tax id; branches share one.
    pub tax_id: String,
    /// Its branch, in Russia.
    pub kpp: String,
    /// Its account.
    pub account: String,
    /// Whether the account is known beforehand.
    pub known_account: bool,
    /// Another of its holding, that pays for it now and then.
    pub holding: Option<usize>,
    /// Its invoices.
    pub invoices: Vec<usize>,
}

/// State of an invoice before the first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for money.
    Open,
    /// Was paid.
    Paid,
    /// Was cancelled.
    Cancelled,
}

/// What is billed.
#[derive(Debug)]
pub struct Invoice {
    /// Its client's place.
    pub client: usize,
    /// Its number.
    pub number: String,
    /// Its day.
    pub issued_on: NaiveDate,
    /// Its amount, minor units.
    pub amount: u64,
    /// Its state.
    pub state: State,
}

/// Everything.
#[derive(Debug, Default)]
pub struct World {
    /// Sellers.
    pub sellers: Vec<Seller>,
    /// Clients.
    pub clients: Vec<Client>,
    /// Invoices.
    pub invoices: Vec<Invoice>,
}

/// Last day of the world.
pub const TODAY: NaiveDate = match NaiveDate::from_ymd_opt(2026, 6, 30) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A Russian tax id of a company with its check digit.
pub fn inn(chance: &mut Chance) -> String {
    let digits: Vec<u64> = (0..9).map(|at| if at == 0 { 7 } else { chance.below(10) }).collect();
    let weights = [2, 4, 10, 3, 5, 9, 4, 6, 8];
    let sum: u64 = digits.iter().zip(weights).map(|(d, w)| d * w).sum();
    let mut text: String = digits.iter().map(u64::to_string).collect();
    let _ = write!(text, "{}", sum % 11 % 10);
    text
}

fn digits(chance: &mut Chance, count: usize) -> String {
    (0..count).map(|_| char::from(b'0' + u8::try_from(chance.below(10)).unwrap_or(0))).collect()
}

/// An account of that country.
pub fn account(chance: &mut Chance, numbering: Numbering) -> String {
    match numbering {
        Numbering::Checked => format!("40702810{}", digits(chance, 12)),
        Numbering::Service => format!("UA{}", digits(chance, 27)),
        Numbering::Plain => format!("BY{}ALFA3012{}", digits(chance, 2), digits(chance, 16)),
    }
}

fn tax_id(chance: &mut Chance, numbering: Numbering) -> String {
    match numbering {
        Numbering::Checked => inn(chance),
        Numbering::Service => format!("4{}", digits(chance, 7)),
        Numbering::Plain => format!("1{}", digits(chance, 8)),
    }
}

/// Tariffs that four of ten invoices share, minor units.
const TARIFFS: [u64; 10] =
    [86_000, 120_000, 199_000, 249_900, 350_000, 499_900, 60_000, 750_000, 990_000, 1_500_000];

impl World {
    /// A world with so many invoices, at least.
    #[must_use]
    pub fn new(chance: &mut Chance, invoices: usize) -> Self {
        let kinds =
            [(Numbering::Checked, "RUB"), (Numbering::Service, "UAH"), (Numbering::Plain, "BYN")];
        let sellers = kinds.map(|(numbering, currency)| Seller {
            account: account(chance, numbering),
            currency,
            tax_id: tax_id(chance, numbering),
            numbering,
        });
        let mut world = Self { sellers: sellers.into(), ..Self::default() };
        let mut bills: Vec<(usize, u64)> = Vec::new();
        while bills.len() < invoices {
            let client = world.client(chance);
            world.bills(chance, client, &mut bills);
        }
        world.issue(chance, bills);
        world
    }

    fn client(&mut self, chance: &mut Chance) -> usize {
        let at = self.clients.len();
        let seller = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2][chance.place(10)];
        let numbering = self.sellers[seller].numbering;
        let before = at.checked_sub(1).filter(|before| self.clients[*before].seller == seller);
        let branch = before.filter(|_| numbering == Numbering::Checked && chance.percent(8));
        let holding = before.filter(|_| branch.is_none() && chance.percent(5));
        let tax_id = match branch {
            Some(before) => self.clients[before].tax_id.clone(),
            None => tax_id(chance, numbering),
        };
        let kpp = match numbering {
            Numbering::Checked => format!("{}01{:03}", &tax_id[..4], 1 + chance.below(900)),
            _ => String::new(),
        };
        let form = ["ООО", "ТОВ", "ЧУП"][seller];
        self.clients.push(Client {
            seller,
            name: format!("{form} «Клиент {at}»"),
            tax_id,
            kpp,
            account: account(chance, numbering),
            known_account: chance.percent(85),
            holding,
            invoices: Vec::new(),
        });
        at
    }

    /// Three to eight invoices of a client: mostly one tariff, month by month.
    fn bills(&self, chance: &mut Chance, client: usize, bills: &mut Vec<(usize, u64)>) {
        let tariff = TARIFFS[chance.place(TARIFFS.len())];
        let odd = |chance: &mut Chance| 10_000 + chance.below(9_000) * (1 + chance.below(300));
        for _ in 0..3 + chance.below(6) {
            let amount = if chance.percent(45) { tariff } else { odd(chance) };
            bills.push((client, amount));
        }
    }

    /// Gives the invoices their days and numbers, in the order of the days.
    fn issue(&mut self, chance: &mut Chance, mut bills: Vec<(usize, u64)>) {
        for at in (1..bills.len()).rev() {
            bills.swap(at, chance.place(at + 1));
        }
        let span = 360_u64;
        let count = bills.len() as u64;
        let mut sequence = [72_000_u64, 0, 0];
        let mut year = 0;
        // Numbers of the year before, and whose they were.
        let mut numbers: [HashMap<u64, usize>; 2] = Default::default();
        let mut twin: Option<(usize, u64)> = None;
        for (at, bill) in bills.into_iter().enumerate() {
            // Now and then a client is billed the same twice, with the next number.
            let (mut client, amount) = match twin.take() {
                Some((client, amount))
                    if self.clients[client].seller == self.clients[bill.0].seller =>
                {
                    (client, amount)
                }
                _ => bill,
            };
            twin = chance.percent(3).then_some((client, amount));
            let days = span - (at as u64) * span / count;
            let issued_on = TODAY - Days::new(days);
            let seller = self.clients[client].seller;
            let this_year = issued_on.format("%Y").to_string().parse().unwrap_or(0);
            if this_year != year {
                sequence[2] = 0;
                year = this_year;
                numbers.swap(0, 1);
                numbers[1].clear();
            }
            sequence[seller] += 1;
            if seller == 2 {
                // Now and then a client has the number that it had the year before.
                let before = numbers[0].get(&sequence[2]).filter(|_| chance.percent(3));
                client = before.copied().unwrap_or(client);
                numbers[1].insert(sequence[2], client);
            }
            let number = match self.sellers[seller].numbering {
                Numbering::Checked => format!("88#{}", damm::append(sequence[0])),
                Numbering::Service => {
                    format!("HOR-{}-{:03}", 11_111 + sequence[1] / 900, 1 + sequence[1] % 900)
                }
                Numbering::Plain => sequence[2].to_string(),
            };
            let state = match chance.below(100) {
                0..78 => State::Open,
                78..96 => State::Paid,
                _ => State::Cancelled,
            };
            self.clients[client].invoices.push(self.invoices.len());
            self.invoices.push(Invoice { client, number, issued_on, amount, state });
        }
    }

    /// The seller of an invoice.
    #[must_use]
    pub fn seller_of(&self, invoice: usize) -> &Seller {
        &self.sellers[self.clients[self.invoices[invoice].client].seller]
    }

    /// The table of invoices.
    #[must_use]
    pub fn invoices_csv(&self) -> String {
        let mut csv = String::from(
            "id,number,date,amount,residual,currency,client,tax_id,kpp,status,seller_account\n",
        );
        for (at, invoice) in self.invoices.iter().enumerate() {
            let client = &self.clients[invoice.client];
            let seller = &self.sellers[client.seller];
            let status = match invoice.state {
                State::Open => "open",
                State::Paid => "paid",
                State::Cancelled => "cancelled",
            };
            let amount = money(invoice.amount);
            let left = if invoice.state == State::Open { &*amount } else { "0.00" };
            let _ = writeln!(
                csv,
                "i{at},{},{},{amount},{left},{},c{},{},{},{status},{}",
                invoice.number,
                invoice.issued_on,
                seller.currency,
                invoice.client,
                client.tax_id,
                client.kpp,
                seller.account
            );
        }
        csv
    }

    /// The table of accounts: clients' own, and those of holdings that pay for them.
    #[must_use]
    pub fn accounts_csv(&self) -> String {
        let mut csv = String::from("client,account\n");
        for (at, client) in self.clients.iter().enumerate() {
            if client.known_account {
                let _ = writeln!(csv, "c{at},{}", client.account);
            }
            if let Some(other) = client.holding {
                let _ = writeln!(csv, "c{at},{}", self.clients[other].account);
            }
        }
        csv
    }
}

/// `860.00`.
#[must_use]
pub fn money(minor: u64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}
