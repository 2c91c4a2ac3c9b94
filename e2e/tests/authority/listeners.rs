//! The services' own listeners: their contracts and the internal ones.

use super::NOW;
use super::{
    calls::{Report, Verdict, call},
    forge::{Forge, claims, worthless},
    table::{declared, may, package, reflected, roles},
};
use e2e::Suite;
use proto::system::v1::Role;
use serde_json::json;
use service::{Peers, authority::HEADER, run::SERVICES, secrets};
use std::collections::BTreeSet;
use tonic::transport::Channel;
use uuid::Uuid;

/// Bare connections to the services, without anybody's identity.
fn peers(suite: &Suite) -> Peers {
    let harness = suite.harness();
    Peers::new(&harness.address(), secrets::signer(&harness.secrets(), "gateway").unwrap())
}

/// What a service says that it serves, which must be what its contracts declare, no more, no less.
async fn served(service: &str, channel: &Channel) -> BTreeSet<String> {
    let told = reflected(channel).await;
    let mut expected: BTreeSet<String> = declared().into_keys().collect();
    expected.retain(|path| [service, "system"].contains(&package(path)));
    assert_eq!(told, expected, "{service} serves other methods than its contracts name");
    told
}

/// Each role gets through to exactly the methods that declare it, on every service's listener.
#[tokio::test]
async fn each_role_reaches_what_is_declared_for_it() {
    let suite = Suite::here(NOW).await;
    let (peers, table) = (peers(&suite), declared());
    let gateway = Forge::of(&suite.harness().secrets(), "gateway");
    let mut report = Report::default();
    for service in SERVICES {
        let channel = peers.transport(service);
        for path in served(service, &channel).await {
            for role in roles() {
                let mut who = claims(service, "staff/somebody", role, 50);
                if role == Role::Customer {
                    who["client"] = json!(Uuid::from_u128(7));
                }
                let token = gateway.token(&who);
                let allowed = may(role, &table[&path]);
                let expected = if allowed { Verdict::Passed } else { Verdict::Denied };
                let seen = call(&channel, &path, &[(HEADER, &token)], "IDENTITY_").await;
                report.note(&format!("{path} as {role:?}"), &expected, &seen);
            }
        }
    }
    report.finish(1500);
}

/// A service's own key reaches what services may, and nothing else.
#[tokio::test]
async fn services_reach_what_is_declared_for_them() {
    let suite = Suite::here(NOW).await;
    let (peers, table) = (peers(&suite), declared());
    let tickets = Forge::of(&suite.harness().secrets(), "tickets");
    let mut report = Report::default();
    for service in SERVICES {
        let channel = peers.transport(service);
        let token = tickets.token(&claims(service, "service/tickets", Role::Service, 50));
        for path in served(service, &channel).await {
            let allowed = may(Role::Service, &table[&path]);
            let expected = if allowed { Verdict::Passed } else { Verdict::Denied };
            let seen = call(&channel, &path, &[(HEADER, &token)], "IDENTITY_").await;
            report.note(&path, &expected, &seen);
        }
    }
    report.finish(100);
}

/// Without an identity, and with one that does not hold, no method of any listener runs.
#[tokio::test]
async fn what_proves_nothing_reaches_nothing() {
    let suite = Suite::here(NOW).await;
    let peers = peers(&suite);
    let mut report = Report::default();
    for service in SERVICES {
        let channel = peers.transport(service);
        let tokens = worthless(&suite.harness().secrets(), service);
        for path in served(service, &channel).await {
            let seen = call(&channel, &path, &[], "IDENTITY_").await;
            report.note(&path, &Verdict::nobody("IDENTITY_MISSING"), &seen);
            for (what, token, reason) in &tokens {
                let seen = call(&channel, &path, &[(HEADER, token)], "IDENTITY_").await;
                report.note(&format!("{path}, {what}"), &Verdict::nobody(reason), &seen);
            }
        }
    }
    report.finish(1500);
}
