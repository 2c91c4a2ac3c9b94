//! kill -9 of the server, of the launcher, of both.

use crate::temp::{Temp, query};
use launcher::{Cluster, Profile};
use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const HOME: &str = "RASCHET_TEST_CLUSTER_HOME";

fn kill9(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}

/// Waits for a fact, at most a minute.
fn until(what: &str, fact: impl Fn() -> bool) {
    let limit = Instant::now() + Duration::from_secs(60);
    while !fact() {
        assert!(Instant::now() < limit, "in a minute it never came true that {what}");
        thread::yield_now();
    }
}

/// Ended, whether or not somebody has reaped it.
fn gone(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
}

#[test]
fn a_killed_server_is_started_again_with_all_that_was_committed() {
    let temp = Temp::new();
    let cluster = Cluster::start(&temp.join("pg"), Profile::Durable).unwrap();
    query(&cluster.url("postgres"), "create table kept as select 'committed' as word").unwrap();
    let old = cluster.pid().unwrap();
    kill9(old);
    until("another server runs", || cluster.pid().is_some_and(|pid| pid != old));
    cluster.wait_ready().unwrap();
    let word = query(&cluster.url("postgres"), "select word from kept").unwrap();
    assert_eq!(word, "committed");
}

/// Not a test of its own: the process that the next test kills.
#[test]
#[ignore = "started by a_killed_launcher_takes_its_server_along"]
#[expect(clippy::print_stdout, reason = "the test that started it reads its standard output")]
fn launcher_process() {
    let home = std::env::var_os(HOME).unwrap();
    let cluster = Cluster::start(Path::new(&home), Profile::Durable).unwrap();
    query(&cluster.url("postgres"), "create table kept as select 'committed' as word").unwrap();
    println!("\nserver {}", cluster.pid().unwrap());
    thread::park();
}

#[test]
fn a_killed_launcher_takes_its_server_along() {
    let temp = Temp::new();
    let home = temp.join("pg");
    let mut launcher = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::launcher_process", "--ignored", "--nocapture"])
        .env(HOME, &home)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(launcher.stdout.take().unwrap()).lines();
    let server: u32 = lines
        .map(Result::unwrap)
        .find_map(|line| line.strip_prefix("server ").map(|pid| pid.parse().unwrap()))
        .unwrap();
    kill9(launcher.id());
    launcher.wait().unwrap();
    // At once, while the old server may still be shutting down.
    let cluster = Cluster::start(&home, Profile::Durable).unwrap();
    assert!(gone(server));
    let word = query(&cluster.url("postgres"), "select word from kept").unwrap();
    assert_eq!(word, "committed");
    let log = fs::read_to_string(home.join("postgres.log")).unwrap();
    assert!(log.contains("received fast shutdown request"), "{log}");
}

/// Starts a server that no launcher holds, as a killed one without a death signal would leave.
fn orphan(home: &Path) -> u32 {
    let data = fs::metadata(home.join("data")).unwrap();
    let major = fs::read_to_string(home.join("data/PG_VERSION")).unwrap().trim().parse().unwrap();
    let binaries = launcher::binaries::Binaries::find(Some(major)).unwrap();
    let mut command = Command::new(binaries.program("postgres"));
    command.args(["-D", "data", "-k"]).arg(home.join("run")).args(["-c", "listen_addresses="]);
    command.current_dir(home).stderr(File::create(home.join("orphan.log")).unwrap());
    if data.uid() != fs::metadata("/proc/self").unwrap().uid() {
        command.uid(data.uid()).gid(data.gid());
    }
    let mut child = command.spawn().unwrap();
    let pid = child.id();
    thread::spawn(move || child.wait()); // reaps it whenever it ends
    let file = home.join("data/postmaster.pid");
    until("the orphan is ready", || {
        fs::read_to_string(&file).is_ok_and(|text| text.contains("ready"))
    });
    pid
}

#[test]
fn an_orphaned_server_is_stopped_first() {
    let temp = Temp::new();
    let home = temp.join("pg");
    Cluster::start(&home, Profile::Test).unwrap().stop().unwrap();
    let old = orphan(&home);
    let cluster = Cluster::start(&home, Profile::Test).unwrap();
    until("the orphan is gone", || gone(old));
    assert_eq!(query(&cluster.url("postgres"), "select 'up'").unwrap(), "up");
}

#[test]
fn after_both_were_killed_a_reused_pid_does_not_matter() {
    let temp = Temp::new();
    let home = temp.join("pg");
    Cluster::start(&home, Profile::Test).unwrap().stop().unwrap();
    let old = orphan(&home);
    kill9(old);
    until("the orphan is gone", || gone(old));
    // What a reboot makes of it: the pid in the locks is alive, but somebody else's.
    let owner = fs::metadata(&home).unwrap();
    let mut sleeper = Command::new("sleep");
    sleeper.arg("600");
    if owner.uid() != fs::metadata("/proc/self").unwrap().uid() {
        sleeper.uid(owner.uid()).gid(owner.gid());
    }
    let mut sleeper = sleeper.spawn().unwrap();
    for lock in ["data/postmaster.pid", "run/.s.PGSQL.5432.lock"] {
        let file = home.join(lock);
        let text = fs::read_to_string(&file).unwrap();
        let (_, rest) = text.split_once('\n').unwrap();
        fs::write(&file, format!("{}\n{rest}", sleeper.id())).unwrap();
    }
    let cluster = Cluster::start(&home, Profile::Test).unwrap();
    assert_eq!(query(&cluster.url("postgres"), "select 'up'").unwrap(), "up");
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
}
