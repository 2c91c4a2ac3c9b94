//! Class B: payments that a person should see, with the right proposal first.

use super::{Draft, Maker};
use crate::matching::texts;

impl Maker<'_> {
    pub(super) fn unusual(&mut self, class: &str) -> Option<Draft> {
        if class == "B3" {
            return self.unlisted();
        }
        let invoice = if class == "B5" { self.take_oldest()? } else { self.take()? };
        let amount = self.world.invoices[invoice].amount;
        let number = self.number(invoice).to_owned();
        let (words, _) = self.words(invoice);
        let date = self.dated(invoice);
        let mut draft = Draft {
            amount,
            truth: vec![(invoice, amount)],
            payer: Some(self.client(invoice)),
            day: Some(self.booked(invoice)),
            ..Draft::default()
        };
        draft.purpose = match class {
            "B1" => {
                draft.amount = (amount / 2).max(100);
                draft.truth = vec![(invoice, draft.amount)];
                self.text(invoice, &number, &date)
            }
            "B2" => {
                draft.amount = amount + 100 * (1 + self.chance.below(50));
                self.text(invoice, &number, &date)
            }
            "B4" => {
                draft.stranger = true;
                self.text(invoice, &number, &date)
            }
            "B5" => {
                let contract = (1 + self.chance.below(900)).to_string();
                format!("Оплата{}", self.chance.one(words.contract).replace("{}", &contract))
            }
            "B6" => {
                draft.stranger = true;
                let name = &self.world.clients[self.client(invoice)].name;
                format!("{name}{}", self.chance.one(words.goods))
            }
            _ => {
                draft.truth = Vec::new();
                draft.amount = 1_234_567 + self.chance.below(1_000);
                let sum = texts::sum(&mut self.chance, self.split, draft.amount);
                format!("Предоплата за услуги.{sum}")
            }
        };
        Some(draft)
    }

    /// B3: several invoices at once, and none is named.
    fn unlisted(&mut self) -> Option<Draft> {
        let count = 2 + self.chance.place(2);
        let invoices = self.take_several(count)?;
        let (words, _) = self.words(invoices[0]);
        let truth: Vec<(usize, u64)> =
            invoices.iter().map(|at| (*at, self.world.invoices[*at].amount)).collect();
        Some(Draft {
            purpose: format!("Оплата{}", self.chance.one(words.goods)),
            amount: truth.iter().map(|(_, amount)| amount).sum(),
            payer: Some(self.client(invoices[0])),
            day: invoices.iter().map(|at| self.booked(*at)).max(),
            truth,
            ..Draft::default()
        })
    }
}
