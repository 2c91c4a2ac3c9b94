//! Live databases for the `sqlx::query!` macros, and their offline cache `.sqlx/`.
//!
//! | call | what it does |
//! |---|---|
//! | `sqlx-prepare -- COMMAND…` | migrates fresh databases, runs the command against them |
//! | `sqlx-prepare write [-p CRATE…]` | renews `.sqlx/`; with `-p` adds only, without prunes |
//! | `sqlx-prepare check [-- COMMAND…]` | fails if `.sqlx/` is not what the command (by default
//! `cargo check --workspace --all-targets`; `make test` gives clippy) would write |
//! | `sqlx-prepare serve` | keeps the databases, prints `export` lines, follows migrations |
//!
//! For one's own queries while working on a crate:
//! `cargo run -p devdb --bin sqlx-prepare -- -- cargo check -p invoicing-svc --all-targets`.

use anyhow::{Context, Result, bail};
use devdb::{Variables, touch::Touched};
use launcher::{Scratch, provision::Passwords};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let mode = arguments.next().unwrap_or_default();
    let rest: Vec<OsString> = arguments.collect();
    let root = devdb::root()?;
    let scratch = Scratch::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let code = runtime.block_on(async {
        let passwords = Passwords::generate();
        let variables = devdb::databases(&root, &scratch, &passwords).await?;
        match mode.to_str() {
            Some("serve") => serve(&root, &scratch, &variables, &passwords).await,
            Some("write") => write(&root, &scratch, &variables, &rest).await,
            Some("check") => check(&root, &scratch, &variables, &rest).await,
            Some("--") if !rest.is_empty() => {
                let mut command = Command::new(&rest[0]);
                command.args(&rest[1..]);
                online(&mut command, &variables);
                let _touched = Touched::new(&root)?;
                Ok(devdb::exit_code(devdb::run(command).await?))
            }
            _ => bail!("usage: sqlx-prepare write [-p CRATE…] | check | serve | -- COMMAND…"),
        }
    });
    drop(scratch); // exit() runs no destructors
    std::process::exit(code?);
}

/// Lets the macros of a command see the databases.
fn online(command: &mut Command, variables: &Variables) {
    command.env("SQLX_OFFLINE", "false").envs(variables.iter().cloned());
}

/// Runs a compilation with the cache written to an empty directory; answers file name → content.
async fn generate(
    root: &Path,
    scratch: &Scratch,
    variables: &Variables,
    mut command: Command,
) -> Result<BTreeMap<String, Vec<u8>>> {
    let dir = scratch.dir().join("sqlx");
    fs::create_dir(&dir)?;
    let _touched = Touched::new(root)?;
    command.current_dir(root).env("SQLX_OFFLINE_DIR", &dir);
    online(&mut command, variables);
    let status = devdb::run(command).await?;
    if !status.success() {
        bail!("the workspace does not compile against its migrations; see above");
    }
    cache(&dir)
}

/// `cargo check` of the given packages, or of all.
fn cargo_check(selection: &[OsString]) -> Command {
    let mut command = Command::new("cargo");
    command.arg("check").arg("--all-targets");
    if selection.is_empty() {
        command.arg("--workspace");
    }
    command.args(selection);
    command
}

/// The cache files of a directory.
fn cache(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    if !dir.is_dir() {
        return Ok(files);
    }
    for entry in fs::read_dir(dir)? {
        let path: PathBuf = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("query-") {
            files.insert(name.to_owned(), fs::read(&path)?);
        }
    }
    Ok(files)
}

async fn write(
    root: &Path,
    scratch: &Scratch,
    variables: &Variables,
    selection: &[OsString],
) -> Result<i32> {
    let fresh = generate(root, scratch, variables, cargo_check(selection)).await?;
    let dir = root.join(".sqlx");
    fs::create_dir_all(&dir)?;
    let old = cache(&dir)?;
    let mut changes = 0;
    for (name, content) in &fresh {
        if old.get(name) != Some(content) {
            fs::write(dir.join(name), content).with_context(|| format!("write {name}"))?;
            changes += 1;
        }
    }
    if selection.is_empty() {
        for name in old.keys().filter(|name| !fresh.contains_key(*name)) {
            fs::remove_file(dir.join(name))?;
            changes += 1;
        }
    }
    eprintln!(".sqlx: {} queries, {changes} files changed", fresh.len());
    Ok(0)
}

async fn check(
    root: &Path,
    scratch: &Scratch,
    variables: &Variables,
    arguments: &[OsString],
) -> Result<i32> {
    let command = match arguments {
        [dashes, program, rest @ ..] if dashes == "--" => {
            let mut command = Command::new(program);
            command.args(rest);
            command
        }
        _ => cargo_check(&[]),
    };
    let fresh = generate(root, scratch, variables, command).await?;
    let kept = cache(&root.join(".sqlx"))?;
    let mut wrong = 0;
    for (name, content) in &fresh {
        let what = match kept.get(name) {
            None => "is missing",
            Some(old) if old != content => "is out of date",
            Some(_) => continue,
        };
        eprintln!(".sqlx/{name} {what}: {}", query_of(content));
        wrong += 1;
    }
    for (name, content) in kept.iter().filter(|(name, _)| !fresh.contains_key(*name)) {
        eprintln!(".sqlx/{name} belongs to no query: {}", query_of(content));
        wrong += 1;
    }
    if wrong > 0 {
        eprintln!("run `make sqlx` and commit .sqlx/");
        return Ok(1);
    }
    eprintln!(".sqlx: {} queries, all as the migrations have them", fresh.len());
    Ok(0)
}

/// The beginning of a cached query's text, for a person.
fn query_of(content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content);
    let query = text.split_once("\"query\": \"").map_or("", |(_, rest)| rest);
    query.chars().take(80).collect()
}

async fn serve(
    root: &Path,
    scratch: &Scratch,
    variables: &Variables,
    passwords: &Passwords,
) -> Result<i32> {
    print(scratch, variables);
    let mut seen = devdb::fingerprint(root)?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(0),
            _ = terminate.recv() => return Ok(0),
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        let now = devdb::fingerprint(root)?;
        if now != seen {
            seen = now;
            eprintln!("migrations changed: making the databases again");
            match devdb::databases(root, scratch, passwords).await {
                Ok(_) => eprintln!("done: the URLs are the same"),
                Err(error) => eprintln!("{error:#}"),
            }
        }
    }
}

#[expect(clippy::print_stdout, reason = "the shell evaluates what is printed")]
fn print(scratch: &Scratch, variables: &Variables) {
    println!("export SQLX_OFFLINE=false RASCHET_TEST_POSTGRES='{}'", scratch.url("postgres"));
    for (name, url) in variables {
        println!("export {name}='{url}'");
    }
}
