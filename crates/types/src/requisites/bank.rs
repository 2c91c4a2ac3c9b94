//! Russian bank requisites: BIC, accounts and the three rules that tie them together.
//!
//! The settlement account carries a key over the BIC's last three digits, the correspondent
//! account a key over the BIC's digits 5–6, and the correspondent account ends like the BIC. One
//! rule alone lets slips through (G27), so [`BankRequisites`] wants all of them.
//! Source: Bank of Russia, rules 515 of 08.09.1997; `payments.md` §6.3; G26, G27.

use super::digits::{digits, values};
use super::{Requisite, RequisiteError};
use crate::Bilingual;
use serde::{Deserialize, Serialize};
use std::fmt;

requisite! {
    /// BIC of a Russian bank or treasury office, 9 digits. It has no check digit of its own.
    Bic, bic
}

requisite! {
    /// Settlement account of a bank's client, 20 digits. Its key needs the BIC:
    /// [`Account::key_holds`].
    Account, account
}

requisite! {
    /// Correspondent account of a bank, or the single treasury account, 20 digits.
    CorrespondentAccount, correspondent_account
}

fn bic(text: &str) -> Result<String, RequisiteError> {
    digits(Requisite::Bic, text, &[9])
}

fn account(text: &str) -> Result<String, RequisiteError> {
    digits(Requisite::Account, text, &[20])
}

fn correspondent_account(text: &str) -> Result<String, RequisiteError> {
    digits(Requisite::CorrespondentAccount, text, &[20])
}

impl Bic {
    /// The last three digits: the bank's number within its office of the Bank of Russia.
    #[must_use]
    pub fn tail(&self) -> &str {
        &self.0[6..]
    }

    /// True for an office of the Bank of Russia itself, whose accounts use the other key.
    fn is_central_bank(&self) -> bool {
        matches!(self.tail(), "000" | "001" | "002")
    }
}

impl Account {
    /// True for treasury accounts (03…), which follow neither key and must not be refused.
    #[must_use]
    pub fn is_treasury(&self) -> bool {
        self.0.starts_with("03")
    }

    /// True when the account's key matches the bank.
    #[must_use]
    pub fn key_holds(&self, bic: &Bic) -> bool {
        if self.is_treasury() {
            true
        } else if bic.is_central_bank() {
            key_holds(&office_prefix(bic), &self.0)
        } else {
            key_holds(bic.tail(), &self.0)
        }
    }
}

impl CorrespondentAccount {
    /// True when the account's key matches the bank.
    #[must_use]
    pub fn key_holds(&self, bic: &Bic) -> bool {
        key_holds(&office_prefix(bic), &self.0)
    }

    /// True when the account ends like the BIC; asked of banks only (301…), the single treasury
    /// account (401…) has a number of its own.
    #[must_use]
    pub fn tail_holds(&self, bic: &Bic) -> bool {
        !self.is_of_bank() || self.tail() == bic.tail()
    }

    pub(super) fn is_of_bank(&self) -> bool {
        self.0.starts_with("301")
    }

    pub(super) fn tail(&self) -> &str {
        &self.0[17..]
    }
}

fn office_prefix(bic: &Bic) -> String {
    format!("0{}", &bic.as_str()[4..6])
}

/// Σ (digit · weight mod 10) of the prefix and the account ends in zero.
fn key_holds(prefix: &str, account: &str) -> bool {
    let weights = [7, 1, 3].into_iter().cycle();
    let all = values(prefix).chain(values(account));
    let sum: u32 = all.zip(weights).map(|(digit, weight)| digit * weight % 10).sum();
    sum.is_multiple_of(10)
}

/// A rule that ties a BIC and accounts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BankRule {
    /// The key of the settlement account.
    AccountKey,
    /// The key of the correspondent account.
    CorrespondentKey,
    /// The correspondent account ends like the BIC.
    Tail,
}

impl BankRule {
    /// Rules that the three numbers break, in order; none when all hold.
    #[must_use]
    pub fn broken(
        bic: &Bic,
        account: &Account,
        correspondent: Option<&CorrespondentAccount>,
    ) -> Vec<Self> {
        let mut broken = Vec::new();
        if !account.key_holds(bic) {
            broken.push(Self::AccountKey);
        }
        if let Some(correspondent) = correspondent {
            if !correspondent.key_holds(bic) {
                broken.push(Self::CorrespondentKey);
            }
            if !correspondent.tail_holds(bic) {
                broken.push(Self::Tail);
            }
        }
        broken
    }

    /// What is wrong, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::AccountKey => "the key of the settlement account does not match the BIC",
            Self::CorrespondentKey => "the key of the correspondent account does not match the BIC",
            Self::Tail => "the correspondent account must end with the last three digits of BIC",
        }
    }

    /// What is wrong, in Russian.
    #[must_use]
    pub const fn ru(self) -> &'static str {
        match self {
            Self::AccountKey => "ключ расчётного счёта не подходит к БИК",
            Self::CorrespondentKey => "ключ корреспондентского счёта не подходит к БИК",
            Self::Tail => "корреспондентский счёт должен оканчиваться тремя последними цифрами БИК",
        }
    }
}

/// The numbers do not belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankMismatch {
    broken: Vec<BankRule>,
}

impl BankMismatch {
    /// The rules that are broken; at least one.
    #[must_use]
    pub fn broken(&self) -> &[BankRule] {
        &self.broken
    }
}

impl Bilingual for BankMismatch {
    fn ru(&self) -> String {
        let what: Vec<&str> = self.broken.iter().map(|rule| rule.ru()).collect();
        format!("Реквизиты банка не сходятся: {}; сверьте их с документом", what.join("; "))
    }
}

impl fmt::Display for BankMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what: Vec<&str> = self.broken.iter().map(|rule| rule.en()).collect();
        write!(f, "{}; compare them with the document", what.join("; "))
    }
}

impl std::error::Error for BankMismatch {}

/// A BIC with the accounts that belong to it: all rules hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct BankRequisites {
    bic: Bic,
    account: Account,
    correspondent: Option<CorrespondentAccount>,
}

/// The shape in storage, checked again when read.
#[derive(Serialize, Deserialize)]
struct Unchecked {
    bic: Bic,
    account: Account,
    correspondent: Option<CorrespondentAccount>,
}

impl TryFrom<Unchecked> for BankRequisites {
    type Error = BankMismatch;

    fn try_from(given: Unchecked) -> Result<Self, Self::Error> {
        Self::new(given.bic, given.account, given.correspondent)
    }
}

impl From<BankRequisites> for Unchecked {
    fn from(checked: BankRequisites) -> Self {
        let BankRequisites { bic, account, correspondent } = checked;
        Self { bic, account, correspondent }
    }
}

impl BankRequisites {
    /// Takes numbers that belong together.
    ///
    /// # Errors
    /// [`BankMismatch`] with every broken rule; [`super::repairs`] proposes what was meant.
    pub fn new(
        bic: Bic,
        account: Account,
        correspondent: Option<CorrespondentAccount>,
    ) -> Result<Self, BankMismatch> {
        let broken = BankRule::broken(&bic, &account, correspondent.as_ref());
        if broken.is_empty() {
            Ok(Self { bic, account, correspondent })
        } else {
            Err(BankMismatch { broken })
        }
    }

    /// The bank.
    #[must_use]
    pub const fn bic(&self) -> &Bic {
        &self.bic
    }

    /// The settlement account.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The bank's correspondent account; some treasury offices have none.
    #[must_use]
    pub const fn correspondent(&self) -> Option<&CorrespondentAccount> {
        self.correspondent.as_ref()
    }
}
