//! Who is let in, and how often clients-svc is asked about it.

use super::*;
use chrono::TimeDelta;
use futures::future::join_all;
use proto::clients::v1::identities_server::{Identities, IdentitiesServer};
use std::{
    net::Ipv4Addr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;
use tonic::{Request as Call, Response as Answer};

#[test]
fn paths_belong_to_services() {
    assert_eq!(audience("/raschet.invoicing.v1.Invoices/GetInvoice"), Some("invoicing"));
    assert_eq!(audience("/raschet.gateway.v1.Sessions/Login"), Some("gateway"));
    for nobody in ["/raschet.system.v1.Feed/Follow", "/grpc.health.v1.Health/Check", "/", ""] {
        assert_eq!(audience(nobody), None, "{nobody}");
    }
}

#[test]
fn a_cookie_counts_only_from_a_page_of_ours() {
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, HeaderValue::from_static("a=b; raschet_session=t0k3n; c=d"));
    assert_eq!(token(&headers), None);
    headers.insert("x-grpc-web", HeaderValue::from_static("1"));
    assert_eq!(token(&headers).as_deref(), Some("t0k3n"));
    headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer other"));
    assert_eq!(token(&headers).as_deref(), Some("other"));
    headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic x"));
    assert_eq!(token(&headers), None);
}

/// clients-svc with sessions that a test closes, and answers that wait until it lets them go.
#[derive(Clone, Default)]
struct Desk {
    asked: Arc<AtomicUsize>,
    closed: Arc<AtomicBool>,
    answers: Arc<Answers>,
}

struct Answers(Semaphore);

impl Default for Answers {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

type Said<T = clients::Session> = Result<Answer<T>, Status>;

#[tonic::async_trait]
impl Identities for Desk {
    async fn check_session(&self, _: Call<clients::CheckSessionRequest>) -> Said {
        let closed = self.closed.load(Ordering::SeqCst);
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.answers.0.acquire().await.map_err(|e| Status::internal(e.to_string()))?.forget();
        if closed {
            return Err(Failure::unauthenticated("SESSION_UNKNOWN").into());
        }
        let end = Clock::system_now() + TimeDelta::hours(1);
        let session = clients::Session {
            actor: "staff/1".into(),
            roles: vec![Role::Sales.into()],
            expire_time: Some(proto::convert::timestamp(end)),
            ..Default::default()
        };
        Ok(Answer::new(session))
    }

    async fn open_session(&self, _: Call<clients::OpenSessionRequest>) -> Said {
        Err(Status::unimplemented("not asked here"))
    }

    async fn close_session(&self, _: Call<clients::CloseSessionRequest>) -> Said {
        Err(Status::unimplemented("not asked here"))
    }

    async fn change_password(&self, _: Call<clients::ChangePasswordRequest>) -> Said {
        Err(Status::unimplemented("not asked here"))
    }

    async fn list_session_clients(
        &self,
        _: Call<clients::ListSessionClientsRequest>,
    ) -> Said<clients::ListSessionClientsResponse> {
        Err(Status::unimplemented("not asked here"))
    }

    async fn switch_session_client(&self, _: Call<clients::SwitchSessionClientRequest>) -> Said {
        Err(Status::unimplemented("not asked here"))
    }
}

/// A door before a desk, and the directory that they meet in.
struct Room {
    door: Arc<Door>,
    desk: Desk,
    dir: std::path::PathBuf,
}

impl Room {
    fn open() -> Self {
        let name = format!("raschet-door-{}", uuid::Uuid::new_v4().simple());
        let dir = std::env::temp_dir().join(&name[..24]);
        std::fs::create_dir(&dir).unwrap();
        let secrets = dir.join("secrets");
        std::fs::create_dir(&secrets).unwrap();
        service::secrets::create(&secrets).unwrap();
        let signer = service::secrets::signer(&secrets, GATEWAY).unwrap();
        let socket = tokio::net::UnixListener::bind(dir.join("clients.sock")).unwrap();
        let desk = Desk::default();
        let serving = tonic::transport::Server::builder()
            .add_service(IdentitiesServer::new(desk.clone()))
            .serve_with_incoming(tokio_stream::wrappers::UnixListenerStream::new(socket));
        tokio::spawn(serving);
        let peers = Peers::new(&format!("unix:{}/{{service}}.sock", dir.display()), signer);
        let door = Arc::new(Door::new(peers, "operator", false, Limits::new(0, 0)));
        Self { door, desk, dir }
    }

    async fn enter(&self) -> Result<Caller, Status> {
        let address = CallerAddress(Ipv4Addr::LOCALHOST.into());
        self.door.caller(Some("token".into()), address).await
    }

    fn asked(&self) -> usize {
        self.desk.asked.load(Ordering::SeqCst)
    }

    fn answer(&self, times: usize) {
        self.desk.answers.0.add_permits(times);
    }

    /// Comes to pass when clients-svc has been asked so often.
    async fn is_asked(&self, times: usize) {
        while self.asked() < times {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Issue 3, §5: calls of one session that come at once cost clients-svc one question.
#[tokio::test]
async fn calls_at_once_ask_once() {
    let room = Room::open();
    room.answer(1);
    let calls = join_all((0..128).map(|_| room.enter())).await;
    assert!(calls.iter().all(Result::is_ok));
    assert_eq!(room.asked(), 1);
}

/// A refusal is nobody else's answer: whoever waited asks for itself.
#[tokio::test]
async fn a_refusal_is_not_shared() {
    let room = Room::open();
    room.desk.closed.store(true, Ordering::SeqCst);
    room.answer(3);
    let calls = join_all((0..3).map(|_| room.enter())).await;
    assert!(calls.iter().all(Result::is_err));
    assert_eq!(room.asked(), 3);
}

/// A session that is closed while clients-svc answers that it is open is not believed afterwards.
#[tokio::test]
async fn a_closed_session_is_closed_at_once() {
    let room = Room::open();
    let closing = async {
        room.is_asked(1).await;
        room.desk.closed.store(true, Ordering::SeqCst);
        room.door.forget("token");
        room.answer(2);
    };
    let (early, ()) = tokio::join!(room.enter(), closing);
    assert!(early.is_ok(), "it was open when this one asked");
    assert!(room.enter().await.is_err());
    assert_eq!(room.asked(), 2);
}

/// A caller that goes away while it asks leaves the turn to the others.
#[tokio::test]
async fn one_that_goes_away_holds_nobody_up() {
    let room = Room::open();
    let gone = async {
        tokio::select! {
            _ = room.enter() => panic!("nobody has answered"),
            () = room.is_asked(1) => (),
        }
    };
    gone.await;
    room.answer(2);
    assert!(room.enter().await.is_ok());
}
