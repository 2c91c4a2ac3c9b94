//! `raschet up` as a process on a data directory of its own, and ways to kill it.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use uuid::Uuid;

/// The program, its data and its addresses, which stay the same over all starts.
pub struct Program {
    dir: PathBuf,
    port: u16,
    smtp_port: u16,
    now: String,
    child: Option<Child>,
}

impl Program {
    /// Starts it for the first time, business time standing at `now`.
    pub fn start(now: &str, smtp_port: u16) -> Self {
        let name = format!("raschet-{}", Uuid::new_v4().simple());
        let dir = std::env::temp_dir().join(&name[..20]);
        fs::create_dir(&dir).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut program = Self { dir, port, smtp_port, now: now.into(), child: None };
        program.restart();
        program
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn operator_token(&self) -> String {
        fs::read_to_string(self.dir.join("data/secrets/operator.token")).unwrap().trim().into()
    }

    /// Starts it and waits until it says that it is up.
    pub fn restart(&mut self) {
        let mut child = self.spawn();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.child = Some(child);
        assert!(line.contains("address"), "it does not start: {line:?}\n{}", self.last_words());
    }

    /// Starts it and kills it a moment later, perhaps before it is up.
    pub fn die_young(&mut self, after: Duration) {
        let mut child = self.spawn();
        std::thread::sleep(after); // the moment is what is being tried
        if let Some(ended) = child.try_wait().unwrap() {
            panic!("it does not start: {ended}\n{}", self.last_words());
        }
        self.child = Some(child);
        self.kill();
    }

    fn spawn(&self) -> Child {
        let log = OpenOptions::new().create(true).append(true).open(self.log()).unwrap();
        let test = std::env::current_exe().unwrap();
        let path = test.parent().and_then(Path::parent).unwrap().join("raschet");
        Command::new(path)
            .args(["--json", "up", "--listen", &format!("127.0.0.1:{}", self.port)])
            .args(["--clock", &format!("manual:{}", self.now)])
            .args(["--smtp-url", &format!("smtp://127.0.0.1:{}", self.smtp_port)])
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("cargo build --workspace makes the program")
    }

    fn log(&self) -> PathBuf {
        self.dir.join("up.log")
    }

    /// Kills the suite; its PostgreSQL is told by the kernel.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Kills PostgreSQL's first process, if it stands at the moment.
    pub fn kill_postgres(&self) -> bool {
        let data = self.dir.join("data/postgres/data");
        let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else { return false };
        let Some(pid) = text.lines().next() else { return false };
        // The pid may be stale, and another program's by now.
        let ours = fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == data);
        ours && Command::new("kill").args(["-KILL", pid]).status().unwrap().success()
    }

    /// The end of the log.
    pub fn last_words(&self) -> String {
        let Ok(mut file) = File::open(self.log()) else { return String::new() };
        let length = file.metadata().unwrap().len();
        file.seek(SeekFrom::Start(length.saturating_sub(4000))).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("data of the failed life: {}\n{}", self.dir.display(), self.last_words());
        }
        let Some(mut child) = self.child.take() else { return };
        let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        let _ = child.wait();
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}
