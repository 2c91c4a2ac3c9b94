//! Which invoice a payment is meant for: a pure decision over a snapshot (payments.md §4).
//!
//! Thin on purpose: exact number, equal amount, known payer and right seller allocate by
//! themselves; everything else waits for a person with its reasons. Slips, lists, third parties and
//! learned rules (issue 6) add evidence and candidates here without changing the shape
//! `decide(payment, snapshot, config) -> Decision`.

pub mod known;
pub mod numbers;
pub mod reasons;
pub mod text;

use super::lines::Class;
use chrono::NaiveDate;
use numbers::{Mention, NumberKey, mentions};
use reasons::Reason;
use serde::{Deserialize, Serialize};
use types::Money;
use types::id::{ClientId, InvoiceId, LegalEntityId, SellerId};

/// Most proposals that a line keeps.
const MAX_PROPOSALS: usize = 5;

/// Days after which money is not set against an invoice by the machine.
const MAX_AGE_DAYS: i64 = 400;

/// A line as the matcher sees it.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Seller whose account the money came to.
    pub seller: SellerId,
    /// What is left of the line.
    pub amount: Money,
    /// Booked by the bank.
    pub booked_on: NaiveDate,
    /// What the line is about.
    pub class: Class,
    /// Tax id that the payer gave.
    pub payer_tax_id: Option<String>,
    /// Account that the money came from.
    pub payer_account: Option<String>,
    /// Numbers that the purpose names.
    pub mentions: Vec<Mention>,
}

/// An issued invoice.
#[derive(Debug, Clone)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// Number as printed.
    pub number: String,
    /// Sequence in its series; 0 when unknown.
    pub sequence: u64,
    /// Client.
    pub client: ClientId,
    /// Legal entity that pays.
    pub payer: Option<LegalEntityId>,
    /// Seller.
    pub seller: SellerId,
    /// Left to pay, less what is allocated and not answered yet.
    pub residual: Money,
    /// Day of issue.
    pub issued_on: NaiveDate,
    /// Neither cancelled nor expired.
    pub open: bool,
}

/// How a client is known to be the payer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KnownBy {
    /// One of its legal entities has the payer's tax id.
    TaxId,
    /// One of its legal entities has the payer's account.
    Account,
}

/// What was known when the decision was made.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Invoices that the purpose may name (by number or tail, of any seller and state) and open
    /// ones of the payer.
    pub invoices: Vec<Invoice>,
    /// Clients that the payer is known as.
    pub payers: Vec<(ClientId, KnownBy)>,
    /// Invoices that a person took back from this line.
    pub unmatched: Vec<InvoiceId>,
}

/// How much certainty the company asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Number, amount and payer.
    #[default]
    Standard,
    /// Number and amount, when the number itself names the client (D56–D58; §1.9 item 9).
    NumberAndAmount,
}

/// One invoice that the line may be meant for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The invoice.
    pub invoice: InvoiceId,
    /// Its client.
    pub client: ClientId,
    /// Its payer.
    pub payer: Option<LegalEntityId>,
    /// Evidence for and against.
    pub reasons: Vec<Reason>,
}

impl Proposal {
    fn score(&self) -> i32 {
        self.reasons.iter().map(Reason::weight).sum()
    }

    fn has(&self, code: &str) -> bool {
        self.reasons.iter().any(|reason| reason.code() == code)
    }
}

/// What shall happen to a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The invoice that all of it is meant for; none when a person must look.
    pub allocate: Option<Proposal>,
    /// Candidates, best first.
    pub proposals: Vec<Proposal>,
    /// Why, about the line as a whole.
    pub reasons: Vec<Reason>,
}

/// What to look up for a decision: canonical numbers, whole and without prefix.
#[must_use]
pub fn probes(purpose: &str) -> Vec<NumberKey> {
    mentions(purpose).into_iter().map(|mention| mention.key).collect()
}

