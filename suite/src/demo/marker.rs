//! What tells a demo's directory from one of real work: a file in it, written before anything else.

use crate::home::Home;
use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write,
    os::unix::fs::OpenOptionsExt,
};

/// A login that works as long as the demo is there.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Login {
    /// Address.
    pub login: String,
    /// Password.
    pub password: String,
}

/// What is kept of a demo beside its data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Marker {
    /// When its history was finished; absent while it is being made.
    pub made: Option<DateTime<Utc>>,
    /// Months of history.
    pub months: u32,
    /// An administrator.
    pub staff: Login,
    /// A customer of the cabinet.
    pub customer: Login,
}

impl Marker {
    /// Of a demo that is being made.
    #[must_use]
    pub fn begin(months: u32) -> Self {
        let login = || Login { login: String::new(), password: password() };
        Self { made: None, months, staff: login(), customer: login() }
    }
}

/// A password that can be typed.
fn password() -> String {
    let secret = launcher::secret::generate();
    let letters: Vec<char> = secret.chars().filter(char::is_ascii_alphanumeric).collect();
    let groups = letters.chunks(4).take(3).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join("-").to_lowercase()
}

/// Held while a program makes or runs the demo.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "it is locked as long as it is open")] File);

/// Locks a demo's directory.
///
/// # Errors
/// When another program has it.
pub fn lock(home: &Home) -> Result<Lock> {
    let path = home.dir().join("demo.lock");
    let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = open.with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => {
            bail!("the demo in {} runs already: stop it first", home.dir().display())
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

/// What is kept; `None` when no demo was begun there.
///
/// # Errors
/// When the file cannot be read.
pub fn read(home: &Home) -> Result<Option<Marker>> {
    let path = home.demo_file();
    if !path.exists() {
        return Ok(None);
    }
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let marker = serde_json::from_str(&text);
    marker.map(Some).with_context(|| format!("{} is damaged", path.display()))
}

/// Keeps it, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write(home: &Home, marker: &Marker) -> Result<()> {
    let (path, part) = (home.demo_file(), home.dir().join("demo.json.part"));
    let keep = || {
        // Passwords are in it, though only to invented money.
        let mut options = OpenOptions::new();
        let mut file = options.create(true).truncate(true).write(true).mode(0o600).open(&part)?;
        file.write_all(serde_json::to_string_pretty(marker)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, &path)
    };
    keep().with_context(|| format!("cannot write {}", path.display()))
}

/// Removes what an unfinished demo has left; its own file stays, so that it stays a demo's.
///
/// # Errors
/// When something cannot be removed.
pub fn clear(home: &Home) -> Result<()> {
    for part in ["postgres", "secrets", "run", "letters"] {
        let path = home.dir().join(part);
        if path.exists() {
            fs::remove_dir_all(&path)
                .with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_differ_and_are_long_enough() {
        let (one, two) = (password(), password());
        assert_ne!(one, two);
        assert!(one.len() >= 14, "{one}");
    }
}
