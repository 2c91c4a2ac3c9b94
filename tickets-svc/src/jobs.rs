//! Work outside of calls: queues, followers, and the acts that calls and queues share.

pub mod answers;
pub mod clients_follower;
pub mod documents;
pub mod events;
pub mod gate;
pub mod imap;
pub mod intake;
pub mod invoicing_follower;
pub mod lmtp;
pub mod outbox;
pub mod post;
pub mod profiles;
pub mod proving;
pub mod waking;
