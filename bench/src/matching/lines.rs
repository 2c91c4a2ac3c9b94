//! Lines with their truth: what each payer means is decided before how he writes it.

use super::chance::Chance;
use super::texts::{self, Split, Words};
use super::world::{Numbering, State, TODAY, World, money};
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use std::collections::HashMap;

/// What a line is made to test (payments.md §4.11, "Classes").
pub const CLASSES: [(&str, u64); 38] = [
    ("A1", 240),
    ("A2", 110),
    ("A3", 60),
    ("A4", 60),
    ("A5", 50),
    ("A6", 50),
    ("A7", 30),
    ("A8", 60),
    ("A9", 30),
    ("A10", 30),
    ("A11", 30),
    ("A12", 50),
    ("B1", 30),
    ("B2", 20),
    ("B3", 15),
    ("B4", 15),
    ("B5", 15),
    ("B6", 10),
    ("B7", 15),
    ("C1", 5),
    ("C2", 4),
    ("C3", 4),
    ("C4", 5),
    ("C5", 5),
    ("C6", 5),
    ("C7", 4),
    ("C8", 5),
    ("C9", 5),
    ("C10", 4),
    ("C11", 4),
    ("C12", 4),
    ("C13", 5),
    ("C14", 3),
    ("C15", 4),
    ("C16", 4),
    ("C17", 3),
    ("C18", 3),
    ("C19", 4),
];

/// A line and what is true of it.
#[derive(Debug)]
pub struct Line {
    /// Its class.
    pub class: &'static str,
    /// As `bank inspect` shows it, with its id.
    pub json: Value,
    /// What it is meant for, with amounts in minor units; nothing where it is no client's payment.
    pub truth: Vec<(usize, u64)>,
    /// Whether the machine can know that, by payments.md §4.11.
    pub decidable: bool,
}

/// Makes lines until there are so many, or no open invoice is left.
pub struct Maker<'w> {
    world: &'w World,
    chance: Chance,
    split: Split,
    /// Open invoices that no line has taken.
    free: Vec<Vec<usize>>,
    clients: Vec<usize>,
    by_number: HashMap<(usize, String), Vec<usize>>,
    /// Pairs of one client and amount whose numbers are one slip apart.
    siblings: Vec<(usize, usize)>,
    /// Open invoices whose number the client has had before.
    again: Vec<usize>,
    made: usize,
}

/// What is written on one payment.
#[derive(Debug, Default)]
struct Draft {
    purpose: String,
    amount: u64,
    truth: Vec<(usize, u64)>,
    decidable: bool,
    payer: Option<usize>,
    stranger: bool,
    day: Option<NaiveDate>,
    reference: Option<String>,
    /// Given more than once in the file.
    again: usize,
    /// The own account stands on both sides.
    own: bool,
}

impl<'w> Maker<'w> {
    /// A maker over a world.
    #[must_use]
    pub fn new(world: &'w World, split: Split, seed: u64) -> Self {
        let mut by_number: HashMap<(usize, String), Vec<usize>> = HashMap::new();
        for (at, invoice) in world.invoices.iter().enumerate() {
            let seller = world.clients[invoice.client].seller;
            by_number.entry((seller, invoice.number.clone())).or_default().push(at);
        }
        let open = |at: &usize| world.invoices[*at].state == State::Open;
        let free: Vec<Vec<usize>> = world
            .clients
            .iter()
            .map(|client| client.invoices.iter().copied().filter(open).collect())
            .collect();
        let mut siblings = Vec::new();
        let mut again = Vec::new();
        for open in &free {
            for (place, at) in open.iter().enumerate() {
                let one = &world.invoices[*at];
                let near = |other: &&usize| {
                    let other = &world.invoices[**other];
                    other.amount == one.amount && one_slip(&one.number, &other.number)
                };
                siblings.extend(open[place + 1..].iter().find(near).map(|other| (*at, *other)));
                let all = &world.clients[one.client].invoices;
                let same =
                    |other: &&usize| *other != at && world.invoices[**other].number == one.number;
                again.extend(all.iter().find(same).map(|_| *at));
            }
        }
        let clients = (0..free.len()).collect();
        let chance = Chance::of(seed);
        Self { world, chance, split, free, clients, by_number, siblings, again, made: 0 }
    }

