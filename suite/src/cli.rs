//! The command line. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done with problems (documents
//! that could not be read, clients passed over, discrepancies found).

mod offline;

pub use offline::{BillPlan, Conventions, Prorate};

use crate::remote::Server;
use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};
use gateway::config::{CALLS_PER_SECOND, LOGINS_PER_MINUTE};
use payments_svc::domain::matching::{Preset, reasons::Language};
use service::{ClockSetting, telemetry::LogFormat};
use std::path::PathBuf;

/// Login of the first administrator, unless another is asked for.
pub const ADMIN: &str = "admin@localhost.localdomain";

/// Raschet, the billing suite: bill, collect, reconcile and answer.
#[derive(Debug, Parser)]
#[command(name = "raschet", version, propagate_version = true)]
pub struct Raschet {
    /// Answer in JSON, one document on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start everything in one process: services, gateway, private PostgreSQL.
    Up(Box<Up>),
    /// Make keys and passwords for services that run apart; what is there stays.
    Init(Init),
    /// Databases of the services.
    #[command(subcommand)]
    Db(DbCommand),
    /// Bill clients and close months.
    Billing(Billing),
    /// Bank statements.
    Bank(Bank),
    /// Letters.
    Mail(Mail),
    /// Re-derive every balance, series, period and cursor from first facts.
    Audit(Server),
    /// Copy the private PostgreSQL and the secrets, while everything runs or stands.
    Backup(Backup),
    /// Make a data directory of such a copy, for `raschet up --data`.
    Restore(Restore),
    /// Put right what a restore of single databases leaves.
    Repair(Repair),
    /// Who works here.
    Staff(Staff),
    /// What a change of quantity costs, and why; needs no running suite.
    Prorate(Prorate),
    /// What should have been billed of a history in a file, and why; needs no running suite.
    BillPlan(BillPlan),
}

/// Settings of `raschet up`.
#[derive(Debug, Clone, Args)]
pub struct Up {
    /// Directory for everything that is kept: database, secrets, sockets, letters that are not
    /// sent. By default `data`.
    #[arg(long, env = "RASCHET_DATA")]
    pub data: Option<PathBuf>,
    /// Use this PostgreSQL instead of a private one: a URL with `{service}` in the place of the
    /// database's name. `raschet db create` prepares it.
    #[arg(long, env = "RASCHET_DATABASE_URL")]
    pub database_url: Option<String>,
    /// Address of the public port. Anything but this machine needs a certificate, or
    /// `--behind-proxy`.
    #[arg(long, env = "RASCHET_GATEWAY_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// A proxy in front encrypts.
    #[arg(long, env = "RASCHET_BEHIND_PROXY")]
    pub behind_proxy: bool,
    /// Certificate chain, PEM.
    #[arg(long, env = "RASCHET_TLS_CERTIFICATE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// Private key of the certificate, PEM.
    #[arg(long, env = "RASCHET_TLS_KEY", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
    /// Logins from one address a minute; 0 is no limit.
    #[arg(long, env = "RASCHET_LOGINS_PER_MINUTE", default_value_t = LOGINS_PER_MINUTE)]
    pub logins_per_minute: u32,
    /// Calls of one session a second, four times as many at once; 0 is no limit.
    #[arg(long, env = "RASCHET_CALLS_PER_SECOND", default_value_t = CALLS_PER_SECOND)]
    pub calls_per_second: u32,
    /// Business time: `system`, or `manual` (demo, tests), which stands until it is advanced.
    #[arg(long, env = "RASCHET_CLOCK", default_value = "system")]
    pub clock: ClockSetting,
    /// Login of the first administrator.
    #[arg(long, env = "RASCHET_ADMIN", default_value = ADMIN)]
    pub admin: String,
    /// Address of an OpenTelemetry collector (gRPC).
    #[arg(long, env = "RASCHET_OTLP")]
    pub otlp: Option<String>,
    /// How log lines are written.
    #[arg(long, env = "RASCHET_LOG", default_value = "text")]
    pub log: LogFormat,
    /// Show an invented company at work, with two years of history, in a directory of its own
    /// (by default `demo`). The first start makes it.
    #[arg(long)]
    pub demo: bool,
    /// Months of the demo's history, for tests.
    #[arg(long, hide = true, requires = "demo", default_value_t = 24,
        value_parser = clap::value_parser!(u32).range(1..=60))]
    pub demo_months: u32,
    /// Settings of the services.
    #[command(flatten)]
    pub settings: crate::services::Settings,
}

