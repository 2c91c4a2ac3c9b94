//! Proposals for bank requisites that do not belong together, as a scan or a keyboard leaves them.
//!
//! A proposal is never taken by itself: two slips can look like another bank. It carries its
//! reason, and a person (or a document that says the same) confirms it (G27).

use super::{Account, BankRequisites, BankRule, Bic, CorrespondentAccount};
use crate::Bilingual;
use std::fmt;

/// What was changed, and why that is likely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RepairReason {
    /// The BIC's last three digits are taken from the correspondent account.
    BicTail,
    /// The correspondent account's last three digits are taken from the BIC.
    CorrespondentTail,
    /// One digit of the BIC was misread.
    BicDigit,
}

/// Requisites that would pass, for a person to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The requisites as they would be.
    pub proposed: BankRequisites,
    /// What was changed.
    pub reason: RepairReason,
    /// The BIC or the correspondent account as it was read.
    pub read: String,
    /// The same number as proposed.
    pub meant: String,
}

/// The explanation, which asks for confirmation.
impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (read, meant) = (&self.read, &self.meant);
        match self.reason {
            RepairReason::BicTail => write!(
                f,
                "BIC {read} is probably {meant}: the correspondent account ends with {}, and with \
                 it every key matches; please confirm",
                &meant[6..]
            ),
            RepairReason::CorrespondentTail => write!(
                f,
                "the correspondent account {read} is probably {meant}: the BIC ends with {}, and \
                 with it every key matches; please confirm",
                &meant[17..]
            ),
            RepairReason::BicDigit => write!(
                f,
                "BIC {read} is probably {meant}: with that one digit every key matches; please \
                 confirm"
            ),
        }
    }
}

impl Bilingual for Repair {
    fn ru(&self) -> String {
        let (read, meant) = (&self.read, &self.meant);
        match self.reason {
            RepairReason::BicTail => format!(
                "БИК {read} – вероятно, {meant}: корреспондентский счёт оканчивается на {}, и с \
                 этими цифрами сходятся все ключи; подтвердите",
                &meant[6..]
            ),
            RepairReason::CorrespondentTail => format!(
                "Корреспондентский счёт {read} – вероятно, {meant}: БИК оканчивается на {}, и с \
                 этими цифрами сходятся все ключи; подтвердите",
                &meant[17..]
            ),
            RepairReason::BicDigit => format!(
                "БИК {read} – вероятно, {meant}: с одной этой цифрой сходятся все ключи; \
                 подтвердите"
            ),
        }
    }
}

/// Candidate repairs, the likeliest first; none when the numbers already belong together or when
/// nothing near them does.
///
/// Without a correspondent account there is no second witness, so nothing is proposed: any key
/// can be satisfied by three other BICs. For the same reason the settlement account is never
/// changed: each of its digits could be the wrong one.
#[must_use]
pub fn repairs(
    bic: &Bic,
    account: &Account,
    correspondent: Option<&CorrespondentAccount>,
) -> Vec<Repair> {
    let Some(correspondent) = correspondent else { return Vec::new() };
    // A treasury account has no key, so it cannot tell which of the other two is right.
    if BankRule::broken(bic, account, Some(correspondent)).is_empty()
        || account.is_treasury()
        || !correspondent.is_of_bank()
    {
        return Vec::new();
    }
    let with_bic = |meant: String, reason| {
        let proposed = Bic::parse(&meant).ok()?;
        let all = BankRequisites::new(proposed, account.clone(), Some(correspondent.clone()));
        Some(Repair { proposed: all.ok()?, reason, read: bic.to_string(), meant })
    };
    let office = &bic.as_str()[..6];
    let tail = with_bic(format!("{office}{}", correspondent.tail()), RepairReason::BicTail);
    let mut found: Vec<Repair> = tail.into_iter().collect();
    found.extend(correspondent_tail(bic, account, correspondent));
    for meant in one_digit_changes(bic.as_str()) {
        if found.iter().all(|repair| repair.meant != meant) {
            found.extend(with_bic(meant, RepairReason::BicDigit));
        }
    }
    found
}

fn correspondent_tail(
    bic: &Bic,
    account: &Account,
    correspondent: &CorrespondentAccount,
) -> Option<Repair> {
    let read = correspondent.to_string();
    let meant = format!("{}{}", &read[..17], bic.tail());
    let other = CorrespondentAccount::parse(&meant).ok()?;
    let proposed = BankRequisites::new(bic.clone(), account.clone(), Some(other)).ok()?;
    Some(Repair { proposed, reason: RepairReason::CorrespondentTail, read, meant })
}

/// Every text that differs in exactly one digit.
fn one_digit_changes(digits: &str) -> impl Iterator<Item = String> + '_ {
    digits.char_indices().flat_map(move |(i, old)| {
        ('0'..='9')
            .filter(move |new| *new != old)
            .map(move |new| format!("{}{new}{}", &digits[..i], &digits[i + 1..]))
    })
}
