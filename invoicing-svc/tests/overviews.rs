//! `Overviews`: counts and sums for the first screens of staff.

use crate::world::{World, date, day, rub};
use proto::invoicing::v1::{self as pb, invoice_sum::Standing, overviews_client::OverviewsClient};
use service::PeerChannel;

fn overviews(world: &World) -> OverviewsClient<PeerChannel> {
    OverviewsClient::new(world.harness.client_as(proto::system::v1::Role::Support))
}

async fn overview(world: &World, month: &str) -> pb::Overview {
    let request = pb::GetOverviewRequest { month: date(month) };
    overviews(world).get_overview(request).await.unwrap().into_inner()
}

async fn of_client(world: &World) -> pb::ClientOverview {
    let request = pb::GetClientOverviewRequest { client: world.client.clone() };
    overviews(world).get_client_overview(request).await.unwrap().into_inner()
}

/// A17, A18: a half-year from 1 February renews on 1 August and 1 February, and on no other day.
#[tokio::test]
async fn renewals_stand_on_their_days() {
    let world = World::start().await;
    world.users().await;
    let months = ["2019-02-10", "2019-05-01", "2019-08-31", "2020-02-29", "2018-08-01"];
    let mut found = Vec::new();
    for month in months {
        found.push(overview(&world, month).await.renewals);
    }
    let days: Vec<Vec<(String, i64)>> = found
        .iter()
        .map(|days| days.iter().map(|d| (day(&d.date), d.subscriptions)).collect())
        .collect();
    let once = |day: &str| vec![(day.to_owned(), 1)];
    assert_eq!(days, [vec![], vec![], once("2019-08-01"), once("2020-02-01"), vec![]]);
    world.harness.finish().await;
}

/// A3, A4, A96–A103: what waits and what is late is counted, by the banking calendar; the list of
/// overdue ones has exactly those.
#[tokio::test]
async fn invoices_are_counted_where_they_stand() {
    let world = World::start().await;
    let (_, main) = world.users().await;
    let held = overview(&world, "2019-02-01").await;
    assert_eq!((held.held_invoices, held.overdue_invoices, held.pending_orders), (1, 0, 0));
    assert_eq!(day(&held.today), "2019-02-08");

    // Due on Friday the 15th: late when the first banking morning after it has passed.
    world.issue(&main).await.unwrap();
    world.harness.advance("2019-02-18T09:00:00Z").await;
    assert_eq!(overview(&world, "2019-02-01").await.overdue_invoices, 0);
    assert_eq!(of_client(&world).await.invoices[0].standing(), Standing::Due);
    world.harness.advance("2019-02-19T09:00:00Z").await;
    assert_eq!(overview(&world, "2019-02-01").await.overdue_invoices, 1);
    let shown = of_client(&world).await;
    let [sum] = shown.invoices.as_slice() else { panic!("{shown:?}") };
    assert_eq!((sum.standing(), sum.count), (Standing::Overdue, 1));
    assert_eq!((rub(&sum.total), rub(&sum.residual)), ("24000.00".into(), "24000.00".into()));
    assert_eq!((shown.services[0].active, shown.services[0].count), (1, 1));

    let list = pb::ListInvoicesRequest { overdue: true, ..Default::default() };
    let listed = world.invoices().list_invoices(list.clone()).await.unwrap().into_inner();
    assert_eq!((listed.total_size, listed.invoices[0].overdue), (1, true));
    assert_eq!(rub(&listed.totals[0].due), "24000.00");
    let held = pb::ListInvoicesRequest { state: pb::invoice::State::Held.into(), ..list };
    assert_eq!(world.invoices().list_invoices(held).await.unwrap().into_inner().total_size, 0);
    world.harness.finish().await;
}
