//! The public door: sessions of every role, tokens, and those who have none.

use super::NOW;
use super::{
    calls::{Report, Verdict, call},
    forge::{Forge, claims},
    table::{declared, may, package, reflected, roles},
};
use e2e::{
    Suite, request_id,
    steps::{customers, done, refused},
};
use proto::{
    clients::v1::{
        Client, CreateClientRequest, CreateStaffMemberRequest, StaffMember, client::Kind,
        clients_client::ClientsClient, staff_client::StaffClient,
    },
    gateway::v1::{
        ChangePasswordRequest, LoginRequest, LogoutRequest, sessions_client::SessionsClient,
    },
    system::v1::Role,
};
use service::authority::HEADER;
use std::collections::BTreeSet;
use tonic::{
    Code,
    transport::{Channel, Endpoint},
};

/// Roles that no member of staff may have.
const NOT_STAFF: [Role; 5] =
    [Role::Unspecified, Role::Public, Role::Service, Role::Customer, Role::Operator];
const LASTING: &str = "долгий пароль";

/// Somebody with a token, and what he is; with nothing, his token is worth nothing.
struct Caller {
    who: String,
    token: String,
    role: Option<Role>,
}

async fn log_in(suite: &Suite, login: &str, password: &str) -> String {
    let request = LoginRequest { login: login.into(), password: password.into() };
    done(SessionsClient::new(suite.door("")).login(request).await).token
}

fn member(role: Role) -> CreateStaffMemberRequest {
    let staff_member = Some(StaffMember {
        email: format!("{}@primer.example", role.as_str_name().to_lowercase()),
        display_name: "Сотрудник Примеров".into(),
        roles: vec![role.into()],
        ..Default::default()
    });
    CreateStaffMemberRequest { staff_member, request_id: request_id() }
}

async fn staff(suite: &Suite, role: Role) -> Caller {
    let request = member(role);
    let email = request.staff_member.as_ref().unwrap().email.clone();
    let made = done(StaffClient::new(suite.admin.clone()).create_staff_member(request).await);
    let token = log_in(suite, &email, &made.one_time_password).await;
    let change = ChangePasswordRequest {
        old_password: made.one_time_password,
        new_password: LASTING.into(),
    };
    done(SessionsClient::new(suite.door(&token)).change_password(change).await);
    Caller { who: format!("{role:?}"), token, role: Some(role) }
}

async fn customer(suite: &Suite) -> Caller {
    let client = Client {
        kind: Kind::Individual.into(),
        given_name: "Пётр".into(),
        family_name: "Примеров".into(),
        email: "petr@primer.example".into(),
        password: customers::PASSWORD.into(),
        ..Default::default()
    };
    let request = CreateClientRequest { client: Some(client), request_id: request_id() };
    done(ClientsClient::new(suite.admin.clone()).create_client(request).await);
    let token = log_in(suite, "petr@primer.example", customers::PASSWORD).await;
    Caller { who: "Customer".into(), token, role: Some(Role::Customer) }
}

/// One of each kind, and those whose session is none.
async fn everybody(suite: &Suite) -> Vec<Caller> {
    let mut all = Vec::new();
    for role in roles().into_iter().filter(|role| !NOT_STAFF.contains(role)) {
        all.push(staff(suite, role).await);
    }
    all.push(customer(suite).await);
    let operator = suite.operator_token.clone();
    all.push(Caller { who: "Operator".into(), token: operator, role: Some(Role::Operator) });
    let closed = log_in(suite, "petr@primer.example", customers::PASSWORD).await;
    done(SessionsClient::new(suite.door(&closed)).logout(LogoutRequest {}).await);
    let expired = log_in(suite, "petr@primer.example", customers::PASSWORD).await;
    super::expiry::age(suite, &expired).await;
    let near = suite.operator_token.to_uppercase();
    for (who, token) in [
        ("nobody", String::new()),
        ("a stranger", "0123456789abcdef".into()),
        ("nearly the operator", near),
        ("a closed session", closed),
        ("an expired session", expired),
    ] {
        all.push(Caller { who: who.into(), token, role: None });
    }
    all
}

/// What the gateway has to do with a caller: internal contracts do not exist here, `Sessions` is
/// open to everybody, everything else asks for a session and one of the declared roles.
fn expected(path: &str, declared: &[Role], caller: &Caller) -> Verdict {
    match caller.role {
        _ if package(path) == "system" => Verdict::Absent,
        _ if declared.contains(&Role::Public) => Verdict::Passed,
        None if caller.token.is_empty() => Verdict::nobody("SESSION_MISSING"),
        None => Verdict::nobody("SESSION_UNKNOWN"),
        Some(role) if may(role, declared) => Verdict::Passed,
        Some(_) => Verdict::Denied,
    }
}

async fn tries(channel: &Channel, path: &str, caller: &Caller, identity: &str) -> Verdict {
    let bearer = format!("Bearer {}", caller.token);
    let claim = (HEADER, identity);
    let session = ("authorization", bearer.as_str());
    let metadata = if caller.token.is_empty() { vec![claim] } else { vec![session, claim] };
    // `Sessions` itself says so when it lacks a token; that is its answer, not the door's.
    let about = if path.contains(".Sessions/") { "nothing" } else { "SESSION_" };
    call(channel, path, &metadata, about).await
}

/// Every method of the suite, public or internal, by everybody; each brings an administrator's
/// identity that a stolen key of the gateway has signed, which counts for nothing at this door.
#[tokio::test]
async fn everybody_reaches_what_is_declared_for_him() {
    let suite = Suite::here(NOW).await;
    let channel = Endpoint::from_shared(suite.address.clone()).unwrap().connect_lazy();
    let table = declared();
    let public: BTreeSet<String> =
        table.keys().filter(|path| package(path) != "system").cloned().collect();
    assert_eq!(reflected(&channel).await, public, "the gateway tells of what it does not pass");

    let stolen = Forge::of(&suite.harness().secrets(), "gateway");
    let everybody = everybody(&suite).await;
    let mut report = Report::default();
    // Last of all what ends sessions.
    let (ends, rest): (Vec<_>, Vec<_>) = table.iter().partition(|(p, _)| p.ends_with("/Logout"));
    for (path, roles) in rest.into_iter().chain(ends) {
        let identity = stolen.token(&claims(package(path), "staff/forged", Role::Admin, 50));
        for caller in &everybody {
            let seen = tries(&channel, path, caller, &identity).await;
            let what = format!("{path} as {}", caller.who);
            report.note(&what, &expected(path, roles, caller), &seen);
        }
    }
    report.finish(1500);
}

/// No member of staff can be made a service, a customer or the operator.
#[tokio::test]
async fn roles_of_programs_are_given_to_nobody() {
    let suite = Suite::here(NOW).await;
    for role in NOT_STAFF {
        let made = StaffClient::new(suite.admin.clone()).create_staff_member(member(role)).await;
        refused(made, Code::InvalidArgument);
    }
}
