//! What becomes of services: shops are counted every day, and a debtor's machines stand still.

use super::{
    bank,
    catalogue::{Catalogue, House},
    chance::Chance,
    clients::Customer,
    office::{Desk, Office, request_id},
    people::Habit,
};
use anyhow::Result;
use chrono::Days;
use proto::invoicing::v1::{
    Reading, RecordReadingsRequest, SuspendSubscriptionRequest, metrics_client::MetricsClient,
    subscriptions_client::SubscriptionsClient,
};

/// Days up to yesterday of which shops have readings.
const DAYS: u64 = 35;
/// Most readings of one call.
const BATCH: usize = 1000;

/// A shop's program sends what it counted on each of the last days: goods that there are, and
/// orders that came. The first shop of the list has nearly as many goods as its tariff includes.
///
/// # Errors
/// When that is refused.
pub async fn read(office: &Office, customers: &[Customer]) -> Result<()> {
    let mut readings = Vec::new();
    for customer in customers {
        let Some(shop) = customer.subscriptions.get("shop") else { continue };
        let n = customer.person.n;
        let mut chance = Chance::of(7_000 + n as u64);
        // The customer who may log in has room, the first of the others has hardly any.
        let mut goods = match n {
            0 => 742,
            8 => 889,
            _ => i64::from(chance.between(150, 600)),
        };
        for back in (1..=DAYS).rev() {
            let Some(day) = office.today().checked_sub_days(Days::new(back)) else { continue };
            goods += i64::from(chance.between(0, 4));
            let orders = i64::from(chance.between(4, 14));
            let of = |metric: &str, value| Reading {
                subscription: shop.clone(),
                metric: metric.into(),
                day: Some(day.into()),
                value,
            };
            readings.extend([of("goods", goods), of("orders", orders)]);
        }
    }
    let mut metrics = MetricsClient::new(office.operator("invoicing"));
    for part in readings.chunks(BATCH) {
        let request = RecordReadingsRequest { readings: part.to_vec(), request_id: request_id() };
        metrics.record_readings(request).await?;
    }
    Ok(())
}

/// Somebody who rents terminals and pays no more is told that they stand still until it does.
///
/// # Errors
/// When that is refused.
pub async fn stop(office: &Office, catalogue: &Catalogue, customers: &[Customer]) -> Result<()> {
    let debtor = customers.iter().find_map(|customer| {
        let terminals = customer.subscriptions.get("terminal")?;
        (customer.person.habit == Habit::Debtor).then_some((customer, terminals))
    });
    let Some((debtor, terminals)) = debtor else { return Ok(()) };
    let open = bank::open(office, &catalogue.seller(House::Works)).await?;
    // Two days after the beginning there is nobody yet who owes anything.
    let Some(unpaid) = open.iter().find(|invoice| invoice.client == debtor.client) else {
        return Ok(());
    };
    let request = SuspendSubscriptionRequest {
        name: terminals.clone(),
        reason: format!("Не оплачен счёт № {}: терминалы опечатаны до оплаты.", unpaid.number),
        request_id: request_id(),
        anyway: false,
    };
    let mut subscriptions = SubscriptionsClient::new(office.at(Desk::Treasury, "invoicing"));
    subscriptions.suspend_subscription(request).await?;
    Ok(())
}
