//! The gates: what must hold, and what must not, before money moves by itself (payments.md §4.7).

use super::evidence::{self, Candidate, Tier, follow, one_slip, spelt_one_slip};
use super::mentions::{How, WrittenDate};
use super::reasons::Reason;
use super::{KnownBy, Payment, Preset, Proposal, Snapshot};
use types::id::ClientId;

/// Days after which money is not set against an invoice by the machine.
const MAX_AGE_DAYS: i64 = 400;

/// A payment with its candidates.
pub struct Case<'c> {
    /// The payment.
    pub payment: &'c Payment,
    /// What is known.
    pub snapshot: &'c Snapshot,
    /// How much certainty is asked for.
    pub preset: Preset,
    /// The candidates.
    pub candidates: &'c [Candidate<'c>],
}

/// All gates at once: nothing speaks against it, and each kind of evidence is there.
pub fn is_certain(proposal: &Proposal, preset: Preset) -> bool {
    let agrees = proposal.has("DATE_AGREES");
    let number = match preset {
        Preset::NumberAndAmount => proposal.has("NUMBER_EXACT"),
        Preset::Standard => {
            ["NUMBER_EXACT", "NUMBER_PREFIXLESS", "NUMBER_SPELT"].iter().any(|c| proposal.has(c))
                || (agrees && (proposal.has("NUMBER_SLIP") || proposal.has("NUMBER_BARE")))
        }
    };
    let payer =
        ["PAYER_TAX_ID", "PAYER_ACCOUNT", "ON_BEHALF", "LEARNED_RULE", "NUMBER_NAMES_CLIENT"]
            .iter()
            .any(|code| proposal.has(code));
    let money = proposal.has("AMOUNT_EQUAL") && proposal.has("SELLER_ACCOUNT");
    number && payer && money && !proposal.reasons.iter().any(Reason::is_obstacle)
}

