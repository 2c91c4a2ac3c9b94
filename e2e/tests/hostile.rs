//! Calls that mean harm, or nothing: what is refused names its limit, what is not refused is
//! answered meanwhile, and nothing is left behind (issue 3, §5).

mod connections;
mod idle;
mod messages;
mod nonsense;
mod rates;
mod raw;
mod storms;

/// Business time at which these tests begin.
const NOW: &str = "2019-02-26T09:00:00Z";
