//! A private cluster: created on first use, started, recovered after a crash, stopped.
//!
//! In its directory (`home`, 0700, owned by the unprivileged account):
//!
//! | entry | what |
//! |---|---|
//! | `data/` | the cluster; it appears whole, by renaming `data.new/` after `initdb` |
//! | `superuser-password` | 0600 |
//! | `run/` | the socket, unless the path is too long for one ([`crate::socket`]) |
//! | `postgres.log`, `postgres.log.1` | the server's messages |
//! | `lock` | locked by the program that runs the cluster; holds its pid |

use crate::{
    LauncherError, account::Account, binaries::Binaries, keeper::Keeper, postmaster, secret, socket,
};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio, id},
    time::Duration,
};

/// The superuser of a private cluster.
pub const SUPERUSER: &str = "raschet";
/// The server's "port": it only names the socket.
pub(crate) const PORT: u16 = 5432;
/// The lock beside the socket: the longest name in the socket directory.
const SOCKET_LOCK: &str = ".s.PGSQL.5432.lock";
const LOG_LIMIT: u64 = 16 * 1024 * 1024;
const STOP_LIMIT: Duration = Duration::from_secs(60);

/// What the cluster is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Books: every commit is on disk.
    Durable,
    /// Tests: nothing waits for the disk, and a power cut loses everything.
    Test,
}

/// A running private PostgreSQL. Dropping it stops it.
#[derive(Debug)]
pub struct Cluster {
    keeper: Keeper,
    sockets: PathBuf,
    log: PathBuf,
    password: String,
    stopped: bool,
    /// Held for as long as the server may run.
    _lock: File,
}

impl Cluster {
    /// Starts the cluster in `home`, creating it on first use, and waits until it is ready.
    ///
    /// A server left by a killed launcher is stopped first. May be called from any thread.
    ///
    /// # Errors
    /// See [`LauncherError`]: no binaries, a directory closed to the account, another live
    /// program on the same directory, a server that does not come up (with its last words).
    pub fn start(home: &Path, profile: Profile) -> Result<Self, LauncherError> {
        fs::create_dir_all(home).map_err(LauncherError::file("create", home))?;
        let home = &home.canonicalize().map_err(LauncherError::file("find", home))?;
        let account = Account::find()?;
        account.check_reach(home.parent().unwrap_or(home))?;
        account.private_dir(home)?;
        let lock = lock(home)?;
        let data = home.join("data");
        let binaries = Binaries::find(major_of(&data)?)?;
        postmaster::clear(&data)?;
        let password_file = home.join("superuser-password");
        let password = secret::keep(&password_file)?;
        account.own(&password_file)?;
        if !data.is_dir() {
            create(home, &account, &binaries, profile)?;
        }
        let sockets = socket::directory(&home.join("run"), SOCKET_LOCK.len(), &account)?;
        let log = home.join("postgres.log");
        let command = server(home, &sockets, &log, &account, &binaries, profile);
        let keeper = Keeper::spawn(data, command)?;
        let cluster = Self { keeper, sockets, log, password, stopped: false, _lock: lock };
        cluster.wait_ready()?;
        Ok(cluster)
    }

    /// Directory of the server's socket.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        &self.sockets
    }

    /// The postmaster's pid; `None` while it is down between a crash and its restart.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.keeper.pid()
    }

    /// URL of the superuser for a database.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.url_of(SUPERUSER, &self.password, database)
    }

    /// URL of any role for a database; password and names need no escaping in a URL.
    #[must_use]
    pub fn url_of(&self, role: &str, password: &str, database: &str) -> String {
        let host = escape(&self.sockets.to_string_lossy());
        format!("postgres://{role}:{password}@localhost/{database}?host={host}&port={PORT}")
    }

    /// URL without a role, with `{service}` in the place of the database's name.
    #[must_use]
    pub fn template(&self) -> String {
        let host = escape(&self.sockets.to_string_lossy());
        format!("postgres://localhost/{{service}}?host={host}&port={PORT}")
    }

    /// Waits until the server accepts connections again, after a crash.
    ///
    /// # Errors
    /// [`LauncherError::NotReady`] if it does not come back.
    pub fn wait_ready(&self) -> Result<(), LauncherError> {
        self.keeper.wait_ready().map_err(|reason| LauncherError::NotReady {
            reason,
            tail: tail(&self.log),
            log: self.log.clone(),
        })
    }

    /// Stops the server (fast shutdown: open transactions are rolled back) and waits for it.
    ///
    /// # Errors
    /// [`LauncherError::NotStopped`] if it hangs.
    pub fn stop(mut self) -> Result<(), LauncherError> {
        self.stopped = true;
        self.keeper.stop(STOP_LIMIT)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !self.stopped
            && let Err(error) = self.keeper.stop(STOP_LIMIT)
        {
            tracing::error!(%error, "PostgreSQL was not stopped");
        }
    }
}

