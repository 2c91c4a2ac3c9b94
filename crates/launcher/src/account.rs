//! The user that the server runs as: PostgreSQL refuses root.

use crate::{LauncherError, sys};
use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};

/// Whom the server runs as, and whether we must change to it.
#[derive(Debug, Clone)]
pub struct Account {
    name: String,
    uid: u32,
    gid: u32,
    /// We are root and hand files and children over.
    switch: bool,
}

impl Account {
    /// Ourselves; for root `postgres`, else `nobody`.
    ///
    /// # Errors
    /// [`LauncherError::NoAccount`] for root on a machine that has neither.
    pub fn find() -> Result<Self, LauncherError> {
        let us = Self::ourselves();
        if us.uid != 0 {
            return Ok(us);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| {
                // A uid without a passwd entry will not do: initdb looks its name up.
                let (uid, gid) = sys::user(name).filter(|(uid, _)| *uid != 0)?;
                Some(Self { name: name.to_owned(), uid, gid, switch: true })
            })
            .ok_or(LauncherError::NoAccount)
    }

    /// The user who runs this program, root or not.
    #[must_use]
    pub fn ourselves() -> Self {
        let uid = sys::effective_uid();
        let name = std::env::var("USER").unwrap_or_else(|_| format!("uid {uid}"));
        Self { name, uid, gid: sys::effective_gid(), switch: false }
    }

    /// The user id of the account.
    #[must_use]
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// Makes a command run as the account.
    pub(crate) fn apply(&self, command: &mut Command) {
        if self.switch {
            command.uid(self.uid).gid(self.gid); // std drops supplementary groups with it
        }
    }

    /// Gives one file or directory to the account.
    pub(crate) fn own(&self, path: &Path) -> Result<(), LauncherError> {
        if self.switch {
            chown(path, Some(self.uid), Some(self.gid))
                .map_err(LauncherError::file("change owner of", path))?;
        }
        Ok(())
    }

    /// Makes sure of a directory that belongs to the account and is closed to everybody else.
    ///
    /// # Errors
    /// When it cannot be created or belongs to a stranger.
    pub fn private_dir(&self, path: &Path) -> Result<(), LauncherError> {
        fs::create_dir_all(path).map_err(LauncherError::file("create", path))?;
        self.own(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o700))
            .map_err(LauncherError::file("close", path))
    }

    /// Checks that the account can enter `dir`, which exists.
    ///
    /// # Errors
    /// [`LauncherError::Unreachable`] with the outermost closed directory.
    pub fn check_reach(&self, dir: &Path) -> Result<(), LauncherError> {
        if !self.switch {
            return Ok(());
        }
        let mut chain: Vec<&Path> = dir.ancestors().collect();
        chain.reverse();
        for step in chain {
            let meta = fs::metadata(step).map_err(LauncherError::file("read", step))?;
            let needed = if meta.uid() == self.uid {
                0o100
            } else if meta.gid() == self.gid {
                0o010
            } else {
                0o001
            };
            if meta.mode() & needed == 0 {
                return Err(LauncherError::Unreachable {
                    user: self.name.clone(),
                    closed: step.to_path_buf(),
                });
            }
        }
        Ok(())
    }
}
