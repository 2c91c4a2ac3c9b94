//! What looks wrong in a client's subscriptions and in its invoices that wait: everything that the
//! linter looks at, read at once.

use crate::{
    domain::{
        billing::{
            Kind, Line,
            book::{self, Book, Stored},
            history,
            lint::{self, Case, Draft, DraftLine, Finding, Subject},
            timeline::{Terms as Units, timeline},
        },
        discounts::Discount,
        invoices::InvoiceState,
        lines as invoices,
        proration::{Convention, Trace},
        tax::PriceTax,
        texts::Text,
    },
    flows::{accept, terms::Terms},
    store::{self, invoices::InvoiceRow, subscriptions::SubscriptionRow},
};
use service::{Failure, Frame};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};
use types::id::{
    ClientId, ContractId, InvoiceId, InvoiceLineId, ProductId, SellerId, SubscriptionId,
};

/// Most subscriptions, and most waiting invoices, of a client that are looked at.
const MOST: i64 = 500;

/// Something that was found, about what is stored.
#[derive(Debug, Clone)]
pub struct Found {
    /// Rule, severity and text.
    pub finding: Finding,
    /// What to do, in words.
    pub advice: Text,
    /// The subscription that it is about.
    pub subscription: Option<SubscriptionId>,
    /// The invoice that it is about.
    pub invoice: Option<InvoiceId>,
    /// The line of it.
    pub line: Option<InvoiceLineId>,
    /// What it is about, as people call it.
    pub title: String,
}

/// What the linter looked at, by its places.
#[derive(Debug, Default)]
pub struct Looked {
    book: Book,
    rows: Vec<SubscriptionRow>,
    waiting: Vec<InvoiceRow>,
    /// Of each waiting invoice, the lines that are looked at.
    lines: Vec<Vec<InvoiceLineId>>,
    drafts: Vec<Draft>,
}

/// Looks at a client.
///
/// # Errors
/// `FAILED_PRECONDITION` where a payer is not known yet; those of the database.
pub async fn of_client(
    conn: &mut PgConnection,
    frame: &Frame,
    client: ClientId,
) -> Result<(Vec<Found>, Looked), Failure> {
    let today = frame.clock.today(accept::zone(conn, client).await?);
    let allowed = store::orders::allowed_twice(conn, client).await?;
    let mut looked = Looked::read(conn, client).await?;
    let terms = looked.terms(conn).await?;
    looked.fill(conn, &terms).await?;
    looked.catalogue(&terms)?;
    let (history, drafts) = (&looked.book.history, &looked.drafts);
    let case = Case { history, drafts, today, allowed: &allowed };
    let found = lint::lint(&case).map_err(Failure::internal)?;
    let found = found.into_iter().map(|finding| looked.about(finding)).collect();
    Ok((found, looked))
}

impl Looked {
    async fn read(conn: &mut PgConnection, client: ClientId) -> Result<Self, Failure> {
        let filter =
            store::subscriptions::Filter { client: Some(client), state: None, renewal: None };
        let mut rows = store::subscriptions::list(conn, filter, None, MOST).await?;
        rows.reverse();
        let mut waiting = Vec::new();
        for state in [InvoiceState::Draft, InvoiceState::Held] {
            let filter = store::invoices::Filter {
                client: Some(client),
                state: Some(state.code()),
                ..Default::default()
            };
            waiting.extend(store::invoices::list(conn, &filter, None, MOST).await?);
        }
        let waiting = store::invoices::get_all(conn, &waiting).await?;
        Ok(Self { rows, waiting, ..Self::default() })
    }

    async fn terms(&self, conn: &mut PgConnection) -> Result<Terms, Failure> {
        let lines = self.waiting.iter().flat_map(|row| &row.invoice.lines);
        let subscriptions = self.rows.iter().map(|r| &r.subscription);
        let products = subscriptions.clone().map(|s| s.product);
        let products: BTreeSet<ProductId> =
            products.chain(lines.filter_map(|l| l.product)).collect();
        let waiting = self.waiting.iter().map(|row| row.invoice.contract);
        let contracts: BTreeSet<ContractId> =
            subscriptions.map(|s| s.contract).chain(waiting).collect();
        Terms::read(conn, contracts, products, BTreeSet::new()).await
    }

    async fn fill(&mut self, conn: &mut PgConnection, terms: &Terms) -> Result<(), Failure> {
        let ids: Vec<SubscriptionId> = self.rows.iter().map(|r| r.subscription.id).collect();
        let steps = store::changes::standing(conn, &ids).await?;
        let skipped = store::billed_periods::skipped(conn, &ids).await?;
        let stopped = store::suspensions::open(conn, &ids).await?;
        let standing = store::invoices::standing(conn, &ids).await?;
        let mut billed = HashMap::new();
        for row in &self.rows {
            let s = &row.subscription;
            let place = self.book.add(Stored {
                subscription: s,
                product: &terms.product(s.product)?.product,
                convention: terms.convention(s)?,
                reason: &row.override_reason,
                timing: terms.timing(s)?,
                tax: terms.tax(s)?,
                steps: steps.get(&s.id).map_or(&[][..], Vec::as_slice),
                suspended: stopped.get(&s.id).map(|o| o.suspension.first_day.max(s.start)),
                settled: skipped.get(&s.id).cloned().unwrap_or_default(),
            });
            let lines = standing.get(&s.id).map_or(&[][..], Vec::as_slice);
            billed.insert(s.id, self.billed(place, lines)?);
        }
        for row in &self.waiting {
            let mut draft = Draft::default();
            let mut looked = Vec::new();
            for line in &row.invoice.lines {
                let Some(product) = line.product else {
                    draft.by_hand.push(line.amounts.gross);
                    continue;
                };
                let of = line.subscription.and_then(|id| billed.get(&id));
                let of = of.map_or(&[][..], Vec::as_slice);
                let contract = terms.contract(row.invoice.contract)?;
                let tax = terms.tax_of(contract, product)?;
                draft.seller = self.book.seller(row.invoice.seller, tax);
                let engine = match of.iter().find(|l| l.id == line.id) {
                    Some(line) => line.clone(),
                    None => {
                        let product = self.book.product(&terms.product(product)?.product, tax);
                        once(line, product, self.book.contract(contract.id, tax))
                    }
                };
                let last = lint::before(of, &engine).cloned();
                // A code that was given since is printed as it is now.
                let now = terms.product(product)?.product.accounting_code.clone();
                let accounting_code = now.or_else(|| line.accounting_code.clone());
                draft.lines.push(draft_line(line, engine, accounting_code, last));
                looked.push(line.id);
            }
            self.drafts.push(draft);
            self.lines.push(looked);
        }
        Ok(())
    }

