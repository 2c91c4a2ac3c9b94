//! How far an invoice is paid, derived from the money set against it.

use crate::domain::codes::codes;
use types::{Currency, Money, money::MoneyError};

codes! {
    /// How far an invoice is paid.
    PaymentState {
        /// Nothing is applied.
        Open = "OPEN",
        /// Something is left to pay.
        PartiallyPaid = "PARTIALLY_PAID",
        /// Nothing is left to pay.
        Paid = "PAID",
        /// What was paid went back.
        Refunded = "REFUNDED",
    }
}

/// Money set against an invoice; each ≥ 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// Σ of its applications that are not reversed.
    pub applied: Money,
    /// Σ of what later invoices credited on its lines and could not net within themselves.
    pub credited: Money,
    /// Σ of what was paid back out of it.
    pub refunded: Money,
}

impl Sums {
    /// No money yet.
    #[must_use]
    pub fn nothing(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { applied: zero, credited: zero, refunded: zero }
    }

    /// What is left of a total: less credited, less applied, never below zero.
    ///
    /// # Errors
    /// [`MoneyError`] of the sums.
    pub fn residual(&self, total: Money) -> Result<Money, MoneyError> {
        let rest = total.checked_sub(self.credited)?.checked_sub(self.applied)?;
        Ok(if rest.is_negative() { Money::zero(rest.currency()) } else { rest })
    }

    /// Money applied beyond what the invoice still asks for, after a credit: it becomes the
    /// client's credit again.
    ///
    /// # Errors
    /// [`MoneyError`] of the sums.
    pub fn overpaid(&self, total: Money) -> Result<Money, MoneyError> {
        let asked = total.checked_sub(self.credited)?;
        let asked = if asked.is_negative() { Money::zero(asked.currency()) } else { asked };
        let over = self.applied.checked_sub(asked)?;
        Ok(if over.is_negative() { Money::zero(over.currency()) } else { over })
    }

    /// The state that follows for a total.
    ///
    /// # Errors
    /// [`MoneyError`] of the sums.
    pub fn payment_state(&self, total: Money) -> Result<PaymentState, MoneyError> {
        Ok(if self.refunded.is_positive() && self.applied.is_zero() {
            PaymentState::Refunded
        } else if self.residual(total)?.is_zero() {
            PaymentState::Paid
        } else if self.applied.is_positive() {
            PaymentState::PartiallyPaid
        } else {
            PaymentState::Open
        })
    }
}
