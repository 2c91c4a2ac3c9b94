//! What runs without being called: followers of other services' feeds, queues and schedules.

pub mod clients_follower;
