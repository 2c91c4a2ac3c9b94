//! What `postmaster.pid` and /proc tell about a server.

use crate::{LauncherError, sys};
use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
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
    /// Line 5: directory of its sockets; empty while it is still being written.
    pub sockets: PathBuf,
}

impl Postmaster {
    /// Reads `data/postmaster.pid`; `None` if there is none or it is cut short.
    pub fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(data.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let sockets = lines.nth(3).unwrap_or("").trim().into();
        Some(Self { pid, status: lines.nth(2).unwrap_or("").trim().to_owned(), sockets })
    }

    /// The server that is ready in this data directory, if there is one.
    pub fn ready(data: &Path) -> Option<Self> {
        Self::read(data).filter(|one| one.status == "ready" && one.is_alive(data))
    }

    /// Whether that pid really is a server of this data directory: pids are reused.
    fn is_alive(&self, data: &Path) -> bool {
        works_in(self.pid, data)
    }
}

/// Whether a process is PostgreSQL at work in a data directory (each of its processes has it as
/// working directory).
fn works_in(pid: u32, data: &Path) -> bool {
    let proc = Path::new("/proc").join(pid.to_string());
    fs::read_link(proc.join("cwd")).is_ok_and(|cwd| cwd == data)
        && fs::read_to_string(proc.join("comm")).is_ok_and(|name| name.starts_with("postgres"))
}

/// All such processes.
fn at_work(data: &Path) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| works_in(*pid, data))
        .collect()
}

/// Clears what a killed launcher or server left: stops an orphaned server (fast; if that does
/// not help, at once) and waits for backends of a killed one.
///
/// # Errors
/// [`LauncherError::NotStopped`] if a process survives everything.
pub fn clear(data: &Path) -> Result<(), LauncherError> {
    for (signal, seconds) in [(libc::SIGINT, 60), (libc::SIGQUIT, 10)] {
        if let Some(orphan) = Postmaster::read(data).filter(|one| one.is_alive(data)) {
            tracing::warn!(pid = orphan.pid, signal, "stopping PostgreSQL left by a killed run");
            sys::signal(orphan.pid, signal).map_err(LauncherError::file("stop", data))?;
        }
        let until = Instant::now() + Duration::from_secs(seconds);
        while !at_work(data).is_empty() && Instant::now() < until {
            thread::sleep(Duration::from_millis(20));
        }
    }
    // Only backends of a killed postmaster may be left; they do not notice while they compute.
    if let Some(pid) = at_work(data).first() {
        return Err(LauncherError::NotStopped { pid: *pid, seconds: 70 });
    }
    Ok(())
}

/// Removes the locks of a killed server, `postmaster.pid` and the one beside its socket: their pid
/// may meanwhile be another program's, or nobody has reaped it yet (in a container, its first
/// process may never), and PostgreSQL would take either for a running server. While a process of
/// the old server is at work they stand, for a new one to look at.
///
/// # Errors
/// Those of the file system.
pub fn unlock(data: &Path, socket_lock: &Path) -> io::Result<()> {
    if !at_work(data).is_empty() {
        return Ok(());
    }
    let pid_file = data.join("postmaster.pid");
    for stale in [pid_file.as_path(), socket_lock] {
        match fs::remove_file(stale) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_line_eight() {
        let text = "4711\n/data\n1700000000\n5432\n/run\n\n  123  4\nready   \n";
        let seen = Postmaster::parse(text).unwrap();
        assert_eq!(seen, Postmaster { pid: 4711, status: "ready".into(), sockets: "/run".into() });
        assert_eq!(Postmaster::parse("4711\n/data\n").unwrap().status, "");
        assert_eq!(Postmaster::parse(""), None);
        assert_eq!(Postmaster::parse("x\n"), None);
    }

    #[test]
    fn another_program_with_the_same_pid_is_no_server() {
        let us = Postmaster { pid: std::process::id(), status: "ready".into(), sockets: "".into() };
        assert!(!us.is_alive(&std::env::current_dir().unwrap()));
    }
}
