//! Staff.

use crate::{fields, refused, request_id, start};
use proto::{
    clients::v1::{
        self as wire, OpenSessionRequest, identities_client::IdentitiesClient,
        staff_client::StaffClient,
    },
    system::v1::Role,
};
use tonic::Code;

fn hire(email: &str, roles: &[Role]) -> wire::CreateStaffMemberRequest {
    wire::CreateStaffMemberRequest {
        staff_member: Some(wire::StaffMember {
            email: email.into(),
            display_name: "Мария".into(),
            roles: roles.iter().map(|&r| r.into()).collect(),
            ..Default::default()
        }),
        request_id: request_id(),
    }
}

/// A member gets a password that works once; the reply that held it is not kept.
#[tokio::test]
async fn a_member_of_staff_is_hired_and_dismissed() {
    let harness = start().await;
    let mut staff = StaffClient::new(harness.client_as(Role::Admin));
    let request = hire("maria@raschet.example", &[Role::Sales, Role::Treasury]);
    let hired = staff.create_staff_member(request.clone()).await.unwrap().into_inner();
    let member = hired.staff_member.unwrap();
    assert_eq!(hired.one_time_password.len(), 20);
    let again = staff.create_staff_member(request).await;
    refused(again, Code::FailedPrecondition, "REPLY_NOT_KEPT");
    let twice = staff.create_staff_member(hire("Maria@raschet.example", &[Role::Sales])).await;
    refused(twice, Code::AlreadyExists, "LOGIN_TAKEN");

    let mut identities = IdentitiesClient::new(harness.peer("gateway"));
    let login = OpenSessionRequest {
        login: "maria@raschet.example".into(),
        password: hired.one_time_password,
        ..Default::default()
    };
    let session = identities.open_session(login.clone()).await.unwrap().into_inner();
    let check = wire::CheckSessionRequest { token: session.token };
    identities.check_session(check.clone()).await.unwrap();

    let update = wire::UpdateStaffMemberRequest {
        staff_member: Some(wire::StaffMember { disabled: true, ..member }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["disabled".into()] }),
        request_id: request_id(),
    };
    staff.update_staff_member(update).await.unwrap();
    let out = identities.check_session(check).await;
    refused(out, Code::Unauthenticated, "SESSION_UNKNOWN");
    let locked_out = identities.open_session(login).await;
    refused(locked_out, Code::Unauthenticated, "LOGIN_FAILED");
    harness.finish().await;
}

/// Roles of programs and customers are nobody's to give; without a role nobody is hired.
#[tokio::test]
async fn only_roles_of_people_are_given() {
    let harness = start().await;
    let mut staff = StaffClient::new(harness.client_as(Role::Admin));
    for roles in [&[][..], &[Role::Service], &[Role::Sales, Role::Sales], &[Role::Customer]] {
        let result = staff.create_staff_member(hire("x@raschet.example", roles)).await;
        refused(result, Code::InvalidArgument, "INVALID_FIELDS");
    }
    let mut sales = StaffClient::new(harness.client_as(Role::Sales));
    let denied = sales.create_staff_member(hire("x@raschet.example", &[Role::Admin])).await;
    refused(denied, Code::PermissionDenied, "ROLE_MISSING");
    harness.finish().await;
}

/// A new one-time password ends the sessions that the old one
/// opened, and only an administrator gives it.
#[tokio::test]
async fn a_forgotten_password_is_replaced() {
    let harness = start().await;
    let mut staff = StaffClient::new(harness.client_as(Role::Admin));
    let request = hire("maria@raschet.example", &[Role::Sales]);
    let hired = staff.create_staff_member(request).await.unwrap().into_inner();
    let name = hired.staff_member.unwrap().name;
    let mut identities = IdentitiesClient::new(harness.peer("gateway"));
    let login = |password: String| OpenSessionRequest {
        login: "maria@raschet.example".into(),
        password,
        ..Default::default()
    };
    let old = login(hired.one_time_password);
    let token = identities.open_session(old.clone()).await.unwrap().into_inner().token;

    let reset = |name: &str| wire::ResetStaffPasswordRequest {
        name: name.into(),
        request_id: request_id(),
    };
    let given = staff.reset_staff_password(reset(&name)).await.unwrap().into_inner();
    assert_eq!(given.staff_member.unwrap().name, name);
    let ended = identities.check_session(wire::CheckSessionRequest { token }).await;
    refused(ended, Code::Unauthenticated, "SESSION_UNKNOWN");
    let forgotten = identities.open_session(old).await;
    refused(forgotten, Code::Unauthenticated, "LOGIN_FAILED");
    identities.open_session(login(given.one_time_password)).await.unwrap();

    let nobody = staff.reset_staff_password(reset(&testkit::harness::staff(&[]).actor)).await;
    refused(nobody, Code::NotFound, "NOT_FOUND");
    let nameless = staff.reset_staff_password(reset("maria")).await;
    let status = refused(nameless, Code::InvalidArgument, "INVALID_FIELDS");
    assert_eq!(fields(&status), ["name"]);
    let mut sales = StaffClient::new(harness.client_as(Role::Sales));
    let denied = sales.reset_staff_password(reset(&name)).await;
    refused(denied, Code::PermissionDenied, "ROLE_MISSING");
    harness.finish().await;
}