/// Decides about one payment. Same input, same answer: no clock, no I/O, no randomness.
#[must_use]
pub fn decide(payment: &Payment, snapshot: &Snapshot, preset: Preset) -> Decision {
    let mut proposals: Vec<Proposal> = snapshot
        .invoices
        .iter()
        .filter_map(|invoice| propose(payment, snapshot, preset, invoice))
        .collect();
    name_the_others(&mut proposals, snapshot);
    proposals.sort_by(|a, b| b.score().cmp(&a.score()).then_with(|| a.invoice.cmp(&b.invoice)));
    if payment.class != Class::CustomerPayment {
        let reasons = vec![Reason::NotCustomerPayment { class: payment.class }];
        proposals.truncate(MAX_PROPOSALS);
        return Decision { allocate: None, proposals, reasons };
    }
    let certain: Vec<&Proposal> = proposals.iter().filter(|p| is_certain(p)).collect();
    let (allocate, reasons) = match certain.as_slice() {
        [only] => (Some((*only).clone()), only.reasons.clone()),
        [] => {
            let reasons = proposals.first().map_or_else(
                || vec![Reason::NoCandidate],
                |best| best.reasons.iter().filter(|r| r.is_obstacle()).cloned().collect(),
            );
            (None, reasons)
        }
        [..] => (None, vec![Reason::SeveralFit]),
    };
    proposals.truncate(MAX_PROPOSALS);
    Decision { allocate, proposals, reasons }
}

/// All gates at once: nothing speaks against it, and each kind of evidence is there. A number
/// without its prefix needs the written date beside it.
fn is_certain(proposal: &Proposal) -> bool {
    let number = proposal.has("NUMBER_EXACT")
        || (proposal.has("NUMBER_PREFIXLESS") && proposal.has("DATE_AGREES"));
    let payer = proposal.has("PAYER_TAX_ID")
        || proposal.has("PAYER_ACCOUNT")
        || proposal.has("NUMBER_NAMES_CLIENT");
    let money = proposal.has("AMOUNT_EQUAL") && proposal.has("SELLER_ACCOUNT");
    number && payer && money && !proposal.reasons.iter().any(Reason::is_obstacle)
}

/// The evidence about one invoice; none when neither number nor payer leads to it.
fn propose(
    payment: &Payment,
    snapshot: &Snapshot,
    preset: Preset,
    invoice: &Invoice,
) -> Option<Proposal> {
    let mut reasons = number_reasons(&payment.mentions, invoice);
    let named = !reasons.is_empty();
    let payer = payer_reason(payment, snapshot, preset, invoice, &reasons);
    if !named {
        let known = matches!(payer, Reason::PayerTaxId | Reason::PayerAccount);
        if !known || !invoice.open || !invoice.residual.is_positive() {
            return None;
        }
        reasons.push(Reason::NumberAbsent);
    }
    reasons.extend(money_reasons(payment, invoice));
    reasons.push(payer);
    reasons.push(if invoice.seller == payment.seller {
        Reason::SellerAccount
    } else {
        Reason::PaidToOtherSeller
    });
    if !invoice.open {
        reasons.push(Reason::InvoiceClosed);
    }
    let age = (payment.booked_on - invoice.issued_on).num_days();
    if age < 0 {
        reasons.push(Reason::IssuedLater);
    } else if age > MAX_AGE_DAYS {
        reasons.push(Reason::TooOld);
    }
    if snapshot.unmatched.contains(&invoice.id) {
        reasons.push(Reason::UnmatchedBefore);
    }
    let (id, client, payer) = (invoice.id, invoice.client, invoice.payer);
    Some(Proposal { invoice: id, client, payer, reasons })
}

