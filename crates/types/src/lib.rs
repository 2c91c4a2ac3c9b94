//! Pure vocabulary of the suite: money, currencies, periods, ids, clock and requisites.
//!
//! Nothing here knows a service, a database or a wire format; everything is property-tested.

pub mod bilingual;
pub mod clock;
pub mod country;
pub mod currency;
pub mod damm;
pub mod email;
pub mod id;
pub mod invented;
pub mod money;
pub mod period;
pub mod plural;
pub mod print;
pub mod requisites;
pub mod words;

pub use bilingual::Bilingual;
pub use clock::Clock;
pub use country::Country;
pub use currency::Currency;
pub use email::EmailAddress;
pub use money::Money;
pub use period::Period;
