//! Programs of others: a client of PyPI's grpcio walks the main job, by reflection only; readers of
//! others read what ours do.

use e2e::{
    Suite,
    python::{home, interpreter, told},
};
use std::process::Command;

/// A Friday that begins a month.
const NOW: &str = "2019-03-01T09:00:00Z";

/// Issue 2 §4: nothing of ours is in the client but the address and a token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_program_walks_the_main_job() {
    let suite = Suite::here(NOW).await;
    let address = suite.address.trim_start_matches("http://").to_owned();
    let token = suite.operator_token.clone();
    let walked = tokio::task::spawn_blocking(move || {
        let program = home().join("main_job.py");
        Command::new(interpreter()).arg(program).args([&address, &token, NOW]).output()
    });
    let output = walked.await.unwrap().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    assert!(told(&output).contains("- done"), "{}", told(&output));
}

/// payments.md §1.9: independent libraries are the oracles of our readers and check digits.
#[test]
fn foreign_readers_read_the_same() {
    // …/target/debug/deps/python-… → …/target/debug/raschet
    let here = std::env::current_exe().unwrap();
    let raschet = here.ancestors().nth(2).unwrap().join("raschet");
    let program = home().join("oracles.py");
    for seed in ["1", "2", "3"] {
        let output = Command::new(interpreter()).arg(&program).arg(&raschet).arg(seed).output();
        let output = output.unwrap();
        assert!(output.status.success(), "seed {seed}: {}", told(&output));
        assert!(told(&output).contains("- done"), "{}", told(&output));
    }
}
