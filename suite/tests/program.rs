//! Runs `raschet` and reads what it says.

use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    ops::Deref,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

/// A directory for one test, removed when it ends.
pub struct Temp(PathBuf);

impl Temp {
    pub fn new() -> Self {
        let dir = std::env::temp_dir().join(format!("raschet-{}", launcher::secret::generate()));
        fs::create_dir(&dir).unwrap();
        Self(dir)
    }
}

impl Deref for Temp {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn raschet(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_raschet"));
    command.arg("--json").args(arguments).current_dir(dir).env("LANG", "C.UTF-8");
    command.env_remove("LC_ALL").env("RUST_LOG", "warn");
    command
}

/// Runs a command to its end: exit code, and the JSON it printed.
pub fn run(dir: &Path, arguments: &[&str]) -> (i32, Value, String) {
    let Output { status, stdout, stderr } = raschet(dir, arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&stderr).into_owned();
    let answer = serde_json::from_slice(&stdout).unwrap_or(Value::Null);
    (status.code().unwrap(), answer, errors)
}

/// A running `raschet up` with its data in `data` of the directory. Dropping it kills it.
pub struct Up {
    child: Child,
    /// What it said when it was up.
    pub said: Value,
}

impl Up {
    pub fn start(dir: &Path, arguments: &[&str]) -> Self {
        let all = [&["up", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut child = raschet(dir, &all).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not up: {line:?}"));
        Self { child, said }
    }

    pub fn signal(&mut self, signal: &str) -> std::process::ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        self.child.wait().unwrap()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}

/// Pid of the private PostgreSQL of a data directory.
pub fn postmaster(dir: &Path) -> u32 {
    let text = fs::read_to_string(dir.join("data/postgres/data/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

/// Ended, whether or not somebody has reaped it.
pub fn gone(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
}
