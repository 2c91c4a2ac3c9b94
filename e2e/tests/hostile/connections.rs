//! Connections that say nothing, or speak slowly, or are gone without a word.

use super::NOW;
use e2e::{Suite, steps::done};
use futures::future::join_all;
use proto::clients::v1::{ListStaffRequest, staff_client::StaffClient};
use std::{
    fs,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

/// Longest that anybody slow is waited for: the head of a request has 30 s.
const PATIENCE: Duration = Duration::from_secs(50);
const LIST: &str = "/raschet.clients.v1.Staff/ListStaff";
const LOGIN: &str = "/raschet.gateway.v1.Sessions/Login";

/// One that sends `first` at once and then a byte of `rest` a second, until it is cut off or
/// answered: what it was told, after how long.
async fn slowly(host: &str, first: &[u8], rest: u8) -> (String, Duration) {
    let begun = Instant::now();
    let (mut reader, mut writer) = TcpStream::connect(host).await.unwrap().into_split();
    writer.write_all(first).await.unwrap();
    let trickle = tokio::spawn(async move {
        while writer.write_all(&[rest]).await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let mut told = Vec::new();
    let mut some = [0; 4096];
    let read = async {
        while let Ok(count) = reader.read(&mut some).await
            && count > 0
        {
            told.extend(&some[..count]);
        }
    };
    let ended = tokio::time::timeout(PATIENCE, read).await;
    trickle.abort();
    assert!(ended.is_ok(), "still open after {PATIENCE:?}");
    (String::from_utf8_lossy(&told).into_owned(), begun.elapsed())
}

/// Head of a call by gRPC-Web whose body of so many bytes is still to come.
fn head(path: &str, headers: &str, length: usize) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\
         Content-Type: application/grpc-web+proto\r\nX-Grpc-Web: 1\r\nAccept-Language: en\r\n\
         {headers}\r\n"
    )
    .into_bytes()
}

/// Silence, half a greeting, a head and bodies of one byte a second: each is ended by its own limit
/// while a normal caller is answered all the time.
#[tokio::test]
async fn slow_callers_are_cut_off() {
    let suite = Suite::here(NOW).await;
    let host = suite.address.trim_start_matches("http://").to_owned();
    let operator =
        format!("Authorization: Bearer {}\r\ngrpc-timeout: 4S\r\n", suite.operator_token);
    let (silent, greeting) = (slow_start(&host, b""), slow_start(&host, b"PRI * HTTP"));
    let slow_head = slowly(&host, b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b'a');
    let (login_head, call_head) = (head(LOGIN, "", 1000), head(LIST, &operator, 1000));
    let (login, call) = (slowly(&host, &login_head, 0), slowly(&host, &call_head, 0));
    let stop = CancellationToken::new();
    let normal = async {
        let mut staff = StaffClient::new(suite.admin.clone());
        let mut calls = 0;
        while !stop.is_cancelled() {
            done(staff.list_staff(ListStaffRequest::default()).await);
            calls += 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        calls
    };
    let slow = async {
        let all = tokio::join!(silent, greeting, slow_head, login, call);
        stop.cancel();
        all
    };
    let (calls, (silent, greeting, slow_head, login, call)) = tokio::join!(normal, slow);
    assert!(silent < Duration::from_secs(15) && greeting < Duration::from_secs(15));
    assert!(slow_head.1 < Duration::from_secs(40), "{slow_head:?}");
    assert!(login.0.contains("takes%20too%20long") && login.0.contains("5%20seconds"), "{login:?}");
    assert!(login.1 < Duration::from_secs(15), "{login:?}");
    assert!(call.0.contains("grpc-status: 4"), "DEADLINE_EXCEEDED: {call:?}");
    assert!(call.1 < Duration::from_secs(15), "{call:?}");
    assert!(calls > 50, "only {calls} normal calls were answered");
}

/// One that says no more after `first`: how long it is kept.
async fn slow_start(host: &str, first: &[u8]) -> Duration {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(first).await.unwrap();
    let read = tokio::time::timeout(PATIENCE, stream.read(&mut [0; 64])).await;
    assert!(matches!(read, Ok(Ok(0) | Err(_))), "{read:?}");
    begun.elapsed()
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Callers who are gone in the middle: of a greeting, a head, a body, a reply. Nothing of them
/// stays, and the next is answered.
#[tokio::test]
async fn who_is_gone_leaves_nothing_behind() {
    let suite = Suite::here(NOW).await;
    let host = suite.address.trim_start_matches("http://").to_owned();
    let operator = format!("Authorization: Bearer {}\r\n", suite.operator_token);
    let mut staff = StaffClient::new(suite.admin.clone());
    done(staff.list_staff(ListStaffRequest::default()).await);
    let before = descriptors();
    let beginnings: [Vec<u8>; 5] = [
        Vec::new(),
        b"PRI * HTTP/2.0\r\n".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
        b"POST / HTTP/1.1\r\nHost: x\r\n".to_vec(),
        head(LIST, &operator, 1000),
    ];
    for _ in 0..20 {
        let gone = beginnings.iter().map(|first| async {
            let mut stream = TcpStream::connect(&host).await.unwrap();
            stream.write_all(first).await.unwrap();
            // Without a farewell: the other side learns it by a reset.
            stream.set_zero_linger().unwrap();
        });
        join_all(gone).await;
        done(staff.list_staff(ListStaffRequest::default()).await);
    }
    let emptied = async {
        while descriptors() > before + 10 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let emptied = tokio::time::timeout(Duration::from_secs(30), emptied).await;
    assert!(emptied.is_ok(), "{} descriptors before, {} after", before, descriptors());
}
