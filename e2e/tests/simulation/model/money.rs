//! What came to the bank, whom it is meant for, and what it stands against.

use super::{Model, Stage};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Days after which the machine sets no money against an invoice.
const TOO_OLD: i64 = 400;

/// A payment as it comes.
#[derive(Debug, Clone)]
pub struct Coming {
    /// Number of the order.
    pub number: u32,
    /// To whose account.
    pub seller: usize,
    /// The client that its requisites are of; nobody's for strangers.
    pub payer: Option<usize>,
    pub amount: Decimal,
    /// The invoices that the purpose names, where they are ours.
    pub names: Vec<usize>,
}

/// A line of a statement.
#[derive(Debug, Clone)]
pub struct BankLine {
    pub coming: Coming,
    pub date: NaiveDate,
    /// Invoices that a person took it back from.
    taken_back: Vec<usize>,
    allocations: Vec<usize>,
    /// As the suite calls it; empty until it is found there.
    pub name: String,
}

#[derive(Debug, Clone)]
pub(super) struct Allocation {
    client: usize,
    seller: usize,
    amount: Decimal,
    received: NaiveDate,
    named: Option<usize>,
    lives: bool,
    applications: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Application {
    allocation: usize,
    amount: Decimal,
    lives: bool,
}

impl Model {
    /// A statement of today; what is certain is allocated.
    pub fn receive(&mut self, payments: Vec<Coming>) {
        for coming in payments {
            let (date, name) = (self.day(), String::new());
            let (taken_back, allocations) = (Vec::new(), Vec::new());
            self.bank.push(BankLine { coming, date, taken_back, allocations, name });
        }
        self.match_certain();
    }

    /// Numbers, amount, payer, seller, date: what fits is allocated, oldest line first; what
    /// is paid by it may make another line fit.
    pub fn match_certain(&mut self) {
        while let Some(line) = (0..self.bank.len()).find(|line| self.is_certain(*line)) {
            for invoice in self.bank[line].coming.names.clone() {
                self.meant(line, self.left(invoice), Some(invoice), self.invoices[invoice].client);
            }
        }
    }

    /// A line whose amount is what is left of all that it names.
    fn is_certain(&self, place: usize) -> bool {
        let names = &self.bank[place].coming.names;
        let amount = self.unallocated(place);
        amount > Decimal::ZERO
            && amount == names.iter().map(|i| self.left(*i)).sum::<Decimal>()
            && names.iter().all(|i| self.may_pay(place, *i))
    }

    fn may_pay(&self, place: usize, i: usize) -> bool {
        let (line, invoice) = (&self.bank[place], &self.invoices[i]);
        let age = invoice.issued.map(|day| (line.date - day).num_days());
        invoice.stage == Stage::Issued
            && self.left(i) > Decimal::ZERO
            && line.coming.payer == Some(invoice.client)
            && line.coming.seller == invoice.seller
            && age.is_some_and(|age| (0..=TOO_OLD).contains(&age))
            && !line.taken_back.contains(&i)
    }

    /// What of a line is meant for nobody.
    pub fn unallocated(&self, line: usize) -> Decimal {
        let own = self.bank[line].allocations.iter().map(|a| &self.allocations[*a]);
        let gone = own.filter(|a| a.lives);
        self.bank[line].coming.amount - gone.map(|a| a.amount).sum::<Decimal>()
    }

    /// A person says what a line is meant for.
    pub fn allocate(&mut self, line: usize, parts: &[(Option<usize>, usize, Decimal)]) {
        for (invoice, client, amount) in parts {
            self.meant(line, *amount, *invoice, *client);
        }
        self.match_certain();
    }

    /// Money is meant for a client: an invoice as far as it is left to pay, the rest is credit.
    fn meant(&mut self, line: usize, amount: Decimal, named: Option<usize>, client: usize) {
        let (seller, received) = (self.bank[line].coming.seller, self.bank[line].date);
        let allocation = self.allocations.len();
        let (lives, applications) = (true, Vec::new());
        let made = Allocation { client, seller, amount, received, named, lives, applications };
        self.allocations.push(made);
        self.bank[line].allocations.push(allocation);
        if let Some(invoice) = named.filter(|i| self.invoices[*i].stage == Stage::Issued) {
            self.apply(allocation, invoice, amount.min(self.left(invoice)));
            self.settle(invoice);
        }
    }

    fn apply(&mut self, allocation: usize, invoice: usize, amount: Decimal) {
        if amount > Decimal::ZERO {
            self.invoices[invoice].applications.push(self.applications.len());
            self.allocations[allocation].applications.push(self.applications.len());
            self.applications.push(Application { allocation, amount, lives: true });
        }
    }

