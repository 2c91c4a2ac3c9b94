//! The only service that is open without a session; clients-svc keeps the sessions.

use crate::{
    address::CallerAddress,
    door::{Door, token},
};
use proto::{
    clients::v1 as clients,
    gateway::v1::{self as wire, sessions_server::Sessions},
};
use service::Failure;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// `raschet.gateway.v1.Sessions`.
pub struct SessionsApi {
    door: Arc<Door>,
}

impl SessionsApi {
    /// Sessions behind a door.
    #[must_use]
    pub fn new(door: Arc<Door>) -> Self {
        Self { door }
    }
}

#[tonic::async_trait]
impl Sessions for SessionsApi {
    async fn login(
        &self,
        request: Request<wire::LoginRequest>,
    ) -> Result<Response<wire::LoginResponse>, Status> {
        let agent = request.metadata().get("user-agent").and_then(|v| v.to_str().ok());
        let user_agent = agent.unwrap_or_default().to_owned();
        let remote = request.extensions().get::<CallerAddress>().map(|a| a.0.to_string());
        let wire::LoginRequest { login, password } = request.into_inner();
        let remote_address = remote.unwrap_or_default();
        let open = clients::OpenSessionRequest { login, password, remote_address, user_agent };
        let session = self.door.identities().open_session(open).await?.into_inner();
        Ok(reply(session))
    }

    async fn logout(
        &self,
        request: Request<wire::LogoutRequest>,
    ) -> Result<Response<wire::LogoutResponse>, Status> {
        let token = bearer(&request)?;
        let close = clients::CloseSessionRequest { token: token.clone() };
        let closed = self.door.identities().close_session(close).await;
        // Afterwards: who asked in between may have been told of it as open.
        self.door.forget(&token);
        closed?;
        Ok(Response::new(wire::LogoutResponse {}))
    }

    async fn change_password(
        &self,
        request: Request<wire::ChangePasswordRequest>,
    ) -> Result<Response<wire::LoginResponse>, Status> {
        let token = bearer(&request)?;
        let wire::ChangePasswordRequest { old_password, new_password } = request.into_inner();
        let change =
            clients::ChangePasswordRequest { token: token.clone(), old_password, new_password };
        let session = self.door.identities().change_password(change).await?.into_inner();
        self.door.forget(&token);
        Ok(reply(session))
    }

    async fn list_clients(
        &self,
        request: Request<wire::ListClientsRequest>,
    ) -> Result<Response<wire::ListClientsResponse>, Status> {
        let list = clients::ListSessionClientsRequest { token: bearer(&request)? };
        let found = self.door.identities().list_session_clients(list).await?.into_inner();
        let clients = found.clients.into_iter().map(|c| wire::SessionClient {
            client: c.client,
            number: c.number,
            title: c.title,
        });
        Ok(Response::new(wire::ListClientsResponse { clients: clients.collect() }))
    }

    async fn switch_client(
        &self,
        request: Request<wire::SwitchClientRequest>,
    ) -> Result<Response<wire::LoginResponse>, Status> {
        let token = bearer(&request)?;
        let client = request.into_inner().client;
        let switch = clients::SwitchSessionClientRequest { token: token.clone(), client };
        let session = self.door.identities().switch_session_client(switch).await?.into_inner();
        self.door.forget(&token);
        Ok(reply(session))
    }
}

fn bearer<M>(request: &Request<M>) -> Result<String, Failure> {
    token(request.metadata().as_ref()).ok_or_else(|| Failure::unauthenticated("SESSION_MISSING"))
}

fn reply(session: clients::Session) -> Response<wire::LoginResponse> {
    Response::new(wire::LoginResponse {
        token: session.token,
        actor: session.actor,
        roles: session.roles,
        client: session.client,
        must_change_password: session.must_change_password,
        expire_time: session.expire_time,
        display_name: session.display_name,
    })
}
