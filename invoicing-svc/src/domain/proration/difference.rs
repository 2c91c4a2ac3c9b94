//! What changed since the last invoice: the difference of two traces, cause by cause.

use super::{ChargeTrace, Part, ProrationError, prorate};
use crate::domain::{codes::codes, texts::Text};
use types::Money;

codes! {
    /// What may differ between two charges.
    Cause {
        /// Price of a unit.
        Price = "PRICE",
        /// Discount.
        Discount = "DISCOUNT",
        /// Units.
        Quantity = "QUANTITY",
        /// Days that are charged, of the cycle.
        Period = "PERIOD",
        /// Convention.
        Convention = "CONVENTION",
    }
}

/// One cause of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// What differs.
    pub cause: Cause,
    /// As it was.
    pub was: String,
    /// As it is.
    pub now: String,
    /// What it makes: more, or below zero less.
    pub amount: Money,
}

/// Tells why one charge is not another: the effects, taken one after the other, add up to the
/// difference of the amounts to the kopeck. Nothing differs where the list is empty.
///
/// # Errors
/// [`ProrationError`] of amounts that do not fit.
pub fn difference(
    before: &ChargeTrace,
    after: &ChargeTrace,
) -> Result<Vec<Effect>, ProrationError> {
    let (from, to) = (before.part(), after.part());
    let price = Part { unit_price: to.unit_price, price_months: to.price_months, ..from };
    let discount = Part { discount: to.discount, ..price };
    let quantity = Part { quantity: to.quantity, ..discount };
    let days = Part { period: to.period, full: to.full, full_months: to.full_months, ..quantity };
    let mut amount = before.amount;
    let mut effects = Vec::new();
    let steps = [
        (Cause::Price, from, price),
        (Cause::Discount, price, discount),
        (Cause::Quantity, discount, quantity),
        (Cause::Period, quantity, days),
        (Cause::Convention, days, to),
    ];
    for (cause, was, now) in steps {
        if was == now {
            continue;
        }
        let reached = if now == to { after.amount } else { prorate(&now)?.amount };
        let made = reached.checked_sub(amount)?;
        amount = reached;
        effects.push(Effect {
            cause,
            was: told(cause, &was),
            now: told(cause, &now),
            amount: made,
        });
    }
    Ok(effects)
}

fn told(cause: Cause, part: &Part) -> String {
    match cause {
        Cause::Price => format!("{}/{}", part.unit_price.amount(), part.price_months),
        Cause::Discount => part.discount.to_string(),
        Cause::Quantity => part.quantity.to_string(),
        Cause::Period => part.period.to_string(),
        Cause::Convention => part.convention.to_string(),
    }
}

impl Effect {
    /// The effect in a few words: "quantity 5 → 6 (+4560.00 RUB)".
    #[must_use]
    pub fn text(&self) -> Text {
        let (ru, en) = match self.cause {
            Cause::Price => ("цена", "price"),
            Cause::Discount => ("скидка", "discount"),
            Cause::Quantity => ("количество", "quantity"),
            Cause::Period => ("период", "period"),
            Cause::Convention => ("правило", "convention"),
        };
        let sign = if self.amount.is_negative() { "" } else { "+" };
        let Self { was, now, amount, .. } = self;
        let digits = amount.amount().to_string().replace('.', ",");
        Text::new(
            format!("{ru} {was} → {now} ({sign}{digits} {})", amount.currency()),
            format!("{en} {was} → {now} ({sign}{amount})"),
        )
    }
}