/// Settings of `raschet init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Directory for keys and passwords.
    #[arg(long, env = "RASCHET_SECRETS", default_value = "secrets")]
    pub secrets: PathBuf,
}

/// Settings of `raschet backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// Directory for the copy; it is made, and must not be there.
    pub to: PathBuf,
    /// Data directory of `raschet up`. By default the one that is used here.
    #[arg(long, env = "RASCHET_DATA")]
    pub data: Option<PathBuf>,
}

/// Settings of `raschet restore`.
#[derive(Debug, Args)]
pub struct Restore {
    /// A copy made by `raschet backup`.
    pub from: PathBuf,
    /// Data directory to make. What is there is never overwritten.
    #[arg(long, env = "RASCHET_DATA")]
    pub data: PathBuf,
}

/// Databases.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Make roles and databases in a PostgreSQL, with the passwords of `raschet init`.
    Create(DbCreate),
}

/// Settings of `raschet db create`.
#[derive(Debug, Args)]
pub struct DbCreate {
    /// URL of an administrator: a superuser, or a role with CREATEROLE and CREATEDB.
    #[arg(long, env = "RASCHET_ADMIN_DATABASE_URL")]
    pub admin_url: String,
    /// Directory of passwords; made if missing.
    #[arg(long, env = "RASCHET_SECRETS", default_value = "secrets")]
    pub secrets: PathBuf,
}

/// `raschet billing …`
#[derive(Debug, Args)]
pub struct Billing {
    /// Which.
    #[command(subcommand)]
    pub command: BillingCommand,
    /// Where the suite runs.
    #[command(flatten)]
    pub server: Server,
}

/// Long work of billing.
#[derive(Debug, Subcommand)]
pub enum BillingCommand {
    /// Bill what is due up to a date. Running it again finds nothing to do.
    Run {
        /// Date to bill up to, such as 2026-01-31.
        #[arg(long)]
        date: NaiveDate,
        /// Only show what would be made.
        #[arg(long)]
        dry_run: bool,
    },
    /// Make acts of what was rendered in a month. Closing again does nothing.
    Close {
        /// Month, such as 2026-01.
        #[arg(long, value_parser = month)]
        month: NaiveDate,
        /// Only show what would be made.
        #[arg(long)]
        dry_run: bool,
    },
}

/// `raschet bank …`
#[derive(Debug, Args)]
pub struct Bank {
    /// Which.
    #[command(subcommand)]
    pub command: BankCommand,
    /// Where the suite runs.
    #[command(flatten)]
    pub server: Server,
}

/// Bank statements.
#[derive(Debug, Subcommand)]
pub enum BankCommand {
    /// Import statements. A line that is there already is not stored again.
    Import {
        /// Files from the bank.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Take files that end too early as they are.
        #[arg(long)]
        accept_truncated: bool,
    },
    /// Show what a file from the bank says, whatever its format; needs no running suite. Exit code
    /// 2 when nothing in it can be trusted.
    Inspect {
        /// The file.
        file: PathBuf,
        /// Column profiles of CSV beside the built-in ones: a JSON list.
        #[arg(long)]
        profiles: Option<PathBuf>,
    },
    /// Decide which invoices lines of statements are meant for; needs no running suite. One JSON
    /// object a line of input, in its order.
    Decide(Decide),
}