impl Case<'_> {
    /// The proposal of one candidate, with everything for and against it.
    pub fn proposal(&self, at: usize) -> Proposal {
        let candidate = &self.candidates[at];
        let mut reasons = self.facts(candidate);
        reasons.push(self.money(candidate));
        if let Some(paid) = self.paid(candidate) {
            reasons.push(paid);
        }
        reasons.push(candidate.payer.clone());
        reasons.push(if candidate.invoice.seller == self.payment.seller {
            Reason::SellerAccount
        } else {
            Reason::PaidToOtherSeller
        });
        reasons.extend(self.against(at));
        let invoice = candidate.invoice;
        Proposal { invoice: invoice.id, client: invoice.client, payer: invoice.payer, reasons }
    }

    /// Number and date.
    pub fn facts(&self, candidate: &Candidate<'_>) -> Vec<Reason> {
        let mut reasons = evidence::number_reason(candidate);
        match candidate.dated() {
            Some(true) => reasons.push(Reason::DateAgrees),
            Some(false) => {
                reasons.push(Reason::DateDiffers { issued: candidate.invoice.issued_on });
            }
            None if self.payment.hints.dates.contains(&candidate.invoice.issued_on) => {
                reasons.push(Reason::DateMentioned);
            }
            None => {}
        }
        reasons
    }

    fn money(&self, candidate: &Candidate<'_>) -> Reason {
        let Ok(over) = self.payment.amount.checked_sub(candidate.invoice.residual) else {
            return Reason::CurrencyDiffers;
        };
        if over.is_zero() {
            Reason::AmountEqual
        } else if over.is_negative() {
            Reason::AmountShort { by: over.negated() }
        } else if candidate.invoice.residual.is_positive() {
            Reason::AmountOver { by: over }
        } else {
            // What is left of a paid invoice is nothing: the rest says that.
            Reason::InvoicePaid
        }
    }

    fn paid(&self, candidate: &Candidate<'_>) -> Option<Reason> {
        (!candidate.invoice.open).then_some(Reason::InvoiceClosed)
    }

    /// What speaks against a candidate, whoever and whatever is named.
    fn against(&self, at: usize) -> Vec<Reason> {
        let candidate = &self.candidates[at];
        let mut reasons = self.common(candidate, false);
        let others = self.others_named(at);
        if !others.is_empty() {
            reasons.push(Reason::OtherInvoiceNamed { numbers: others });
        }
        if let Some(text) = self.unknown_named(at) {
            reasons.push(Reason::OtherNumberNamed { text });
        }
        if self.has_rival(at) {
            reasons.push(Reason::SeveralFit);
        }
        if let Some(other) = self.sibling(at, &[]) {
            reasons.push(Reason::VetoSiblingOneSlip { other });
        }
        if self.sum_is_of_another(at) {
            reasons.push(Reason::SumOfAnother);
        }
        if self.date_is_of_another(at) {
            reasons.push(Reason::DateOfAnother);
        }
        reasons
    }

    /// What speaks against an invoice alone or in a list.
    pub fn common(&self, candidate: &Candidate<'_>, listed: bool) -> Vec<Reason> {
        let (payment, snapshot) = (self.payment, self.snapshot);
        let mut reasons = Vec::new();
        let age = (payment.booked_on - candidate.invoice.issued_on).num_days();
        if age < 0 {
            reasons.push(Reason::IssuedLater);
        } else if age > MAX_AGE_DAYS {
            reasons.push(Reason::TooOld);
        }
        if snapshot.unmatched.contains(&candidate.invoice.id) {
            reasons.push(Reason::UnmatchedBefore);
        }
        if !payment.booked {
            reasons.push(Reason::NotBooked);
        }
        if payment.repeated {
            reasons.push(Reason::SoftDuplicate);
        }
        if let Some(mention) = candidate.mention.filter(|_| candidate.tier != Tier::None) {
            reasons.extend(evidence::doubts(mention, payment));
            if mention.torn || (!listed && candidate.is_unclear()) {
                reasons.push(Reason::NumberUnclear);
            }
        }
        let behalf = || snapshot.payers.iter().filter(|(_, by)| *by == KnownBy::OnBehalf);
        let client = candidate.invoice.client;
        if behalf().next().is_some() && !behalf().any(|(other, _)| *other == client) {
            reasons.push(Reason::OnBehalfDiffers);
        }
        let other_branch = !snapshot.branches.is_empty() && !snapshot.branches.contains(&client);
        if other_branch && candidate.payer == Reason::PayerTaxId && candidate.dated() != Some(true)
        {
            reasons.push(Reason::OtherBranch);
        }
        reasons
    }

    /// Clients whose invoices compete with this one.
    fn competing(&self, client: ClientId) -> Vec<ClientId> {
        let mut clients = evidence::clients(self.snapshot);
        clients.push(client);
        clients
    }

    fn same_seller(&self, candidate: &Candidate<'_>) -> bool {
        candidate.invoice.seller == self.payment.seller
    }

    /// Other invoices that the text names: a text that names several is not meant for one only.
    /// Paid and foreign ones too: a person has to see what the payer means.
    fn others_named(&self, at: usize) -> Vec<String> {
        let own = &self.candidates[at];
        let span = own.mention.map(|mention| mention.span);
        let clients = self.competing(own.invoice.client);
        let strong = |c: &&Candidate<'_>| {
            let elsewhere = c.mention.map(|m| m.span) != span;
            c.is_named() && elsewhere && self.same_seller(c) && c.invoice.open
        };
        let named = self.candidates.iter().filter(strong).map(|c| c.invoice.number.clone());
        let mut numbers: Vec<String> = named.collect();
        // A bare number counts against, where it is that of another open invoice of the payer.
        let bare = |c: &&Candidate<'_>| {
            c.tier == Tier::Bare
                && c.is_open()
                && self.same_seller(c)
                && own.tier != Tier::Bare
                && clients.contains(&c.invoice.client)
        };
        numbers.extend(self.candidates.iter().filter(bare).map(|c| c.invoice.number.clone()));
        if own.tier == Tier::None {
            numbers.clear();
        }
        numbers
    }

    /// A number after an invoice word, or of the same series, that no invoice has: a text that
    /// lists several means all of them. What is longer than a number is an account.
    fn unknown_named(&self, at: usize) -> Option<String> {
        const LONGEST: usize = 12;
        let own = &self.candidates[at];
        let span = own.mention.filter(|_| own.tier != Tier::None)?.span;
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        let series = own.key.series();
        let others = self.payment.mentions.iter().filter(|mention| {
            let alike = mention.how == How::Shape && mention.key.series() == series;
            (mention.how == How::Word || alike)
                && mention.span != span
                && digits(&mention.text) <= LONGEST
        });
        let invoices = &self.snapshot.invoices;
        let mut unknown =
            others.filter(|m| !invoices.iter().any(|invoice| evidence::names(m, invoice)));
        unknown.next().map(|mention| mention.text.clone())
    }

    /// Another invoice that the same text names as well, and no date tells apart.
    fn has_rival(&self, at: usize) -> bool {
        let own = &self.candidates[at];
        if own.tier == Tier::None {
            return false;
        }
        let span = own.mention.map(|mention| mention.span);
        let clients = self.competing(own.invoice.client);
        let anybody = own.payer == Reason::NumberNamesClient;
        let several = own.mention.is_some_and(|mention| !mention.several.is_empty());
        self.candidates.iter().enumerate().any(|(place, other)| {
            let same = other.mention.map(|m| m.span) == span && other.tier != Tier::None;
            let told_apart = own.dated() == Some(true) && other.dated() == Some(false);
            // A paid invoice is dead where the open one is named more strongly, or its date agrees.
            place != at
                && same
                && !several
                && other.invoice.open
                && self.same_seller(other)
                && (anybody || clients.contains(&other.invoice.client))
                && !told_apart
        })
    }

    /// Another open invoice of the payer, of the same amount, one slip away, that no date tells
    /// apart: the number may be a slip for it.
    pub fn sibling(&self, at: usize, listed: &[usize]) -> Option<String> {
        let own = &self.candidates[at];
        if own.tier == Tier::None {
            return None;
        }
        let clients = self.competing(own.invoice.client);
        let mut others = self.snapshot.invoices.iter().filter(|other| {
            other.id != own.invoice.id
                && other.open
                && other.residual == own.invoice.residual
                && other.seller == own.invoice.seller
                && clients.contains(&other.client)
                && !listed.iter().any(|at| self.candidates[*at].invoice.id == other.id)
        });
        let date = own.mention.and_then(|mention| mention.date);
        others
            .find(|other| {
                let key = super::NumberKey::of(&other.number);
                let other_agrees = date.and_then(|date| date.agrees(other.issued_on));
                let told_apart = own.dated() == Some(true) && other_agrees != Some(true);
                // A slip is repaired only where the date is that of one invoice alone.
                let slip = key != own.key
                    && (one_slip(&key, &own.key)
                        || spelt_one_slip(&other.number, &own.invoice.number)
                        || follow(&key, &own.key));
                let near = own.tier >= Tier::Slip || slip;
                near && !told_apart
            })
            .map(|other| other.number.clone())
    }

    /// A date beside the number that is not the invoice's, and is that of another open one of the
    /// same amount, or of that which came.
    fn date_is_of_another(&self, at: usize) -> bool {
        let own = &self.candidates[at];
        let beside = own.mention.and_then(|mention| mention.date);
        let Some(WrittenDate::Beside(date)) = beside.filter(|_| own.dated().is_none()) else {
            return false;
        };
        let clients = self.competing(own.invoice.client);
        self.snapshot.invoices.iter().any(|other| {
            other.id != own.invoice.id
                && other.open
                && other.issued_on == date
                && [own.invoice.residual, self.payment.amount].contains(&other.residual)
                && clients.contains(&other.client)
        })
    }

    /// A sum in the text that is not the payment's, and is that of another open invoice.
    fn sum_is_of_another(&self, at: usize) -> bool {
        let (own, amount) = (&self.candidates[at], self.payment.amount.amount());
        let sums = &self.payment.hints.sums;
        if sums.is_empty() || sums.contains(&amount) || own.tier == Tier::None {
            return false;
        }
        let clients = self.competing(own.invoice.client);
        self.snapshot.invoices.iter().any(|other| {
            let open = other.open && other.residual.is_positive() && other.id != own.invoice.id;
            let theirs = clients.contains(&other.client) && other.residual != self.payment.amount;
            open && theirs && sums.contains(&other.residual.amount())
        })
    }
}
