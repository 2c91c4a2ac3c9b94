//! Invoices in memory, for a command and a benchmark: what a batch's queries answer in the service,
//! answered by hash probes. A million invoices take about a quarter of a gigabyte.

use super::numbers::{NumberKey, squash};
use super::{Decision, Invoice, KnownBy, Payment, Preset, Snapshot, decide};
use std::collections::hash_map::{DefaultHasher, Entry};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hash, Hasher};
use types::Money;
use types::damm;
use types::id::{ClientId, InvoiceId, SellerId};
use uuid::Uuid;

/// Most invoices that one line is compared with.
const MAX_INVOICES: usize = 2_000;

/// No further invoice.
const END: u32 = u32::MAX;

/// Takes digests as they are: they are spread already.
#[derive(Debug, Clone, Copy, Default)]
struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }
}

/// Invoices that share something: the last one added, and from each the one before it.
#[derive(Debug, Default)]
struct Chain {
    last: HashMap<u64, u32, BuildHasherDefault<Plain>>,
    before: Vec<u32>,
}

impl Chain {
    fn add(&mut self, key: &str, row: u32) {
        let row_at = row as usize;
        if self.before.len() <= row_at {
            self.before.resize(row_at + 1, END);
        }
        match self.last.entry(digest(key)) {
            Entry::Occupied(mut entry) => self.before[row_at] = entry.insert(row),
            Entry::Vacant(entry) => {
                entry.insert(row);
            }
        }
    }

    /// Invoices that may share the key: two keys may share a digest, so the caller compares.
    fn of(&self, key: &str) -> impl Iterator<Item = u32> {
        let mut next = self.last.get(&digest(key)).copied().unwrap_or(END);
        std::iter::from_fn(move || {
            let row = (next != END).then_some(next)?;
            next = self.before.get(row as usize).copied().unwrap_or(END);
            Some(row)
        })
    }
}

fn digest(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// An invoice as a table of the command has it.
#[derive(Debug, Clone)]
pub struct Given<'g> {
    /// Number as printed.
    pub number: &'g str,
    /// Day of issue.
    pub issued_on: chrono::NaiveDate,
    /// Left to pay.
    pub residual: Money,
    /// Whose it is.
    pub client: &'g str,
    /// The client's tax id.
    pub tax_id: &'g str,
    /// Its КПП.
    pub kpp: &'g str,
    /// Neither cancelled nor expired.
    pub open: bool,
    /// Account of the seller; empty when any.
    pub seller_account: &'g str,
}

/// All that is known.
#[derive(Debug, Default)]
pub struct Index {
    invoices: Vec<Invoice>,
    /// Whose seller is any.
    any_seller: Vec<bool>,
    by_full: Chain,
    by_tail: Chain,
    by_letters: Chain,
    by_squash: Chain,
    open: Chain,
    clients: HashMap<String, u32>,
    by_tax_id: HashMap<String, Vec<u32>>,
    by_branch: HashMap<(String, String), Vec<u32>>,
    by_account: HashMap<String, Vec<u32>>,
    sellers: HashMap<String, u32>,
    /// Whether all numbers with this prefix have check digits, and how many they are.
    checked: HashMap<String, (bool, u32)>,
    /// What lines before wait for.
    awaited: HashSet<InvoiceId>,
}

fn id(at: u32) -> Uuid {
    Uuid::from_u128(u128::from(at) + 1)
}

fn add_once(list: &mut Vec<u32>, client: u32) {
    if !list.contains(&client) {
        list.push(client);
    }
}

impl Index {
    fn client(&mut self, client: &str) -> u32 {
        let next = u32::try_from(self.clients.len()).unwrap_or(END - 1);
        match self.clients.get(client) {
            Some(known) => *known,
            None => *self.clients.entry(client.to_owned()).or_insert(next),
        }
    }

    /// The seller of an account.
    pub fn seller(&mut self, account: &str) -> SellerId {
        let next = u32::try_from(self.sellers.len()).unwrap_or(END - 1);
        SellerId(id(*self.sellers.entry(account.to_owned()).or_insert(next)))
    }

    /// Whether an account is a seller's.
    #[must_use]
    pub fn is_own(&self, account: &str) -> bool {
        self.sellers.contains_key(account)
    }

    /// Adds an invoice; answers its place.
    pub fn invoice(&mut self, given: &Given<'_>) -> usize {
        let client = self.client(given.client);
        let key = NumberKey::of(given.number);
        let row = u32::try_from(self.invoices.len()).unwrap_or(END - 1);
        self.by_full.add(&key.full, row);
        if key.prefix().is_some() {
            self.by_tail.add(&key.tail, row);
        }
        if let Some(rest) = key.without_letters() {
            self.by_letters.add(rest, row);
        }
        self.by_squash.add(&squash(given.number), row);
        if given.open && given.residual.is_positive() {
            self.open.add(&client.to_string(), row);
        }
        if !given.tax_id.is_empty() {
            add_once(self.by_tax_id.entry(given.tax_id.to_owned()).or_default(), client);
            if !given.kpp.is_empty() {
                let branch = (given.tax_id.to_owned(), given.kpp.to_owned());
                add_once(self.by_branch.entry(branch).or_default(), client);
            }
        }
        let prefix = key.prefix().unwrap_or_default().to_owned();
        let checked = self.checked.entry(prefix).or_insert((true, 0));
        *checked = (checked.0 && damm::holds(&key.tail), checked.1 + 1);
        let seller = self.seller(given.seller_account);
        self.any_seller.push(given.seller_account.is_empty());
        self.invoices.push(Invoice {
            id: InvoiceId(id(row)),
            number: given.number.to_owned(),
            sequence: 0,
            client: ClientId(id(client)),
            payer: None,
            seller,
            residual: given.residual,
            issued_on: given.issued_on,
            open: given.open,
        });
        self.invoices.len() - 1
    }

