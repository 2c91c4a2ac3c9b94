//! The thread that owns a server process: spawns it, waits for it, starts it again if it dies.
//!
//! The kernel's death signal (`PR_SET_PDEATHSIG`) fires when the *thread* that spawned the child
//! ends, so a child spawned from a worker of an async runtime would be stopped at random. This
//! thread lives exactly as long as the server should; when the process dies, by kill -9 too, it
//! dies with it and the server gets SIGINT: a fast, clean shutdown.

use crate::{LauncherError, postmaster::Postmaster, sys};
use std::{
    io,
    path::PathBuf,
    process::{Child, Command},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

/// Crash recovery of a large cluster takes its time; while the server lives it is waited for.
const START_LIMIT: Duration = Duration::from_secs(600);
/// After a crash the old backends may hold the shared memory for a moment.
const RESTART_PAUSE: Duration = Duration::from_millis(200);
/// Longest pause before another start: what keeps it down (a full disk, say) may last.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A server that has never run and fails this often in a row will not come up by itself.
const FIRST_STARTS: u32 = 5;

/// A watched server.
#[derive(Debug)]
pub struct Keeper {
    shared: Arc<Shared>,
    data: PathBuf,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The living child; its pid cannot be reused while it stands here.
    pid: Option<u32>,
    stopping: bool,
    /// The thread has ended, and why if nobody asked it to.
    ended: Option<String>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held, so a poisoned state is still consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keeper {
    /// Starts the server and the thread that keeps it; returns once it is spawned.
    pub fn spawn(
        data: PathBuf,
        command: impl Fn() -> io::Result<Command> + Send + 'static,
    ) -> Result<Self, LauncherError> {
        let shared = Arc::new(Shared::default());
        let (first, spawned) = mpsc::channel();
        let theirs = Arc::clone(&shared);
        let start = move || -> io::Result<Child> {
            let mut command = command()?;
            sys::die_with_parent(&mut command, libc::SIGINT);
            command.spawn()
        };
        thread::Builder::new()
            .name("postgres-keeper".to_owned())
            .spawn(move || keep(&theirs, &start, &first))
            .map_err(LauncherError::file("start a thread for", &data))?;
        match spawned.recv() {
            Ok(Ok(())) => Ok(Self { shared, data }),
            Ok(Err(error)) => Err(LauncherError::file("start PostgreSQL in", data)(error)),
            Err(gone) => {
                Err(LauncherError::file("start PostgreSQL in", data)(io::Error::other(gone)))
            }
        }
    }

    /// The server's pid; `None` while it is down.
    pub fn pid(&self) -> Option<u32> {
        self.shared.lock().pid
    }

    /// Waits until the server accepts connections; the error says what was seen instead.
    pub fn wait_ready(&self) -> Result<(), String> {
        let until = Instant::now() + START_LIMIT;
        loop {
            let (pid, ended) = {
                let state = self.shared.lock();
                (state.pid, state.ended.clone())
            };
            if let Some(why) = ended {
                return Err(why);
            }
            let seen = Postmaster::read(&self.data);
            if seen.is_some_and(|one| Some(one.pid) == pid && one.status == "ready") {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(format!("not ready after {} s", START_LIMIT.as_secs()));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks for a fast shutdown and waits for it; harsher once `limit` has passed.
    pub fn stop(&self, limit: Duration) -> Result<(), LauncherError> {
        let mut state = self.shared.lock();
        state.stopping = true;
        self.shared.changed.notify_all(); // it may be pausing before another start
        for signal in [libc::SIGINT, libc::SIGQUIT] {
            if let Some(pid) = state.pid {
                sys::signal(pid, signal).map_err(LauncherError::file("stop", &self.data))?;
            }
            let waited =
                self.shared.changed.wait_timeout_while(state, limit, |s| s.ended.is_none());
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if state.ended.is_some() {
                return Ok(());
            }
        }
        let pid = state.pid.unwrap_or(0);
        Err(LauncherError::NotStopped { pid, seconds: 2 * limit.as_secs() })
    }
}

/// Body of the thread.
fn keep(
    shared: &Shared,
    start: &dyn Fn() -> io::Result<Child>,
    first: &mpsc::Sender<io::Result<()>>,
) {
    let why = run(shared, start, first);
    let mut state = shared.lock();
    state.ended = Some(why);
    shared.changed.notify_all();
}

/// Keeps a server up until it is told to stop; says why it no longer does. One that has run is
/// started again for as long as it takes: nobody may be there to do it.
fn run(
    shared: &Shared,
    start: &dyn Fn() -> io::Result<Child>,
    first: &mpsc::Sender<io::Result<()>>,
) -> String {
    let mut failures = 0;
    let mut ever_ran = false;
    loop {
        let mut state = shared.lock();
        if state.stopping {
            return "stopped".to_owned();
        }
        let started = Instant::now();
        let how = match start() {
            Ok(child) => {
                state.pid = Some(child.id());
                drop(state);
                let _ = first.send(Ok(())); // only the first is listened to
                outlive(shared, child)
            }
            Err(error) if ever_ran => error.to_string(),
            Err(error) => {
                let why = error.to_string();
                let _ = first.send(Err(error));
                return why;
            }
        };
        // A server that ran for a while crashed; one that ends at once cannot start.
        ever_ran |= started.elapsed() > Duration::from_secs(5);
        failures = if started.elapsed() > Duration::from_secs(60) { 1 } else { failures + 1 };
        let state = shared.lock();
        if state.stopping {
            return "stopped".to_owned();
        }
        if !ever_ran && failures > FIRST_STARTS {
            return format!("the server ended at once ({how})");
        }
        tracing::error!(how, failures, "PostgreSQL ended unexpectedly; starting it again");
        let pause = (RESTART_PAUSE * (1 << (failures - 1).min(10))).min(LONGEST_PAUSE);
        let waited = shared.changed.wait_timeout_while(state, pause, |s| !s.stopping);
        drop(waited);
    }
}

/// Waits for the end of a server; says how it came.
fn outlive(shared: &Shared, mut child: Child) -> String {
    let watched = sys::wait_without_reaping(child.id());
    let mut state = shared.lock();
    let ended = child.wait(); // under the lock: nobody signals a pid that is free again
    state.pid = None;
    match watched.and(ended) {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    }
}
