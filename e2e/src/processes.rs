//! The five programs, each in a process of its own, over databases of the test server.

use service::{Service, database::migrator, run::SERVICES, secrets};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use testkit::{TestDatabase, postgres};
use tokio::net::TcpStream;
use uuid::Uuid;

/// How long a program may take to listen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Programs that run. Dropping it kills them and drops their databases.
pub struct Processes {
    /// Address of the gateway.
    pub address: String,
    /// The operator's token.
    pub operator_token: String,
    dir: PathBuf,
    children: Vec<Child>,
    _databases: Vec<TestDatabase>,
}

impl Processes {
    /// Starts all five, with this in their environment.
    ///
    /// # Panics
    /// When one does not start.
    pub async fn start(now: &str, smtp_port: u16, environment: &[(&str, String)]) -> Self {
        let name = format!("raschet-{}", Uuid::new_v4().simple());
        let dir = std::env::temp_dir().join(&name[..20]);
        let passwords = dir.join("secrets").join("database");
        fs::create_dir_all(&passwords).expect("makes a directory for the test");
        for role in SERVICES.iter().flat_map(|s| [format!("{s}_owner"), format!("{s}_app")]) {
            fs::write(passwords.join(role), postgres::PASSWORD).expect("writes a password");
        }
        secrets::create(&dir.join("secrets")).expect("makes keys");
        let token = secrets::text(&dir.join("secrets"), "operator.token").expect("a token");
        let databases = vec![
            database::<clients_svc::Service>().await,
            database::<invoicing_svc::Service>().await,
            database::<payments_svc::Service>().await,
            database::<tickets_svc::Service>().await,
        ];
        let port = free_port();
        let mut children = Vec::new();
        for (service, database) in SERVICES.iter().zip(&databases) {
            let mut command = program(&format!("{service}-svc"), &dir);
            command.args(["--clock", &format!("manual:{now}")]);
            command.args(["--database-url", &database.url()]);
            if *service == "tickets" {
                command.args(["--smtp-url", &format!("smtp://127.0.0.1:{smtp_port}")]);
            }
            command.envs(environment.iter().map(|(name, value)| (name, value)));
            children.push(command.spawn().expect("the service's program is built"));
        }
        let mut gateway = program("gateway", &dir);
        gateway.args(["--listen", &format!("127.0.0.1:{port}")]);
        gateway.envs(environment.iter().map(|(name, value)| (name, value)));
        // Tests are in more of a hurry than people.
        gateway.args(["--logins-per-minute", "0", "--calls-per-second", "0"]);
        children.push(gateway.spawn().expect("the gateway's program is built"));
        for service in SERVICES {
            wait_for(&dir.join("run").join(format!("{service}.sock"))).await;
        }
        wait_for_port(port).await;
        let address = format!("http://127.0.0.1:{port}");
        Self { address, operator_token: token, dir, children, _databases: databases }
    }

    /// Process id of the gateway, which is started last.
    ///
    /// # Panics
    /// When nothing was started.
    #[must_use]
    pub fn gateway(&self) -> u32 {
        self.children.last().expect("they were started").id()
    }

    /// Stops them gracefully and waits.
    ///
    /// # Panics
    /// When one had failed.
    pub fn stop(mut self) {
        for child in &self.children {
            let pid = child.id().to_string();
            Command::new("kill").args(["-TERM", &pid]).status().expect("kill is there");
        }
        for child in &mut self.children {
            let ended = child.wait().expect("the program ends");
            assert!(ended.success(), "a program ended with {ended}");
        }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill(); // it may have ended
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.dir);
    }
}

async fn database<S: Service>() -> TestDatabase {
    TestDatabase::create(S::NAME, &migrator(S::migrations())).await
}

/// A program beside this test: `target/debug/deps/billing_cycle-…` → `target/debug/…`.
fn program(name: &str, dir: &Path) -> Command {
    let here = std::env::current_exe().expect("this test is a file");
    let path = here.parent().and_then(Path::parent).expect("in target/debug/deps").join(name);
    let mut command = Command::new(path);
    command.current_dir(dir).stdin(Stdio::null());
    command
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

async fn wait_for(socket: &Path) {
    let connected = async {
        while tokio::net::UnixStream::connect(socket).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, connected).await;
    waited.unwrap_or_else(|_| panic!("{} does not listen", socket.display()));
}

async fn wait_for_port(port: u16) {
    let connected = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, connected).await.expect("the gateway listens");
}
