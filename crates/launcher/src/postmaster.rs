//! What `postmaster.pid` and /proc tell about a server.

use crate::{LauncherError, sys};
use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// The facts that a running server writes into `postmaster.pid`.
#[derive(Debug, PartialEq, Eq)]
pub struct Postmaster {
    /// Line 1.
    pub pid: u32,
    /// Line 8: "starting", "ready", "stopping", …; empty while it is still being written.
    pub status: String,
}

impl Postmaster {
    /// Reads `data/postmaster.pid`; `None` if there is none or it is cut short.
    pub fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(data.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        Some(Self { pid, status: lines.nth(6).unwrap_or("").trim().to_owned() })
    }

    /// Whether that pid really is a server of this data directory: pids are reused.
    ///
    /// A postmaster's working directory is its data directory.
    pub fn is_alive(&self, data: &Path) -> bool {
        let at = fs::read_link(format!("/proc/{}/cwd", self.pid));
        let Ok(data) = data.canonicalize() else { return false };
        at.is_ok_and(|cwd| cwd == data) && self.is_postgres()
    }

    fn is_postgres(&self) -> bool {
        fs::read_to_string(format!("/proc/{}/comm", self.pid))
            .is_ok_and(|name| name.trim().starts_with("postgres"))
    }
}

/// Stops a server that a killed launcher left running: fast, and if that does not help, at once.
///
/// # Errors
/// [`LauncherError::NotStopped`] if it survives both.
pub fn stop_orphan(data: &Path) -> Result<(), LauncherError> {
    for (signal, seconds) in [(libc::SIGINT, 60), (libc::SIGQUIT, 10)] {
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut told = false;
        while let Some(orphan) = Postmaster::read(data).filter(|one| one.is_alive(data)) {
            if !told {
                tracing::warn!(
                    pid = orphan.pid,
                    signal,
                    "stopping PostgreSQL left by a killed run"
                );
                sys::signal(orphan.pid, signal)
                    .map_err(LauncherError::file("stop the server of", data))?;
                told = true;
            }
            if Instant::now() > until {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
    match Postmaster::read(data).filter(|one| one.is_alive(data)) {
        Some(orphan) => Err(LauncherError::NotStopped { pid: orphan.pid, seconds: 70 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_line_eight() {
        let text = "4711\n/data\n1700000000\n5432\n/run\n\n  123  4\nready   \n";
        let seen = Postmaster::parse(text).unwrap();
        assert_eq!(seen, Postmaster { pid: 4711, status: "ready".into() });
        assert_eq!(Postmaster::parse("4711\n/data\n").unwrap().status, "");
        assert_eq!(Postmaster::parse(""), None);
        assert_eq!(Postmaster::parse("x\n"), None);
    }

    #[test]
    fn another_program_with_the_same_pid_is_no_server() {
        let us = Postmaster { pid: std::process::id(), status: "ready".into() };
        assert!(!us.is_alive(&std::env::current_dir().unwrap()));
    }
}
