//! Which transfers a business fact makes.
//!
//! | fact | debit | credit |
//! |---|---|---|
//! | money received | bank clearing | suspense |
//! | allocated to a payer | suspense | advances (payer) |
//! | applied to an invoice | advances (payer) | advances (payer, contract) |
//! | VAT on that advance | VAT on advances | VAT payable |
//! | act, prepaid part | advances (payer, contract) | revenue |
//! | act, rest | receivable (payer, contract) | revenue |
//! | act, its VAT | revenue | VAT payable |
//! | act, VAT of the used advance | VAT payable | VAT on advances |
//! | money meets a debt | advances | receivable |
//! | VAT of an advance that meets one later | VAT payable | VAT on advances |
//! | an advance taken back after its act | receivable | advances |
//! | VAT of that advance | VAT on advances | VAT payable |
//! | credit set against a late fee | advances (payer) | penalties |
//! | reversal | sides exchanged | |

use super::{Account, AccountKind, Cause, CauseKind, Transfer, TransferError};
use crate::domain::{fractions::round_ratio, tax::Taxed};
use chrono::NaiveDate;
use types::{
    Money,
    id::{ClientId, ContractId, LegalEntityId, SellerId},
    money::MoneyError,
};

/// Whose books and whose money a posting concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party {
    /// Seller.
    pub seller: SellerId,
    /// Client.
    pub client: ClientId,
    /// Payer.
    pub legal_entity: LegalEntityId,
    /// Contract.
    pub contract: ContractId,
}

impl Party {
    fn account(&self, kind: AccountKind) -> Account {
        let (legal_entity, contract) = (Some(self.legal_entity), Some(self.contract));
        Account { kind, legal_entity, contract }
    }

    fn transfer(
        &self,
        debit: Account,
        credit: Account,
        amount: Money,
        cause: &Cause,
        date: NaiveDate,
    ) -> Option<Transfer> {
        let whose = (self.seller, Some(self.client));
        // Nothing to move is no row: an amount of zero is the one refusal that can occur here.
        Transfer::new(whose, debit, credit, amount, cause.clone(), date).ok()
    }
}

/// Money came to a seller's account; whose it is nobody knows yet.
///
/// # Errors
/// [`TransferError`] unless the amount is above zero.
pub fn received(
    seller: SellerId,
    amount: Money,
    line: &str,
    date: NaiveDate,
) -> Result<Transfer, TransferError> {
    let debit = Account::of_seller(AccountKind::BankClearing);
    let credit = Account::of_seller(AccountKind::Suspense);
    let cause = Cause { kind: CauseKind::Received, name: line.into() };
    Transfer::new((seller, None), debit, credit, amount, cause, date)
}

/// Money was allocated to a payer: his advance, of no contract yet.
///
/// # Errors
/// [`TransferError`] unless the amount is above zero.
pub fn allocated(
    (seller, client, legal_entity): (SellerId, ClientId, LegalEntityId),
    amount: Money,
    allocation: &str,
    date: NaiveDate,
) -> Result<Transfer, TransferError> {
    let debit = Account::of_seller(AccountKind::Suspense);
    let credit = uncontracted(legal_entity);
    let cause = Cause { kind: CauseKind::Allocated, name: allocation.into() };
    Transfer::new((seller, Some(client)), debit, credit, amount, cause, date)
}

/// Free advances of a payer were set against a late fee: income, without VAT.
///
/// # Errors
/// [`TransferError`] unless the amount is above zero.
pub fn late_fee_paid(
    (seller, client, legal_entity): (SellerId, ClientId, LegalEntityId),
    amount: Money,
    payment: &str,
    date: NaiveDate,
) -> Result<Transfer, TransferError> {
    let credit = Account::of_seller(AccountKind::Penalties);
    let cause = Cause { kind: CauseKind::Applied, name: payment.into() };
    let debit = uncontracted(legal_entity);
    Transfer::new((seller, Some(client)), debit, credit, amount, cause, date)
}

/// The advances of a payer that name no contract.
const fn uncontracted(legal_entity: LegalEntityId) -> Account {
    let legal_entity = Some(legal_entity);
    Account { kind: AccountKind::Advances, legal_entity, contract: None }
}

/// The VAT that an advance holds: the invoice's own share of tax.
///
/// # Errors
/// [`MoneyError`] of the sums.
pub fn advance_vat(advance: Money, invoice: Taxed) -> Result<Money, MoneyError> {
    if !invoice.gross.is_positive() {
        return Ok(Money::zero(advance.currency()));
    }
    let product = advance.amount().checked_mul(invoice.tax.amount());
    let product = product.ok_or(MoneyError::Overflow)?;
    round_ratio(product, invoice.gross.amount(), advance.currency())
}

