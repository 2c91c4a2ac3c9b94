//! Logins and sessions.

use crate::{company, create, refused, request_id, start};
use chrono::Duration;
use clients_svc::store::sessions::REMOVED_AT_ONCE;
use proto::{
    clients::v1::{
        self as wire, Session, contacts_client::ContactsClient, identities_client::IdentitiesClient,
    },
    system::v1::Role,
};
use service::PeerChannel;
use testkit::Harness;
use tonic::{Code, Status};
use types::Clock;

const PASSWORD: &str = "надёжный пароль";

async fn open(
    identities: &mut IdentitiesClient<PeerChannel>,
    login: &str,
    password: &str,
) -> Result<Session, Status> {
    let request = wire::OpenSessionRequest {
        login: login.into(),
        password: password.into(),
        ..Default::default()
    };
    identities.open_session(request).await.map(tonic::Response::into_inner)
}

async fn with_password(harness: &Harness, email: &str) -> wire::Client {
    let client = wire::Client { password: PASSWORD.into(), ..company(email) };
    create(harness, client).await.unwrap()
}

/// A44: a customer logs in with the password set at creation; it is shown nowhere.
#[tokio::test]
async fn a_customer_logs_in_and_out() {
    let harness = start().await;
    let client = with_password(&harness, "a@x.example").await;
    assert_eq!(client.password, "");
    let mut identities = IdentitiesClient::new(harness.peer("gateway"));
    let session = open(&mut identities, "A@x.example", PASSWORD).await.unwrap();
    assert_eq!(session.client, client.name);
    assert_eq!(session.roles().collect::<Vec<_>>(), [Role::Customer]);

    let token = session.token;
    let checked = identities.check_session(wire::CheckSessionRequest { token: token.clone() });
    let checked = checked.await.unwrap().into_inner();
    assert_eq!((checked.actor, checked.token), (session.actor, String::new()));
    identities.close_session(wire::CloseSessionRequest { token: token.clone() }).await.unwrap();
    let closed = identities.check_session(wire::CheckSessionRequest { token }).await;
    refused(closed, Code::Unauthenticated, "SESSION_UNKNOWN");
    harness.finish().await;
}

/// Ten wrong passwords lock a login for a while; the refusals before do not tell what was wrong.
#[tokio::test]
async fn wrong_passwords_lock_a_login() {
    let harness = start().await;
    with_password(&harness, "a@x.example").await;
    let mut identities = IdentitiesClient::new(harness.peer("gateway"));
    let unknown = open(&mut identities, "nobody@x.example", PASSWORD).await;
    let unknown = refused(unknown, Code::Unauthenticated, "LOGIN_FAILED");
    assert_eq!(unknown.message(), "Неверный адрес или пароль.");
    for _ in 0..10 {
        let wrong = open(&mut identities, "a@x.example", "wrong password").await;
        let wrong = refused(wrong, Code::Unauthenticated, "LOGIN_FAILED");
        assert_eq!(wrong.message(), unknown.message());
    }
    let locked = open(&mut identities, "a@x.example", PASSWORD).await;
    refused(locked, Code::ResourceExhausted, "LOGIN_LOCKED");
    harness.finish().await;
}

/// Issue 3, §5: a storm of failed logins leaves no more behind than what still counts; each failure
/// removes some that do not, of whatever login, and none that does.
#[tokio::test]
async fn failures_that_count_no_more_are_removed() {
    let harness = start().await;
    let owner = harness.owner("clients").await;
    let left = async || -> i64 {
        let count = "select count(*) from login_failures";
        sqlx::query_scalar(count).fetch_one(&owner).await.unwrap()
    };
    let storm = "insert into login_failures (login_hash, failed_at)
                 select decode(md5(n::text), 'hex'), $1 from generate_series(1, $2) n";
    let expired = Clock::system_now() - Duration::minutes(16);
    let most = REMOVED_AT_ONCE;
    sqlx::query(storm).bind(expired).bind(most + 50).execute(&owner).await.unwrap();
    let recent = Clock::system_now() - Duration::minutes(10);
    sqlx::query(storm).bind(recent).bind(5_i64).execute(&owner).await.unwrap();

    let mut identities = IdentitiesClient::new(harness.peer("gateway"));
    for expected in [50 + 5 + 1, 5 + 2, 5 + 3] {
        let failed = open(&mut identities, "nobody@x.example", PASSWORD).await;
        refused(failed, Code::Unauthenticated, "LOGIN_FAILED");
        assert_eq!(left().await, expected);
    }
    harness.finish().await;
}

