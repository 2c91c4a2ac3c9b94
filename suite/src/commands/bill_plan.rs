//! `raschet bill-plan`: what should have been billed of a history given as data, and why; without a
//! running suite. The format is in docs/bill-plan.md.

mod answer;
mod billed;
mod findings;
mod wire;

use crate::{
    cli::BillPlan,
    console::{Console, Outcome},
};
use anyhow::{Context, Result, anyhow};
use invoicing_svc::domain::billing::{History, Line, due};
use serde_json::{Value, json};
use service::Text;
use std::{collections::BTreeMap, fs};
use types::{Currency, Money, id::InvoiceLineId};
use uuid::Uuid;

/// Lines by the names that the file gives them, and those that the plan makes up.
#[derive(Debug, Default)]
struct Names(Vec<String>);

impl Names {
    /// The identity of a name; the same for the same name.
    fn id(&mut self, name: &str) -> InvoiceLineId {
        let at = self.0.iter().position(|known| known == name).unwrap_or_else(|| {
            self.0.push(name.to_owned());
            self.0.len() - 1
        });
        InvoiceLineId::from(Uuid::from_u128(at as u128 + 1))
    }

    fn of(&self, id: InvoiceLineId) -> &str {
        let at = usize::try_from(Uuid::from(id).as_u128()).unwrap_or(0);
        self.0.get(at.wrapping_sub(1)).map_or("", String::as_str)
    }
}

/// Plans.
///
/// # Errors
/// When the file cannot be read or does not make a history.
pub fn run(options: &BillPlan, console: &Console) -> Result<Outcome> {
    let path = options.history.display();
    let text =
        fs::read_to_string(&options.history).with_context(|| format!("cannot read {path}"))?;
    let file: wire::File = serde_json::from_str(&text).with_context(|| format!("{path}"))?;
    let currency = file.currency()?;
    let history = file.history(currency)?;
    let mut names = Names::default();
    let billed = billed::lines(&file, &history, &mut names)?;
    let plan = plan(&history, &billed, options.as_of, &mut names)?;
    for line in &plan {
        console.say(&answer::row(&history, line));
    }
    let totals = totals(&history, &plan, currency)?;
    for (contract, seller, total) in &totals {
        console.say(&Text::new(
            format!("К выставлению по {contract} от {seller}: {total}"),
            format!("To invoice under {contract} by {seller}: {total}"),
        ));
    }
    if plan.is_empty() {
        console.say(&Text::new("Всё выставлено верно.", "All is billed as it should be."));
    }
    let found = match options.lint {
        true => Some(findings::find(&history, &plan, &billed, options.as_of)?),
        false => None,
    };
    let found = found.as_ref();
    let rows = found.into_iter().flat_map(|(_, found)| found);
    rows.clone().for_each(|one| console.say(&findings::row(&history, one)));
    if rows.clone().next().is_none() && options.lint {
        console.say(&Text::new("Замечаний нет.", "Nothing looks wrong."));
    }
    let lines: Result<Vec<Value>> =
        plan.iter().map(|line| answer::line(&history, &names, line)).collect();
    let totals = totals.iter().map(|(contract, seller, total)| {
        json!({ "contract": contract, "seller": seller, "amount": total.amount().to_string() })
    });
    let mut answer = json!({
        "as_of": options.as_of,
        "currency": currency.code(),
        "lines": lines?,
        "invoices": totals.collect::<Vec<_>>(),
    });
    if let Some((drafts, found)) = found {
        let told = found.iter().map(|one| findings::json(&history, &names, drafts, one));
        answer["findings"] = told.collect();
    }
    console.json(&answer);
    Ok(Outcome::Done)
}

/// The lines that are due, named by what they are: `main/cloud-user/CHANGE/2019-03-04`.
fn plan(
    history: &History,
    billed: &[Vec<Line>],
    as_of: chrono::NaiveDate,
    names: &mut Names,
) -> Result<Vec<Line>> {
    let mut made = 0u128;
    // Names follow once it is known what the lines are.
    let unnamed = || {
        made += 1;
        InvoiceLineId::from(Uuid::from_u128(u128::MAX - made))
    };
    let lines = due(history, billed, as_of, unnamed).map_err(|e| anyhow!("{e}"))?;
    let mut named = Vec::with_capacity(lines.len());
    for line in lines {
        let subscription = &history.subscriptions[line.subscription].id;
        let product = &history.products[line.terms.product].code;
        let (kind, start) = (line.kind, line.period.start());
        let base = format!("{subscription}/{product}/{kind}/{start}");
        let mut name = base.clone();
        let mut n = 2;
        while names.0.contains(&name) {
            name = format!("{base}/{n}");
            n += 1;
        }
        named.push(Line { id: names.id(&name), ..line });
    }
    Ok(named)
}

/// What is to be invoiced, by contract and seller (A182).
fn totals<'h>(
    history: &'h History,
    plan: &[Line],
    currency: Currency,
) -> Result<Vec<(&'h str, &'h str, Money)>> {
    let mut sums: BTreeMap<(usize, usize), Money> = BTreeMap::new();
    for line in plan {
        let seller = history.products[line.terms.product].seller;
        let sum = sums.entry((line.terms.contract, seller)).or_insert(Money::zero(currency));
        *sum = sum.checked_add(line.amounts.gross)?;
    }
    let named = |((contract, seller), sum): ((usize, usize), Money)| {
        (history.contracts[contract].id.as_str(), history.sellers[seller].id.as_str(), sum)
    };
    Ok(sums.into_iter().map(named).collect())
}