/// Money was set against an invoice: from the payer's free advances (`from`, who may pay for
/// another) to those of the invoice's contract; `vat` of [`advance_vat`].
#[must_use]
pub fn apply(
    party: &Party,
    from: LegalEntityId,
    amount: Money,
    vat: Money,
    application: &str,
    date: NaiveDate,
) -> Vec<Transfer> {
    let cause = Cause { kind: CauseKind::Applied, name: application.into() };
    let advances = party.account(AccountKind::Advances);
    let on_advances = party.account(AccountKind::VatOnAdvances);
    let payable = Account::of_seller(AccountKind::VatPayable);
    [
        party.transfer(uncontracted(from), advances, amount, &cause, date),
        party.transfer(on_advances, payable, vat, &cause, date),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn exchanged(t: Transfer) -> Transfer {
    Transfer { debit: t.credit, credit: t.debit, ..t }
}

/// What stands on a contract before a posting: both ≥ 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advance {
    /// Prepaid: credit balance of its advances.
    pub money: Money,
    /// VAT charged on that: debit balance of its VAT on advances.
    pub vat: Money,
}

/// What an act renders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act {
    /// Amounts, above zero.
    pub amounts: Taxed,
    /// What is prepaid on the contract.
    pub advance: Advance,
}

/// An act was made: prepaid money becomes revenue, the rest receivable; VAT is charged, and that
/// of the used advance is offset, wholly with the last of the advance.
///
/// # Errors
/// [`MoneyError`] of the sums.
pub fn act(
    party: &Party,
    rendered: &Act,
    name: &str,
    date: NaiveDate,
) -> Result<Vec<Transfer>, MoneyError> {
    let Act { amounts, advance } = *rendered;
    // An overdrawn advance is a debt already: none of it is prepaid.
    let none = Money::zero(amounts.gross.currency());
    let money = if advance.money.is_negative() { none } else { advance.money };
    let prepaid = amounts.gross.min(money)?;
    let rest = amounts.gross.checked_sub(prepaid)?;
    let offset = if prepaid == money {
        advance.vat
    } else {
        let product = advance.vat.amount().checked_mul(prepaid.amount());
        let product = product.ok_or(MoneyError::Overflow)?;
        round_ratio(product, money.amount(), prepaid.currency())?
    };
    let cause = Cause { kind: CauseKind::Act, name: name.into() };
    let revenue = Account::of_seller(AccountKind::Revenue);
    let payable = Account::of_seller(AccountKind::VatPayable);
    let row = |debit, credit, amount| party.transfer(debit, credit, amount, &cause, date);
    let rows = [
        row(party.account(AccountKind::Advances), revenue, prepaid),
        row(party.account(AccountKind::Receivable), revenue, rest),
        row(revenue, payable, amounts.tax),
        row(payable, party.account(AccountKind::VatOnAdvances), offset),
    ];
    Ok(rows.into_iter().flatten().collect())
}

/// Lets the two sides of a contract meet: money against debt, and an overdrawn advance (after a
/// reversal) becomes debt. `advances` is a credit balance, `receivable` a debit balance.
///
/// # Errors
/// [`MoneyError`] of the sums.
pub fn rebalance(
    party: &Party,
    advances: Money,
    receivable: Money,
    cause: &Cause,
    date: NaiveDate,
) -> Result<Option<Transfer>, MoneyError> {
    let money = party.account(AccountKind::Advances);
    let debt = party.account(AccountKind::Receivable);
    Ok(if advances.is_negative() {
        party.transfer(debt, money, advances.negated(), cause, date)
    } else if receivable.is_positive() {
        party.transfer(money, debt, advances.min(receivable)?, cause, date)
    } else {
        None
    })
}

/// An advance of `before` has settled a debt and is `after` now: the VAT charged on what settled is
/// offset, wholly with the last of it. `vat` is the debit balance of the contract's VAT on
/// advances.
///
/// # Errors
/// [`MoneyError`] of the sums.
pub fn offset_vat(
    party: &Party,
    (before, after): (Money, Money),
    vat: Money,
    cause: &Cause,
    date: NaiveDate,
) -> Result<Option<Transfer>, MoneyError> {
    let settled = before.checked_sub(after)?;
    if !settled.is_positive() {
        return Ok(None);
    }
    let part = if after.is_zero() {
        vat
    } else {
        let product = vat.amount().checked_mul(settled.amount()).ok_or(MoneyError::Overflow)?;
        round_ratio(product, before.amount(), vat.currency())?
    };
    let payable = Account::of_seller(AccountKind::VatPayable);
    Ok(party.transfer(payable, party.account(AccountKind::VatOnAdvances), part, cause, date))
}

/// VAT on advances that a reversal has overdrawn is owed again: an act had offset it before the
/// money was taken back. `vat` is the debit balance of the contract's VAT on advances.
#[must_use]
pub fn restore_vat(party: &Party, vat: Money, cause: &Cause, date: NaiveDate) -> Option<Transfer> {
    let payable = Account::of_seller(AccountKind::VatPayable);
    let on_advances = party.account(AccountKind::VatOnAdvances);
    party.transfer(on_advances, payable, vat.negated(), cause, date)
}

/// The exact reversal of a transfer; `name` is the resource name of what reversed it.
#[must_use]
pub fn reverse(transfer: &Transfer, name: &str, date: NaiveDate) -> Transfer {
    Transfer {
        cause: Cause { kind: CauseKind::Reversal, name: name.into() },
        date,
        ..exchanged(transfer.clone())
    }
}
