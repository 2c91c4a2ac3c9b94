//! Physical copies of a private cluster: all its databases as they were at one instant, whether or
//! not it was at work meanwhile, with the write-ahead log that makes them whole.
//!
//! A copy looks like the cluster's own directory: `data/` and `superuser-password`.

use crate::{
    Cluster, LauncherError, Profile,
    account::Account,
    binaries::Binaries,
    cluster::{self, SUPERUSER},
    postmaster::Postmaster,
};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
};

const PASSWORD: &str = "superuser-password";

/// Copies the cluster in `home` into the directory `to`, which is made. A cluster that does not run
/// is started for the time that it takes.
///
/// # Errors
/// When there is no cluster, `to` exists, or the copy cannot be made; then nothing of it is left.
pub fn take(home: &Path, to: &Path) -> Result<(), LauncherError> {
    let data = home.join("data");
    let Ok(data) = data.canonicalize() else {
        return Err(LauncherError::NoCluster { home: home.to_path_buf() });
    };
    if to.exists() {
        return Err(LauncherError::Exists { path: to.to_path_buf() });
    }
    let binaries = Binaries::find(cluster::major_of(&data)?)?;
    let (running, _started) = match Postmaster::ready(&data) {
        Some(running) => (running, None),
        None => {
            let started = Cluster::start(home, Profile::Durable)?;
            let running = Postmaster::ready(&data);
            let gone = || LauncherError::NoCluster { home: home.to_path_buf() };
            (running.ok_or_else(gone)?, Some(started))
        }
    };
    let copied = copy(home, &running.sockets, &binaries, to);
    if copied.is_err() {
        let _ = fs::remove_dir_all(to); // the reason matters more than what is left
    }
    copied
}

fn copy(home: &Path, sockets: &Path, binaries: &Binaries, to: &Path) -> Result<(), LauncherError> {
    fs::create_dir_all(to).map_err(LauncherError::file("create", to))?;
    fs::set_permissions(to, Permissions::from_mode(0o700))
        .map_err(LauncherError::file("close", to))?;
    let (kept, password) = (home.join(PASSWORD), to.join(PASSWORD));
    let secret = fs::read_to_string(&kept).map_err(LauncherError::file("read", &kept))?;
    fs::copy(&kept, &password).map_err(LauncherError::file("write", &password))?;
    let mut command = Command::new(binaries.program("pg_basebackup"));
    command.arg("--pgdata").arg(to.join("data")).arg("--host").arg(sockets);
    command.args(["--port", &cluster::PORT.to_string(), "--username", SUPERUSER, "--no-password"]);
    // The log that is written meanwhile comes along: the copy is whole without anything else.
    command.args(["--wal-method", "stream", "--checkpoint", "fast"]);
    command.env_clear().env("LC_ALL", "C.UTF-8").env("PGPASSWORD", secret.trim());
    run("pg_basebackup", &mut command)?;
    verify(binaries, to)
}

/// Makes a cluster in `home` of a copy. Nothing that is there is overwritten.
///
/// # Errors
/// When the copy is not whole, or there is a cluster in `home` already.
pub fn restore(from: &Path, home: &Path) -> Result<(), LauncherError> {
    let whole = |path: &Path| {
        path.exists().then_some(()).ok_or_else(|| LauncherError::NoBackup {
            path: from.to_path_buf(),
            output: format!("there is no {}", path.display()),
        })
    };
    whole(&from.join("data/backup_manifest"))?;
    whole(&from.join(PASSWORD))?;
    let binaries = Binaries::find(cluster::major_of(&from.join("data"))?)?;
    verify(&binaries, from)?;
    fs::create_dir_all(home).map_err(LauncherError::file("create", home))?;
    let home = &home.canonicalize().map_err(LauncherError::file("find", home))?;
    let account = Account::find()?;
    account.check_reach(home.parent().unwrap_or(home))?;
    account.private_dir(home)?;
    let _lock = cluster::lock(home)?;
    let (data, fresh) = (home.join("data"), home.join("data.new"));
    if data.exists() {
        return Err(LauncherError::Exists { path: data });
    }
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(LauncherError::file("remove", &fresh))?;
    }
    copy_tree(&from.join("data"), &fresh, &account)?;
    copy_file(&from.join(PASSWORD), &home.join(PASSWORD), &account)?;
    let mut sync = Command::new(binaries.program("initdb"));
    sync.args(["--sync-only", "--pgdata", "data.new"]);
    run("initdb", cluster::surroundings(&mut sync, home, &account))?;
    // It appears whole, or not at all.
    fs::rename(&fresh, &data).map_err(LauncherError::file("rename", &fresh))?;
    fs::File::open(home).and_then(|dir| dir.sync_all()).map_err(LauncherError::file("sync", home))
}

/// Checks every file of a copy against the list that was made with it.
fn verify(binaries: &Binaries, copy: &Path) -> Result<(), LauncherError> {
    let mut command = Command::new(binaries.program("pg_verifybackup"));
    command.arg("--quiet").arg(copy.join("data"));
    command.env_clear().env("LC_ALL", "C.UTF-8").env("PATH", "/usr/bin:/bin");
    match run("pg_verifybackup", &mut command) {
        Err(LauncherError::Program { output, .. }) => {
            Err(LauncherError::NoBackup { path: copy.to_path_buf(), output })
        }
        verified => verified,
    }
}

fn run(program: &'static str, command: &mut Command) -> Result<(), LauncherError> {
    let output = command.output().map_err(LauncherError::file("run", program))?;
    if output.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    Err(LauncherError::Program { program, output: output.trim().to_owned() })
}

fn copy_tree(from: &Path, to: &Path, account: &Account) -> Result<(), LauncherError> {
    account.private_dir(to)?;
    for entry in fs::read_dir(from).map_err(LauncherError::file("read", from))? {
        let entry = entry.map_err(LauncherError::file("read", from))?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type().map_err(LauncherError::file("read", &from))?.is_dir() {
            true => copy_tree(&from, &to, account)?,
            false => copy_file(&from, &to, account)?,
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path, account: &Account) -> Result<(), LauncherError> {
    fs::copy(from, to).map_err(LauncherError::file("write", to))?;
    account.own(to)
}