/// Changing the password asks for the old one and ends the other sessions.
#[tokio::test]
async fn a_password_is_changed() {
    let harness = start().await;
    with_password(&harness, "a@x.example").await;
    let mut identities = IdentitiesClient::new(harness.peer("gateway"));
    let here = open(&mut identities, "a@x.example", PASSWORD).await.unwrap().token;
    let there = open(&mut identities, "a@x.example", PASSWORD).await.unwrap().token;
    let change = |old: &str, new: &str| wire::ChangePasswordRequest {
        token: here.clone(),
        old_password: old.into(),
        new_password: new.into(),
    };
    let wrong = identities.change_password(change("wrong password", "совсем другой")).await;
    refused(wrong, Code::InvalidArgument, "INVALID_FIELDS");
    let short = identities.change_password(change(PASSWORD, "short")).await;
    refused(short, Code::InvalidArgument, "INVALID_FIELDS");
    identities.change_password(change(PASSWORD, "совсем другой")).await.unwrap();

    let check = |token: &str| wire::CheckSessionRequest { token: token.into() };
    identities.check_session(check(&here)).await.unwrap();
    let ended = identities.check_session(check(&there)).await;
    refused(ended, Code::Unauthenticated, "SESSION_UNKNOWN");
    let old = open(&mut identities, "a@x.example", PASSWORD).await;
    refused(old, Code::Unauthenticated, "LOGIN_FAILED");
    open(&mut identities, "a@x.example", "совсем другой").await.unwrap();
    harness.finish().await;
}

/// People act for several clients after one login; a client that is not theirs does not exist.
#[tokio::test]
async fn a_person_switches_between_clients() {
    let harness = start().await;
    let one = with_password(&harness, "a@x.example").await;
    let two = create(&harness, company("b@x.example")).await.unwrap();
    let three = create(&harness, company("c@x.example")).await.unwrap();
    let mut contacts = ContactsClient::new(harness.client_as(Role::AccountManager));
    let link = wire::CreateContactRequest {
        contact: Some(wire::Contact {
            client: two.name.clone(),
            email: "a@x.example".into(),
            given_name: "Анна".into(),
            access: wire::contact::Access::Accountant.into(),
            ..Default::default()
        }),
        request_id: request_id(),
    };
    let link = contacts.create_contact(link).await.unwrap().into_inner();

    let mut identities = IdentitiesClient::new(harness.peer("gateway"));
    let session = open(&mut identities, "a@x.example", PASSWORD).await.unwrap();
    assert_eq!(session.client, one.name);
    let token = session.token;
    let list = wire::ListSessionClientsRequest { token: token.clone() };
    let mine = identities.list_session_clients(list).await.unwrap().into_inner().clients;
    assert_eq!(mine.iter().map(|c| c.number).collect::<Vec<_>>(), [1, 2]);
    let switch = |client: &str| wire::SwitchSessionClientRequest {
        token: token.clone(),
        client: client.into(),
    };
    let foreign = identities.switch_session_client(switch(&three.name)).await;
    refused(foreign, Code::NotFound, "NOT_FOUND");
    let moved = identities.switch_session_client(switch(&two.name)).await.unwrap().into_inner();
    assert_eq!(moved.client, two.name);

    // A link that ends takes the client out of a session that is open.
    let delete = wire::DeleteContactRequest {
        name: link.name,
        etag: String::new(),
        request_id: request_id(),
    };
    contacts.delete_contact(delete).await.unwrap();
    let check = wire::CheckSessionRequest { token };
    let left = identities.check_session(check).await.unwrap().into_inner();
    assert_eq!(left.client, "");
    harness.finish().await;
}