    /// The standing lines of a subscription as the engine knows them.
    fn billed(&self, place: usize, lines: &[invoices::Line]) -> Result<Vec<Line>, Failure> {
        let timeline = timeline(&self.book.history, place).map_err(Failure::internal)?;
        let units = timeline.stretches.first().map(|s| s.terms);
        let line = |line: &invoices::Line| {
            let full = timeline.period(line.period.start()).unwrap_or((line.period, 1));
            book::standing(line, place, units?, full)
        };
        Ok(lines.iter().filter_map(line).collect())
    }

    /// Adds what the linter compares with: prices, families, and sellers as people call them.
    fn catalogue(&mut self, terms: &Terms) -> Result<(), Failure> {
        for place in 0..self.book.history.products.len() {
            let Some(id) = self.book.product_at(place) else { continue };
            let row = terms.product(id)?;
            let listed = &mut self.book.history.products[place];
            listed.family = Some(row.family.clone()).filter(|family| !family.is_empty());
            let own = row.product.convention;
            listed.prices = terms.prices(id).iter().map(|price| book::listed(price, own)).collect();
        }
        for place in 0..self.book.history.sellers.len() {
            let Some(id) = self.book.seller_at(place) else { continue };
            self.book.history.sellers[place].id = terms.seller(id)?.seller.name.clone();
        }
        Ok(())
    }

    fn about(&self, finding: Finding) -> Found {
        let advice = finding.fix.text(&self.book.history);
        let (mut invoice, mut line, mut subscription, mut title) = (None, None, None, None);
        match finding.subject {
            Subject::Subscription(place) => {
                subscription = self.subscription(place);
                title = self.rows.get(place).map(|row| row.title.clone());
            }
            Subject::Draft(draft) => invoice = self.waiting.get(draft),
            Subject::Line(draft, at) => {
                invoice = self.waiting.get(draft);
                let id = self.lines.get(draft).and_then(|lines| lines.get(at)).copied();
                let lines = invoice.map_or(&[][..], |row| &row.invoice.lines);
                let of = lines.iter().find(|l| Some(l.id) == id);
                (line, title) = (id, of.map(|l| l.title().ru));
                subscription = of.and_then(|l| l.subscription);
            }
        }
        let invoice = invoice.map(|row| row.invoice.id);
        Found { finding, advice, subscription, invoice, line, title: title.unwrap_or_default() }
    }

    /// The subscription at a place.
    #[must_use]
    pub fn subscription(&self, place: usize) -> Option<SubscriptionId> {
        self.rows.get(place).map(|row| row.subscription.id)
    }

    /// The product at a place.
    #[must_use]
    pub fn product(&self, place: usize) -> Option<ProductId> {
        self.book.product_at(place)
    }

    /// The seller at a place.
    #[must_use]
    pub fn seller(&self, place: usize) -> Option<SellerId> {
        self.book.seller_at(place)
    }
}

fn draft_line(
    line: &invoices::Line,
    engine: Line,
    accounting_code: Option<String>,
    last: Option<Line>,
) -> DraftLine {
    let reason = line.traces.iter().find_map(|trace| match trace {
        Trace::Override(set) => Some(set.reason.clone()),
        _ => None,
    });
    let phrases = line.segments.iter().map(|s| s.decision.phrase.clone()).collect();
    DraftLine { line: engine, accounting_code, phrases, reason, last }
}

/// A line of a product that bills no period of a subscription.
fn once(line: &invoices::Line, product: usize, contract: usize) -> Line {
    let units = Units {
        product,
        option: false,
        contract,
        unit_price: line.unit_price,
        price_months: 1,
        discount: Discount::NONE,
        convention: Convention::Full,
        tax: PriceTax::Included,
        since: line.period.start(),
        timing: history::Timing::Advance,
        by_hand: false,
    };
    Line {
        id: line.id,
        subscription: 0,
        kind: Kind::Once,
        terms: units,
        period: line.period,
        full: line.period,
        full_months: 1,
        quantity: line.quantity,
        change: None,
        credits: None,
        amounts: line.amounts,
        segments: line.segments.iter().map(book::segment).collect(),
        traces: Vec::new(),
        by_hand: matches!(line.traces.first(), Some(Trace::Override(_))),
        charged: None,
    }
}
