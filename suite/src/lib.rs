//! The `raschet` program: everything in one process over a private PostgreSQL, and the operator's
//! commands, which are gRPC clients of a running suite.
//!
//! | module | what |
//! |---|---|
//! | [`cli`] | the command line |
//! | [`up`] | `raschet up` |
//! | [`services`] | the services it runs |
//! | [`home`] | the data directory |
//! | [`backup`] | `raschet backup`, `raschet restore` |
//! | [`databases`] | `raschet db create`, and what `up` does of it |
//! | [`demo`] | `raschet up --demo` |
//! | [`first_login`] | the first administrator |
//! | [`remote`] | the connection to a running suite |
//! | [`commands`] | billing, bank, mail, audit, repair, staff; alone: prorate, bill-plan |
//! | [`console`] | what is printed: for people or as JSON, progress, errors |

pub mod backup;
pub mod cli;
pub mod commands;
pub mod console;
pub mod databases;
pub mod demo;
pub mod first_login;
pub mod home;
pub mod remote;
pub mod services;
pub mod up;

use cli::{Command, DbCommand, Raschet};
use console::{Console, Outcome};
use service::Text;
use std::process::ExitCode;

/// Runs one command to its end.
#[must_use]
pub fn run(program: Raschet) -> ExitCode {
    let console = Console::new(program.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return console.failed(&error.into()),
    };
    match runtime.block_on(command(program.command, &console)) {
        Ok(outcome) => ExitCode::from(outcome.code()),
        Err(error) => console.failed(&error),
    }
}

async fn command(command: Command, console: &Console) -> anyhow::Result<Outcome> {
    match command {
        Command::Up(options) => up::run(*options, console).await,
        Command::Init(options) => {
            service::secrets::create(&options.secrets)?;
            console.say(&Text::new(
                format!("Ключи и пароли лежат в {}.", options.secrets.display()),
                format!("Keys and passwords are in {}.", options.secrets.display()),
            ));
            console.json(&serde_json::json!({ "secrets": options.secrets }));
            Ok(Outcome::Done)
        }
        Command::Db(DbCommand::Create(options)) => {
            databases::create_command(&options, console).await
        }
        Command::Backup(options) => backup::take(&options, console),
        Command::Restore(options) => backup::restore(&options, console),
        Command::Billing(options) => commands::billing::run(options, console).await,
        Command::Bank(options) => commands::bank::run(options, console).await,
        Command::Mail(options) => commands::mail::run(options, console).await,
        Command::Audit(server) => commands::audit::run(&server, console).await,
        Command::Repair(options) => commands::repair::run(options, console).await,
        Command::Staff(options) => commands::staff::run(options, console).await,
        Command::BillPlan(options) => commands::bill_plan::run(&options, console),
        Command::Prorate(options) => commands::prorate::run(&options, console),
    }
}