    /// All lines.
    pub fn lines(&mut self, count: usize) -> Vec<Line> {
        let total: u64 = CLASSES.iter().map(|(_, weight)| weight).sum();
        let mut lines = Vec::with_capacity(count);
        let mut misses = 0;
        while lines.len() < count && misses < 10_000 {
            let mut at = self.chance.below(total);
            let class = CLASSES.iter().find_map(|(class, weight)| {
                let here = at < *weight;
                at = at.saturating_sub(*weight);
                here.then_some(*class)
            });
            let class = class.unwrap_or("A1");
            match self.draft(class) {
                Some(draft) => {
                    misses = 0;
                    self.write(class, draft, &mut lines);
                }
                None => misses += 1,
            }
        }
        lines
    }

    fn write(&mut self, class: &'static str, draft: Draft, lines: &mut Vec<Line>) {
        let Some(client) = draft.payer else { return };
        let seller = &self.world.sellers[self.world.clients[client].seller];
        self.made += 1;
        let day = draft.day.unwrap_or(TODAY);
        let party = |name: &str, tax_id: &str, kpp: &str, account: &str| {
            let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            json!({ "name": name, "tax_id": known(tax_id), "kpp": known(kpp),
                "account": known(account), "bic": null, "bank": null })
        };
        let payer = &self.world.clients[client];
        let from = if draft.own {
            party("Мы", &seller.tax_id, "", &seller.account)
        } else if draft.stranger {
            let numbering = seller.numbering;
            let account = super::world::account(&mut self.chance, numbering);
            party("Посторонний", &super::world::inn(&mut self.chance), "", &account)
        } else {
            party(&payer.name, &payer.tax_id, &payer.kpp, &payer.account)
        };
        let purpose: String = draft.purpose.chars().take(210).collect();
        for copy in 0..=draft.again {
            let json = json!({
                "id": format!("l{}", lines.len()),
                "direction": "in", "amount": money(draft.amount), "currency": seller.currency,
                "date": day, "document_number": (1 + self.made % 900).to_string(),
                "document_date": day, "payer": from,
                "payee": party("Мы", &seller.tax_id, "", &seller.account),
                "purpose": purpose, "bank_reference": null, "status": "booked",
                "account": seller.account, "structured_reference": draft.reference,
            });
            // A row that comes again pays nothing more.
            let truth = if copy == 0 { draft.truth.clone() } else { Vec::new() };
            lines.push(Line { class, json, truth, decidable: draft.decidable && copy == 0 });
        }
    }

    fn words(&self, invoice: usize) -> (&'static Words, Numbering) {
        let numbering = self.world.seller_of(invoice).numbering;
        (texts::words(self.split, numbering), numbering)
    }

    /// An open invoice that nobody has taken, and takes it.
    fn take(&mut self) -> Option<usize> {
        for _ in 0..200 {
            let client = self.clients[self.chance.place(self.clients.len())];
            let free = &mut self.free[client];
            if !free.is_empty() {
                let at = self.chance.place(free.len());
                return Some(free.swap_remove(at));
            }
        }
        None
    }

    /// So many open invoices of one client.
    fn take_several(&mut self, count: usize) -> Option<Vec<usize>> {
        for _ in 0..400 {
            let client = self.clients[self.chance.place(self.clients.len())];
            if self.free[client].len() >= count {
                let from = self.free[client].len() - count;
                return Some(self.free[client].split_off(from));
            }
        }
        None
    }

    /// Takes this one, when nobody has.
    fn take_this(&mut self, invoice: usize) -> Option<usize> {
        let client = self.client(invoice);
        let place = self.free[client].iter().position(|at| *at == invoice)?;
        Some(self.free[client].swap_remove(place))
    }

    fn booked(&mut self, invoice: usize) -> NaiveDate {
        let day = self.world.invoices[invoice].issued_on + Days::new(1 + self.chance.below(20));
        day.min(TODAY + Days::new(20))
    }

    fn client(&self, invoice: usize) -> usize {
        self.world.invoices[invoice].client
    }

