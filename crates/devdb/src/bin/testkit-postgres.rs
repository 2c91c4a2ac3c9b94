//! `testkit-postgres -- COMMAND…` runs a command under a private PostgreSQL for tests.
//!
//! The command finds the server by `RASCHET_TEST_POSTGRES` (the superuser's URL); `testkit` uses
//! it instead of starting one per test process. Server and data go when the command ends.

use anyhow::{Result, bail};
use launcher::Scratch;
use std::process::Command;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).peekable();
    arguments.next_if(|first| first == "--");
    let Some(program) = arguments.next() else { bail!("usage: testkit-postgres -- COMMAND…") };
    let scratch = Scratch::start()?;
    let mut command = Command::new(program);
    command.args(arguments).env("RASCHET_TEST_POSTGRES", scratch.url("postgres"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let status = runtime.block_on(devdb::run(command))?;
    drop(scratch); // exit() runs no destructors
    std::process::exit(devdb::exit_code(status));
}
