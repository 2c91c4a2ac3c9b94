//! What can go wrong with a private PostgreSQL, each with what to do about it.

use std::{io, path::PathBuf};

/// Why a private PostgreSQL cannot be created, started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum LauncherError {
    /// No usable server program on this machine.
    #[error(
        "PostgreSQL {wanted} is not installed ({looked}). On Debian or Ubuntu: set \
         `create_main_cluster = false` in /etc/postgresql-common/createcluster.conf if no cluster \
         of its own is wanted, then `apt-get install {package}`; or use another server with \
         --database-url"
    )]
    BinariesMissing {
        /// "15 or later", or the exact major version that an existing cluster needs.
        wanted: String,
        /// Where was looked.
        looked: String,
        /// The Debian package that brings it.
        package: String,
    },
    /// Started by root, and neither `postgres` nor `nobody` exists.
    #[error(
        "PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor \
         `nobody`: create one (`useradd --system postgres`) or start the program as another user"
    )]
    NoAccount,
    /// The unprivileged user cannot reach the directory.
    #[error(
        "the user `{user}`, as whom PostgreSQL runs, cannot enter {closed}: keep the data \
         elsewhere (--data /var/lib/raschet), or open that directory with `chmod o+x {closed}`"
    )]
    Unreachable {
        /// Name of the unprivileged user.
        user: String,
        /// The outermost directory that is closed to it.
        closed: PathBuf,
    },
    /// Another live program holds the directory.
    #[error("another program{} uses {home}: stop it first", in_brackets(*holder))]
    Busy {
        /// The cluster's directory.
        home: PathBuf,
        /// Its pid, when it left one.
        holder: Option<u32>,
    },
    /// `initdb` failed.
    #[error("initdb could not create the cluster in {home}: {output}")]
    Initdb {
        /// The cluster's directory.
        home: PathBuf,
        /// What initdb printed.
        output: String,
    },
    /// The server ended, or did not become ready in time.
    #[error("PostgreSQL did not start: {reason}. Last lines of {log}:\n{tail}")]
    NotReady {
        /// What was seen.
        reason: String,
        /// The server's log.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// The server did not stop when asked to.
    #[error("PostgreSQL (pid {pid}) did not stop within {seconds} s")]
    NotStopped {
        /// The postmaster.
        pid: u32,
        /// How long was waited.
        seconds: u64,
    },
    /// There is no private cluster to copy.
    #[error(
        "there is no private PostgreSQL in {home}: give the data directory of `raschet up`; a \
         server of yours is backed up by its own tools"
    )]
    NoCluster {
        /// Where it was looked for.
        home: PathBuf,
    },
    /// Something would be overwritten.
    #[error("{path} is there already: nothing is overwritten; give another directory")]
    Exists {
        /// What is there.
        path: PathBuf,
    },
    /// A copy is not whole.
    #[error("{path} is not a whole backup: {output}")]
    NoBackup {
        /// The copy.
        path: PathBuf,
        /// What is wrong with it.
        output: String,
    },
    /// A program of PostgreSQL's failed.
    #[error("{program} failed: {output}")]
    Program {
        /// Its name.
        program: &'static str,
        /// What it printed.
        output: String,
    },
    /// No directory is short enough for a socket.
    #[error("no directory for Unix sockets is short enough: {tried} needs {needed} bytes of 107")]
    SocketPath {
        /// The last directory tried.
        tried: PathBuf,
        /// Length of the longest socket path in it.
        needed: usize,
    },
    /// The file system refused.
    #[error("{action} {path}: {source}")]
    File {
        /// "create", "read", …
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A statement of [`crate::provision`] failed.
    #[error("{action}: {source}")]
    Database {
        /// What was being done.
        action: String,
        /// The server's answer.
        source: sqlx::Error,
    },
}

fn in_brackets(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
}

impl LauncherError {
    /// Wraps an I/O error with what was done to which path.
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
