//! Who the clients are: types and rules, pure.

pub mod clients;
pub mod contacts;
pub mod legal_entities;
pub mod notes;
pub mod passwords;
pub mod staff;
pub mod views;
