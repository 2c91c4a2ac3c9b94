//! The months themselves: days of work at random, jumps of the clock, and a close at the end.

use super::{
    arithmetic::{later, month_of},
    chance::Chance,
    life::Life,
    model::Act,
};
use chrono::{Datelike, Days, NaiveDate};
use e2e::{Suite, money::amount};

/// Seed, months and clients of `make test`: the leap day and a year's end are within. Each letter
/// costs a document, which debug builds are slow at; `make simulate` has a hundred clients.
const SEED: u64 = 20_200_229;
const MONTHS: u32 = 4;
const CLIENTS: u32 = 10;

fn asked<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Issue 3 §2: random months of many clients; after each step the books equal the model's, and
/// after each month the suite's own audit agrees.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_months() {
    let seed = asked("RASCHET_SEED", SEED);
    let (months, clients) = (asked("RASCHET_MONTHS", MONTHS), asked("RASCHET_CLIENTS", CLIENTS));
    eprintln!("RASCHET_SEED={seed} RASCHET_MONTHS={months} RASCHET_CLIENTS={clients}");
    let suite = Suite::here("2019-12-02T09:00:00Z").await;
    let mut life = Life::begin(&suite, Chance::of(seed), clients).await;
    life.compare().await;
    let mut month = month_of(life.model.day());
    for _ in 0..months {
        life.month(month).await;
        month = later(month, 1);
    }
    life.tell();
}

impl Life<'_> {
    /// Days of work, then the jump over the month's end, perhaps a late close, and the whole books.
    async fn month(&mut self, month: NaiveDate) {
        let days = self.days(month);
        for day in days {
            self.go_to(day).await;
            for step in self.chance.some((0..8).collect(), 5) {
                eprintln!("{} {}", self.model.day(), STEPS[step]);
                self.note(STEPS[step]);
                self.step(step).await;
                self.compare().await;
            }
        }
        let next = later(month, 1);
        let late = self.chance.between(0, 9);
        self.go_to(next + Days::new(u64::from(late))).await;
        // Now and then a month is closed with the next one only.
        if self.chance.percent(85) {
            self.note("months closed");
            self.close(month).await;
        }
        self.compare_balances().await;
        self.compare_mail().await;
        self.suite.assert_clean().await;
    }

    /// Days of a month, the last one among them now and then; none, and the clock jumps over all.
    fn days(&mut self, month: NaiveDate) -> Vec<NaiveDate> {
        let last = later(month, 1).pred_opt().unwrap();
        let mut days: Vec<NaiveDate> = Vec::new();
        if self.chance.percent(8) {
            return days;
        }
        for _ in 0..2 {
            let day = self.chance.between(1, last.day());
            days.push(month.with_day(day).unwrap());
        }
        if self.chance.percent(30) || (last.month(), last.day()) == (2, 29) {
            days.push(last);
        }
        days.sort_unstable();
        days
    }

    async fn go_to(&mut self, day: NaiveDate) {
        if day > self.model.day() {
            let before = self.model.day();
            if month_of(before) != month_of(day) {
                self.note("jumps over a month's end");
            }
            let leap = NaiveDate::from_ymd_opt(2020, 2, 29).unwrap();
            if before < leap && leap <= day {
                self.note("leap days passed");
            }
            if before.year() != day.year() {
                self.note("years' ends passed");
            }
            self.suite.advance(&format!("{day}T09:00:00Z")).await;
            self.model.advance(day);
            self.compare().await;
        }
    }

    async fn step(&mut self, step: usize) {
        match step {
            0 => self.some_order(3).await,
            1 => self.changes(8).await,
            2 | 3 => self.statements(30).await,
            4 => self.take_back(3).await,
            5 => self.letters(4).await,
            6 => self.cancellations(2).await,
            _ => self.bill().await,
        }
    }

    /// Closes a month as shown first, and again.
    async fn close(&mut self, month: NaiveDate) {
        let first = month.to_string();
        let (_, shown) = self.suite.close(&first, true).await;
        let (made, summary) = self.suite.close(&first, false).await;
        assert_eq!((shown.acts, &shown.totals), (summary.acts, &summary.totals));
        let mut expected = self.model.close(month);
        let mut found: Vec<Act> = made
            .iter()
            .map(|act| Act {
                client: self.names.clients[&act.client],
                seller: self.names.sellers.iter().position(|s| *s == act.seller).unwrap(),
                month,
                total: amount(act.total.as_ref()),
                lines: act.lines.len(),
            })
            .collect();
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "acts of {month}");
        let (again, _) = self.suite.close(&first, false).await;
        assert!(again.is_empty(), "closing again is a no-op");
    }

    /// A life in which nothing happened proves nothing.
    fn tell(&self) {
        let (invoices, lines) = (self.model.invoices.len(), self.model.bank.len());
        let (acts, letters) = (self.model.acts.len(), self.suite.sink.letters().len());
        let comparisons = self.names.compared;
        eprintln!("{comparisons} comparisons of the whole books; {:?}", self.tally);
        eprintln!("{invoices} invoices, {lines} bank lines, {acts} acts, {letters} letters sent");
        assert!(invoices > self.customers.len() && lines > 0 && acts > 0 && letters > 0);
    }
}

/// What each step is, for whoever replays a seed.
const STEPS: [&str; 8] = [
    "orders",
    "changes",
    "statements",
    "statements",
    "money taken back",
    "letters",
    "cancellations",
    "billing run",
];
