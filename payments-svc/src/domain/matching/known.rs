//! What is known about the lines of a batch, by the evidence that leads to it. Lines are decided in
//! order, and each decision is seen by those after it.

use super::{Invoice, KnownBy, Payment, Snapshot};
use crate::domain::learned_rules::Kind;
use std::collections::{BTreeSet, HashMap};
use types::Money;
use types::id::{ClientId, InvoiceId, LineId};

/// Most invoices that one line is compared with.
const MAX_INVOICES: usize = 200;

/// Most clients that one payer may be.
const MAX_PAYERS: usize = 100;

/// Invoices and payers that the lines of a batch may concern.
#[derive(Debug, Clone, Default)]
pub struct Known {
    invoices: HashMap<InvoiceId, Invoice>,
    by_full: HashMap<String, Vec<InvoiceId>>,
    by_tail: HashMap<String, Vec<InvoiceId>>,
    open: HashMap<ClientId, Vec<InvoiceId>>,
    payers: HashMap<(KnownBy, String), Vec<ClientId>>,
    /// Whom payers pay for, and by which rules.
    learned: HashMap<(Kind, String), Vec<(ClientId, i64)>>,
    unmatched: HashMap<LineId, Vec<InvoiceId>>,
    /// What is left to pay after what was decided here; of other invoices nothing was.
    left: HashMap<InvoiceId, Money>,
    /// What lines before wait for.
    awaited: BTreeSet<InvoiceId>,
    earlier: Earlier,
}

/// What was allocated by batches before, of which the look-ups of a batch tell nothing yet. A
/// machine pays invoices in whole, so that none of them comes to be due with another amount.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    allocated: HashMap<InvoiceId, Money>,
    awaited: BTreeSet<InvoiceId>,
}

impl Earlier {
    fn left(&self, invoice: &Invoice) -> Money {
        let allocated = self.allocated.get(&invoice.id);
        let left = allocated.and_then(|allocated| invoice.residual.checked_sub(*allocated).ok());
        left.unwrap_or(invoice.residual)
    }
}

impl Known {
    /// An invoice that some line may name, with its canonical number, whole and without prefix.
    pub fn named(&mut self, invoice: Invoice, full: String, tail: String) {
        let id = invoice.id;
        if self.invoices.insert(id, invoice).is_none() {
            self.by_full.entry(full).or_default().push(id);
            self.by_tail.entry(tail).or_default().push(id);
        }
    }

    /// Invoices that some line may name.
    pub fn all_named(&self) -> impl Iterator<Item = &Invoice> {
        self.by_full.values().flatten().filter_map(|id| self.invoices.get(id))
    }

    /// So much of an invoice is allocated already, and not answered yet.
    pub fn in_flight(&mut self, invoice: InvoiceId, amount: Money) {
        if let Some(invoice) = self.invoices.get_mut(&invoice) {
            invoice.residual = invoice.residual.checked_sub(amount).unwrap_or(invoice.residual);
        }
    }

    /// An open invoice of a client who may be the payer of some line.
    pub fn open(&mut self, invoice: Invoice) {
        self.open.entry(invoice.client).or_default().push(invoice.id);
        let residual = self.earlier.left(&invoice);
        self.invoices.entry(invoice.id).or_insert(Invoice { residual, ..invoice });
    }

    /// Batches before this one have left less to pay. Comes after all invoices that are named, and
    /// what is [in flight](Self::in_flight) of them.
    pub fn carry(&mut self, earlier: Earlier) {
        for invoice in self.invoices.values_mut() {
            invoice.residual = earlier.left(invoice);
        }
        self.earlier = earlier;
    }

    /// What batches after this one [carry](Self::carry).
    #[must_use]
    pub fn carried(mut self) -> Earlier {
        for (id, left) in self.left {
            let due =
                self.invoices.get(&id).and_then(|known| known.residual.checked_sub(left).ok());
            if let Some(amount) = due {
                let before =
                    self.earlier.allocated.entry(id).or_insert(Money::zero(left.currency()));
                *before = before.checked_add(amount).unwrap_or(*before);
            }
        }
        self.earlier.awaited.append(&mut self.awaited);
        self.earlier
    }

    /// A client who is known by this tax id or account.
    pub fn payer(&mut self, by: KnownBy, key: String, client: ClientId) {
        self.payers.entry((by, key)).or_default().push(client);
    }

