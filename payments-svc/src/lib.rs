//! payments-svc: what clients paid. Bank accounts, statements, their lines, matching and
//! allocations (what the money is meant for; invoicing-svc alone applies it).

pub mod api;
pub mod audit;
pub mod config;
pub mod domain;
pub mod events;
pub mod jobs;
pub mod readers;
pub mod store;

use proto::payments::v1::bank_accounts_server::BankAccountsServer;
use proto::payments::v1::learned_rules_server::LearnedRulesServer;
use proto::payments::v1::lines_server::LinesServer;
use proto::payments::v1::matching_policies_server::MatchingPoliciesServer;
use proto::payments::v1::statements_server::StatementsServer;
use service::{App, Frame};
use sqlx::migrate::Migrator;

/// Its own migrations; the frame's come before.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// payments-svc as a service of the suite.
#[derive(Debug)]
pub struct Service;

impl service::Service for Service {
    const NAME: &'static str = "payments";

    type Settings = config::Settings;

    fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    async fn app(frame: Frame, settings: config::Settings) -> anyhow::Result<App> {
        let preset = settings.matching.into();
        Ok(App::new(&frame)
            .rpc(BankAccountsServer::new(api::bank_accounts::Api::new(&frame)))
            .rpc(StatementsServer::new(api::statements::Api::new(&frame, preset)))
            .rpc(LinesServer::new(api::lines::Api::new(&frame, preset)))
            .rpc(MatchingPoliciesServer::new(api::matching_policies::Api::new(&frame)))
            .rpc(LearnedRulesServer::new(api::learned_rules::Api::new(&frame)))
            .follow("clients", jobs::clients_feed::Handler::new(&frame))
            .follow("invoicing", jobs::invoicing_feed::Handler::new(&frame))
            .worker(jobs::matching::Worker::new(&frame, preset))
            .worker(jobs::learning::Worker::new(&frame))
            .gauges(store::gauges::read)
            .audit(audit::checks)
            .totals(audit::totals))
    }
}
