//! Calls: the services' own RPCs, in this process, over a database that is not there. So a call
//! comes as far as a message can bring it by itself: through decoding and parsing to its first
//! word with the database.

use crate::invent::Words;
use axum::{Router, body::Body};
use chrono::DateTime;
use clap::{Args, Parser};
use ed25519_dalek::SigningKey;
use http::Request;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use service::{App, Frame, Identity, Peers, Role, Scope, Service, Signer};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::{collections::BTreeMap, sync::LazyLock, time::Duration};
use tokio::runtime::{self, Runtime};
use tonic::Code;
use tower::ServiceExt;
use types::{Clock, id::ClientId};

/// Where nothing listens.
const NOWHERE: &str = "/nonexistent";

/// A byte of the input below this has the rest be a message as it stands; else words of it are
/// put into the fields of a well-formed one.
const RAW: u8 = 64;

/// Everything that is called.
struct Callees {
    runtime: Runtime,
    /// By the number of the method.
    methods: BTreeMap<u16, (MethodDescriptor, Router)>,
}

/// A service's settings as its command line has them.
#[derive(Parser)]
struct Line<S: Args> {
    #[command(flatten)]
    settings: S,
}

static CALLEES: LazyLock<Callees> = LazyLock::new(|| {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|e| panic!("no runtime: {e}"));
    let services = runtime.block_on(async {
        vec![
            rpcs::<clients_svc::Service>(&[]).await,
            rpcs::<payments_svc::Service>(&[]).await,
            rpcs::<tickets_svc::Service>(&["--smtp-url", "smtp://127.0.0.1:9"]).await,
            #[cfg(not(fuzzing))]
            rpcs::<invoicing_svc::Service>(&[]).await,
        ]
    });
    let pool = DescriptorPool::decode(proto::DESCRIPTORS);
    let pool = pool.unwrap_or_else(|e| panic!("no contracts: {e}"));
    let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    let methods = methods.filter_map(|method| {
        let package = format!(".{}.", method.parent_service().package_name());
        let routes = services.iter().find(|(name, _)| package.contains(&format!(".{name}.")))?;
        Some((number(&path(&method)), (method, routes.1.clone())))
    });
    Callees { methods: methods.collect(), runtime }
});

fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

/// A number that a method keeps whatever others come and go, so that inputs keep their meaning.
fn number(path: &str) -> u16 {
    path.bytes().fold(7, |sum: u16, byte| sum.wrapping_mul(31) ^ u16::from(byte))
}

async fn rpcs<S: Service>(arguments: &[&str]) -> (&'static str, Router) {
    let pool = PgPoolOptions::new()
        .acquire_timeout(Duration::from_millis(100))
        .connect_lazy_with(PgConnectOptions::new_without_pgpass().socket(NOWHERE));
    let signer = Signer::new("gateway", SigningKey::from_bytes(&[7; 32]));
    let peers = Peers::new(&format!("unix:{NOWHERE}/{{service}}.sock"), signer);
    let clock = Clock::manual(DateTime::UNIX_EPOCH + Duration::from_secs(1_551_179_580));
    let line = Line::<S::Settings>::parse_from([&["fuzz"], arguments].concat());
    let frame = Frame::new(S::NAME, pool, clock, peers);
    let app: App = S::app(frame, line.settings).await.unwrap_or_else(|e| panic!("{e:#}"));
    (S::NAME, app.into_rpcs())
}

/// Calls a method: the first two bytes are its number, or one before it; the third says how to
/// take the rest.
///
/// # Panics
/// When the answer is none, or blames us.
pub fn request(bytes: &[u8]) {
    let [high, low, how, rest @ ..] = bytes else { return };
    let callees = &*CALLEES;
    let mut later = callees.methods.range(u16::from_be_bytes([*high, *low])..);
    let Some((method, routes)) = later.next().map(|(_, callee)| callee) else { return };
    let message = if *how < RAW {
        rest.to_vec()
    } else {
        prost::Message::encode_to_vec(&Words::new(rest).message(method.input()))
    };
    let code = callees.runtime.block_on(call(method, routes.clone(), &message));
    // What is no message tonic calls our fault; the layers, which do not stand here, word it anew.
    let Ok(sent) = DynamicMessage::decode(method.input(), message.as_slice()) else { return };
    let blames_us = matches!(code, None | Some(Code::Internal | Code::Unknown));
    assert!(!blames_us, "{} answers {code:?} to {sent:?}", method.full_name());
}

/// The code of the answer.
async fn call(method: &MethodDescriptor, routes: Router, message: &[u8]) -> Option<Code> {
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).ok()?.to_be_bytes());
    frame.extend(message);
    let mut request = Request::post(path(method))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::from(frame))
        .ok()?;
    request.extensions_mut().insert(scope());
    let response = routes.oneshot(request).await.ok()?;
    // Where there is something to say, it stands after the body.
    let status = response.headers().get("grpc-status");
    Some(status.map_or(Code::Ok, |status| Code::from_bytes(status.as_bytes())))
}

/// Somebody who may do everything, so that nothing is refused for who asks.
fn scope() -> Scope {
    let Identity { actor, .. } = Identity::service("gateway");
    let roles = vec![Role::Admin, Role::Operator, Role::Service, Role::Customer];
    Scope {
        actor,
        roles,
        client: Some(ClientId::generate()),
        locale: service::Locale::default(),
        ukrainian: false,
    }
}

/// An input for every method, from which fuzzing begins: its name, and the bytes.
pub fn seeds() -> impl Iterator<Item = (String, Vec<u8>)> {
    CALLEES.methods.iter().map(|(number, (method, _))| {
        let name = format!("{}.{}", method.parent_service().name(), method.name());
        let [high, low] = number.to_be_bytes();
        let words = (0..120_u8).map(|n| n.wrapping_mul(37).wrapping_add(low) | 1);
        (name, [high, low, u8::MAX].into_iter().chain(words).collect())
    })
}
