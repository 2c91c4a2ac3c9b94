//! Generated passwords and the files that keep them.

use crate::LauncherError;
use rand::{Rng, distr::Alphanumeric};
use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// A new password: 32 letters and digits (190 bits), safe in URLs, SQL literals and shells.
#[must_use]
pub fn generate() -> String {
    rand::rng().sample_iter(Alphanumeric).take(32).map(char::from).collect()
}

/// Reads the secret kept in `path`, or generates one and keeps it there (0600, synced).
///
/// # Errors
/// When the file can be neither read nor written.
pub fn keep(path: &Path) -> Result<String, LauncherError> {
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
        // An empty file is what a crash between creating and writing leaves.
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(LauncherError::file("read", path)(error)),
    }
    let secret = generate();
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(LauncherError::file("create", path))?;
    file.write_all(secret.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(LauncherError::file("write", path))?;
    Ok(secret)
}
