//! Ten thousand connections that do nothing, beside people who work.

use super::NOW;
use e2e::{Suite, steps::done};
use futures::{StreamExt, stream};
use proto::clients::v1::{ListStaffRequest, staff_client::StaffClient};
use std::{
    fs,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const IDLE: u64 = 10_000;
/// What one idle connection may cost the gateway.
const EACH: u64 = 64 * 1024;
/// The preface of HTTP/2 and empty SETTINGS: a caller who will call some day.
const GREETING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// Resident memory of a process, in bytes.
fn memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").trim().parse().unwrap();
    kilobytes * 1024
}

/// A connection that has greeted and been greeted.
async fn idle(host: &str) -> TcpStream {
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(GREETING).await.unwrap();
    stream.read_exact(&mut [0; 9]).await.unwrap();
    stream
}

/// The gateway as a process of its own takes them all, answers normal calls beside, spends little
/// on each, and ends well while they are still there.
#[tokio::test]
async fn ten_thousand_idle_connections_disturb_nobody() {
    let most = rlimit::increase_nofile_limit(IDLE + 1000).unwrap();
    let count = IDLE.min(most.saturating_sub(1000));
    assert!(count >= 1000, "a limit of {most} descriptors shows nothing");

    let suite = Suite::processes(NOW).await;
    let host = suite.address.trim_start_matches("http://").to_owned();
    let mut staff = StaffClient::new(suite.admin.clone());
    done(staff.list_staff(ListStaffRequest::default()).await);
    let before = memory(suite.gateway_pid());
    let opening = stream::iter(0..count).map(|_| idle(&host)).buffer_unordered(64);
    let connections: Vec<TcpStream> = opening.collect().await;
    let after = memory(suite.gateway_pid());
    let each = after.saturating_sub(before) / count;
    tracing::info!(count, before, after, each, "idle connections");
    assert!(each < EACH, "{each} bytes for each of {count} idle connections");

    let mut slowest = Duration::ZERO;
    for _ in 0..50 {
        let begun = Instant::now();
        done(staff.list_staff(ListStaffRequest::default()).await);
        slowest = slowest.max(begun.elapsed());
    }
    assert!(slowest < Duration::from_secs(5), "a call took {slowest:?}");
    // One more caller finds a place.
    done(
        StaffClient::new(suite.door(&suite.operator_token))
            .list_staff(ListStaffRequest::default())
            .await,
    );
    suite.stop();
    drop(connections);
}
