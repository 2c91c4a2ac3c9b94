//! The data directory of `raschet up`.
//!
//! | entry | what |
//! |---|---|
//! | `postgres/` | the private cluster ([`launcher::cluster`]) |
//! | `secrets/` | keys, passwords, the operator's token ([`service::secrets`]) |
//! | `run/` | sockets of the services; `address`: where the gateway listens |
//! | `letters/` | letters, while no SMTP server is set |

use anyhow::{Context, Result};
use launcher::{account::Account, socket};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Where data goes when the present directory is closed to PostgreSQL's user.
const SYSTEM_WIDE: &str = "/var/lib/raschet";
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
            None => default_dir(private_postgres)?,
        };
        let make = || {
            fs::create_dir_all(&dir)?;
            // PostgreSQL's user has to pass, not to list; everything inside is 0700.
            fs::set_permissions(&dir, Permissions::from_mode(0o711))?;
            dir.canonicalize()
        };
        make().map(Self).with_context(|| format!("cannot use {} for data", dir.display()))
    }

    /// The directory that a command line means, for commands that only read in it.
    #[must_use]
    pub fn existing(asked: Option<&Path>) -> Self {
        let standard = [PathBuf::from("data"), PathBuf::from(SYSTEM_WIDE)];
        let found = standard.iter().find(|dir| dir.join("secrets").is_dir());
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

fn default_dir(private_postgres: bool) -> Result<PathBuf> {
    let here = PathBuf::from("data");
    let present = std::env::current_dir()?;
    if private_postgres && !here.exists() && Account::find()?.check_reach(&present).is_err() {
        return Ok(PathBuf::from(SYSTEM_WIDE));
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