    /// All of a line is meant for nobody again.
    pub fn take_back(&mut self, line: usize) {
        let line = &mut self.bank[line];
        for place in &line.allocations {
            let allocation = &mut self.allocations[*place];
            if allocation.lives {
                allocation.lives = false;
                line.taken_back.extend(allocation.named);
                for application in &allocation.applications {
                    self.applications[*application].lives = false;
                }
            }
        }
        self.match_certain();
    }

    /// What of an allocation stands against no invoice.
    fn free(&self, place: usize) -> Decimal {
        let allocation = &self.allocations[place];
        let own = allocation.applications.iter().map(|a| &self.applications[*a]);
        let used = own.filter(|a| a.lives);
        let free = allocation.amount - used.map(|a| a.amount).sum::<Decimal>();
        if allocation.lives { free } else { Decimal::ZERO }
    }

    /// What stands against an invoice.
    pub fn applied(&self, invoice: usize) -> Decimal {
        let own = self.invoices[invoice].applications.iter().map(|a| &self.applications[*a]);
        own.filter(|a| a.lives).map(|a| a.amount).sum()
    }

    /// A client's credit with a seller.
    pub fn credit(&self, client: usize, seller: usize) -> Decimal {
        self.purses(client, seller).into_iter().map(|a| self.free(a)).sum()
    }

    /// Money of a client with a seller, oldest first.
    fn purses(&self, client: usize, seller: usize) -> Vec<usize> {
        let all = self.allocations.iter().enumerate();
        let own = all.filter(|(_, a)| a.lives && (a.client, a.seller) == (client, seller));
        let mut own: Vec<usize> = own.map(|(place, _)| place).collect();
        own.sort_by_key(|place| (self.allocations[*place].received, *place));
        own
    }

    pub(super) fn pay_by_credit(&mut self, invoice: usize) {
        let (client, seller) = (self.invoices[invoice].client, self.invoices[invoice].seller);
        for purse in self.purses(client, seller) {
            self.apply(purse, invoice, self.free(purse).min(self.left(invoice)));
        }
    }

    /// A later credit lowers what an invoice asks for; money that is too much on it, the newest
    /// first, is credit again.
    pub(super) fn lower(&mut self, invoice: usize, part: Decimal) {
        self.invoices[invoice].credited += part;
        let asked = self.invoices[invoice].total() - self.invoices[invoice].credited;
        let mut over = self.applied(invoice) - asked.max(Decimal::ZERO);
        let mut own = self.invoices[invoice].applications.clone();
        own.retain(|a| self.applications[*a].lives);
        own.sort_by_key(|a| (self.allocations[self.applications[*a].allocation].received, *a));
        for place in own.into_iter().rev() {
            if over <= Decimal::ZERO {
                break;
            }
            let Application { allocation, amount, .. } = self.applications[place];
            self.applications[place].lives = false;
            self.apply(allocation, invoice, amount - over.min(amount));
            over -= amount;
        }
        self.settle(invoice);
    }

    /// Applied to the invoices of a client with a seller.
    pub fn applied_of(&self, client: usize, seller: usize) -> Decimal {
        let all = self.invoices.iter().enumerate();
        let own = all.filter(|(_, i)| (i.client, i.seller) == (client, seller));
        own.map(|(place, _)| self.applied(place)).sum()
    }

    /// Left to pay by a client to a seller.
    pub fn due(&self, client: usize, seller: usize) -> Decimal {
        let all = self.invoices.iter().enumerate();
        let own = all.filter(|(_, i)| (i.client, i.seller) == (client, seller));
        own.filter(|(_, i)| i.stage == Stage::Issued).map(|(place, _)| self.left(place)).sum()
    }

    /// An issued invoice that a client may pay, and what is left of it.
    pub fn open(&self) -> Vec<(usize, Decimal)> {
        let issued = |i: &usize| self.invoices[*i].stage == Stage::Issued;
        let all = (0..self.invoices.len()).filter(issued).map(|i| (i, self.left(i)));
        all.filter(|(_, left)| *left > Decimal::ZERO).collect()
    }

    /// Whose money a line is, as it stands.
    pub fn client_of(&self, line: usize) -> Option<usize> {
        let mut own = self.bank[line].allocations.iter().map(|a| &self.allocations[*a]);
        own.find(|a| a.lives).map(|a| a.client)
    }

    /// Lines that may be taken back. Not those that name an invoice and were made credit by a
    /// person: they are decided again only when something about the invoice changes.
    pub fn may_take_back(&self) -> Vec<usize> {
        let credit_by_hand = |line: &BankLine| {
            let mut own = line.allocations.iter().map(|a| &self.allocations[*a]);
            !line.coming.names.is_empty() && own.any(|a| a.lives && a.named.is_none())
        };
        let all = (0..self.bank.len()).filter(|l| !credit_by_hand(&self.bank[*l]));
        all.filter(|l| self.unallocated(*l) < self.bank[*l].coming.amount).collect()
    }
}
