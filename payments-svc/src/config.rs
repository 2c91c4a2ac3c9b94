//! Settings beyond those of every service.

use crate::domain::matching::Preset;
use clap::{Args, ValueEnum};

/// Settings of payments-svc.
#[derive(Debug, Clone, Copy, Args)]
#[group(skip)] // several Settings stand on one command line
pub struct Settings {
    /// What a payment must agree in to be allocated by itself.
    #[arg(long, env = "RASCHET_MATCHING", value_enum, default_value = "standard")]
    pub matching: Matching,
}

/// How certain the machine must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Matching {
    /// Exact number, equal amount and a known payer.
    Standard,
    /// Exact number and equal amount; the payer may be unknown when the number itself names the
    /// client (a service code or a check digit).
    NumberAndAmount,
}

impl From<Matching> for Preset {
    fn from(matching: Matching) -> Self {
        match matching {
            Matching::Standard => Self::Standard,
            Matching::NumberAndAmount => Self::NumberAndAmount,
        }
    }
}
