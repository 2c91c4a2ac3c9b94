//! Lines of statements: who a line is, what it is, and what state it is in.

use super::allocations::{self, Allocation, AllocationError, Part};
use super::matching::{Decision, Proposal, reasons::Reason};
use super::statements::{Direction, Party, StatementLine, Status};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use types::Money;
use types::id::{AllocationId, BankAccountId, LineId, SellerId, StatementId};

/// State of a stored line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for the matcher.
    Imported,
    /// Waits for a person.
    Review,
    /// Wholly allocated.
    Matched,
    /// No payment of a client.
    Ignored,
}

impl State {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Review => "review",
            Self::Matched => "matched",
            Self::Ignored => "ignored",
        }
    }

    /// From what is stored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Imported, Self::Review, Self::Matched, Self::Ignored]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// What a line is about; only [`Class::CustomerPayment`] is ever allocated by the machine
/// (payments.md §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Money between our own accounts.
    OwnTransfer,
    /// Money that we paid.
    Outgoing,
    /// Our own payment came back, or money sent by mistake.
    Return,
    /// The bank takes an earlier line back.
    Reversal,
    /// Taxes and the treasury.
    Tax,
    /// Loans, capital, deposits.
    Other,
    /// The acquirer's daily sum of card payments.
    Acquirer,
    /// Interest, fees and other lines of the bank itself.
    Bank,
    /// Neither side is our account.
    Unclear,
    /// A client pays.
    CustomerPayment,
}

impl Class {
    /// As stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnTransfer => "own_transfer",
            Self::Outgoing => "outgoing",
            Self::Return => "return",
            Self::Reversal => "reversal",
            Self::Tax => "tax",
            Self::Other => "other",
            Self::Acquirer => "acquirer",
            Self::Bank => "bank",
            Self::Unclear => "unclear",
            Self::CustomerPayment => "customer_payment",
        }
    }

    /// From what is stored; people may write classes that have no rule of their own.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::OwnTransfer,
            Self::Outgoing,
            Self::Return,
            Self::Reversal,
            Self::Tax,
            Self::Other,
            Self::Acquirer,
            Self::Bank,
            Self::Unclear,
            Self::CustomerPayment,
        ]
        .into_iter()
        .find(|class| class.as_str() == text)
    }

    /// The state in which a line of the class begins: what is surely no client's money is set
    /// aside at once, what only may be none waits for a person.
    #[must_use]
    pub const fn first_state(self) -> State {
        match self {
            Self::OwnTransfer | Self::Outgoing => State::Ignored,
            Self::Return | Self::Reversal | Self::Tax | Self::Other => State::Review,
            Self::Acquirer | Self::Bank | Self::Unclear => State::Review,
            Self::CustomerPayment => State::Imported,
        }
    }
}

/// Words that mark the purpose of lines which are no client's payment, lower case.
const RETURN_WORDS: &[&str] = &[
    "возврат",
    "ошибочно перечисл",
    "ошибочно зачисл",
    "ошибочно списан",
    "ошибочно уплач",
    "ошибочный платеж",
    "излишне перечисл",
    "излишне уплач",
    "поверненн",
    "вяртанн",
    "помилково",
    "vozvrat",
    "refund",
    "returned payment",
];
const REVERSAL_WORDS: &[&str] = &[
    "сторно",
    "отзыв платеж",
    "отозван",
    "отмена зачислен",
    "аннулирование операц",
    "chargeback",
    "reversal",
];
const ACQUIRER_WORDS: &[&str] = &[
    "по операциям с мбк",
    "по операциям с банковскими карт",
    "по операциям с картами",
    "эквайринг",
    "реестр платеж",
    "реестра платеж",
    "реестру платеж",
    "реестров платеж",
    "реестры платеж",
    "продажи с kaspi",
    "юкасса",
    "ю касса",
    "ю-касса",
    "yookassa",
    "юmoney",
    "юмани",
    "cloudpayments",
    "клаудпейментс",
    "robokassa",
    "робокасса",
    "bepaid",
    "liqpay",
    "wayforpay",
    "возмещение по терминал",
    "зачисление по терминал",
    "выручка по терминал",
    "операции по картам",
    "расчеты по картам",
    "переводы по сбп",
    "операциям сбп",
    "платежи по qr",
];
const BANK_WORDS: &[&str] = &[
    "выплата процентов",
    "проценты по договору",
    "проценты на остаток",
    "начисленные проценты",
    "процентов по депозит",
    "процентов на остаток",
    "комиссия банка",
    "возмещение комиссии",
    "начисление процентов",
    "уплата процентов",
];
const FEE_WORDS: &[&str] =
    &["комисси", "плата за", "за ведение", "абонентская плата за рко", "проценты"];
