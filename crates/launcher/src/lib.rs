//! A private PostgreSQL, and the roles and databases that Raschet keeps in a server.
//!
//! `raschet up`, the tests and the developer's tools all run over a cluster of their own: created
//! on first use in a directory, reachable by a Unix socket only, with a generated superuser
//! password, run as an unprivileged user even when the program is root, and stopped with it.
//!
//! | module | what |
//! |---|---|
//! | [`backup`] | copies of a cluster, and clusters made of them |
//! | [`binaries`] | finds `postgres` and `initdb` |
//! | [`account`] | the unprivileged user that the server runs as |
//! | [`cluster`] | create, start, recover, stop |
//! | [`provision`] | roles `<service>_owner`, `<service>_app` and a database per service |
//! | [`scratch`] | a cluster for tests and tools, removed at the end |
//! | [`socket`] | directories short enough for Unix sockets |

pub mod account;
pub mod backup;
pub mod binaries;
pub mod cluster;
pub mod error;
mod keeper;
mod postmaster;
pub mod provision;
pub mod scratch;
pub mod secret;
pub mod socket;
mod sys;

pub use cluster::{Cluster, Profile};
pub use error::LauncherError;
pub use scratch::Scratch;
