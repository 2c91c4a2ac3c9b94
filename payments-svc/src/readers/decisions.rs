//! Tables of invoices and lines in, decisions out: the matcher alone, without a running suite
//! (`raschet bank decide`).

mod answer;
mod line;

use crate::domain::matching::index::{Given, Index};
use crate::domain::matching::reasons::Language;
use crate::domain::matching::{Payment, Preset};
use crate::domain::statements::CurrencyCode;
use chrono::NaiveDate;
use csv::{ReaderBuilder, StringRecord};
use rust_decimal::Decimal;
use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, Read, Write};
use std::sync::mpsc::sync_channel;
use types::{Currency, Money};

/// Columns of the table of invoices.
const INVOICE_COLUMNS: [&str; 11] = [
    "id",
    "number",
    "date",
    "amount",
    "residual",
    "currency",
    "client",
    "tax_id",
    "kpp",
    "status",
    "seller_account",
];

/// Lines of one batch, with their numbers.
type Batch = Vec<(u64, String)>;

/// Lines in a batch.
const BATCH: usize = 256;

/// Batches that are read ahead.
const AHEAD: usize = 4;

/// The table of lines, batch by batch.
struct Rows<'r> {
    lines: &'r mut dyn BufRead,
    number: u64,
}

impl Rows<'_> {
    fn batch(&mut self) -> Result<Option<Batch>, Problem> {
        let mut batch = Batch::new();
        while batch.len() < BATCH {
            self.number += 1;
            let line = self.number;
            let mut text = String::new();
            let input =
                |e: std::io::Error| Problem::Input { table: "lines", line, what: e.to_string() };
            if self.lines.read_line(&mut text).map_err(input)? == 0 {
                break;
            }
            if !text.trim().is_empty() {
                batch.push((line, text));
            }
        }
        Ok((!batch.is_empty()).then_some(batch))
    }
}

/// Why nothing more was decided.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A table is not what it must be.
    #[error("{table}, line {line}: {what}")]
    Input {
        /// Which one.
        table: &'static str,
        /// Line, from 1.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// The output cannot be written.
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
}

/// Everything that the tables say.
#[derive(Debug, Default)]
pub struct World {
    index: Index,
    /// Ids of invoices as the table has them, in its order.
    ids: Vec<String>,
    /// Accounts of sellers.
    own: BTreeSet<String>,
    /// Days of payments that were seen, by what makes two of them one.
    seen: HashMap<String, Vec<NaiveDate>>,
    /// Language in which reasons are told beside their codes.
    pub language: Option<Language>,
}

/// What was decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lines.
    pub lines: usize,
    /// Allocated by the machine.
    pub auto: usize,
    /// Proposed.
    pub suggest: usize,
    /// Neither.
    pub queue: usize,
}

impl World {
    /// Reads the tables.
    ///
    /// # Errors
    /// [`Problem::Input`] with the line that is wrong.
    pub fn read(invoices: &mut dyn Read, accounts: Option<&mut dyn Read>) -> Result<Self, Problem> {
        let mut world = Self::default();
        table(invoices, "invoices", &INVOICE_COLUMNS, &mut |row| world.invoice(row))?;
        if let Some(accounts) = accounts {
            table(accounts, "accounts", &["client", "account"], &mut |row| {
                let account: String = row.chars(1).filter(|c| !c.is_whitespace()).collect();
                if !account.is_empty() {
                    world.index.account(&row.text(0), &account.to_uppercase());
                }
                Ok(())
            })?;
        }
        Ok(world)
    }

    fn invoice(&mut self, row: &Row<'_>) -> Result<(), String> {
        let code = row.text(5);
        let currency: Currency = match code.parse() {
            Ok(currency) => currency,
            // Money that nothing is billed in here pays nothing here.
            Err(_) if CurrencyCode::parse(&code).is_some() => return Ok(()),
            Err(error) => return Err(format!("{error}")),
        };
        let money = |text: &str| {
            let amount: Decimal = text.parse().map_err(|_| format!("{text:?} is no amount"))?;
            Money::new(amount, currency).map_err(|e| e.to_string())
        };
        let date = row.text(2);
        let day = date.get(..10).unwrap_or(&date);
        let issued_on: NaiveDate = day.parse().map_err(|_| format!("{date:?} is no date"))?;
        let status = row.text(9);
        let residual = match status.as_str() {
            "open" => money(&row.text(4))?,
            "paid" | "cancelled" => Money::zero(currency),
            other => return Err(format!("{other:?} is none of open, paid, cancelled")),
        };
        let seller_account = row.text(10);
        if !seller_account.is_empty() {
            self.own.insert(seller_account.clone());
        }
        self.index.invoice(&Given {
            number: &row.text(1),
            issued_on,
            residual,
            client: &row.text(6),
            tax_id: &row.text(7),
            kpp: &row.text(8),
            open: status != "cancelled",
            seller_account: &seller_account,
        });
        self.ids.push(row.text(0));
        Ok(())
    }

