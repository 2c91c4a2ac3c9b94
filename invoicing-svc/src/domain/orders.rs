//! Orders: what a client asked for, and what accepting it makes.

mod accepting;

pub use accepting::{AcceptError, Accepted, Terms, accept_line};

use crate::domain::{
    codes::codes,
    cycles::Cycle,
    products::{ProductError, check_price, check_quantity},
};
use chrono::NaiveDate;
use types::{
    Money,
    id::{ClientId, ContractId, OrderId, ProductId, SubscriptionId},
};

codes! {
    /// Where an order stands (A169).
    OrderState {
        /// Offered by a quote, and never placed: an accepted quote becomes another order.
        Quoted = "QUOTED",
        /// Waits for staff.
        Pending = "PENDING",
        /// Accepted: subscriptions and held invoices exist.
        Accepted = "ACCEPTED",
        /// All its subscriptions work.
        Active = "ACTIVE",
        /// Not going to happen.
        Cancelled = "CANCELLED",
    }
}

/// A price entered instead of the catalogue's (A175).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceOverride {
    /// For one unit and one cycle.
    pub unit_price: Money,
    /// Why; required.
    pub reason: String,
    /// Who (`staff/{uuid}`).
    pub author: String,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// Product.
    pub product: ProductId,
    /// Contract to bill it under; names payer and seller.
    pub contract: ContractId,
    /// Cycle of the price.
    pub cycle: Cycle,
    /// Units, 1 by default (A174).
    pub quantity: u32,
    /// Price instead of the catalogue's.
    pub price_override: Option<PriceOverride>,
    /// Free text of the period field (A172).
    pub period_text: Option<String>,
    /// Domain.
    pub domain: Option<String>,
    /// First day of the service.
    pub start: NaiveDate,
    /// Main subscription that it is billed together with (A159).
    pub main: Option<SubscriptionId>,
    /// Service code of its group, for number series that count per code.
    pub service_code: Option<String>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Identity.
    pub id: OrderId,
    /// Whose.
    pub client: ClientId,
    /// State.
    pub state: OrderState,
    /// Lines, at least one.
    pub lines: Vec<OrderLine>,
}

/// A field of an order that cannot be; `line` counts from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// Nothing is ordered.
    #[error("lines: 1 to {MAX_LINES} lines are expected; got {0}")]
    Lines(usize),
    /// Quantity or price out of range.
    #[error("lines[{line}].{source}")]
    Product {
        /// Which line.
        line: usize,
        /// What is wrong.
        source: ProductError,
    },
    /// A price without a reason.
    #[error("lines[{line}].price_override.reason: say why the price differs (1 to 500 characters)")]
    Reason {
        /// Which line.
        line: usize,
    },
    /// A free text is too long.
    #[error("lines[{line}].{field}: at most 200 characters are expected")]
    TooLong {
        /// Which line.
        line: usize,
        /// Which field.
        field: &'static str,
    },
    /// The state does not allow the step.
    #[error("an order that is {state} cannot be {verb}")]
    State {
        /// State it is in.
        state: OrderState,
        /// What was asked.
        verb: &'static str,
    },
}

/// Most lines of one order.
pub const MAX_LINES: usize = 500;

impl Order {
    /// A new order, pending; every violation at once.
    ///
    /// # Errors
    /// The list of [`OrderError`], never empty.
    pub fn new(
        id: OrderId,
        client: ClientId,
        lines: Vec<OrderLine>,
    ) -> Result<Self, Vec<OrderError>> {
        let mut errors = Vec::new();
        if lines.is_empty() || lines.len() > MAX_LINES {
            errors.push(OrderError::Lines(lines.len()));
        }
        for (line, l) in lines.iter().enumerate() {
            let product = |source| OrderError::Product { line, source };
            errors.extend(check_quantity(l.quantity).err().map(product));
            if let Some(o) = &l.price_override {
                errors.extend(check_price(o.unit_price).err().map(product));
                if o.reason.trim().is_empty() || o.reason.chars().count() > 500 {
                    errors.push(OrderError::Reason { line });
                }
            }
            for (field, text) in [("period_text", &l.period_text), ("domain", &l.domain)] {
                if text.as_ref().is_some_and(|t| t.chars().count() > 200) {
                    errors.push(OrderError::TooLong { line, field });
                }
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self { id, client, state: OrderState::Pending, lines })
    }

    /// What a quote offers: such an order is never placed, and each of its steps is refused.
    ///
    /// # Errors
    /// As [`Order::new`].
    pub fn quoted(
        id: OrderId,
        client: ClientId,
        lines: Vec<OrderLine>,
    ) -> Result<Self, Vec<OrderError>> {
        Ok(Self { state: OrderState::Quoted, ..Self::new(id, client, lines)? })
    }

    /// Accepts it.
    ///
    /// # Errors
    /// [`OrderError::State`] unless pending.
    pub fn accept(self) -> Result<Self, OrderError> {
        self.step("accepted", &[OrderState::Pending], OrderState::Accepted)
    }

    /// All its subscriptions work; an order that is active already stays so.
    ///
    /// # Errors
    /// [`OrderError::State`] unless accepted or active.
    pub fn activate(self) -> Result<Self, OrderError> {
        self.step("activated", &[OrderState::Accepted, OrderState::Active], OrderState::Active)
    }

    /// Cancels it; what accepting made is cancelled by its own verbs first.
    ///
    /// # Errors
    /// [`OrderError::State`] when active or cancelled already.
    pub fn cancel(self) -> Result<Self, OrderError> {
        let from = [OrderState::Pending, OrderState::Accepted];
        self.step("cancelled", &from, OrderState::Cancelled)
    }

    fn step(
        self,
        verb: &'static str,
        from: &[OrderState],
        to: OrderState,
    ) -> Result<Self, OrderError> {
        if from.contains(&self.state) {
            return Ok(Self { state: to, ..self });
        }
        Err(OrderError::State { state: self.state, verb })
    }
}

#[cfg(test)]
mod tests;
