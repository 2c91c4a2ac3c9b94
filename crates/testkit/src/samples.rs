//! The real bank files and letters that the project does not contain.

use std::{env, path::PathBuf};

/// The directory of samples: `$RASCHET_SAMPLES`, else `../shared/samples` beside the repository.
///
/// `None` says on standard error that a test is about to be skipped, and how to have it run.
#[must_use]
pub fn samples() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = env::var_os("RASCHET_SAMPLES").map(PathBuf::from);
    let beside = ["../shared/samples", "../../shared/samples"].map(|path| root.join(path));
    let found = named.into_iter().chain(beside).find(|dir| dir.is_dir());
    if found.is_none() {
        eprintln!("SKIPPED: no samples; put their directory's path into RASCHET_SAMPLES");
    }
    found
}
