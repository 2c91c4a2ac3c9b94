//! A cluster for tests and tools: in a temporary directory, removed when dropped.

use crate::{Cluster, LauncherError, Profile, account::Account, cluster, secret, sys};
use std::{
    env, fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// What directories of scratch clusters begin with.
const NAME: &str = "raschet-scratch-";
/// Files in memory. Tests make and drop databases of some hundred files each, on which the file
/// system of a disk spends more of the processor than the tests spend on anything else.
const MEMORY: &str = "/dev/shm";
/// Bytes that must be free there; in a container there are often 64 MiB.
const ROOM: u64 = 4 << 30;
/// How old a directory is that nobody is about to lock.
const OLD: Duration = Duration::from_secs(600);

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
        let parents = [env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
        let mut parents = memory().into_iter().chain(parents);
        let parent = parents.find(|dir| account.check_reach(dir).is_ok());
        let parent = parent.unwrap_or_else(env::temp_dir);
        sweep(&parent);
        let dir = parent.join(format!("{NAME}{}", &secret::generate()[..8]));
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

fn memory() -> Option<PathBuf> {
    let free = sys::free_space(Path::new(MEMORY))?;
    (free >= ROOM).then(|| PathBuf::from(MEMORY))
}

/// Removes what killed programs could not: directories whose cluster nobody runs.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(NAME);
        let age = entry.metadata().and_then(|meta| meta.modified()).map(|time| time.elapsed());
        let old = matches!(age, Ok(Ok(age)) if age > OLD);
        if ours && old && cluster::lock(&entry.path().join("pg")).is_ok() {
            let removed = fs::remove_dir_all(entry.path());
            tracing::info!(dir = %entry.path().display(), ?removed, "was left behind");
        }
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
