//! What the gateway answers itself: sessions, and what is composed of several services.

pub mod cabinet;
pub mod client_cards;
pub mod dashboard;
pub mod directory;
pub mod operations;
pub mod sessions;
