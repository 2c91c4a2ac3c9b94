//! The disk is full.

use super::{
    program::Program,
    world::{Refused, World},
};
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    time::Duration,
};
use testkit::SmtpSink;
use tokio::time::sleep;
use tonic_health::pb::health_check_response::ServingStatus;

/// Size of the disk: a fresh cluster takes a third of it.
const MEBIBYTES: u32 = 320;

/// Issue 3 §6: data and write-ahead log on a disk that fills up. Changes are refused with what to
/// do; where PostgreSQL itself gives up for want of space, it is started again until there is some.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_disk_is_full() {
    let sink = SmtpSink::start();
    let Some(program) = Program::start_on_disk(sink.port(), MEBIBYTES) else {
        // crates/service/tests/away.rs shows what a full disk answers; only this one has one.
        eprintln!("NOT SHOWN HERE: nobody may mount a small disk on this machine");
        return;
    };
    let mut world = World::over(program, sink).await;
    let held = world.held().await;
    let ballast = world.program.data().join("ballast");
    fill(&ballast);

    let refused = Refused::default();
    {
        let work = async { world.make_clients(400, &refused).await };
        let full = async {
            while !refused.borrow().contains_key("DATABASE_FULL") {
                sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            () = work => panic!("it was not full"),
            () = full => {}
        }
    }
    let log = world.program.log();
    assert!(log.contains("No space left on device"), "the log names the cause: {log}");

    // The log's next segment cannot be had either: the server gives up, again and again.
    let segments = "select pg_logical_emit_message(true, 'a', 'b'); select pg_switch_wal()";
    while world.program.superuser(segments).await.is_ok() {}
    world.program.becomes(ServingStatus::NotServing).await;
    sleep(Duration::from_secs(5)).await; // the outage itself

    fs::remove_file(&ballast).unwrap();
    world.program.becomes(ServingStatus::Serving).await;
    world.recount_clients().await;
    world.issue(&held, &refused).await;
    world.make_clients(2, &refused).await;
    world.assert_whole().await;
}

/// Takes every block that is free.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for block in [vec![0; 1 << 20], vec![0; 4096]] {
        while file.write_all(&block).is_ok() {}
    }
}