const TAX_WORDS: &[&str] = &[
    "единый налоговый",
    "ндфл",
    "страховые взносы",
    "налог на прибыль",
    "налог на имущество",
    "налог на доходы",
    "транспортный налог",
    "взносы на травматизм",
    "уплата налога",
    "возврат налога",
    "госпошлин",
    "казначейств",
    "по решению ифнс",
    "пени по налог",
];
const OTHER_WORDS: &[&str] = &[
    "договору займа",
    "договор займа",
    "по займу",
    "предоставление займа",
    "возврат займа",
    "заем по договору",
    "заём по договору",
    "кредитному договору",
    "выдача кредита",
    "уставный капитал",
    "уставного капитала",
    "уставной капитал",
    "вклад в имущество",
    "депозит",
    "финансовая помощь",
    "финансовой помощи",
    "дивиденд",
];
const OWN_WORDS: &[&str] = &[
    "собственных средств",
    "собственных денежных",
    "собственные средства",
    "между своими счетами",
    "между собственными счетами",
    "на свой счет",
    "внутренний перевод",
    "пополнение собственного счета",
    "перевод между счетами",
    "власних коштів",
];

/// Classifies a line. `own_accounts` are all accounts of all sellers, `own_tax_ids` their tax ids.
#[must_use]
pub fn classify(
    line: &StatementLine,
    own_accounts: &BTreeSet<String>,
    own_tax_ids: &BTreeSet<String>,
) -> Class {
    let other = line.counterparty();
    let ours = other.account.as_ref().is_some_and(|account| own_accounts.contains(account))
        || other.tax_id.as_ref().is_some_and(|tax_id| own_tax_ids.contains(tax_id));
    let purpose = line.purpose.to_lowercase().replace('ё', "е");
    let says = |words: &[&str]| words.iter().any(|word| purpose.contains(word));
    match line.direction {
        Direction::Unknown => return Class::Unclear,
        Direction::In | Direction::Out if line.own_transfer || ours => return Class::OwnTransfer,
        Direction::Out => return Class::Outgoing,
        Direction::In if says(OWN_WORDS) => return Class::OwnTransfer,
        Direction::In => {}
    }
    if line.status == Status::Reversal {
        return Class::Reversal;
    }
    if line.return_reason.is_some() {
        return Class::Return;
    }
    [
        (REVERSAL_WORDS, Class::Reversal),
        (OTHER_WORDS, Class::Other),
        (TAX_WORDS, Class::Tax),
        (RETURN_WORDS, Class::Return),
        (ACQUIRER_WORDS, Class::Acquirer),
        (BANK_WORDS, Class::Bank),
    ]
    .into_iter()
    .find(|(words, _)| says(words))
    .map_or(Class::CustomerPayment, |(_, class)| class)
}

/// What an outgoing line is about, for people: the machine does nothing with it.
#[must_use]
pub fn outgoing_kind(purpose: &str) -> Class {
    let purpose = purpose.to_lowercase().replace('ё', "е");
    let says = |words: &[&str]| words.iter().any(|word| purpose.contains(word));
    if says(TAX_WORDS) {
        Class::Tax
    } else if says(FEE_WORDS) || says(BANK_WORDS) {
        Class::Bank
    } else if says(RETURN_WORDS) {
        Class::Return
    } else {
        Class::Other
    }
}

/// A stored line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: LineId,
    /// File that brought it first.
    pub statement: StatementId,
    /// Own account.
    pub bank_account: BankAccountId,
    /// Seller whose account it is.
    pub seller: SellerId,
    /// Which way the money went.
    pub direction: Direction,
    /// Its state.
    pub state: State,
    /// What it is about: a [`Class`], or what a person wrote.
    pub class: String,
    /// Amount.
    pub amount: Money,
    /// Σ of the allocations that stand.
    pub allocated: Money,
    /// Booked by the bank.
    pub booked_on: NaiveDate,
    /// Number of the payment document.
    pub doc_no: Option<String>,
    /// Date of the payment document.
    pub doc_date: Option<NaiveDate>,
    /// Who paid.
    pub payer: Party,
    /// Who was paid.
    pub payee: Party,
    /// Purpose as written.
    pub purpose: String,
    /// Why the machine decided as it did.
    pub reasons: Vec<Reason>,
    /// Candidates, best first.
    pub proposals: Vec<Proposal>,
    /// Version, from 1.
    pub revision: i64,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
}

/// Why an act on a line is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Only money that came can be meant for somebody.
    #[error("the line is not incoming")]
    NotIncoming,
    /// The line was set aside.
    #[error("the line is ignored")]
    Ignored,
    /// Parts of it are allocated.
    #[error("parts of the line are allocated")]
    Allocated,
    /// The parts do not fit.
    #[error(transparent)]
    Allocation(#[from] AllocationError),
}

impl Line {
    /// What is not meant for anything yet.
    #[must_use]
    pub fn unallocated(&self) -> Money {
        self.amount.checked_sub(self.allocated).unwrap_or(self.amount)
    }

