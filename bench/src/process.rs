//! A program of the suite that is measured, in a process of its own: so its memory is its own.

use anyhow::{Context, Result, ensure};
use std::{
    fs,
    process::{Child, Command},
};

/// A program that runs. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
}

impl Process {
    /// Starts a program.
    ///
    /// # Errors
    /// When it is not built.
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        let child = command.spawn();
        let child = child.with_context(|| {
            format!("cannot start {name}: build first, `cargo build --release --workspace`")
        })?;
        Ok(Self { name: name.to_owned(), child })
    }

    /// Its pid.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Most memory that it ever had resident (VmHWM), in MiB.
    ///
    /// # Errors
    /// When it has ended.
    pub fn peak(&self) -> Result<f64> {
        memory(self.pid(), "VmHWM")
    }

    /// Memory that it has resident now (VmRSS), in MiB.
    ///
    /// # Errors
    /// When it has ended.
    pub fn resident(&self) -> Result<f64> {
        memory(self.pid(), "VmRSS")
    }

    /// Lets the peak begin anew from what is resident now.
    ///
    /// # Errors
    /// When it has ended.
    pub fn forget_peak(&self) -> Result<()> {
        let path = format!("/proc/{}/clear_refs", self.pid());
        fs::write(&path, "5").with_context(|| format!("cannot write {path}"))
    }

    /// Asks it to end and waits.
    ///
    /// # Errors
    /// When it does not end well.
    pub fn stop(mut self) -> Result<()> {
        Command::new("kill").args(["-TERM", &self.pid().to_string()]).status()?;
        let ended = self.child.wait()?;
        ensure!(ended.success(), "{} ended with {ended}", self.name);
        Ok(())
    }

    /// Fails when it has ended already.
    ///
    /// # Errors
    /// How it ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        let ended = self.child.try_wait()?;
        ensure!(ended.is_none(), "{} ended by itself: {ended:?}", self.name);
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}

/// Most memory that any process ever had resident (VmHWM), in MiB.
///
/// # Errors
/// When it has ended.
pub fn peak_of(pid: u32) -> Result<f64> {
    memory(pid, "VmHWM")
}

fn memory(pid: u32, field: &str) -> Result<f64> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let number = line.and_then(|rest| rest.trim().strip_suffix("kB"));
    let kib: f64 = number.context("no such field")?.trim().parse()?;
    Ok(kib / 1024.0)
}
