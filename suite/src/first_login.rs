//! The first administrator: made through clients-svc when nobody works here yet.

use anyhow::{Context, Result};
use proto::clients::v1::{
    CreateStaffMemberRequest, ListStaffRequest, StaffMember, staff_client::StaffClient,
};
use service::{Identity, Peers, Role};
use uuid::Uuid;

/// A login that works once.
#[derive(Debug, Clone)]
pub struct FirstLogin {
    /// Address.
    pub login: String,
    /// Works for one login, which must set a real one.
    pub password: String,
}

/// Makes the first administrator, unless somebody works here already.
///
/// # Errors
/// When clients-svc refuses.
pub async fn ensure(peers: &Peers, login: &str) -> Result<Option<FirstLogin>> {
    let operator = Identity { actor: "operator".into(), roles: vec![Role::Operator], client: None };
    let mut staff = StaffClient::new(peers.channel("clients").acting(operator));
    let known = staff.list_staff(ListStaffRequest { page_size: 1, ..Default::default() }).await?;
    if !known.into_inner().staff.is_empty() {
        return Ok(None);
    }
    let member = StaffMember {
        email: login.to_owned(),
        display_name: "Administrator".to_owned(),
        roles: vec![Role::Admin.into()],
        ..StaffMember::default()
    };
    let request = CreateStaffMemberRequest {
        staff_member: Some(member),
        request_id: Uuid::new_v4().to_string(),
    };
    let made = staff.create_staff_member(request).await?.into_inner();
    let login = made.staff_member.context("clients-svc answers with the member")?.email;
    Ok(Some(FirstLogin { login, password: made.one_time_password }))
}
