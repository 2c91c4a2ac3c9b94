//! clients-svc: who the clients are, who acts for them, who pays, and who works here.

pub mod api;
pub mod domain;
pub mod jobs;
pub mod store;

use api::Api;
use proto::clients::v1::{
    clients_server::ClientsServer, contacts_server::ContactsServer,
    identities_server::IdentitiesServer, legal_entities_server::LegalEntitiesServer,
    notes_server::NotesServer, staff_server::StaffServer, views_server::ViewsServer,
};
use service::{App, Frame};
use sqlx::migrate::Migrator;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// The service, for [`service::main`] and [`service::start`].
pub struct Service;

/// clients-svc has no settings of its own.
#[derive(Debug, Clone, clap::Args)]
pub struct Settings {}

impl service::Service for Service {
    const NAME: &'static str = "clients";
    type Settings = Settings;

    fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    async fn app(frame: Frame, _settings: Settings) -> anyhow::Result<App> {
        let api = Api::new(&frame);
        Ok(App::new(&frame)
            .rpc(ClientsServer::new(api.clone()))
            .rpc(ContactsServer::new(api.clone()))
            .rpc(LegalEntitiesServer::new(api.clone()))
            .rpc(NotesServer::new(api.clone()))
            .rpc(StaffServer::new(api.clone()))
            .rpc(ViewsServer::new(api.clone()))
            .rpc(IdentitiesServer::new(api))
            .follow("invoicing", jobs::follow_invoicing::FollowInvoicing::new(&frame)))
    }
}
