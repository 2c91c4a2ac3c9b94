//! Creating, starting, stopping, and what is refused.

use crate::temp::{Temp, query};
use launcher::{Cluster, LauncherError, Profile, Scratch};
use std::{
    fs,
    os::unix::fs::MetadataExt,
    time::{Duration, SystemTime},
};

#[test]
fn a_durable_cluster_is_closed_checked_and_keeps_its_data() {
    let temp = Temp::new();
    let home = temp.join("pg");
    let cluster = Cluster::start(&home, Profile::Durable).unwrap();
    let url = cluster.url("postgres");
    for (setting, wanted) in [
        ("show data_checksums", "on"),
        ("show fsync", "on"),
        ("show synchronous_commit", "on"),
        ("show full_page_writes", "on"),
        ("show listen_addresses", ""),
        ("show server_encoding", "UTF8"),
        ("show timezone", "UTC"),
        ("show password_encryption", "scram-sha-256"),
        ("select datcollate from pg_database where datname = 'postgres'", "C.UTF-8"),
        ("select count(*)::text from pg_hba_file_rules where auth_method <> 'scram-sha-256'", "0"),
    ] {
        assert_eq!(query(&url, setting).unwrap(), wanted, "{setting}");
    }
    let refused = query(&cluster.url_of("raschet", "guess", "postgres"), "select 'in'");
    assert!(refused.unwrap_err().to_string().contains("password authentication failed"));
    assert_eq!(fs::metadata(&home).unwrap().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(home.join("superuser-password")).unwrap().mode() & 0o777, 0o600);
    let pid = cluster.pid().unwrap();
    assert_ne!(fs::metadata(format!("/proc/{pid}")).unwrap().uid(), 0, "must not run as root");

    query(&url, "create table kept as select 'still here' as word").unwrap();
    cluster.stop().unwrap();
    assert!(!home.join("data/postmaster.pid").exists(), "a clean stop removes it");
    assert!(query(&url, "select 'x'").is_err(), "it must be down");

    let again = Cluster::start(&home, Profile::Durable).unwrap();
    assert_eq!(query(&again.url("postgres"), "select word from kept").unwrap(), "still here");
}

#[test]
fn two_programs_cannot_run_one_directory() {
    let temp = Temp::new();
    let _first = Cluster::start(&temp.join("pg"), Profile::Test).unwrap();
    let second = Cluster::start(&temp.join("pg"), Profile::Test).unwrap_err();
    let LauncherError::Busy { holder, .. } = &second else { panic!("{second}") };
    assert_eq!(*holder, Some(std::process::id()));
    assert!(second.to_string().contains("stop it first"), "{second}");
}

#[test]
fn a_directory_too_deep_for_a_socket_gets_a_short_one_and_keeps_it() {
    let temp = Temp::new();
    let home = temp.join("long-directory-name-".repeat(5)).join("pg");
    let cluster = Cluster::start(&home, Profile::Test).unwrap();
    let first = cluster.socket_dir().to_path_buf();
    assert!(!first.starts_with(&*temp), "{}", first.display());
    assert_eq!(fs::metadata(&first).unwrap().mode() & 0o777, 0o700);
    assert_eq!(query(&cluster.url("postgres"), "select 'up'").unwrap(), "up");
    cluster.stop().unwrap();
    let cluster = Cluster::start(&home, Profile::Test).unwrap();
    assert_eq!(cluster.socket_dir(), first);
    drop(cluster);
    fs::remove_dir_all(first).unwrap();
}

#[test]
fn a_directory_closed_to_the_account_is_named() {
    let temp = Temp::new();
    if fs::metadata(&*temp).unwrap().uid() != 0 {
        eprintln!("not root: PostgreSQL runs as ourselves and nothing is closed to it");
        return;
    }
    let closed = temp.join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let text = Cluster::start(&closed.join("data/pg"), Profile::Test).unwrap_err().to_string();
    assert!(text.contains(&format!("chmod o+x {}", closed.display())), "{text}");
}

#[test]
fn an_interrupted_creation_is_done_again() {
    let temp = Temp::new();
    let half = temp.join("pg/data.new");
    fs::create_dir_all(&half).unwrap();
    fs::write(half.join("PG_VERSION"), "15\n").unwrap();
    fs::write(temp.join("pg/superuser-password"), "").unwrap();
    let cluster = Cluster::start(&temp.join("pg"), Profile::Test).unwrap();
    assert_eq!(query(&cluster.url("postgres"), "show fsync").unwrap(), "off");
}

#[test]
fn a_cluster_of_a_missing_version_names_its_package() {
    let temp = Temp::new();
    fs::create_dir_all(temp.join("pg/data")).unwrap();
    fs::write(temp.join("pg/data/PG_VERSION"), "9\n").unwrap();
    let text = Cluster::start(&temp.join("pg"), Profile::Test).unwrap_err().to_string();
    assert!(text.contains("apt-get install postgresql-9"), "{text}");
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let temp = Temp::new();
    let home = temp.join("pg");
    Cluster::start(&home, Profile::Test).unwrap().stop().unwrap();
    fs::write(home.join("data/postgresql.auto.conf"), "no_such_setting = 1\n").unwrap();
    let text = Cluster::start(&home, Profile::Test).unwrap_err().to_string();
    assert!(text.contains("no_such_setting"), "{text}");
}

#[test]
fn a_scratch_cluster_leaves_nothing() {
    let scratch = Scratch::start().unwrap();
    let dir = scratch.dir().to_path_buf();
    assert_eq!(query(&scratch.url("postgres"), "select 'up'").unwrap(), "up");
    drop(scratch);
    assert!(!dir.exists());
}

/// What a killed program left is removed by the next one, what somebody runs is not.
#[test]
fn a_scratch_cluster_removes_what_was_left_behind() {
    let scratch = Scratch::start().unwrap();
    let parent = scratch.dir().parent().unwrap();
    let left = |name: &str| {
        let dir = parent.join(format!("raschet-scratch-{name}-{}", std::process::id()));
        fs::create_dir_all(dir.join("pg/data")).unwrap();
        let lock = fs::File::create(dir.join("pg/lock")).unwrap();
        (dir, lock)
    };
    let [(dead, _), (alive, lock), (new, _)] = ["dead", "alive", "new"].map(left);
    lock.try_lock().unwrap();
    for dir in [&dead, &alive] {
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        fs::File::open(dir).unwrap().set_modified(long_ago).unwrap();
    }
    drop(Scratch::start().unwrap());
    assert_eq!([&dead, &alive, &new].map(|dir| dir.exists()), [false, true, true]);
    for dir in [alive, new] {
        fs::remove_dir_all(dir).unwrap();
    }
}
