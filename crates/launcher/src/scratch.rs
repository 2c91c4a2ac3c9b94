//! A cluster for tests and tools: in a temporary directory, removed when dropped.

use crate::{Cluster, LauncherError, Profile, account::Account, secret};
use std::{
    env, fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// A [`Profile::Test`] cluster that leaves nothing behind.
#[derive(Debug)]
pub struct Scratch {
    /// Taken (and so stopped) before its directory is removed.
    cluster: Option<Cluster>,
    dir: PathBuf,
}

impl Scratch {
    /// Creates and starts one; about a second.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start() -> Result<Self, LauncherError> {
        let account = Account::find()?;
        let parent = [env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")]
            .into_iter()
            .find(|dir| account.check_reach(dir).is_ok())
            .unwrap_or_else(env::temp_dir);
        let dir = parent.join(format!("raschet-scratch-{}", &secret::generate()[..8]));
        // Others may pass (the account must) but not list; what is inside is 0700.
        fs::DirBuilder::new()
            .mode(0o711)
            .create(&dir)
            .map_err(LauncherError::file("create", &dir))?;
        let mut scratch = Self { cluster: None, dir };
        scratch.cluster = Some(Cluster::start(&scratch.dir.join("pg"), Profile::Test)?);
        Ok(scratch)
    }

    /// URL of the superuser for a database.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.cluster.as_ref().map(|cluster| cluster.url(database)).unwrap_or_default()
    }

    /// URL of another role for a database.
    #[must_use]
    pub fn url_of(&self, role: &str, password: &str, database: &str) -> String {
        let url = self.cluster.as_ref().map(|cluster| cluster.url_of(role, password, database));
        url.unwrap_or_default()
    }

    /// URL without a role, with `{service}` in the place of the database's name.
    #[must_use]
    pub fn template(&self) -> String {
        self.cluster.as_ref().map(Cluster::template).unwrap_or_default()
    }

    /// The temporary directory, for whatever else must go with the cluster.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.cluster.take());
        if let Err(error) = fs::remove_dir_all(&self.dir) {
            tracing::warn!(dir = %self.dir.display(), %error, "left behind");
        }
    }
}
