//! Directories for Unix sockets, whose whole path may take 107 bytes.

use crate::{LauncherError, account::Account, secret};
use std::{
    env, fs,
    io::ErrorKind,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
};

/// The longest path of a Unix socket on Linux (`sun_path` less its terminator).
pub const LONGEST: usize = 107;

/// A private directory for sockets named at most `longest_name` bytes: `base` itself if its path
/// is short enough, else a directory in the runtime directory, remembered in `base/socket-dir`
/// so that it is the same after a restart.
///
/// # Errors
/// When nothing is short enough or the directory cannot be made.
pub fn directory(
    base: &Path,
    longest_name: usize,
    account: &Account,
) -> Result<PathBuf, LauncherError> {
    if length(base, longest_name) <= LONGEST {
        account.private_dir(base)?;
        return Ok(base.to_path_buf());
    }
    account.private_dir(base)?;
    let note = base.join("socket-dir");
    if let Some(kept) = fs::read_to_string(&note).ok().map(PathBuf::from)
        && is_ours(&kept, account)
        && length(&kept, longest_name) <= LONGEST
    {
        return Ok(kept);
    }
    let mut tried = base.to_path_buf();
    let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_absolute());
    for parent in runtime.into_iter().chain([env::temp_dir(), PathBuf::from("/tmp")]) {
        if account.check_reach(&parent).is_err() {
            continue;
        }
        tried = parent.join(format!("raschet-{}", &secret::generate()[..8]));
        if length(&tried, longest_name) > LONGEST {
            continue;
        }
        // create_dir refuses what exists, so nobody can have prepared it in a shared directory.
        match fs::create_dir(&tried) {
            Ok(()) => {}
            Err(e) if e.kind() == ErrorKind::PermissionDenied => continue,
            Err(e) => return Err(LauncherError::file("create", tried)(e)),
        }
        account.private_dir(&tried)?;
        fs::write(&note, tried.as_os_str().as_bytes())
            .map_err(LauncherError::file("write", &note))?;
        return Ok(tried);
    }
    Err(LauncherError::SocketPath { needed: length(&tried, longest_name), tried })
}

/// Length of `dir/name` for the longest name.
fn length(dir: &Path, longest_name: usize) -> usize {
    dir.as_os_str().len() + 1 + longest_name
}

/// A real directory (no link) of the account, closed to others.
fn is_ours(dir: &Path, account: &Account) -> bool {
    fs::symlink_metadata(dir)
        .is_ok_and(|meta| meta.is_dir() && meta.uid() == account.uid() && meta.mode() & 0o077 == 0)
}
