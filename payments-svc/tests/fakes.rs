//! Peers of payments-svc: profiles to look up, and feeds in which nothing happens.

use futures::stream::{BoxStream, StreamExt, pending};
use proto::clients::v1::clients_server::Clients;
use proto::clients::v1::{self as clients, Profile};
use proto::system::v1::feed_server::Feed;
use proto::system::v1::{
    Event, FeedStatus, FollowRequest, GetFeedStatusRequest, GetLagRequest, Lag,
    LocateEventsRequest, LocateEventsResponse, ResetCursorsRequest, ResetCursorsResponse,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tonic::{Request, Response, Status};
use types::id::ClientId;

/// What clients-svc would answer.
#[derive(Debug, Clone, Default)]
pub struct FakeClients(Arc<Mutex<HashMap<String, Profile>>>);

impl FakeClients {
    /// Puts a profile where the next look-up finds it.
    pub fn put(&self, client: ClientId, profile: Profile) {
        self.0.lock().unwrap().insert(client.to_string(), profile);
    }
}

#[tonic::async_trait]
impl Clients for FakeClients {
    async fn get_profile(
        &self,
        request: Request<clients::GetProfileRequest>,
    ) -> Result<Response<Profile>, Status> {
        let known = self.0.lock().unwrap();
        let profile = known.get(&request.get_ref().client).cloned();
        profile.map(Response::new).ok_or_else(|| Status::not_found("no such client"))
    }

    async fn get_client(
        &self,
        _: Request<clients::GetClientRequest>,
    ) -> Result<Response<clients::Client>, Status> {
        Err(Status::unimplemented("fake"))
    }

    async fn list_clients(
        &self,
        _: Request<clients::ListClientsRequest>,
    ) -> Result<Response<clients::ListClientsResponse>, Status> {
        Err(Status::unimplemented("fake"))
    }

    async fn create_client(
        &self,
        _: Request<clients::CreateClientRequest>,
    ) -> Result<Response<clients::Client>, Status> {
        Err(Status::unimplemented("fake"))
    }

    async fn update_client(
        &self,
        _: Request<clients::UpdateClientRequest>,
    ) -> Result<Response<clients::Client>, Status> {
        Err(Status::unimplemented("fake"))
    }

    async fn batch_get_clients(
        &self,
        _: Request<clients::BatchGetClientsRequest>,
    ) -> Result<Response<clients::BatchGetClientsResponse>, Status> {
        Err(Status::unimplemented("fake"))
    }

    async fn list_profiles(
        &self,
        _: Request<clients::ListProfilesRequest>,
    ) -> Result<Response<clients::ListProfilesResponse>, Status> {
        Err(Status::unimplemented("fake"))
    }
}

/// A feed without events: tests hand events to the handlers themselves.
#[derive(Debug, Clone, Copy)]
pub struct FakeFeed;

#[tonic::async_trait]
impl Feed for FakeFeed {
    type FollowStream = BoxStream<'static, Result<Event, Status>>;

    async fn follow(
        &self,
        _: Request<FollowRequest>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        Ok(Response::new(pending().boxed()))
    }

    async fn get_feed_status(
        &self,
        _: Request<GetFeedStatusRequest>,
    ) -> Result<Response<FeedStatus>, Status> {
        Ok(Response::new(FeedStatus::default()))
    }

    async fn get_lag(&self, _: Request<GetLagRequest>) -> Result<Response<Lag>, Status> {
        Err(Status::unimplemented("fake"))
    }

    async fn locate_events(
        &self,
        _: Request<LocateEventsRequest>,
    ) -> Result<Response<LocateEventsResponse>, Status> {
        Err(Status::unimplemented("fake"))
    }

    async fn reset_cursors(
        &self,
        _: Request<ResetCursorsRequest>,
    ) -> Result<Response<ResetCursorsResponse>, Status> {
        Err(Status::unimplemented("fake"))
    }
}