    /// A client for whom this account, or who has this tax id, pays by the rule of this number.
    pub fn learned(&mut self, kind: Kind, key: String, client: ClientId, rule: i64) {
        self.learned.entry((kind, key)).or_default().push((client, rule));
    }

    /// An invoice that a person took back from this line.
    pub fn unmatched(&mut self, line: LineId, invoice: InvoiceId) {
        self.unmatched.entry(line).or_default().push(invoice);
    }

    /// Clients who may be the payer of one of these payments.
    pub fn clients<'p>(
        &self,
        payments: impl IntoIterator<Item = &'p Payment>,
    ) -> BTreeSet<ClientId> {
        payments.into_iter().flat_map(|payment| self.payers_of(payment)).map(|(id, _)| id).collect()
    }

    /// What is known about one line at this moment. The order of the invoices is that of their
    /// ids, whatever else the batch holds.
    #[must_use]
    pub fn snapshot(&self, line: LineId, payment: &Payment) -> Snapshot {
        let payers = self.payers_of(payment);
        let mut ids: BTreeSet<InvoiceId> = BTreeSet::new();
        for mention in &payment.mentions {
            let (full, tail) = (&mention.key.full, &mention.key.tail);
            let found = [self.by_full.get(full), self.by_full.get(tail), self.by_tail.get(full)];
            ids.extend(found.into_iter().flatten().flatten());
        }
        for (client, _) in &payers {
            ids.extend(self.open.get(client).into_iter().flatten());
        }
        let invoices = ids.iter().filter_map(|id| self.invoices.get(id)).map(|invoice| {
            let residual = self.left.get(&invoice.id).copied().unwrap_or(invoice.residual);
            Invoice { residual, ..invoice.clone() }
        });
        Snapshot {
            invoices: invoices.take(MAX_INVOICES).collect(),
            payers,
            branches: Vec::new(),
            unmatched: self.unmatched.get(&line).cloned().unwrap_or_default(),
            awaited: ids.iter().copied().filter(|id| self.is_awaited(id)).collect(),
        }
    }

    fn payers_of(&self, payment: &Payment) -> Vec<(ClientId, KnownBy)> {
        let keys = [
            (KnownBy::TaxId, payment.payer_tax_id.as_ref()),
            (KnownBy::Account, payment.payer_account.as_ref()),
        ];
        let behalf = payment.behalf().map(|tax_id| (KnownBy::OnBehalf, Some(tax_id)));
        keys.into_iter()
            .chain(behalf)
            .filter_map(|(by, key)| {
                // Tax ids are looked up once, whoever has them.
                let kind = if by == KnownBy::OnBehalf { KnownBy::TaxId } else { by };
                Some((by, self.payers.get(&(kind, key?.clone()))?))
            })
            .flat_map(|(by, clients)| clients.iter().map(move |client| (*client, by)))
            .chain(self.learned_of(payment))
            .take(MAX_PAYERS)
            .collect()
    }

    fn learned_of(&self, payment: &Payment) -> impl Iterator<Item = (ClientId, KnownBy)> {
        let keys = [
            (Kind::PayerAccount, payment.payer_account.as_ref()),
            (Kind::PayerTaxId, payment.payer_tax_id.as_ref()),
        ];
        let keys = keys.into_iter().filter(move |_| !self.learned.is_empty());
        keys.filter_map(move |(kind, key)| self.learned.get(&(kind, key?.clone())))
            .flatten()
            .map(|(client, rule)| (*client, KnownBy::Learned(*rule)))
    }

    /// What was decided for a line leaves less to pay for the lines after it.
    pub fn allocate(&mut self, invoice: InvoiceId, amount: Money) {
        if let Some(known) = self.invoices.get(&invoice) {
            let left = self.left.entry(invoice).or_insert(known.residual);
            *left = left.checked_sub(amount).unwrap_or(*left);
        }
    }

    /// A line waits for a person, who will most likely choose these.
    pub fn awaits(&mut self, invoices: impl IntoIterator<Item = InvoiceId>) {
        self.awaited.extend(invoices);
    }

    fn is_awaited(&self, invoice: &InvoiceId) -> bool {
        self.awaited.contains(invoice) || self.earlier.awaited.contains(invoice)
    }

    /// Nothing was decided yet: lines are looked at from the first one again.
    pub fn start_again(&mut self) {
        self.left.clear();
        self.awaited.clear();
    }
}

#[cfg(test)]
mod tests;
