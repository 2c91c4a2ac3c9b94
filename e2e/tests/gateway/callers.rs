//! Who may pass: sessions, the operator's token, roles; nobody else, whatever he claims.

use e2e::{
    ADMIN, PASSWORD, Suite, request_id,
    steps::{customers, done, reason, refused},
};
use proto::{
    clients::v1::{
        Client, CreateClientRequest, CreateStaffMemberRequest, ListStaffRequest, StaffMember,
        client::Kind, clients_client::ClientsClient, staff_client::StaffClient,
    },
    gateway::v1::{
        AuditRequest, ChangePasswordRequest, GetHomeRequest, LoginRequest, LogoutRequest,
        cabinet_client::CabinetClient, operations_client::OperationsClient,
        sessions_client::SessionsClient,
    },
    invoicing::v1::{ListInvoicesRequest, invoices_client::InvoicesClient},
    system::v1::Role,
};
use service::{Identity, authority::HEADER, secrets};
use tonic::{Code, Request};

const NOW: &str = "2019-02-26T09:00:00Z";

async fn client(suite: &Suite, email: &str) -> Client {
    let client = Client {
        kind: Kind::Individual.into(),
        given_name: "Пётр".into(),
        family_name: "Примеров".into(),
        email: email.into(),
        password: customers::PASSWORD.into(),
        ..Default::default()
    };
    let request = CreateClientRequest { client: Some(client), request_id: request_id() };
    done(ClientsClient::new(suite.admin.clone()).create_client(request).await)
}

async fn log_in(suite: &Suite, login: &str, password: &str) -> proto::gateway::v1::LoginResponse {
    let request = LoginRequest { login: login.into(), password: password.into() };
    done(SessionsClient::new(suite.door("")).login(request).await)
}

/// Without a session, with a token that nobody gave, and after logging out: UNAUTHENTICATED.
#[tokio::test]
async fn without_a_session_nothing_passes() {
    let suite = Suite::here(NOW).await;
    let list = ListInvoicesRequest::default();
    let nobody = InvoicesClient::new(suite.door("")).list_invoices(list.clone()).await;
    assert_eq!(reason(&refused(nobody, Code::Unauthenticated)), "SESSION_MISSING");
    let mut forger = InvoicesClient::new(suite.door("0123456789abcdef"));
    refused(forger.list_invoices(list.clone()).await, Code::Unauthenticated);
    let request = LoginRequest { login: ADMIN.into(), password: "не тот пароль".into() };
    let wrong = SessionsClient::new(suite.door("")).login(request).await;
    assert_eq!(reason(&refused(wrong, Code::Unauthenticated)), "LOGIN_FAILED");

    let session = log_in(&suite, ADMIN, PASSWORD).await;
    let door = suite.door(&session.token);
    done(InvoicesClient::new(door.clone()).list_invoices(list.clone()).await);
    done(SessionsClient::new(door.clone()).logout(LogoutRequest {}).await);
    refused(InvoicesClient::new(door).list_invoices(list).await, Code::Unauthenticated);
}

/// An identity that a caller signs himself counts for nothing, and lends a session no roles.
#[tokio::test]
async fn a_forged_identity_counts_for_nothing() {
    let suite = Suite::here(NOW).await;
    let dir = std::env::temp_dir().join(format!("raschet-forger-{}", uuid::Uuid::now_v7()));
    secrets::create(&dir).unwrap();
    let forger = secrets::signer(&dir, "gateway").unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    let identity =
        Identity { actor: "staff/forged".into(), roles: vec![Role::Admin], client: None };
    let forged = forger.sign(&identity, "invoicing");
    let claim = || {
        let mut request = Request::new(ListInvoicesRequest::default());
        request.metadata_mut().insert(HEADER, forged.parse().unwrap());
        request
    };
    let nobody = InvoicesClient::new(suite.door("")).list_invoices(claim()).await;
    refused(nobody, Code::Unauthenticated);
    let person = client(&suite, "a@x.example").await;
    let session = log_in(&suite, &person.email, customers::PASSWORD).await;
    let customer = InvoicesClient::new(suite.door(&session.token)).list_invoices(claim()).await;
    refused(customer, Code::PermissionDenied);
}

/// Customers reach the cabinet only, staff do not; roles that a contract does not name are refused.
#[tokio::test]
async fn roles_decide_what_passes() {
    let suite = Suite::here(NOW).await;
    let person = client(&suite, "a@x.example").await;
    suite.settle().await;
    let session = log_in(&suite, &person.email, customers::PASSWORD).await;
    assert_eq!((session.client.as_str(), session.must_change_password), (&*person.name, false));
    let door = suite.door(&session.token);
    let home = done(CabinetClient::new(door.clone()).get_home(GetHomeRequest {}).await);
    assert_eq!(home.client_number, person.number);
    let mut invoices = InvoicesClient::new(door.clone());
    let list = invoices.list_invoices(ListInvoicesRequest::default()).await;
    refused(list, Code::PermissionDenied);
    let audit = OperationsClient::new(door).audit(AuditRequest {}).await.map(drop);
    refused(audit, Code::PermissionDenied);
    let staff = CabinetClient::new(suite.admin.clone()).get_home(GetHomeRequest {}).await;
    refused(staff, Code::PermissionDenied);
    // The operator looks after the machine and makes no clients.
    let request = CreateClientRequest { client: Some(person), request_id: request_id() };
    let made = ClientsClient::new(suite.operator.clone()).create_client(request).await;
    refused(made, Code::PermissionDenied);
    done(StaffClient::new(suite.operator.clone()).list_staff(ListStaffRequest::default()).await);
}

/// A one-time password opens nothing but the change of itself, and works once.
#[tokio::test]
async fn a_one_time_password_must_be_changed() {
    let suite = Suite::here(NOW).await;
    let member = StaffMember {
        email: "audit@raschet.example".into(),
        display_name: "Ревизор".into(),
        roles: vec![Role::Auditor.into()],
        ..Default::default()
    };
    let request = CreateStaffMemberRequest { staff_member: Some(member), request_id: request_id() };
    let login = done(StaffClient::new(suite.admin.clone()).create_staff_member(request).await);
    let once = login.one_time_password;
    let session = log_in(&suite, "audit@raschet.example", &once).await;
    assert!(session.must_change_password);
    let door = suite.door(&session.token);
    let list = ListInvoicesRequest::default();
    let early = InvoicesClient::new(door.clone()).list_invoices(list.clone()).await;
    assert_eq!(reason(&refused(early, Code::FailedPrecondition)), "PASSWORD_MUST_CHANGE");
    let mut sessions = SessionsClient::new(door.clone());
    let change = |old: &str, new: &str| ChangePasswordRequest {
        old_password: old.into(),
        new_password: new.into(),
    };
    refused(sessions.change_password(change(&once, "короткий")).await, Code::InvalidArgument);
    done(sessions.change_password(change(&once, "длинный пароль")).await);
    done(InvoicesClient::new(door).list_invoices(list).await);
    let request = LoginRequest { login: "audit@raschet.example".into(), password: once };
    let again = SessionsClient::new(suite.door("")).login(request).await;
    refused(again, Code::Unauthenticated);
}
