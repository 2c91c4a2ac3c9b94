//! Rules that others match by, restated simply (payments.md §3.1, §3.2, §3.7): who pays is found by
//! tax id or account, and what is decided is no longer open.

use super::lines::Line;
use super::world::{Invoice, State, World};
use std::collections::HashMap;

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// 1С: equal amount, and the number stands after `№` or a blank.
    OneC,
    /// Odoo: a run of four digits or more of the text is that of the number.
    Odoo,
    /// The number stands bounded in the text, the amount is equal, and only one does.
    Bounded,
    /// The payer's oldest open invoice of that amount.
    Oldest,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OneC, Self::Odoo, Self::Bounded, Self::Oldest];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneC => "1С: substring after № or a blank, equal amount",
            Self::Odoo => "Odoo: a run of four digits, the payer's",
            Self::Bounded => "number bounded, equal amount, only one",
            Self::Oldest => "payer and amount, oldest first",
        }
    }
}

/// What a rule sets each line against.
#[must_use]
pub fn decide(world: &World, lines: &[Line], rule: Rule) -> Vec<Vec<(usize, u64)>> {
    let payers = payers(world);
    let mut open: Vec<bool> = world.invoices.iter().map(|i| i.state == State::Open).collect();
    let choose = |line: &Line| {
        let text = |key: &str| line.json[key].as_str().unwrap_or_default();
        let amount: u64 = text("amount").replace('.', "").parse().unwrap_or(0);
        let payer = &line.json["payer"];
        let keys = [payer["tax_id"].as_str(), payer["account"].as_str()];
        let clients = keys.into_iter().flatten().filter_map(|key| payers.get(key));
        let clients: Vec<usize> = clients.flatten().copied().collect();
        let mut fits: Vec<usize> = Vec::new();
        for client in clients {
            let invoices = world.clients[client].invoices.iter().copied();
            let fit = invoices.filter(|at| open[*at]).filter(|at| {
                let invoice = &world.invoices[*at];
                world.seller_of(*at).account == text("account")
                    && names(rule, text("purpose"), invoice)
                    && (invoice.amount == amount || rule == Rule::Odoo)
            });
            fits.extend(fit);
        }
        fits.sort_unstable_by_key(|at| (world.invoices[*at].issued_on, *at));
        fits.dedup();
        let only = rule != Rule::Bounded || fits.len() == 1;
        let chosen: Vec<(usize, u64)> =
            fits.first().filter(|_| only).map(|at| (*at, amount)).into_iter().collect();
        chosen.iter().for_each(|(at, _)| open[*at] = false);
        chosen
    };
    lines.iter().map(choose).collect()
}

fn payers(world: &World) -> HashMap<String, Vec<usize>> {
    let mut payers: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, client) in world.clients.iter().enumerate() {
        let account = client.known_account.then_some(&client.account);
        let holding = client.holding.map(|other| &world.clients[other].account);
        for key in [Some(&client.tax_id), account, holding].into_iter().flatten() {
            payers.entry(key.clone()).or_default().push(at);
        }
    }
    payers
}

fn names(rule: Rule, purpose: &str, invoice: &Invoice) -> bool {
    let number = invoice.number.as_str();
    let tail = number.split_once('#').map_or(number, |(_, tail)| tail);
    match rule {
        Rule::Oldest => true,
        Rule::OneC => [number, tail].into_iter().any(|number| {
            purpose.contains(&format!("№{number}")) || purpose.contains(&format!(" {number}"))
        }),
        Rule::Odoo => {
            let runs = |text: &str| -> Vec<String> {
                let runs = text.split(|c: char| !c.is_ascii_digit());
                runs.filter(|run| run.len() >= 4).map(str::to_owned).collect()
            };
            let own = runs(number);
            runs(purpose).iter().any(|run| own.contains(run))
        }
        Rule::Bounded => [number, tail].into_iter().any(|number| {
            purpose.match_indices(number).any(|(at, _)| {
                let before = purpose[..at].chars().next_back();
                let after = purpose[at + number.len()..].chars().next();
                let bound = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
                bound(before) && bound(after)
            })
        }),
    }
}