/// Whether, how and with which date the purpose names the invoice; empty when it does not.
fn number_reasons(mentions: &[Mention], invoice: &Invoice) -> Vec<Reason> {
    let own = NumberKey::of(&invoice.number);
    let mut best: Vec<Reason> = Vec::new();
    for mention in mentions {
        let (text, span) = (mention.text.clone(), mention.span);
        let mut reasons = if mention.key.full == own.full {
            vec![Reason::NumberExact { text, span }]
        } else if mention.key.tail == own.full {
            let prefix = mention.key.prefix().unwrap_or_default().to_owned();
            vec![Reason::NumberExact { text, span }, Reason::PrefixNoise { prefix }]
        } else if mention.key.prefix().is_none() && mention.key.full == own.tail {
            vec![Reason::NumberPrefixless { text, span }]
        } else {
            continue;
        };
        match mention.date.map(|date| date.agrees(invoice.issued_on)) {
            Some(true) => reasons.push(Reason::DateAgrees),
            Some(false) => reasons.push(Reason::DateDiffers { issued: invoice.issued_on }),
            None => {}
        }
        let weight = |reasons: &[Reason]| reasons.iter().map(Reason::weight).sum::<i32>();
        if best.is_empty() || weight(&reasons) > weight(&best) {
            best = reasons;
        }
    }
    best
}

fn payer_reason(
    payment: &Payment,
    snapshot: &Snapshot,
    preset: Preset,
    invoice: &Invoice,
    number: &[Reason],
) -> Reason {
    let known = |by| snapshot.payers.contains(&(invoice.client, by));
    let another_has_tax_id = snapshot.payers.iter().any(|(_, by)| *by == KnownBy::TaxId);
    if known(KnownBy::TaxId) {
        return Reason::PayerTaxId;
    }
    // A known tax id of another client goes to review under every preset.
    if another_has_tax_id {
        return Reason::PayerDiffers;
    }
    if known(KnownBy::Account) {
        return Reason::PayerAccount;
    }
    let exact = number.iter().any(|reason| matches!(reason, Reason::NumberExact { .. }));
    let names = NumberKey::of(&invoice.number).names_client(invoice.sequence);
    if preset == Preset::NumberAndAmount && exact && names {
        return Reason::NumberNamesClient;
    }
    if payment.payer_tax_id.is_some() { Reason::PayerDiffers } else { Reason::PayerUnknown }
}

fn money_reasons(payment: &Payment, invoice: &Invoice) -> Vec<Reason> {
    let Ok(over) = payment.amount.checked_sub(invoice.residual) else {
        return vec![Reason::CurrencyDiffers];
    };
    if !invoice.residual.is_positive() && invoice.open {
        return vec![Reason::InvoicePaid];
    }
    if over.is_zero() {
        vec![Reason::AmountEqual]
    } else if over.is_negative() {
        vec![Reason::AmountShort { by: over.negated() }]
    } else {
        vec![Reason::AmountOver { by: over }]
    }
}

/// A text that names several invoices is not meant for one of them only.
fn name_the_others(proposals: &mut [Proposal], snapshot: &Snapshot) {
    let number =
        |id| snapshot.invoices.iter().find(|invoice| invoice.id == id).map(|i| i.number.clone());
    let named: Vec<(InvoiceId, (usize, usize), Option<String>)> = proposals
        .iter()
        .filter_map(|proposal| {
            let span = proposal.reasons.iter().find_map(|reason| match reason {
                Reason::NumberExact { span, .. } | Reason::NumberPrefixless { span, .. } => {
                    Some(*span)
                }
                _ => None,
            })?;
            Some((proposal.invoice, span, number(proposal.invoice)))
        })
        .collect();
    for proposal in proposals {
        let own = named.iter().find(|(id, ..)| *id == proposal.invoice).map(|(_, span, _)| *span);
        let numbers: Vec<String> = named
            .iter()
            .filter(|(id, span, _)| *id != proposal.invoice && Some(*span) != own)
            .filter_map(|(.., number)| number.clone())
            .collect();
        if !numbers.is_empty() && own.is_some() {
            proposal.reasons.push(Reason::OtherInvoiceNamed { numbers });
        }
    }
}

#[cfg(test)]
mod tests;