/// Takes the directory for this process; the kernel frees it when the process dies.
pub(crate) fn lock(home: &Path) -> Result<File, LauncherError> {
    let path = home.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(LauncherError::file("open", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => {
            let mut text = String::new();
            let holder = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
            return Err(LauncherError::Busy { home: home.to_path_buf(), holder });
        }
        Err(fs::TryLockError::Error(error)) => {
            return Err(LauncherError::file("lock", &path)(error));
        }
    }
    file.set_len(0)
        .and_then(|()| file.write_all(id().to_string().as_bytes()))
        .map_err(LauncherError::file("write", &path))?;
    Ok(file)
}

/// Major version of an existing cluster; its binaries must match.
pub(crate) fn major_of(data: &Path) -> Result<Option<u32>, LauncherError> {
    let path = data.join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LauncherError::file("read", path)(error)),
    }
}

/// `initdb` beside, then rename: a crash half way leaves nothing that looks like a cluster.
fn create(
    home: &Path,
    account: &Account,
    binaries: &Binaries,
    profile: Profile,
) -> Result<(), LauncherError> {
    let fresh = home.join("data.new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(LauncherError::file("remove", &fresh))?;
    }
    let auth = match profile {
        Profile::Durable => "scram-sha-256",
        // Each test opens a dozen connections, and proving a password to each takes a debug build a
        // third of a short test's time. Whoever reaches the socket can read that password anyway.
        Profile::Test => "trust",
    };
    let mut command = Command::new(binaries.program("initdb"));
    command
        .args(["--username", SUPERUSER, "--auth", auth, "--data-checksums"])
        .args(["--encoding", "UTF8", "--locale", "C.UTF-8"])
        .args(["--pwfile", "superuser-password", "--pgdata", "data.new"]);
    if profile == Profile::Test {
        command.arg("--no-sync");
    }
    let output = surroundings(&mut command, home, account)
        .output()
        .map_err(LauncherError::file("run initdb in", home))?;
    if !output.status.success() {
        let output = [output.stdout, output.stderr].concat();
        let output = String::from_utf8_lossy(&output).trim().to_owned();
        return Err(LauncherError::Initdb { home: home.to_path_buf(), output });
    }
    let data = home.join("data");
    fs::rename(&fresh, &data).map_err(LauncherError::file("rename", &fresh))?;
    File::open(home).and_then(|dir| dir.sync_all()).map_err(LauncherError::file("sync", home))
}

/// Makes the command that starts the server, each time it must be started.
fn server(
    home: &Path,
    sockets: &Path,
    log: &Path,
    account: &Account,
    binaries: &Binaries,
    profile: Profile,
) -> impl Fn() -> io::Result<Command> + Send + 'static {
    let (home, sockets, log) = (home.to_path_buf(), sockets.to_path_buf(), log.to_path_buf());
    let (account, program) = (account.clone(), binaries.program("postgres"));
    move || {
        postmaster::unlock(&home.join("data"), &sockets.join(SOCKET_LOCK))?;
        let log = open_log(&log)?;
        let mut command = Command::new(&program);
        command.arg("-D").arg("data").arg("-k").arg(&sockets);
        command.args(["-p", &PORT.to_string(), "-c", "listen_addresses="]);
        command.args(["-c", "timezone=UTC", "-c", "log_timezone=UTC"]);
        match profile {
            Profile::Durable => command.args(["-c", "fsync=on"]),
            Profile::Test => command
                .args(["-F", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"])
                .args(["-c", "max_connections=300"])
                // A test that ends stops polling its half-open connections; until the server gives
                // up on them, `drop database` waits for their backends (its default: a minute).
                .args(["-c", "authentication_timeout=5s"]),
        };
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        // Ctrl-C goes to the terminal's whole group; the server must outlive the services.
        command.process_group(0);
        surroundings(&mut command, &home, &account);
        Ok(command)
    }
}

/// Runs a server program as the account, in `home`, without our environment.
pub(crate) fn surroundings<'a>(
    command: &'a mut Command,
    home: &Path,
    account: &Account,
) -> &'a mut Command {
    account.apply(command);
    command.env_clear().env("LC_ALL", "C.UTF-8").env("PATH", "/usr/bin:/bin").current_dir(home)
}

fn open_log(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|meta| meta.len() > LOG_LIMIT) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

/// The last lines of a log, for an error message.
fn tail(path: &Path) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(2000)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// Percent-encodes what a path may hold and a URL's query may not.
fn escape(path: &str) -> String {
    path.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}
