//! Finds the server's programs.

use crate::LauncherError;
use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The oldest major version that the migrations work on.
pub const OLDEST: u32 = 15;

/// A directory with `postgres` and `initdb` of one major version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    /// The newest installed version, or exactly `major` if a cluster already needs that one.
    ///
    /// # Errors
    /// [`LauncherError::BinariesMissing`], naming the package to install.
    pub fn find(major: Option<u32>) -> Result<Self, LauncherError> {
        choose(candidates(Path::new("/usr/lib/postgresql"), env::var_os("PATH")), major)
    }

    /// Path of one program.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The major version, e.g. 15.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }
}

fn choose(mut found: Vec<Binaries>, major: Option<u32>) -> Result<Binaries, LauncherError> {
    found.sort_by_key(|one| one.major);
    let fits = |one: &Binaries| major.map_or(one.major >= OLDEST, |wanted| one.major == wanted);
    let seen: Vec<String> = found.iter().map(|one| one.major.to_string()).collect();
    found.into_iter().rfind(fits).ok_or_else(|| LauncherError::BinariesMissing {
        wanted: major
            .map_or_else(|| format!("{OLDEST} or later"), |m| format!("{m} (of this cluster)")),
        looked: if seen.is_empty() {
            "no initdb in /usr/lib/postgresql/*/bin and PATH".to_owned()
        } else {
            format!("found only version {}", seen.join(", "))
        },
        package: format!("postgresql-{}", major.unwrap_or(OLDEST)),
    })
}

fn candidates(debian: &Path, path: Option<OsString>) -> Vec<Binaries> {
    let mut found = Vec::new();
    for dir in path.iter().flat_map(env::split_paths) {
        if dir.is_absolute() && dir.join("postgres").is_file() && dir.join("initdb").is_file() {
            found.extend(version_of(&dir).map(|major| Binaries { dir, major }));
        }
    }
    // Last, so that of equal versions the package's own directory is taken, not a link to it.
    let versions = fs::read_dir(debian).into_iter().flatten().flatten();
    found.extend(versions.filter_map(|entry| {
        let major = entry.file_name().to_str()?.parse().ok()?;
        let one = Binaries { dir: entry.path().join("bin"), major };
        let whole = one.program("postgres").is_file() && one.program("initdb").is_file();
        whole.then_some(one)
    }));
    found
}

/// "postgres (PostgreSQL) 15.18 (Debian …)" → 15.
fn version_of(dir: &Path) -> Option<u32> {
    let output = Command::new(dir.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let number =
        text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(major: u32) -> Binaries {
        Binaries { dir: PathBuf::from(format!("/opt/{major}")), major }
    }

    #[test]
    fn newest_version_that_fits_is_chosen() {
        let all = || vec![version(15), version(17), version(16)];
        assert_eq!(choose(all(), None).unwrap().major(), 17);
        assert_eq!(choose(all(), Some(16)).unwrap().major(), 16);
    }

    #[test]
    fn missing_version_names_the_package() {
        let text = choose(vec![version(13)], None).unwrap_err().to_string();
        assert!(text.contains("apt-get install postgresql-15"), "{text}");
        assert!(text.contains("found only version 13"), "{text}");
        let text = choose(vec![version(15)], Some(16)).unwrap_err().to_string();
        assert!(text.contains("apt-get install postgresql-16"), "{text}");
        let text = choose(Vec::new(), None).unwrap_err().to_string();
        assert!(text.contains("/usr/lib/postgresql"), "{text}");
    }

    #[test]
    fn directories_without_both_programs_are_no_candidates() {
        assert_eq!(candidates(Path::new("/nonexistent"), Some("/nonexistent".into())), []);
    }
}
