//! Calls through the gateway, as the operator or as staff who have logged in.

use crate::stage::Gate;
use anyhow::Result;
use proto::{
    clients::v1::{CreateStaffMemberRequest, StaffMember, staff_client::StaffClient},
    gateway::v1::{ChangePasswordRequest, LoginRequest, sessions_client::SessionsClient},
    system::v1::Role,
};
use std::time::Duration;
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

/// A channel to the gateway that authenticates every call.
pub type Door = InterceptedService<Channel, Bearer>;

/// Puts a bearer token into every call.
#[derive(Debug, Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        request.set_timeout(Duration::from_secs(3600));
        Ok(request)
    }
}

/// Connects to a gateway with a token; as nobody with an empty one.
///
/// # Errors
/// When nobody listens there.
pub async fn connect(address: &str, token: &str) -> Result<Door> {
    let channel = Endpoint::from_shared(address.to_owned())?.tcp_nodelay(true).connect().await?;
    let token = (!token.is_empty()).then(|| format!("Bearer {token}").parse()).transpose()?;
    Ok(InterceptedService::new(channel, Bearer(token)))
}

/// Makes an administrator and logs in; its calls.
///
/// # Errors
/// When that is refused.
pub async fn administrator(gate: &Gate) -> Result<Door> {
    let email = "admin@raschet.example";
    let member = StaffMember {
        email: email.into(),
        display_name: "Администратор".into(),
        roles: vec![Role::Admin.into()],
        ..Default::default()
    };
    let mut staff = StaffClient::new(gate.operator.clone());
    let request = CreateStaffMemberRequest { staff_member: Some(member), request_id: request_id() };
    let once = staff.create_staff_member(request).await?.into_inner().one_time_password;
    let stranger = connect(&gate.address, "").await?;
    let login = LoginRequest { login: email.into(), password: once.clone() };
    let session = SessionsClient::new(stranger).login(login).await?.into_inner();
    let door = connect(&gate.address, &session.token).await?;
    let request = ChangePasswordRequest {
        old_password: once,
        new_password: "надёжный пароль".into(),
    };
    SessionsClient::new(door.clone()).change_password(request).await?;
    Ok(door)
}

/// A fresh request id.
#[must_use]
pub fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
