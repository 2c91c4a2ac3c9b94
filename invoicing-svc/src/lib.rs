//! invoicing-svc: what clients owe. Catalogue, orders, subscriptions, invoices, ledger.

pub mod api;
pub mod audit;
pub mod config;
pub mod domain;
pub mod flows;
pub mod jobs;
pub mod store;

use proto::invoicing::v1::{
    billing_server::BillingServer, contracts_server::ContractsServer,
    findings_server::FindingsServer, invoices_server::InvoicesServer,
    late_fees_server::LateFeesServer, ledger_server::LedgerServer, metrics_server::MetricsServer,
    orders_server::OrdersServer, overviews_server::OverviewsServer,
    pay_links_server::PayLinksServer, products_server::ProductsServer, quotes_server::QuotesServer,
    sellers_server::SellersServer, subscriptions_server::SubscriptionsServer,
    tax_exemptions_server::TaxExemptionsServer,
};
use service::{App, Frame};
use sqlx::migrate::Migrator;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// The service.
#[derive(Debug)]
pub struct Service;

impl service::Service for Service {
    const NAME: &'static str = "invoicing";

    type Settings = config::Settings;

    fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    async fn app(frame: Frame, _: config::Settings) -> anyhow::Result<App> {
        Ok(App::new(&frame)
            .rpc(SellersServer::new(api::sellers::Api::new(&frame)))
            .rpc(ContractsServer::new(api::contracts::Api::new(&frame)))
            .rpc(ProductsServer::new(api::products::Api::new(&frame)))
            .rpc(OrdersServer::new(api::orders::Api::new(&frame)))
            .rpc(QuotesServer::new(api::quotes::Api::new(&frame)))
            .rpc(InvoicesServer::new(api::invoices::Api::new(&frame)))
            .rpc(PayLinksServer::new(api::pay_links::Api::new(&frame)))
            .rpc(SubscriptionsServer::new(api::subscriptions::Api::new(&frame)))
            .rpc(TaxExemptionsServer::new(api::tax_exemptions::Api::new(&frame)))
            .rpc(MetricsServer::new(api::metrics::Api::new(&frame)))
            .rpc(LateFeesServer::new(api::late_fees::Api::new(&frame)))
            .rpc(LedgerServer::new(api::ledger::Api::new(&frame)))
            .rpc(OverviewsServer::new(api::overviews::Api::new(&frame)))
            .rpc(BillingServer::new(api::billing::Api::new(&frame)))
            .rpc(FindingsServer::new(api::findings::Api::new(&frame)))
            .follow("clients", jobs::clients_follower::Follower::new(&frame))
            .follow("payments", jobs::payments_follower::Follower::new(&frame))
            .worker(jobs::billing_run::Worker::new(&frame))
            .schedule(jobs::billing_run::Daily)
            .worker(jobs::overdue_notices::Worker::new(&frame))
            .schedule(jobs::overdue_notices::Daily)
            .worker(jobs::late_fees::Worker::new(&frame))
            .schedule(jobs::late_fees::Daily)
            .gauges(store::gauges::read)
            .audit(audit::checks)
            .totals(audit::totals))
    }
}
