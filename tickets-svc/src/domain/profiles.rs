//! What we keep of a client: where it gets letters, in which language and zone.

use crate::domain::templates::Audience;
use types::{EmailAddress, id::ClientId};

/// A client, as its owner last told us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The client.
    pub client: ClientId,
    /// Grows with every change; the newer one wins.
    pub revision: i64,
    /// Company, or given and family name.
    pub title: String,
    /// Language of letters.
    pub language: String,
    /// IANA zone.
    pub zone: String,
    /// Addresses of the people who act for it.
    pub addresses: Vec<ProfileAddress>,
}

/// An address of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileAddress {
    /// The address.
    pub address: EmailAddress,
    /// The client's main address.
    pub main: bool,
    /// Kinds of letters that it gets.
    pub audiences: Vec<Audience>,
}
