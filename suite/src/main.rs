//! `raschet`: the whole suite in one process, and the operator's commands.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    suite::run(suite::cli::Raschet::parse())
}
