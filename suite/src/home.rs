//! The data directory of `raschet up`.
//!
//! | entry | what |
//! |---|---|
//! | `postgres/` | the private cluster ([`launcher::cluster`]) |
//! | `secrets/` | keys, passwords, the operator's token ([`service::secrets`]) |
//! | `run/` | sockets of the services; `address`: where the gateway listens |
//! | `letters/` | letters, while no SMTP server is set |
//! | `demo.json` | only in a demo's directory: see [`crate::demo`] |

use anyhow::{Context, Result, bail};
use launcher::{account::Account, socket};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Where data goes when the present directory is closed to PostgreSQL's user.
const SYSTEM_WIDE: &str = "/var/lib/raschet";
/// The same for a demo.
const SYSTEM_WIDE_DEMO: &str = "/var/lib/raschet-demo";
/// The longest name of a service's socket.
const SOCKET_NAME: usize = "invoicing.sock".len();

/// The data directory, as an absolute path.
#[derive(Debug, Clone)]
pub struct Home(PathBuf);

impl Home {
    /// The directory that was asked for. Else `data`; for root, where PostgreSQL's unprivileged
    /// user cannot enter that (as below `/root`), `/var/lib/raschet`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(asked: Option<&Path>, private_postgres: bool) -> Result<Self> {
        let dir = match asked {
            Some(dir) => dir.to_path_buf(),
            None => default_dir("data", SYSTEM_WIDE, private_postgres)?,
        };
        Self::make(&dir)
    }

    /// The same for a demo: the directory that was asked for, else `demo`, or
    /// `/var/lib/raschet-demo`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open_demo(asked: Option<&Path>) -> Result<Self> {
        match asked {
            Some(dir) => Self::make(dir),
            None => Self::make(&default_dir("demo", SYSTEM_WIDE_DEMO, true)?),
        }
    }

    fn make(dir: &Path) -> Result<Self> {
        let make = || {
            fs::create_dir_all(dir)?;
            // PostgreSQL's user has to pass, not to list; everything inside is 0700.
            fs::set_permissions(dir, Permissions::from_mode(0o711))?;
            dir.canonicalize()
        };
        make().map(Self).with_context(|| format!("cannot use {} for data", dir.display()))
    }

    /// The directory that a command line means, for commands that only read in it.
    #[must_use]
    pub fn existing(asked: Option<&Path>) -> Self {
        let standard = ["data", SYSTEM_WIDE, "demo", SYSTEM_WIDE_DEMO].map(PathBuf::from);
        let runs = standard.iter().find(|dir| dir.join("run/address").is_file());
        let found = runs.or_else(|| standard.iter().find(|dir| dir.join("secrets").is_dir()));
        Self(asked.or(found.map(PathBuf::as_path)).unwrap_or(&standard[0]).to_path_buf())
    }

    /// The directory itself.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.0
    }

    /// Directory of the private cluster.
    #[must_use]
    pub fn postgres(&self) -> PathBuf {
        self.0.join("postgres")
    }

    /// Directory of keys and passwords.
    #[must_use]
    pub fn secrets(&self) -> PathBuf {
        self.0.join("secrets")
    }

    /// Letters that are not sent.
    #[must_use]
    pub fn letters(&self) -> PathBuf {
        self.0.join("letters")
    }

    /// File that tells where the gateway listens.
    #[must_use]
    pub fn address_file(&self) -> PathBuf {
        self.0.join("run/address")
    }

    /// File that is only in a demo's directory.
    #[must_use]
    pub fn demo_file(&self) -> PathBuf {
        self.0.join("demo.json")
    }

    /// Refuses a demo's directory to real work, and the other way round: they never mix.
    ///
    /// # Errors
    /// When it holds the other one; says what to do.
    pub fn refuse_other(&self, demo: bool) -> Result<()> {
        let (dir, is_demo) = (self.0.display(), self.demo_file().exists());
        if !demo && is_demo {
            bail!(
                "{dir} holds a demo: `raschet up --demo` starts it. Real work needs a directory \
                 of its own: --data"
            );
        }
        if demo && !is_demo && (self.postgres().exists() || self.secrets().exists()) {
            bail!(
                "{dir} holds real data: a demo needs a directory of its own, give another --data"
            );
        }
        Ok(())
    }

    /// Where services listen, as a template with `{service}`.
    ///
    /// # Errors
    /// When no directory is short enough for sockets.
    pub fn sockets(&self) -> Result<String> {
        let account = Account::ourselves();
        let dir = socket::directory(&self.0.join("run"), SOCKET_NAME, &account)?;
        Ok(format!("unix:{}/{{service}}.sock", dir.display()))
    }
}

fn default_dir(here: &str, system_wide: &str, private_postgres: bool) -> Result<PathBuf> {
    let here = PathBuf::from(here);
    let present = std::env::current_dir()?;
    if private_postgres && !here.exists() && Account::find()?.check_reach(&present).is_err() {
        return Ok(PathBuf::from(system_wide));
    }
    Ok(here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_templates_inside_the_directory() {
        let dir = std::env::temp_dir().join(format!("raschet-home-{}", uuid::Uuid::now_v7()));
        let home = Home::open(Some(&dir), true).unwrap();
        let sockets = home.sockets().unwrap();
        assert!(sockets.ends_with("/run/{service}.sock"), "{sockets}");
        assert!(home.dir().is_absolute());
        fs::remove_dir_all(&dir).unwrap();
    }
}
