//! Everything that makes a process a service: one concern per file, and no business of any one.
//!
//! A service is a type that implements [`Service`]: a name, migrations, settings and an [`App`]
//! with its RPCs, feed followers, queue workers, schedules and audit checks in view. [`main`] runs
//! it as a process, [`start`] inside another one (`raschet up`, tests).
//!
//! ```ignore
//! pub struct Clients;
//!
//! impl service::Service for Clients {
//!     const NAME: &'static str = "clients";
//!     type Settings = config::Settings;
//!
//!     fn migrations() -> &'static Migrator {
//!         &MIGRATIONS
//!     }
//!
//!     async fn app(frame: Frame, settings: Settings) -> anyhow::Result<App> {
//!         Ok(App::new(&frame)
//!             .rpc(ClientsServer::new(api::clients::Api::new(&frame)))
//!             .follow("invoicing", jobs::first_payment::Follower::new(&frame))
//!             .worker(jobs::erasure::Worker::new(&frame))
//!             .audit(audit::checks))
//!     }
//! }
//! ```
//!
//! The path of a call: listener → the layers of `layers.rs` → `api/` of the service, which reads
//! its [`Scope`], parses, opens a transaction, claims the request id ([`idempotency`]), calls its
//! rules and its store, appends events ([`feed`]) and jobs ([`queue`]), and commits.

/// What a statement or a billing run allocates on one thread is freed on another: an import is a
/// twelfth faster than over the C library's allocator.
#[cfg(not(fuzzing))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

mod app;
pub mod audit;
pub mod authority;
pub mod blobs;
mod clock_service;
pub mod config;
pub mod database;
pub mod error;
pub mod etag;
pub mod feed;
mod frame;
mod health;
pub mod idempotency;
pub mod layers;
mod listener;
pub mod locale;
pub mod mask;
pub mod page;
pub mod peers;
pub mod queue;
pub mod run;
pub mod secrets;
mod supervise;
pub mod telemetry;

pub use app::App;
pub use authority::{Identity, Scope, Signer, Verifier};
pub use config::{ClockSetting, Config, Listen};
pub use error::{Failure, Violations};
pub use etag::{check_etag, etag};
pub use frame::Frame;
pub use locale::{Locale, Text};
pub use peers::{PeerChannel, Peers};
pub use proto::system::v1::Role;
pub use run::{Running, Service, main, start};
