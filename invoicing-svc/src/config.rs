//! Settings beyond the common ones: there are none yet.

use clap::Args;

/// What invoicing-svc can be told besides [`service::Config`].
#[derive(Debug, Clone, Default, Args)]
pub struct Settings {}
