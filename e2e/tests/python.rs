//! An independent client walks the main job: Python with PyPI's grpcio, by reflection only.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails, saying what it lacks"
)]

use e2e::Suite;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// A Friday that begins a month.
const NOW: &str = "2019-03-01T09:00:00Z";

/// Issue 2 §4: nothing of ours is in the client but the address and a token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_program_walks_the_main_job() {
    let suite = Suite::here(NOW).await;
    let address = suite.address.trim_start_matches("http://").to_owned();
    let token = suite.operator_token.clone();
    let walked = tokio::task::spawn_blocking(move || {
        let python = environment();
        Command::new(python).arg(home().join("main_job.py")).args([&address, &token, NOW]).output()
    });
    let output = walked.await.unwrap().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    assert!(told(&output).contains("- done"), "{}", told(&output));
}

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python")
}

/// The interpreter of an environment in the target directory with what requirements.txt pins. It is
/// made anew when the pins change; it stands only when it is whole.
fn environment() -> PathBuf {
    let pins = fs::read_to_string(home().join("requirements.txt")).unwrap();
    // …/target/debug/deps/python-… → …/target/e2e-python
    let here = env::current_exe().unwrap();
    let dir = here.ancestors().nth(3).unwrap().join("e2e-python");
    let (python, stamp) = (dir.join("bin").join("python"), dir.join("installed.txt"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins) {
        return python;
    }
    let venv = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&dir).output();
    let venv = venv.expect("python3 is missing: apt-get install python3 python3-venv");
    assert!(venv.status.success(), "apt-get install python3-venv\n{}", told(&venv));
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    let pip =
        Command::new(&python).args(install).arg(home().join("requirements.txt")).output().unwrap();
    assert!(pip.status.success(), "pip could not install grpcio: {}", told(&pip));
    fs::write(stamp, pins).unwrap();
    python
}

fn told(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}
