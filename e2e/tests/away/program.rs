//! `raschet up` as a process, and ways to take its PostgreSQL away.

use launcher::binaries::Binaries;
use serde_json::Value;
use service::{Peers, authority::GATEWAY, secrets};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::{
    fs::{self, OpenOptions},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use uuid::Uuid;

/// How long anything may take to come true on a machine that others use too.
const PATIENCE: Duration = Duration::from_secs(90);
const NOW: &str = "2019-02-01T06:00:00Z";

/// A running suite; its addresses stay the same over all starts.
pub struct Program {
    home: PathBuf,
    data: PathBuf,
    port: u16,
    smtp_port: u16,
    child: Option<Child>,
    mounted: bool,
}

impl Program {
    /// Starts it on a data directory of its own.
    pub fn start(smtp_port: u16) -> Self {
        let mut program = Self::new(smtp_port);
        program.restart();
        program
    }

    /// Starts it on a disk of so many MiB; `None` where nobody may mount one.
    pub fn start_on_disk(smtp_port: u16, mebibytes: u32) -> Option<Self> {
        let mut program = Self::new(smtp_port);
        fs::create_dir(&program.data).unwrap();
        let size = format!("size={mebibytes}m,mode=711");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(&program.data)
            .output();
        program.mounted = mount.is_ok_and(|output| output.status.success());
        if !program.mounted {
            return None;
        }
        program.restart();
        Some(program)
    }

    fn new(smtp_port: u16) -> Self {
        let name = format!("raschet-{}", Uuid::new_v4().simple());
        let home = std::env::temp_dir().join(&name[..20]);
        fs::create_dir(&home).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let data = home.join("data");
        Self { home, data, port, smtp_port, child: None, mounted: false }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn operator_token(&self) -> String {
        secrets::text(&self.data.join("secrets"), "operator.token").unwrap()
    }

    /// The directory of the test, for whatever else belongs there.
    pub fn home(&self) -> &Path {
        &self.home
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Goes on with another data directory.
    pub fn move_to(&mut self, data: PathBuf) {
        self.data = data;
    }

    /// Starts it and waits until it says that it is up.
    pub fn restart(&mut self) {
        let mut child = self
            .raschet()
            .args(["up", "--listen", &format!("127.0.0.1:{}", self.port)])
            .args(["--clock", &format!("manual:{NOW}")])
            .args(["--smtp-url", &format!("smtp://127.0.0.1:{}", self.smtp_port)])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.child = Some(child);
        assert!(line.contains("address"), "it does not start: {line:?}\n{}", self.log());
    }

    /// Stops it as an operator does.
    pub fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        assert!(signal("TERM", child.id()));
        assert!(child.wait().unwrap().success(), "{}", self.log());
    }

    /// Runs a command on its data directory to the end: exit code, JSON, errors.
    pub fn run(&self, arguments: &[&str]) -> (i32, Value, String) {
        let output = self.raschet().args(arguments).stderr(Stdio::piped()).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap(), answer, errors)
    }

    /// Begins a command on its data directory.
    pub fn begin(&self, arguments: &[&str]) -> Child {
        self.raschet().args(arguments).stdout(Stdio::null()).spawn().unwrap()
    }

    fn raschet(&self) -> Command {
        let log = OpenOptions::new().create(true).append(true).open(self.home.join("up.log"));
        let test = std::env::current_exe().unwrap();
        let path = test.parent().and_then(Path::parent).unwrap().join("raschet");
        let mut command = Command::new(path);
        command.arg("--json").current_dir(&self.home).env("RASCHET_DATA", &self.data);
        command.env("LANG", "C.UTF-8").stderr(log.unwrap());
        command
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home.join("up.log")).unwrap()
    }

    /// No password, key or token stands in the log.
    pub fn assert_discreet(&self) {
        let log = self.log();
        let mut files = vec![self.data.join("postgres/superuser-password")];
        files.push(self.data.join("secrets/operator.token"));
        for file in fs::read_dir(self.data.join("secrets/database")).unwrap() {
            files.push(file.unwrap().path());
        }
        for file in files {
            let secret = fs::read_to_string(&file).unwrap();
            assert!(!log.contains(secret.trim()), "the log holds {}", file.display());
        }
    }

    /// Processes of the private PostgreSQL: they work in its data directory.
    fn postgres(&self) -> Vec<u32> {
        let cluster = self.data.join("postgres/data").canonicalize().unwrap();
        let all = fs::read_dir("/proc").unwrap().flatten();
        all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|at| at == cluster))
            .collect()
    }

    /// PostgreSQL stands still, like a machine that hangs: nobody hangs up.
    pub fn freeze(&self) {
        // Whoever is made meanwhile is made by the first process, which stands after one round.
        for _ in 0..2 {
            self.postgres().into_iter().for_each(|pid| _ = signal("STOP", pid));
        }
    }

    /// It goes on.
    pub fn thaw(&self) {
        self.postgres().into_iter().for_each(|pid| _ = signal("CONT", pid));
    }

    /// PostgreSQL is killed, and cannot start until [`bring_back`](Self::bring_back).
    pub fn take_down(&self) {
        let data = self.data.join("postgres/data");
        let text = fs::read_to_string(data.join("postmaster.pid")).unwrap();
        // As when its machine dies: a backend that outlives the first process would still answer.
        let all = self.postgres();
        fs::rename(&data, self.data.join("postgres/gone")).unwrap();
        assert!(signal("KILL", text.lines().next().unwrap().parse().unwrap()));
        all.into_iter().for_each(|pid| _ = signal("KILL", pid));
    }

    pub fn bring_back(&self) {
        fs::rename(self.data.join("postgres/gone"), self.data.join("postgres/data")).unwrap();
    }

    /// A statement as the superuser.
    pub async fn superuser(&self, sql: &str) -> Result<(), sqlx::Error> {
        let password = fs::read_to_string(self.data.join("postgres/superuser-password")).unwrap();
        let url = format!(
            "postgres://raschet:{}@localhost/postgres?host={}&port=5432",
            password.trim(),
            self.data.join("postgres/run").display()
        );
        let mut conn = PgConnection::connect(&url).await?;
        for statement in sql.split(';') {
            sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut conn).await?;
        }
        conn.close().await
    }

    /// A program of PostgreSQL's as the superuser: `pg_dump`, `pg_restore`.
    pub fn tool(&self, program: &str, arguments: &[&str]) {
        let version = fs::read_to_string(self.data.join("postgres/data/PG_VERSION")).unwrap();
        let binaries = Binaries::find(version.trim().parse().ok()).unwrap();
        let password = fs::read_to_string(self.data.join("postgres/superuser-password")).unwrap();
        let output = Command::new(binaries.program(program))
            .args(["--host"])
            .arg(self.data.join("postgres/run"))
            .args(["--port", "5432", "--username", "raschet"])
            .args(arguments)
            .current_dir(&self.home)
            .env("PGPASSWORD", password.trim())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// What `grpc.health.v1` says of a service, on its own socket.
    pub async fn health(&self, service: &str) -> ServingStatus {
        let signer = secrets::signer(&self.data.join("secrets"), GATEWAY).unwrap();
        let sockets = format!("unix:{}/run/{{service}}.sock", self.data.display());
        let mut health = HealthClient::new(Peers::new(&sockets, signer).transport(service));
        let asked = health.check(HealthCheckRequest { service: String::new() }).await;
        asked.expect("health is told, whatever happens").into_inner().status()
    }

    /// Waits until every service says so.
    pub async fn becomes(&self, status: ServingStatus) {
        let began = Instant::now();
        for service in service::run::SERVICES {
            while self.health(service).await != status {
                assert!(began.elapsed() < PATIENCE, "{service} is never {status:?}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn signal(name: &str, pid: u32) -> bool {
    let kill = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).output();
    kill.is_ok_and(|output| output.status.success()) // it may have ended
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let from = log.char_indices().rev().nth(8000).map_or(0, |(at, _)| at);
            eprintln!("the end of its log:\n{}", &log[from..]);
        }
        if self.data.join("postgres/data").is_dir() {
            self.thaw();
        }
        if let Some(mut child) = self.child.take() {
            signal("TERM", child.id());
            let _ = child.wait();
        }
        if self.mounted {
            let _ = Command::new("umount").arg("--lazy").arg(self.home.join("data")).output();
        }
        let _ = fs::remove_dir_all(&self.home);
    }
}
