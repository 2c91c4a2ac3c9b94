//! What RPCs and jobs both do: acts on plain types that read, let the rules decide, and write,
//! inside the caller's transaction. Whoever begins it has locked the client's `accounts` row.

pub mod accept;
pub mod billed;
pub mod cancel;
pub mod change;
pub mod events;
pub mod findings;
pub mod issue;
pub mod late_fees;
pub mod letters;
pub mod paid;
pub mod pay;
pub mod quotes;
pub mod suspend;
pub mod terms;
