//! Pure vocabulary of the suite: money, currencies, periods, ids, clock and requisites.
//!
//! Nothing here knows a service, a database or a wire format; everything is property-tested.

pub mod clock;
pub mod currency;
pub mod id;
pub mod money;
pub mod period;

pub use clock::Clock;
pub use currency::Currency;
pub use money::Money;
pub use period::Period;
