//! The first page: who the client is, what is to be paid, and what it has.

use super::CabinetApi;
use proto::{
    clients::v1::{GetProfileRequest, clients_client::ClientsClient},
    gateway::v1 as wire,
    google::r#type::Money,
    invoicing::v1::{
        GetBalanceRequest, Invoice, ListInvoicesRequest, ListMetricsRequest,
        ListSubscriptionsRequest, Subscription, invoice, metrics_client::MetricsClient,
        subscriptions_client::SubscriptionsClient,
    },
};
use rust_decimal::Decimal;
use service::Failure;
use std::collections::BTreeMap;
use tonic::Status;
use types::{Currency, id::ClientId};

/// Unpaid invoices on the first page.
const UNPAID: i32 = 20;
/// Services on the first page.
const SUBSCRIPTIONS: i32 = 50;

impl CabinetApi {
    /// The first page of a client.
    pub(super) async fn home(&self, client: ClientId) -> Result<wire::Home, Status> {
        let name = client.to_string();
        let mut clients = ClientsClient::new(self.peers.channel("clients"));
        let mut subscriptions = SubscriptionsClient::new(self.peers.channel("invoicing"));
        let mut metrics = MetricsClient::new(self.peers.channel("invoicing"));
        let (mut ledger, mut invoices) = (self.ledger(), self.invoices());
        let (profile, balance, services, used, open_quotes, unpaid) = tokio::try_join!(
            clients.get_profile(GetProfileRequest { client: name.clone() }),
            ledger.get_balance(GetBalanceRequest { client: name.clone() }),
            subscriptions.list_subscriptions(ListSubscriptionsRequest {
                client: name.clone(),
                page_size: SUBSCRIPTIONS,
                ..Default::default()
            }),
            metrics.list_metrics(ListMetricsRequest { client: name.clone(), ..Default::default() }),
            self.open_quotes(client),
            invoices.list_invoices(ListInvoicesRequest {
                client: name.clone(),
                state: invoice::State::Issued.into(),
                ..Default::default()
            }),
        )?;
        let profile = profile.into_inner();
        let sellers = balance.into_inner().sellers;
        let mut unpaid_invoices: Vec<Invoice> = unpaid
            .into_inner()
            .invoices
            .into_iter()
            .filter(|i| i.payment_state() != invoice::PaymentState::Paid)
            .collect();
        unpaid_invoices.sort_by_key(|i| i.due_date.map(|d| (d.year, d.month, d.day)));
        unpaid_invoices.truncate(usize::try_from(UNPAID).unwrap_or_default());
        Ok(wire::Home {
            client_number: profile.number,
            title: profile.title,
            credit: totals(sellers.iter().filter_map(|s| s.credit.as_ref()))?,
            due: totals(sellers.iter().filter_map(|s| s.due.as_ref()))?,
            received: totals(sellers.iter().filter_map(|s| s.received.as_ref()))?,
            unpaid_invoices,
            subscriptions: services.into_inner().subscriptions.into_iter().map(told).collect(),
            client_create_time: profile.create_time,
            usages: used.into_inner().usages,
            open_quotes,
        })
    }
}

/// A service as its client may see it: what staff agreed on about suspending it stays among them.
fn told(subscription: Subscription) -> Subscription {
    Subscription { no_suspend_until: None, ..subscription }
}

/// Σ per currency, in the order of the codes.
fn totals<'a>(parts: impl Iterator<Item = &'a Money>) -> Result<Vec<Money>, Failure> {
    let mut sums: BTreeMap<Currency, Decimal> = BTreeMap::new();
    for part in parts {
        let money = types::Money::try_from(part).map_err(Failure::internal)?;
        *sums.entry(money.currency()).or_default() += money.amount();
    }
    sums.into_iter()
        .map(|(currency, sum)| types::Money::new(sum, currency).map(Into::into))
        .collect::<Result<_, _>>()
        .map_err(Failure::internal)
}