/// Settings of `raschet bank decide`.
#[derive(Debug, Args)]
pub struct Decide {
    /// Invoices, CSV with the header
    /// `id,number,date,amount,residual,currency,client,tax_id,kpp,status,seller_account`.
    #[arg(long)]
    pub invoices: PathBuf,
    /// Known accounts of clients, CSV with the header `client,account`.
    #[arg(long)]
    pub accounts: Option<PathBuf>,
    /// Lines, one JSON object each as `bank inspect` prints them, and an `id`.
    #[arg(long)]
    pub lines: PathBuf,
    /// How much certainty is asked for: `standard` or `number_and_amount`.
    #[arg(long, default_value = "standard", value_parser = preset)]
    pub preset: Preset,
    /// Also tell the reasons in words: `ru`, `uk` or `en`.
    #[arg(long, value_parser = language)]
    pub texts: Option<Language>,
}

/// `raschet mail …`
#[derive(Debug, Args)]
pub struct Mail {
    /// Which.
    #[command(subcommand)]
    pub command: MailCommand,
    /// Where the suite runs.
    #[command(flatten)]
    pub server: Server,
}

/// Letters.
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Take letters in. One that is there already is told as a duplicate.
    Ingest {
        /// Letters as they came (RFC 5322), one in a file.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Mailbox that they came to; by default as the letter says.
        #[arg(long)]
        mailbox: Option<String>,
    },
    /// Show what the reader makes of a letter. Needs no running suite.
    Inspect {
        /// The letter as it came (RFC 5322).
        file: PathBuf,
        /// Mail system whose `Authentication-Results` are believed: its name, or the end of its
        /// name, such as `mx.example.ru`. May be given several times; by default none is.
        #[arg(long)]
        trust: Vec<String>,
        /// Address of a mailbox of ours: a letter from it is our own, come back. May be given
        /// several times.
        #[arg(long)]
        own: Vec<types::EmailAddress>,
    },
}

/// `raschet repair …`
#[derive(Debug, Args)]
pub struct Repair {
    /// Which.
    #[command(subcommand)]
    pub command: RepairCommand,
    /// Where the suite runs.
    #[command(flatten)]
    pub server: Server,
}

/// Repairs.
#[derive(Debug, Subcommand)]
pub enum RepairCommand {
    /// Have services read each other's feeds from the start: what they know already is passed.
    Feeds {
        /// Only this follower, such as payments; by default all.
        #[arg(long)]
        service: Option<String>,
    },
}

/// `raschet staff …`
#[derive(Debug, Args)]
pub struct Staff {
    /// Which.
    #[command(subcommand)]
    pub command: StaffCommand,
    /// Where the suite runs.
    #[command(flatten)]
    pub server: Server,
}

/// Who works here.
#[derive(Debug, Subcommand)]
pub enum StaffCommand {
    /// Give somebody a new password for one login; ends the sessions.
    ResetPassword {
        /// Login: the address.
        email: String,
    },
}

fn language(text: &str) -> Result<Language, String> {
    match text {
        "ru" => Ok(Language::Ru),
        "uk" => Ok(Language::Uk),
        "en" => Ok(Language::En),
        _ => Err("ru, uk or en".into()),
    }
}

fn preset(text: &str) -> Result<Preset, String> {
    match text {
        "standard" => Ok(Preset::Standard),
        "number_and_amount" => Ok(Preset::NumberAndAmount),
        other => Err(format!("{other:?} is neither standard nor number_and_amount")),
    }
}

/// First day of a month written as 2026-01.
fn month(text: &str) -> Result<NaiveDate, String> {
    format!("{text}-01").parse().map_err(|_| format!("{text:?} is not a month such as 2026-01"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Raschet::command().debug_assert();
    }

    #[test]
    fn months_and_dates_are_checked() {
        assert_eq!(month("2026-02"), Ok(NaiveDate::from_ymd_opt(2026, 2, 1).unwrap()));
        for bad in ["2026-13", "2026", "2026-02-03", "x"] {
            assert!(month(bad).is_err(), "{bad}");
        }
        let run = ["raschet", "billing", "run", "--date", "2026-02-30"];
        assert!(Raschet::try_parse_from(run).is_err());
    }
}
