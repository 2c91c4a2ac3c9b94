//! Class A: payments that the machine should set against their invoices.

use super::{Draft, Maker};
use crate::matching::texts;
use crate::matching::world::Numbering;

/// What makes a text longer than banks let it be.
const MORE: &str = " за предоставление доступа к программному обеспечению и его сопровождение \
    согласно приложению к договору, включая консультации";

impl Maker<'_> {
    pub(super) fn usual(&mut self, class: &str) -> Option<Draft> {
        match class {
            "A8" => return self.list(),
            "A9" => return self.holding(),
            "A10" => return self.unnamed(),
            "A12" => return self.slipped(),
            _ => {}
        }
        let invoice = self.take()?;
        let amount = self.world.invoices[invoice].amount;
        let number = self.number(invoice).to_owned();
        let (words, numbering) = self.words(invoice);
        let checked = numbering == Numbering::Checked;
        let undated = self.is_alone(invoice) && (checked || !self.has_sibling(invoice));
        let day = self.world.invoices[invoice].issued_on;
        let mut draft = Draft {
            amount,
            truth: vec![(invoice, amount)],
            decidable: true,
            payer: Some(self.client(invoice)),
            day: Some(self.booked(invoice)),
            ..Draft::default()
        };
        draft.purpose = match class {
            "A2" => {
                draft.decidable = undated;
                self.text(invoice, &number, "")
            }
            "A3" => {
                let date = texts::word_date(&mut self.chance, numbering, day);
                self.text(invoice, &number, &date)
            }
            "A4" => self.glued(invoice, &number),
            "A5" => {
                let date = self.dated(invoice);
                texts::homoglyphs(&self.text(invoice, &number, &date))
            }
            "A6" => {
                let (_, tail) = number.split_once('#')?;
                let date =
                    if self.chance.percent(70) { self.dated(invoice) } else { String::new() };
                draft.decidable = undated || !date.is_empty();
                self.text(invoice, tail, &date)
            }
            "A7" => {
                let date = self.dated(invoice);
                format!("{}{MORE}{MORE}", self.text(invoice, &number, &date))
            }
            "A11" => {
                draft.decidable = undated;
                draft.reference = Some(number.clone());
                words.goods[0].trim().to_owned()
            }
            _ => {
                let date = self.dated(invoice);
                self.text(invoice, &number, &date)
            }
        };
        Some(draft)
    }

    /// A4: nothing stands between the word, the number and the date.
    fn glued(&mut self, invoice: usize, number: &str) -> String {
        let (words, _) = self.words(invoice);
        let glued = self.chance.one(words.glued);
        let date = self.world.invoices[invoice].issued_on.format("%d.%m.%Y");
        let from = words.from[0].trim();
        let opening = self.chance.one(words.openings);
        // «ОПЛАТАПОСЧЕТУ» is an opening itself.
        let opening = if glued.len() > 20 { "" } else { opening };
        format!("{opening}{glued}{number}{from}{date}")
    }

    /// A8: all of a list at once.
    fn list(&mut self) -> Option<Draft> {
        let count = 2 + self.chance.place(3);
        let invoices = self.take_several(count)?;
        let (words, numbering) = self.words(invoices[0]);
        let each = self.chance.percent(50);
        let joints: &[&str] = if each { &[", ", "; "] } else { &[", ", ","] };
        let joint = self.chance.one(joints);
        let and = match words.from[0] {
            " від " => " та ",
            " ot " => " i ",
            _ => " и ",
        };
        let mut purpose =
            format!("{}{}", self.chance.one(words.openings), self.chance.one(words.invoices));
        let mut decidable = true;
        for (at, invoice) in invoices.iter().enumerate() {
            purpose.push_str(match at {
                0 => "",
                _ if at + 1 == count && !each => and,
                _ => joint,
            });
            purpose.push_str(self.number(*invoice));
            if each {
                let date = self.dated(*invoice);
                purpose.push_str(words.from[0]);
                purpose.push_str(&date);
            } else {
                let checked = numbering == Numbering::Checked;
                decidable &= self.is_alone(*invoice) && (checked || !self.has_sibling(*invoice));
            }
        }
        purpose.push_str(self.chance.one(words.vat));
        let whole = purpose.chars().count() < 210;
        let truth: Vec<(usize, u64)> =
            invoices.iter().map(|at| (*at, self.world.invoices[*at].amount)).collect();
        Some(Draft {
            purpose,
            amount: truth.iter().map(|(_, amount)| amount).sum(),
            decidable: decidable && whole,
            payer: Some(self.client(invoices[0])),
            day: invoices.iter().map(|at| self.booked(*at)).max(),
            truth,
            ..Draft::default()
        })
    }

    /// A9: another of the holding pays, and its account is known as the client's.
    fn holding(&mut self) -> Option<Draft> {
        let invoice = self.take()?;
        let client = self.client(invoice);
        let Some(other) = self.world.clients[client].holding else {
            self.free[client].push(invoice);
            return None;
        };
        let amount = self.world.invoices[invoice].amount;
        let number = self.number(invoice).to_owned();
        let date = self.dated(invoice);
        let text = self.text(invoice, &number, &date);
        let behalf = format!(
            " за {} ИНН {}",
            self.world.clients[client].name, self.world.clients[client].tax_id
        );
        Some(Draft {
            purpose: if self.chance.percent(50) { format!("{text}{behalf}") } else { text },
            amount,
            truth: vec![(invoice, amount)],
            decidable: true,
            payer: Some(other),
            day: Some(self.booked(invoice)),
            ..Draft::default()
        })
    }

    /// A10: no number at all. With the sole-open rule off nobody can decide (G23).
    fn unnamed(&mut self) -> Option<Draft> {
        let invoice = self.take_oldest()?;
        let amount = self.world.invoices[invoice].amount;
        let (words, _) = self.words(invoice);
        let goods = self.chance.one(words.goods);
        Some(Draft {
            purpose: format!("Оплата{goods}"),
            amount,
            truth: vec![(invoice, amount)],
            payer: Some(self.client(invoice)),
            day: Some(self.booked(invoice)),
            ..Draft::default()
        })
    }

    /// A12: one slip in the number; date, amount and payer agree with one invoice.
    fn slipped(&mut self) -> Option<Draft> {
        let invoice = self.take()?;
        let client = self.client(invoice);
        let amount = self.world.invoices[invoice].amount;
        let number = self.number(invoice).to_owned();
        let wrong = self.slip(&number).filter(|wrong| {
            let seller = self.world.clients[client].seller;
            let taken = self.by_number.get(&(seller, wrong.clone()));
            let own = |at: &usize| self.namesakes(invoice).contains(at);
            // On an invoice of the payer's own it is C1.
            taken.is_none_or(|taken| !taken.iter().any(own))
        });
        let Some(wrong) = wrong else {
            self.free[client].push(invoice);
            return None;
        };
        let date = self.dated(invoice);
        let day = self.world.invoices[invoice].issued_on;
        let near = |other: &usize| {
            let it = &self.world.invoices[*other];
            *other != invoice && it.amount == amount && it.issued_on == day
        };
        let several = self.namesakes(invoice).iter().any(near);
        Some(Draft {
            purpose: self.text(invoice, &wrong, &date),
            amount,
            truth: vec![(invoice, amount)],
            decidable: !several,
            payer: Some(client),
            day: Some(self.booked(invoice)),
            ..Draft::default()
        })
    }
}