    /// Adds an account of a client.
    pub fn account(&mut self, client: &str, account: &str) {
        let client = self.client(client);
        add_once(self.by_account.entry(account.to_owned()).or_default(), client);
    }

    /// The place of an invoice in the order of adding.
    #[must_use]
    pub fn place(invoice: InvoiceId) -> usize {
        usize::try_from(invoice.0.as_u128()).unwrap_or(1).saturating_sub(1)
    }

    /// What is known about a payment.
    #[must_use]
    pub fn snapshot(&self, payment: &Payment) -> Snapshot {
        let payers = self.payers(payment);
        let mut rows: BTreeSet<u32> = BTreeSet::new();
        for mention in payment.mentions.iter().chain(&payment.hints.bare) {
            let (full, tail) = (mention.key.full.as_str(), mention.key.tail.as_str());
            let several = mention.several.iter().map(|key| key.full.as_str());
            for key in [full, tail].into_iter().chain(several) {
                let chains = [&self.by_full, &self.by_tail, &self.by_letters];
                chains.into_iter().for_each(|chain| rows.extend(chain.of(key).take(MAX_INVOICES)));
            }
            let squashed = squash(&mention.text);
            rows.extend(self.by_squash.of(&squashed).take(MAX_INVOICES));
        }
        let mut clients: BTreeSet<u32> = payers.iter().map(|(client, _)| *client).collect();
        if clients.is_empty() {
            // Who is named alone must be told apart from its own other invoices.
            clients.extend(rows.iter().take(50).map(|row| self.client_of(*row)));
        }
        for client in clients {
            rows.extend(self.open.of(&client.to_string()).take(MAX_INVOICES));
        }
        let invoices: Vec<Invoice> = rows.into_iter().map(|row| self.seen(row, payment)).collect();
        let awaited = invoices.iter().map(|invoice| invoice.id);
        let awaited = awaited.filter(|id| self.awaited.contains(id)).collect();
        let branch = payment.payer_tax_id.clone().zip(payment.payer_kpp.clone());
        let branches = branch.and_then(|branch| self.by_branch.get(&branch));
        Snapshot {
            invoices,
            awaited,
            payers: payers.into_iter().map(|(client, by)| (ClientId(id(client)), by)).collect(),
            branches: branches.into_iter().flatten().map(|client| ClientId(id(*client))).collect(),
            unmatched: Vec::new(),
        }
    }

    fn client_of(&self, row: u32) -> u32 {
        let client = self.invoices[row as usize].client.0.as_u128();
        u32::try_from(client).unwrap_or(1).saturating_sub(1)
    }

    /// An invoice as this payment sees it.
    fn seen(&self, row: u32, payment: &Payment) -> Invoice {
        let at = row as usize;
        let mut invoice = self.invoices[at].clone();
        if self.any_seller[at] {
            invoice.seller = payment.seller;
        }
        let key = NumberKey::of(&invoice.number);
        let prefix = key.prefix().unwrap_or_default();
        // One number in ten has a check digit by chance.
        let series = self
            .checked
            .get(prefix)
            .is_some_and(|(all, count)| *all && (*count >= 3 || !prefix.is_empty()));
        if series {
            invoice.sequence = damm::strip(&key.tail).unwrap_or_default();
        }
        invoice
    }

    fn payers(&self, payment: &Payment) -> Vec<(u32, KnownBy)> {
        let known = |by: KnownBy, clients: Option<&Vec<u32>>| -> Vec<(u32, KnownBy)> {
            clients.into_iter().flatten().map(|client| (*client, by)).collect()
        };
        let mut payers = Vec::new();
        if let Some(tax_id) = &payment.payer_tax_id {
            payers.extend(known(KnownBy::TaxId, self.by_tax_id.get(tax_id)));
        }
        if let Some(account) = &payment.payer_account {
            payers.extend(known(KnownBy::Account, self.by_account.get(account)));
        }
        for tax_id in payment.behalf() {
            payers.extend(known(KnownBy::OnBehalf, self.by_tax_id.get(tax_id)));
        }
        payers
    }

    /// Decides about a payment; what it allocates is no longer open for the next one.
    pub fn decide(&mut self, payment: &Payment, preset: Preset) -> Decision {
        let decision = decide(payment, &self.snapshot(payment), preset);
        for share in &decision.allocate {
            let at = Self::place(share.proposal.invoice);
            if let Some(invoice) = self.invoices.get_mut(at) {
                let left = invoice.residual.checked_sub(share.amount);
                invoice.residual = left.unwrap_or(invoice.residual);
            }
        }
        self.awaited.extend(decision.awaits());
        decision
    }
}

/// Whether a proposal is worth a person's first look: the payer or the number is known, and the
/// score is that of more than chance.
#[must_use]
pub fn is_worth_a_look(reasons: &[super::reasons::Reason], score: i32) -> bool {
    let known = reasons.iter().any(|reason| {
        matches!(
            reason.code(),
            "PAYER_TAX_ID"
                | "PAYER_ACCOUNT"
                | "ON_BEHALF"
                | "LEARNED_RULE"
                | "NUMBER_NAMES_CLIENT"
                | "NUMBER_EXACT"
                | "NUMBER_PREFIXLESS"
                | "NUMBER_SPELT"
        )
    });
    let other_seller = reasons.iter().any(|reason| reason.code() == "PAID_TO_OTHER_SELLER");
    known && !other_seller && score >= 40
}
