//! Copies of a data directory: the private PostgreSQL with all databases as they were at one
//! instant, and the secrets that belong to them.
//!
//! One copy holds every database, so that what services know of each other still fits after it is
//! restored: no cursor is ahead of its feed, and no feed needs repair.

use crate::{
    cli::{Backup, Restore},
    console::{Console, Outcome},
    home::Home,
};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use service::Text;
use std::{
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt,
    path::Path,
};

/// `raschet backup`.
///
/// # Errors
/// When there is no private PostgreSQL, the directory is there, or the copy cannot be made.
pub fn take(options: &Backup, console: &Console) -> Result<Outcome> {
    let (home, to) = (Home::existing(options.data.as_deref()), &options.to);
    ensure!(!to.exists(), "{} is there already: give another directory", to.display());
    // It appears under its name when it is whole.
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let copied = copy(&home, part).and_then(|()| Ok(fs::rename(part, to)?));
    if let Err(error) = copied {
        let _ = fs::remove_dir_all(part); // the reason matters more than what is left
        return Err(error);
    }
    console.say(&Text::new(
        format!("Копия готова и проверена: {}. В ней есть ключи и пароли.", to.display()),
        format!("The copy is made and verified: {}. It holds keys and passwords.", to.display()),
    ));
    console.json(&json!({ "backup": to }));
    Ok(Outcome::Done)
}

fn copy(home: &Home, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).context("cannot remove what an earlier backup left")?;
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(to)
        .with_context(|| format!("cannot make {}", to.display()))?;
    launcher::backup::take(&home.postgres(), &to.join("postgres"))?;
    copy_secrets(&home.secrets(), &to.join("secrets"))
}

/// `raschet restore`.
///
/// # Errors
/// When the copy is not whole, or something would be overwritten.
pub fn restore(options: &Restore, console: &Console) -> Result<Outcome> {
    let Restore { from, data } = options;
    ensure!(from.join("secrets").is_dir(), "{} is no copy of `raschet backup`", from.display());
    let home = Home::open(Some(data), true)?;
    ensure!(
        !home.secrets().exists(),
        "{} is in use: restore into an empty directory",
        home.dir().display()
    );
    launcher::backup::restore(&from.join("postgres"), &home.postgres())?;
    copy_secrets(&from.join("secrets"), &home.secrets())?;
    let data = home.dir().display();
    console.say(&Text::new(
        format!("Данные восстановлены. Запустите: raschet up --data {data}"),
        format!("The data is restored. Start it: raschet up --data {data}"),
    ));
    console.json(&json!({ "data": home.dir() }));
    Ok(Outcome::Done)
}

/// Copies the directory of keys and passwords, closed to others.
fn copy_secrets(from: &Path, to: &Path) -> Result<()> {
    DirBuilder::new()
        .mode(0o700)
        .create(to)
        .with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_secrets(&from, &to)?;
        } else {
            fs::copy(&from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
        }
    }
    Ok(())
}
