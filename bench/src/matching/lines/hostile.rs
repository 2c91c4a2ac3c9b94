//! Class C: payments that lead to a wrong invoice who is not careful.

use super::{Draft, Maker};
use crate::matching::texts;
use crate::matching::world::State;
use chrono::{Datelike, Days};

impl Maker<'_> {
    pub(super) fn hostile(&mut self, class: &str) -> Option<Draft> {
        match class {
            "C1" | "C15" | "C17" | "C18" => return self.beside(class),
            "C13" | "C14" => return self.closed(class),
            _ => {}
        }
        // Who names no invoice of his own pays the oldest.
        let unnamed = ["C2", "C3", "C4", "C5", "C7", "C16"].contains(&class);
        let invoice = if class == "C6" {
            let place = self.chance.place(self.again.len());
            let again = *self.again.get(place)?;
            self.take_this(again)?
        } else if unnamed {
            self.take_oldest()?
        } else {
            self.take()?
        };
        let client = self.client(invoice);
        let amount = self.world.invoices[invoice].amount;
        let number = self.number(invoice).to_owned();
        let date = self.dated(invoice);
        let mut draft = Draft {
            amount,
            truth: vec![(invoice, amount)],
            payer: Some(client),
            day: Some(self.booked(invoice)),
            ..Draft::default()
        };
        draft.purpose = match class {
            "C2" | "C3" | "C7" | "C16" => self.of_strangers(class, invoice, &number)?,
            "C4" => {
                let other = self.of_payer(invoice)?;
                let (words, _) = self.words(invoice);
                let contract = self.chance.one(words.contract).replace("{}", self.number(other));
                draft.truth = vec![(invoice, amount)];
                format!("Оплата{contract}")
            }
            "C5" => {
                let year = self.world.invoices[invoice].issued_on.year();
                let sum = texts::sum(&mut self.chance, self.split, amount);
                format!("Оплата за {year} год, счет за {} месяцев.{sum}", 1 + self.chance.below(12))
            }
            "C6" => {
                let dated = self.chance.percent(50);
                draft.decidable = dated || self.is_alone(invoice);
                let date = if dated { date } else { String::new() };
                self.text(invoice, &number, &date)
            }
            "C8" => {
                draft.again = 1;
                draft.decidable = true;
                self.text(invoice, &number, &date)
            }
            "C9" => return self.paid_twice(draft, invoice),
            "C10" | "C11" | "C12" => self.nobodys(class, &mut draft, invoice, &date),
            _ => self.disturbed(&mut draft, invoice, &number, &date),
        };
        Some(draft)
    }

    /// C2, C3, C7, C16: the number of somebody else's invoice, or a part of the own one.
    fn of_strangers(&mut self, class: &str, invoice: usize, number: &str) -> Option<String> {
        let written = match class {
            // `12` for `123`.
            "C3" => number[..number.len() - 1].to_owned(),
            // A number as another seller has it.
            "C7" => self.of_another_seller(invoice).map(|at| self.number(at).to_owned())?,
            // Of another payer's invoice of this amount.
            _ => self.of_another(invoice).map(|at| self.number(at).to_owned())?,
        };
        Some(self.text(invoice, &written, ""))
    }

    /// C10, C11, C12: no client's payment, though it quotes an invoice.
    fn nobodys(&mut self, class: &str, draft: &mut Draft, invoice: usize, date: &str) -> String {
        let number = self.number(invoice);
        draft.truth = Vec::new();
        draft.own = class == "C11";
        draft.stranger = class == "C12";
        let returns = [
            "Возврат ошибочно перечисленных средств. ",
            "Возврат. ",
            "Помилково перераховані кошти. ",
        ];
        let acquirers = [
            "Зачисление средств по операциям с МБК (на основании реестров платежей), счет ",
            "Продажи с Kaspi.kz за 14/11/2025, счет ",
            "Перечисление по договору эквайринга, реестр платежей ",
        ];
        match class {
            "C10" => {
                let text = self.text(invoice, number, date);
                format!("{}{text}", self.chance.one(&returns))
            }
            "C11" => format!("Перевод собственных средств, счет {number}"),
            _ => format!("{}{number} от {date}", self.chance.one(&acquirers)),
        }
    }

    /// C19: marks of direction, words of the format, a very long text; the number stays whole.
    fn disturbed(&mut self, draft: &mut Draft, invoice: usize, number: &str, date: &str) -> String {
        let text = self.text(invoice, number, date);
        draft.decidable = true;
        match self.chance.below(4) {
            0 => text.replace(' ', "\u{A0}\u{200B}"),
            1 => format!("\u{202E}{text}\u{202C}"),
            2 => format!("{text} КонецДокумента=СекцияДокумент=Платеж"),
            _ => {
                draft.decidable = false;
                format!("{}{text}", "КонецДокумента ".repeat(14))
            }
        }
    }

    /// C9: the invoice is paid, and paid again from another document.
    fn paid_twice(&mut self, mut draft: Draft, invoice: usize) -> Option<Draft> {
        let client = self.client(invoice);
        let paid = self.world.clients[client].invoices.iter().copied();
        let paid: Vec<usize> =
            paid.filter(|at| self.world.invoices[*at].state == State::Paid).collect();
        self.free[client].push(invoice);
        let paid = *paid.get(self.chance.place(paid.len()))?;
        let number = self.number(paid).to_owned();
        let date = self.dated(paid);
        draft.amount = self.world.invoices[paid].amount;
        draft.truth = Vec::new();
        draft.day = Some(self.booked(paid));
        draft.purpose = self.text(paid, &number, &date);
        Some(draft)
    }

    /// C13 and C14: a paid or cancelled invoice is cited; an open one of that amount may stand by.
    fn closed(&mut self, class: &str) -> Option<Draft> {
        let wanted = if class == "C13" { State::Paid } else { State::Cancelled };
        let client = self.clients[self.chance.place(self.clients.len())];
        let all = self.world.clients[client].invoices.iter().copied();
        let closed = all.clone().find(|at| self.world.invoices[*at].state == wanted)?;
        let amount = self.world.invoices[closed].amount;
        let number = self.number(closed).to_owned();
        let date = if self.chance.percent(50) { self.dated(closed) } else { String::new() };
        Some(Draft {
            purpose: self.text(closed, &number, &date),
            amount,
            truth: Vec::new(),
            payer: Some(client),
            day: Some(self.booked(closed)),
            ..Draft::default()
        })
    }

    /// Two invoices of one payer, and what is written of each is mixed.
    fn beside(&mut self, class: &str) -> Option<Draft> {
        let (meant, other) = if class == "C1" {
            let place = self.chance.place(self.siblings.len());
            let (meant, other) = *self.siblings.get(place)?;
            (self.take_this(meant)?, other)
        } else {
            let pair = self.take_several(2)?;
            (pair[0], pair[1])
        };
        let world = self.world;
        let (here, there) = (&world.invoices[meant], &world.invoices[other]);
        let amount = here.amount;
        let mut draft = Draft {
            amount,
            truth: vec![(meant, amount)],
            payer: Some(self.client(meant)),
            day: Some(self.booked(meant).max(there.issued_on + Days::new(1))),
            ..Draft::default()
        };
        let (number, wrong) = (self.number(meant).to_owned(), self.number(other).to_owned());
        draft.purpose = match class {
            // A slip that is the number of a sibling of the same amount.
            "C1" => self.text(meant, &wrong, ""),
            "C15" => {
                let date = self.dated(meant);
                if here.issued_on == there.issued_on {
                    return None;
                }
                self.text(meant, &wrong, &date)
            }
            "C17" => format!("{}, {wrong}", self.text(meant, &number, "")),
            _ => {
                if there.amount == amount {
                    return None;
                }
                // The amount is the other's.
                draft.amount = there.amount;
                draft.truth = vec![(meant, there.amount)];
                self.text(meant, &number, "")
            }
        };
        Some(draft)
    }

    fn of_another(&mut self, invoice: usize) -> Option<usize> {
        let own = self.client(invoice);
        let seller = self.world.clients[own].seller;
        let amount = self.world.invoices[invoice].amount;
        (0..500).find_map(|_| {
            let at = self.chance.place(self.world.invoices.len());
            let it = &self.world.invoices[at];
            let other = &self.world.clients[it.client];
            let foreign = other.tax_id != self.world.clients[own].tax_id
                && other.holding != Some(own)
                && self.world.clients[own].holding != Some(it.client);
            (foreign && other.seller == seller && it.amount == amount).then_some(at)
        })
    }

    fn of_another_seller(&mut self, invoice: usize) -> Option<usize> {
        let seller = self.world.clients[self.client(invoice)].seller;
        (0..100).find_map(|_| {
            let at = self.chance.place(self.world.invoices.len());
            (self.world.clients[self.client(at)].seller != seller).then_some(at)
        })
    }

    fn of_payer(&self, invoice: usize) -> Option<usize> {
        let own = &self.world.clients[self.client(invoice)].invoices;
        own.iter().copied().find(|at| *at != invoice)
    }
}
