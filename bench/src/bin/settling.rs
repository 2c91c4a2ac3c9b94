//! From a statement to paid invoices: payments-svc imports and matches, invoicing-svc follows,
//! posts and applies, payments-svc learns what became of it; until nothing is in flight any more.
//!
//! Both run as their own processes; the invoices are issued by a billing run, and how fast
//! payments-svc learns of them is a figure too. `settling 10000` names how many, which is also the
//! default.

use anyhow::{Context, Result, ensure};
use bench::{
    bank::{self, Payment},
    catalogue::Catalogue,
    clients,
    door::request_id,
    report::{Figure, Report},
    stage::Stage,
};
use chrono::NaiveDate;
use proto::invoicing::v1::{RunBillingRequest, billing_client::BillingClient};
use sqlx::{AssertSqlSafe, PgPool};
use std::time::{Duration, Instant};
use tonic::Request;
use uuid::Uuid;

/// A peer that falls behind for longer does not keep up.
const PATIENCE: Duration = Duration::from_secs(600);

#[tokio::main]
async fn main() -> Result<()> {
    let size = std::env::args().nth(1).map(|n| n.parse().context("invoices"));
    let size: usize = size.transpose()?.unwrap_or(10_000);
    let stage = Stage::open().await?;
    let mut report = Report::new("settling", stage.machine().await?);
    let clients_svc = stage.start("clients", &[]).await?;
    let invoicing_svc = stage.start("invoicing", &[]).await?;
    let (clients, invoicing) = (stage.channel("clients"), stage.channel("invoicing"));
    let catalogue = Catalogue::make(&invoicing).await?;
    let model = clients::customer(&clients, &invoicing, &catalogue, 2).await?;
    let books = stage.pool("invoicing").await?;
    clients::order(&invoicing, &catalogue, &model).await?;
    clients::copy(&books, &model, size).await?;
    sqlx::query("update subscriptions set state = 'TERMINATED' where order_id is not null")
        .execute(&books)
        .await?;
    bill(&stage).await?;

    let start = Instant::now();
    let payments_svc = stage.start("payments", &[]).await?;
    let bank = stage.pool("payments").await?;
    until(&bank, &format!("select count(*) >= {size} from invoices")).await?;
    let learnt = [start.elapsed()];
    report.add(Figure::new(
        "payments-svc learns of issued invoices",
        "invoices",
        size as u64,
        &learnt,
    ))?;

    let bytes = bank::statement(payments(&bank).await?);
    invoicing_svc.forget_peak()?;
    let start = Instant::now();
    bank::import(&stage.channel("payments"), &bytes).await?;
    until(&bank, "select not exists (select from lines where state = 'imported')").await?;
    let matched = start.elapsed();
    let open = "select not exists (select from allocations where not settled)
        and not exists (select from feed_pending)";
    until(&bank, open).await?;
    let settled = [start.elapsed()];
    let paid: i64 =
        sqlx::query_scalar("select count(*) from invoices where payment_state = 'PAID'")
            .fetch_one(&books)
            .await?;
    ensure!(usize::try_from(paid)? == size, "{paid} of {size} invoices are paid");
    let name = "from a statement to its lines matched, invoicing-svc beside it";
    report.add(Figure::new(name, "lines", size as u64, &[matched]))?;
    let name = "from a statement to invoices paid and nothing in flight";
    let figure = Figure::new(name, "invoices", size as u64, &settled);
    report.add(figure.peak(invoicing_svc.peak()?))?;
    payments_svc.stop()?;
    invoicing_svc.stop()?;
    clients_svc.stop()?;
    report.finish()
}

/// Issues an invoice to every client.
async fn bill(stage: &Stage) -> Result<()> {
    let date = NaiveDate::from_ymd_opt(2026, 2, 1).context("a day")?;
    let request =
        RunBillingRequest { date: Some(date.into()), dry_run: false, request_id: request_id() };
    let mut request = Request::new(request);
    request.set_timeout(Duration::from_secs(3600));
    let mut billing = BillingClient::new(stage.channel("invoicing"));
    let mut steps = billing.run_billing(request).await?.into_inner();
    while steps.message().await?.is_some() {}
    Ok(())
}

/// A payment of each open invoice by its client's own payer, as payments-svc knows them.
async fn payments(bank: &PgPool) -> Result<Vec<Payment>> {
    let open: Vec<(Uuid, String, String)> = sqlx::query_as(
        "select client_id, number, residual::text from invoices where residual > 0
         order by sequence",
    )
    .fetch_all(bank)
    .await?;
    // Copies of one client have its tax id too; money that shows it would be anybody's.
    sqlx::query("delete from payer_accounts").execute(bank).await?;
    sqlx::query("delete from payers").execute(bank).await?;
    let clients: Vec<Uuid> = open.iter().map(|(client, ..)| *client).collect();
    bank::know(bank, &clients).await?;
    let payments = (0..).zip(open).map(|(n, (_, number, amount))| Payment {
        payer: bank::payer(n),
        amount,
        purpose: format!("Оплата по счету {number}; доступ на 1 польз., в т. ч. НДС"),
    });
    Ok(payments.collect())
}

/// Waits until a query says so.
async fn until(pool: &PgPool, holds: &str) -> Result<()> {
    let start = Instant::now();
    while !sqlx::query_scalar::<_, bool>(AssertSqlSafe(holds.to_owned())).fetch_one(pool).await? {
        ensure!(start.elapsed() < PATIENCE, "not after {PATIENCE:?}: {holds}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