    /// Decides about lines in their order, one JSON object each.
    ///
    /// # Errors
    /// [`Problem`].
    pub fn decide(
        &mut self,
        lines: &mut dyn BufRead,
        preset: Preset,
        out: &mut dyn Write,
    ) -> Result<Summary, Problem> {
        let mut summary = Summary::default();
        let own = self.own.clone();
        // What is told by a line alone is read beside the decisions, which come in order.
        std::thread::scope(|scope| {
            let (work, rows) = sync_channel::<Batch>(AHEAD);
            let (done, read) = sync_channel(AHEAD);
            scope.spawn(move || {
                for batch in rows {
                    let read = batch.into_iter().map(|(at, text)| (at, line::read(&text, &own)));
                    if done.send(read.collect::<Vec<_>>()).is_err() {
                        return;
                    }
                }
            });
            let mut source = Rows { lines, number: 0 };
            let mut waiting = 0;
            loop {
                while waiting < AHEAD {
                    let Some(batch) = source.batch()? else { break };
                    if work.send(batch).is_err() {
                        break;
                    }
                    waiting += 1;
                }
                let Some(batch) = (waiting > 0).then(|| read.recv().ok()).flatten() else { break };
                waiting -= 1;
                for (number, given) in batch {
                    let input = |what| Problem::Input { table: "lines", line: number, what };
                    let answer = self.answer(given.map_err(input)?, preset);
                    summary.count(&answer);
                    serde_json::to_writer(&mut *out, &answer).map_err(std::io::Error::from)?;
                    out.write_all(b"\n")?;
                }
            }
            out.flush()?;
            Ok(summary)
        })
    }

    fn answer(&mut self, given: line::Given, preset: Preset) -> answer::Answer {
        let seller = self.index.seller(&given.own_account);
        let repeated = self.is_repeated(&given);
        match &given.payment {
            Some(payment) => {
                let payment = Payment { seller, repeated, ..payment.clone() };
                let decision = self.index.decide(&payment, preset);
                answer::of(&given, &payment, &decision, &self.ids, self.language)
            }
            None => answer::unknown(&given, given.class),
        }
    }

    /// Whether the same payment was there within three days: a row that is exported again, or a
    /// pending one that comes booked.
    fn is_repeated(&mut self, given: &line::Given) -> bool {
        let mut repeated = false;
        for key in given.identities() {
            let days = self.seen.entry(key).or_default();
            let near = |day: &NaiveDate| (*day - given.date).num_days().abs() <= 3;
            repeated |= days.iter().any(near);
            days.push(given.date);
        }
        repeated
    }
}

impl Summary {
    fn count(&mut self, answer: &answer::Answer) {
        self.lines += 1;
        match answer.decision {
            "auto" => self.auto += 1,
            "suggest" => self.suggest += 1,
            _ => self.queue += 1,
        }
    }
}

/// A row with its cells in the order that was asked for.
struct Row<'r> {
    record: &'r StringRecord,
    places: &'r [usize],
}

impl Row<'_> {
    fn cell(&self, at: usize) -> &str {
        self.places.get(at).and_then(|place| self.record.get(*place)).unwrap_or_default()
    }

    fn text(&self, at: usize) -> String {
        self.cell(at).trim().to_owned()
    }

    fn chars(&self, at: usize) -> std::str::Chars<'_> {
        self.cell(at).chars()
    }
}

fn table(
    source: &mut dyn Read,
    table: &'static str,
    columns: &[&str],
    take: &mut dyn FnMut(&Row<'_>) -> Result<(), String>,
) -> Result<(), Problem> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source);
    let mut record = StringRecord::new();
    let mut places: Option<Vec<usize>> = None;
    loop {
        let line = reader.position().line();
        let problem = |what: String| Problem::Input { table, line, what };
        if !reader.read_record(&mut record).map_err(|e| problem(e.to_string()))? {
            break;
        }
        match &places {
            Some(places) => take(&Row { record: &record, places }).map_err(problem)?,
            None => {
                let place = |name: &&str| {
                    let found = record.iter().position(|cell| {
                        cell.trim_matches(['\u{FEFF}', ' ']).eq_ignore_ascii_case(name)
                    });
                    found.ok_or_else(|| problem(format!("the column {name} is missing")))
                };
                places = Some(columns.iter().map(place).collect::<Result<_, _>>()?);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