    /// Whether the matcher may decide about it: nobody has touched it, nothing is allocated.
    #[must_use]
    pub fn waits_for_matcher(&self) -> bool {
        let waits = matches!(self.state, State::Imported | State::Review);
        waits
            && self.direction == Direction::In
            && self.allocated.is_zero()
            && self.class == Class::CustomerPayment.as_str()
    }

    /// The line with these parts allocated: matched when nothing is left.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn allocate(self, parts: &[Part]) -> Result<Self, LineError> {
        if self.direction != Direction::In {
            return Err(LineError::NotIncoming);
        }
        if self.state == State::Ignored {
            return Err(LineError::Ignored);
        }
        let left = allocations::fit(self.unallocated(), parts)?;
        let allocated = self.amount.checked_sub(left).unwrap_or(self.amount);
        let state = if left.is_zero() { State::Matched } else { State::Review };
        Ok(Self { allocated, state, ..self })
    }

    /// The line with one allocation, or all that stand, taken back; and those.
    ///
    /// # Errors
    /// [`LineError::Allocation`].
    pub fn unmatch(
        self,
        allocations: &[Allocation],
        only: Option<AllocationId>,
    ) -> Result<(Self, Vec<Allocation>), LineError> {
        let taken: Vec<Allocation> =
            allocations::to_reverse(allocations, only)?.into_iter().cloned().collect();
        let allocated = taken.iter().fold(self.allocated, |sum, allocation| {
            sum.checked_sub(allocation.part.amount).unwrap_or(sum)
        });
        Ok((Self { allocated, state: State::Review, ..self }, taken))
    }

    /// The line set aside as no payment of a client.
    ///
    /// # Errors
    /// [`LineError::Allocated`], [`LineError::Ignored`].
    pub fn ignore(self, class: String) -> Result<Self, LineError> {
        if self.state == State::Ignored {
            return Err(LineError::Ignored);
        }
        if !self.allocated.is_zero() {
            return Err(LineError::Allocated);
        }
        Ok(Self { class, state: State::Ignored, ..self })
    }

    /// The line as the matcher leaves it: allocated, or waiting for a person with reasons.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn decided(self, decision: &Decision) -> Result<Self, LineError> {
        let reasons = decision.reasons.clone();
        let line = Self { reasons, proposals: decision.proposals.clone(), ..self };
        if decision.allocate.is_empty() {
            return Ok(Self { state: State::Review, ..line });
        }
        let parts: Vec<Part> = decision.allocate.iter().map(Part::of).collect();
        line.allocate(&parts)
    }
}

/// The bytes whose digest is a line's fingerprint (payments.md §4.2, §1.9 item 17): each part with
/// its length before it, so that no two lines share bytes by moving a character between fields.
/// Names, letter case, receipts, encoding, file and place are no part of it.
#[must_use]
pub fn fingerprint_source(line: &StatementLine) -> Vec<u8> {
    let other = match line.direction {
        Direction::In | Direction::Out => line.counterparty().account.clone().unwrap_or_default(),
        Direction::Unknown => [&line.payer, &line.payee]
            .map(|party| party.account.clone().unwrap_or_default())
            .join(">"),
    };
    let doc_date = line.doc_date.map(|date| date.to_string()).unwrap_or_default();
    let purpose = line.purpose.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let parts = [
        line.own_account.as_str(),
        line.direction.mark(),
        line.doc_no.as_deref().unwrap_or_default(),
        &doc_date,
        &line.booked_on.to_string(),
        &line.amount.normalize().to_string(),
        line.currency.code(),
        &other,
        line.counterparty().tax_id.as_deref().unwrap_or_default(),
        &purpose,
    ];
    let mut bytes = Vec::new();
    for part in parts {
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        bytes.extend(length.to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes
}

/// Digest of a fingerprint's bytes.
pub type Fingerprint = [u8; 32];

/// What makes a line unique within its own account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identity {
    /// The bank's own unique id.
    Bank(String),
    /// Fingerprint and occurrence number, from 0, among equal ones of the same file. A file with k
    /// equal lines over m stored ones adds max(0, k − m): overlapping exports are safe, and two
    /// genuine equal payments stay apart.
    Fingerprint(Fingerprint, u32),
}

/// The identities of a file's lines, in their order; `digest` is SHA-256.
#[must_use]
pub fn identities(lines: &[StatementLine], digest: impl Fn(&[u8]) -> Fingerprint) -> Vec<Identity> {
    let mut seen: HashMap<Fingerprint, u32> = HashMap::new();
    lines
        .iter()
        .map(|line| {
            if let Some(id) = &line.bank_unique_id {
                return Identity::Bank(id.clone());
            }
            let fingerprint = digest(&fingerprint_source(line));
            let next = seen.entry(fingerprint).or_default();
            let occurrence = *next;
            *next += 1;
            Identity::Fingerprint(fingerprint, occurrence)
        })
        .collect()
}

#[cfg(test)]
mod tests;