    fn number(&self, invoice: usize) -> &'w str {
        &self.world.invoices[invoice].number
    }

    /// Another open invoice of the payer or of its namesakes by tax id, of the same amount, whose
    /// number one slip makes of this one: no date tells them apart.
    fn has_sibling(&self, invoice: usize) -> bool {
        let own = &self.world.invoices[invoice];
        let others = self.namesakes(invoice);
        others.into_iter().any(|other| {
            let it = &self.world.invoices[other];
            other != invoice
                && it.state == State::Open
                && it.amount == own.amount
                && one_slip(&it.number, &own.number)
        })
    }

    /// Invoices of all clients with this one's tax id.
    fn namesakes(&self, invoice: usize) -> Vec<usize> {
        let at = self.client(invoice);
        let tax_id = &self.world.clients[at].tax_id;
        let near = at.saturating_sub(20)..(at + 20).min(self.world.clients.len());
        near.filter(|other| self.world.clients[*other].tax_id == *tax_id)
            .flat_map(|client| self.world.clients[client].invoices.iter().copied())
            .collect()
    }

    /// Whether the number is this invoice's alone among those of its payer that stand.
    fn is_alone(&self, invoice: usize) -> bool {
        let number = self.number(invoice);
        let stands = |at: &usize| self.world.invoices[*at].state != State::Cancelled;
        let mut others = self.namesakes(invoice).into_iter().filter(stands);
        others.all(|at| at == invoice || self.number(at) != number)
    }

    /// An open invoice of a payer who names none: the oldest of its amount.
    fn take_oldest(&mut self) -> Option<usize> {
        let taken = self.take()?;
        let client = self.client(taken);
        let amount = self.world.invoices[taken].amount;
        let all = self.free[client].iter().copied().chain([taken]);
        let same = all.filter(|at| self.world.invoices[*at].amount == amount);
        let oldest = same.min_by_key(|at| (self.world.invoices[*at].issued_on, *at))?;
        if oldest != taken {
            self.free[client].retain(|at| *at != oldest);
            self.free[client].push(taken);
        }
        Some(oldest)
    }

    /// A number of which a slip has been made: a digit changed, or two swapped.
    fn slip(&mut self, number: &str) -> Option<String> {
        let mut chars: Vec<char> = number.chars().collect();
        let first = number.rfind(['#', '-']).map_or(0, |at| at + 1);
        let digits = chars.len() - first;
        if digits < 3 {
            return None;
        }
        let at = first + 1 + self.chance.place(digits - 1);
        if self.chance.percent(60) {
            let digit = char::from(b'0' + u8::try_from(self.chance.below(10)).ok()?);
            if digit == chars[at] {
                return None;
            }
            chars[at] = digit;
        } else {
            if chars[at] == chars[at - 1] || at - 1 == first {
                return None;
            }
            chars.swap(at, at - 1);
        }
        Some(chars.into_iter().collect())
    }

    /// «Оплата по счету № 1024» with what follows.
    fn text(&mut self, invoice: usize, number: &str, date: &str) -> String {
        let (words, _) = self.words(invoice);
        let chance = &mut self.chance;
        let opening = chance.one(words.openings);
        let before = chance.one(words.invoice);
        let dated = match (date, chance.one(words.from)) {
            ("", _) => String::new(),
            (date, " (") => format!(" ({date})"),
            (date, from) => format!("{from}{date}"),
        };
        let goods = chance.one(words.goods);
        let amount = self.world.invoices[invoice].amount;
        let sum =
            if chance.percent(35) { texts::sum(chance, self.split, amount) } else { String::new() };
        let vat = chance.one(words.vat);
        format!("{opening}{before}{number}{dated}{goods}{sum}{vat}")
    }

    fn dated(&mut self, invoice: usize) -> String {
        texts::date(&mut self.chance, self.split, self.world.invoices[invoice].issued_on)
    }

    fn draft(&mut self, class: &str) -> Option<Draft> {
        match class.as_bytes()[0] {
            b'A' => self.usual(class),
            b'B' => self.unusual(class),
            _ => self.hostile(class),
        }
    }
}

mod hostile;
mod unusual;
mod usual;

/// Whether one changed, swapped, missing or added character makes one number of another.
#[must_use]
pub fn one_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[head..], &b[head..]);
    match b.len() - a.len() {
        0 if rest_a.is_empty() => false,
        0 => {
            let swapped = rest_a.len() >= 2 && rest_a[0] == rest_b[1] && rest_a[1] == rest_b[0];
            rest_a[1..] == rest_b[1..] || (swapped && rest_a[2..] == rest_b[2..])
        }
        1 => rest_a == &rest_b[1..],
        _ => false,
    }
}
