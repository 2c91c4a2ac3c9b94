//! Work beyond calls: followers of the other services' feeds, and importing files, and the matcher.

pub mod clients_feed;
pub mod importing;
pub mod invoicing_feed;
pub mod learning;
pub mod matching;
pub mod profiles;
