//! The billing run: what should have been billed up to a date less what is, made and issued (or
//! held by policy), for each client of a chunk in the chunk's transaction (A195, G18).

mod daily;

pub use daily::{Daily, Worker};

use crate::{
    domain::{
        billing::{
            BillingError, begun_of,
            book::{Book, Step, Stored, billed_now},
        },
        covered::covered,
        invoices::{Invoice, InvoiceKind, group},
        lines::{Line, LineKind},
        subscriptions::Subscription,
    },
    flows::{
        issue::{self, Source},
        terms::Terms,
    },
    jobs::runs::Task,
    store::{
        self,
        invoices::{InvoiceRow, NewInvoice},
        runs::{HoldPolicy, RunKind},
        subscriptions::SubscriptionRow,
    },
};
use chrono::NaiveDate;
use proto::invoicing::v1::{BillingProgress, BillingResult};
use service::{Failure, Frame, Text};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use types::{
    Period,
    id::{BillingRunId, ClientId, ContractId, InvoiceId, InvoiceLineId},
};

/// Why a renewal waits for staff.
const HELD: &str = "hold policy";

/// Bills up to a date.
#[derive(Debug)]
pub struct Billing;

impl Task for Billing {
    const KIND: RunKind = RunKind::Billing;
    const WORKERS: usize = 2;
    type Progress = BillingProgress;

    async fn clients(conn: &mut PgConnection, date: NaiveDate) -> Result<Vec<ClientId>, Failure> {
        store::runs::due_clients(conn, date).await
    }

    async fn chunk(
        conn: &mut PgConnection,
        frame: &Frame,
        run: Option<BillingRunId>,
        date: NaiveDate,
        clients: &[ClientId],
    ) -> Result<BillingProgress, Failure> {
        let plan = Plan::make(conn, date, clients).await?;
        match run {
            None => plan.shown(),
            Some(run) => plan.write(conn, frame, run).await,
        }
    }

    fn refused(client: ClientId, failure: Failure) -> Result<BillingProgress, Failure> {
        Ok(BillingProgress { results: vec![problem(client, &failure)], ..Default::default() })
    }

    async fn complete(
        _: &mut PgConnection,
        _: &Frame,
        _: NaiveDate,
        _: &str,
    ) -> Result<(), Failure> {
        Ok(())
    }
}

/// What a chunk is to make.
#[derive(Debug, Default)]
struct Plan {
    /// Drafts, in the order of clients and contracts; true for those that a policy holds.
    invoices: Vec<(Invoice, bool)>,
    /// Subscriptions with how far they are billed by them.
    billed: Vec<Subscription>,
    /// Clients that are passed over.
    problems: Vec<BillingResult>,
    /// What they refer to.
    terms: Terms,
}

impl Plan {
    async fn make(
        conn: &mut PgConnection,
        date: NaiveDate,
        clients: &[ClientId],
    ) -> Result<Self, Failure> {
        let rows = store::subscriptions::recurring_of(conn, clients).await?;
        let ids: Vec<_> = rows.iter().map(|r| r.subscription.id).collect();
        let claimed = store::billed_periods::claimed(conn, &ids).await?;
        let steps = store::changes::standing(conn, &ids).await?;
        let terms = Terms::of_subscriptions(conn, rows.iter().map(|r| &r.subscription)).await?;
        let policy = store::runs::hold_policy(conn, clients).await?;
        let mut by_client: BTreeMap<ClientId, Vec<&SubscriptionRow>> = BTreeMap::new();
        for row in &rows {
            by_client.entry(row.subscription.client).or_default().push(row);
        }
        let mut plan = Self::default();
        for (client, rows) in by_client {
            let due: Vec<Due> = rows
                .into_iter()
                .map(|row| {
                    let id = &row.subscription.id;
                    let claimed = claimed.get(id).map_or(&[][..], Vec::as_slice);
                    let steps = steps.get(id).map_or(&[][..], Vec::as_slice);
                    Due { row, claimed, steps }
                })
                .collect();
            match plan_client(&terms, &policy, date, &due) {
                Ok((invoices, billed)) => {
                    plan.invoices.extend(invoices);
                    plan.billed.extend(billed);
                }
                Err(failure) => plan.problems.push(problem(client, &failure)),
            }
        }
        Ok(Self { terms, ..plan })
    }

    /// What would be made.
    fn shown(self) -> Result<BillingProgress, Failure> {
        let results = self.invoices.iter().map(|(i, held)| {
            let mut shown = result(i, *held)?;
            shown.invoice.clear();
            Ok(shown)
        });
        let mut results: Vec<BillingResult> = results.collect::<Result<_, Failure>>()?;
        results.extend(self.problems);
        Ok(BillingProgress { results, ..Default::default() })
    }

