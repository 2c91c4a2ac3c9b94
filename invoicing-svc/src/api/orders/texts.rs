//! Why an order is refused: which field, and what to do.

use crate::{
    domain::{
        orders::{AcceptError, OrderError, OrderState},
        products::ProductError,
    },
    flows::accept::Refused,
};
use service::{Failure, Text, Violations};

/// Refusals of the order's fields, all at once.
pub(super) fn order(errors: &[OrderError]) -> Failure {
    let mut v = Violations::default();
    for e in errors {
        let field = match e {
            OrderError::Lines(_) => "order.lines".to_owned(),
            OrderError::Product { line, source: ProductError::Quantity(_) } => {
                format!("order.lines[{line}].quantity")
            }
            OrderError::Product { line, .. } => format!("order.lines[{line}].price_override"),
            OrderError::Reason { line } => format!("order.lines[{line}].override_reason"),
            OrderError::TooLong { line, field } => format!("order.lines[{line}].{field}"),
            OrderError::State { state, .. } => return not_pending(*state),
        };
        v.field(field, Text::of(e));
    }
    v.finish().err().unwrap_or_else(|| Failure::internal("an order refused for nothing"))
}

/// The order is not pending any more.
pub(super) fn not_pending(state: OrderState) -> Failure {
    let ru = match state {
        OrderState::Pending => "ожидает",
        OrderState::Accepted => "принят",
        OrderState::Active => "выполнен",
        OrderState::Cancelled => "отменён",
    };
    Failure::precondition(
        "ORDER_NOT_PENDING",
        Text::new(format!("Заказ уже {ru}."), format!("The order is {state}, not PENDING.")),
    )
}

/// Why a line is refused.
pub(super) fn line(position: usize, refused: Refused) -> Failure {
    let e = match refused {
        Refused::Failure(failure) => return failure,
        Refused::Line(e) => e,
    };
    let text = Text::of(&e);
    let field = match &e {
        AcceptError::OtherSeller { .. } | AcceptError::Closed { .. } => "contract",
        AcceptError::NotOnSale(_) => "product",
        AcceptError::OverrideCurrency(_) => "price_override",
        AcceptError::NoMainPeriod(_) => "main_subscription",
        AcceptError::Billing(_) => "start_date",
        AcceptError::Period(violations) => {
            let offered = violations.first().map(|v| v.offered.to_string()).unwrap_or_default();
            return Failure::precondition("PERIOD_NOT_ALLOWED", text).with("offered", offered);
        }
        _ => "cycle_months",
    };
    Failure::invalid(format!("order.lines[{position}].{field}"), text)
}
