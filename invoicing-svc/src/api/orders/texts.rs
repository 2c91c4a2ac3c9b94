//! Why an order is refused: which field, and what to do.

use crate::{
    domain::{
        orders::{AcceptError, OrderError, OrderState},
        products::ProductError,
    },
    flows::accept::Refused,
};
use service::{Failure, Text, Violations};

/// Refusals of the fields of an order that came in this field, all at once.
pub(super) fn order(field: &str, errors: &[OrderError]) -> Failure {
    let mut v = Violations::default();
    for e in errors {
        let at = match e {
            OrderError::Lines(_) => format!("{field}.lines"),
            OrderError::Product { line, source: ProductError::Quantity(_) } => {
                format!("{field}.lines[{line}].quantity")
            }
            OrderError::Product { line, .. } => format!("{field}.lines[{line}].price_override"),
            OrderError::Reason { line } => format!("{field}.lines[{line}].override_reason"),
            OrderError::TooLong { line, field } => format!("{field}.lines[{line}].{field}"),
            OrderError::State { state, .. } => return not_pending(*state),
        };
        v.field(at, Text::of(e));
    }
    v.finish().err().unwrap_or_else(|| Failure::internal("an order refused for nothing"))
}

/// The order is not pending any more.
pub(super) fn not_pending(state: OrderState) -> Failure {
    let ru = match state {
        OrderState::Quoted => "только предложен",
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

/// Why a line of an order that came in this field is refused.
pub(in crate::api) fn line(field: &str, position: usize, refused: Refused) -> Failure {
    let e = match refused {
        Refused::Failure(failure) => return failure,
        Refused::Line(e) => e,
    };
    let text = Text::of(&e);
    let name = match &e {
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
    Failure::invalid(format!("{field}.lines[{position}].{name}"), text)
}
