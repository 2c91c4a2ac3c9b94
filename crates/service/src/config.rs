//! Settings: the command line, then `RASCHET_…` variables, then a TOML file, then defaults.
//!
//! Secrets are never settings: they are files in the [`secrets`](crate::secrets) directory.

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use clap::{Args, CommandFactory, FromArgMatches, error::ErrorKind};
use std::{ffi::OsString, fmt, path::PathBuf, str::FromStr};

/// What every service has to know. `raschet up` fills it in itself.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Where to listen: `unix:/path` or `host:port`; `{service}` stands for the service's name.
    #[arg(long, env = "RASCHET_LISTEN", default_value = "unix:run/{service}.sock")]
    pub listen: String,
    /// Where the other services listen, written the same way.
    #[arg(long, env = "RASCHET_PEERS", default_value = "unix:run/{service}.sock")]
    pub peers: String,
    /// PostgreSQL, such as `postgres:///{service}?host=/run/postgresql`. A URL without a user means
    /// the roles `{service}_owner` for migrations and `{service}_app` for everything else.
    #[arg(long, env = "RASCHET_DATABASE_URL")]
    pub database_url: String,
    /// Directory of keys and passwords.
    #[arg(long, env = "RASCHET_SECRETS", default_value = "secrets")]
    pub secrets: PathBuf,
    /// Business time: `system`; or `manual`, which stands until it is advanced (demo, tests), and
    /// starts at the instant of `manual:2026-01-31T09:00:00Z` when one is given.
    #[arg(long, env = "RASCHET_CLOCK", default_value = "system")]
    pub clock: ClockSetting,
    /// Most connections to the database.
    #[arg(long, env = "RASCHET_POOL_SIZE", default_value_t = 16)]
    pub pool_size: u32,
    /// Nobody else can run this service over its database, so what is leased at its start is left
    /// by a process that has died: it is done again at once rather than when the leases run out.
    #[arg(skip)]
    pub alone: bool,
}

/// Where business time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockSetting {
    /// The machine's clock.
    System,
    /// A clock kept in the database. The instant is where it starts when it is not there yet;
    /// without one it starts at the machine's time.
    Manual(Option<DateTime<Utc>>),
}

impl FromStr for ClockSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "system" => Ok(Self::System),
            None if text == "manual" => Ok(Self::Manual(None)),
            Some(("manual", at)) => DateTime::parse_from_rfc3339(at)
                .map(|at| Self::Manual(Some(at.to_utc())))
                .map_err(|e| format!("{at:?} is not an instant such as 2026-01-31T09:00:00Z: {e}")),
            _ => Err("give system, manual or manual:2026-01-31T09:00:00Z".into()),
        }
    }
}

/// An address to listen at or to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// A Unix socket.
    Unix(PathBuf),
    /// `host:port`.
    Tcp(String),
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("unix:") {
            return Ok(Self::Unix(path.into()));
        }
        match text.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
                Ok(Self::Tcp(text.into()))
            }
            _ => Err(format!("{text:?} is neither unix:/path nor host:port")),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp(address) => f.write_str(address),
        }
    }
}

/// The option that names the TOML file, in every program of the suite.
#[derive(Debug, Clone, Args)]
pub struct ConfigFile {
    /// TOML file with the settings below, named as on the command line without dashes in front.
    #[arg(long = "config", env = "RASCHET_CONFIG", value_name = "FILE")]
    pub config_file: Option<PathBuf>,
}

/// Reads the settings of a program whose command line includes [`ConfigFile`]. Prints help and
/// ends the program when that is what was asked for.
///
/// # Errors
/// When the file cannot be read, or names a setting that does not exist.
pub fn read<P: CommandFactory + FromArgMatches>() -> Result<P> {
    match parse(&std::env::args_os().collect::<Vec<_>>()) {
        Err(error) => match error.downcast::<clap::Error>() {
            Ok(usage) => usage.exit(),
            Err(error) => Err(error),
        },
        program => program,
    }
}

fn parse<P: CommandFactory + FromArgMatches>(args: &[OsString]) -> Result<P> {
    let mut command = P::command();
    // What the file says stands in for the defaults, so whatever else is given wins.
    if let Some(path) = config_file::<P>(args) {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let table: toml::Table =
            text.parse().with_context(|| format!("{} is not TOML", path.display()))?;
        for (name, value) in table {
            let id = name.replace('-', "_");
            if !command.get_arguments().any(|arg| arg.get_id() == id.as_str()) {
                bail!("{}: there is no setting {name}", path.display());
            }
            let value = match value {
                toml::Value::String(text) => text,
                other => other.to_string(),
            };
            // clap keeps defaults by reference, for as long as the program runs.
            let value: &'static str = value.leak();
            command = command.mut_arg(id, |arg| arg.required(false).default_value(value));
        }
    }
    Ok(P::from_arg_matches(&command.try_get_matches_from(args)?)?)
}

/// The file named by `--config` or `RASCHET_CONFIG`, read before anything else is required.
fn config_file<P: CommandFactory>(args: &[OsString]) -> Option<PathBuf> {
    let matches = P::command().ignore_errors(true).try_get_matches_from(args);
    match matches {
        Ok(matches) => matches.get_one::<PathBuf>("config_file").cloned(),
        Err(error) => {
            debug_assert!(matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            ));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        file: ConfigFile,
        #[command(flatten)]
        config: Config,
    }

    fn args(args: &[&str]) -> Vec<OsString> {
        ["program"].iter().chain(args).map(OsString::from).collect()
    }

    #[test]
    fn the_file_gives_way_to_the_command_line() {
        let path = std::env::temp_dir().join(format!("raschet-{}.toml", uuid::Uuid::now_v7()));
        std::fs::write(&path, "database-url = 'postgres:///x'\npool-size = 3\n").unwrap();
        let file = path.to_str().unwrap();

        let read: Program = parse(&args(&["--config", file])).unwrap();
        assert_eq!(read.file.config_file.as_ref(), Some(&path));
        assert_eq!(read.config.database_url, "postgres:///x");
        assert_eq!(read.config.pool_size, 3);
        let read: Program = parse(&args(&["--config", file, "--pool-size", "5"])).unwrap();
        assert_eq!(read.config.pool_size, 5);

        std::fs::write(&path, "pool-sise = 3\n").unwrap();
        let error = parse::<Program>(&args(&["--config", file])).unwrap_err();
        assert!(error.to_string().ends_with("there is no setting pool-sise"), "{error}");
        std::fs::remove_file(&path).unwrap();
        assert!(parse::<Program>(&args(&["--config", file])).is_err(), "the file is gone");
        assert!(parse::<Program>(&args(&[])).is_err(), "the database is required");
    }

    #[test]
    fn reads_clocks_and_addresses() {
        assert_eq!("system".parse(), Ok(ClockSetting::System));
        assert_eq!("manual".parse(), Ok(ClockSetting::Manual(None)));
        let at = "2026-01-31T09:00:00Z".parse().unwrap();
        assert_eq!("manual:2026-01-31T12:00:00+03:00".parse(), Ok(ClockSetting::Manual(Some(at))));
        assert!("manual:yesterday".parse::<ClockSetting>().is_err());
        assert!("sundial".parse::<ClockSetting>().is_err());

        assert_eq!("unix:/a b/c".parse(), Ok(Listen::Unix("/a b/c".into())));
        assert_eq!("[::1]:80".parse(), Ok(Listen::Tcp("[::1]:80".into())));
        for bad in ["", "localhost", ":80", "localhost:http"] {
            assert!(bad.parse::<Listen>().is_err(), "{bad:?}");
        }
    }
}