    /// Writes it: what is billed moves first, so that what a payment by credit moves stays moved.
    async fn write(
        self,
        conn: &mut PgConnection,
        frame: &Frame,
        run: BillingRunId,
    ) -> Result<BillingProgress, Failure> {
        let now = frame.clock.now();
        store::subscriptions::save(conn, &self.billed).await?;
        let results = self.invoices.iter().map(|(i, held)| result(i, *held));
        let mut results: Vec<BillingResult> = results.collect::<Result<_, Failure>>()?;
        results.extend(self.problems);
        let (mut held, mut free) = (Vec::new(), Vec::new());
        for (invoice, hold) in self.invoices {
            if hold {
                let invoice = invoice.hold(Some(HELD.into())).map_err(Failure::internal)?;
                let (order, run) = (None, Some(run));
                held.push(NewInvoice { invoice, order, run, payer_revision: None, paid_at: None });
            } else {
                free.push(InvoiceRow {
                    invoice,
                    payer_revision: None,
                    paid_at: None,
                    order: None,
                    revision: 1,
                    created_at: now,
                });
            }
        }
        if !held.is_empty() {
            store::invoices::insert(conn, &held, now).await?;
        }
        if !free.is_empty() {
            issue::issue(conn, frame, free, Source::Run(run, &self.terms)).await?;
        }
        Ok(BillingProgress { results, ..Default::default() })
    }
}

/// A subscription that may have something to bill.
#[derive(Debug, Clone, Copy)]
struct Due<'a> {
    row: &'a SubscriptionRow,
    /// What is billed of it, or never will be.
    claimed: &'a [Period],
    /// Changes of its quantity.
    steps: &'a [Step],
}

/// The invoices of one client, and how far they bill.
type Client = (Vec<(Invoice, bool)>, Vec<Subscription>);

fn plan_client(
    terms: &Terms,
    policy: &HoldPolicy,
    date: NaiveDate,
    due: &[Due<'_>],
) -> Result<Client, Failure> {
    let (mut lines, mut billed): (Vec<(ContractId, Line)>, Vec<Subscription>) = Default::default();
    for of in due {
        let subscription = &of.row.subscription;
        let made = lines_of(terms, date, of)?;
        if !made.is_empty() {
            let periods = made.iter().filter(|l| l.kind == LineKind::Period).map(|l| l.period);
            let periods: Vec<Period> = of.claimed.iter().copied().chain(periods).collect();
            let billed_through = covered(subscription.start, &periods);
            billed.push(Subscription { billed_through, ..subscription.clone() });
        }
        lines.extend(made.into_iter().map(|line| (subscription.contract, line)));
    }
    let mut invoices = Vec::new();
    for ((contract, _), lines) in group(lines) {
        let contract = terms.contract(contract)?;
        let hold = policy.all
            || policy.clients.contains(&contract.client)
            || terms.seller(contract.seller)?.hold_invoices;
        let id = InvoiceId::generate();
        let draft = Invoice::draft(id, InvoiceKind::Main, contract, lines);
        invoices.push((draft.map_err(|e| issue::refused(&e))?, hold));
    }
    Ok((invoices, billed))
}

/// What the billing engine makes of the days of one subscription that nothing claims. Those that
/// are billed are left alone: who changes them sees what that makes, and confirms it.
fn lines_of(terms: &Terms, date: NaiveDate, due: &Due<'_>) -> Result<Vec<Line>, Failure> {
    let subscription = &due.row.subscription;
    let contract = terms.contract(subscription.contract)?;
    let product = &terms.product(subscription.product)?.product;
    let mut book = Book::default();
    book.add(Stored {
        subscription,
        product,
        convention: terms.convention(subscription)?,
        reason: &due.row.override_reason,
        timing: terms.timing(subscription)?,
        tax: terms.tax(subscription)?,
        steps: due.steps,
        // What is stopped is not in a run, and what rested is settled.
        suspended: None,
        settled: due.claimed.to_vec(),
    });
    let until = (date, terms.seller(contract.seller)?.lead_days);
    let made = begun_of(&book.history, 0, until, &mut InvoiceLineId::generate);
    let open = |start: NaiveDate| contract.closed.is_none_or(|closed| start < closed);
    let mut lines = billed_now(made.map_err(|e| not_priced(&e))?, subscription, product, due.steps);
    lines.retain(|line| open(line.period.start()));
    Ok(lines)
}

fn not_priced(e: &BillingError) -> Failure {
    let said = Text::of(e);
    let text =
        Text::new(format!("Продление не рассчитано: {}.", said.ru), format!("No renewal: {e}."));
    Failure::precondition("RENEWAL_NOT_PRICED", text)
}

fn result(invoice: &Invoice, held: bool) -> Result<BillingResult, Failure> {
    let total = invoice.totals().map_err(Failure::internal)?.gross;
    Ok(BillingResult {
        client: invoice.client.to_string(),
        invoice: invoice.id.to_string(),
        contract: invoice.contract.to_string(),
        lines: i32::try_from(invoice.lines.len()).unwrap_or(i32::MAX),
        total: Some(total.into()),
        held,
        problem: String::new(),
    })
}

/// A client that is passed over, with why in both languages.
fn problem(client: ClientId, failure: &Failure) -> BillingResult {
    let Text { ru, en } = failure.text();
    BillingResult {
        client: client.to_string(),
        problem: format!("{ru} / {en}"),
        ..Default::default()
    }
}
