//! Many billed clients, and the run that bills them.

use crate::{catalogue::Catalogue, clients, door::request_id, measure::timed, stage::Stage};
use anyhow::{Context, Result, ensure};
use chrono::NaiveDate;
use proto::invoicing::v1::{RunBillingRequest, billing_client::BillingClient};
use sqlx::PgPool;
use std::time::{Duration, Instant};
use tonic::{
    Request,
    body::Body,
    client::GrpcService,
    codegen::{Body as HttpBody, Bytes, StdError},
};

/// First day that nothing was billed for yet; a run of this date bills one month of everything, a
/// run a month later the next one.
pub const FIRST: &str = "2026-02-01";
/// Subscriptions of a client.
const SUBSCRIPTIONS: usize = 3;

/// Makes so many clients with three subscriptions each in invoicing's database; no service of the
/// stage may run before, and none runs afterwards. A pool of the administrator.
///
/// # Errors
/// When the model is refused; those of the database.
pub async fn arrange(stage: &Stage, size: usize) -> Result<PgPool> {
    let clients_svc = stage.start("clients", &[]).await?;
    let invoicing_svc = stage.start("invoicing", &[]).await?;
    let (clients, invoicing) = (stage.channel("clients"), stage.channel("invoicing"));
    let catalogue = Catalogue::make(&invoicing).await?;
    let model = clients::customer(&clients, &invoicing, &catalogue, 2).await?;
    clients::order(&invoicing, &catalogue, &model).await?;
    invoicing_svc.stop()?;
    clients_svc.stop()?;
    let pool = stage.pool("invoicing").await?;
    clients::copy(&pool, &model, size).await?;
    // The model itself has done its work.
    sqlx::query("update subscriptions set state = 'TERMINATED' where order_id is not null")
        .execute(&pool)
        .await?;
    Ok(pool)
}

/// How long a run took.
#[derive(Debug)]
pub struct Run {
    /// From the call to its end.
    pub all: Duration,
    /// Each chunk, as its progress was told.
    pub chunks: Vec<Duration>,
    /// What it made. Format: invoices/{invoice}
    pub invoices: Vec<String>,
}

/// Runs the billing by RPC for so many clients, none of whom may be passed over.
///
/// # Errors
/// When it is refused, breaks off, or bills something else.
pub async fn run<C>(channel: C, date: NaiveDate, size: usize) -> Result<Run>
where
    C: GrpcService<Body>,
    C::Error: Into<StdError>,
    C::ResponseBody: HttpBody<Data = Bytes> + Send + 'static,
    <C::ResponseBody as HttpBody>::Error: Into<StdError> + Send,
{
    let request =
        RunBillingRequest { date: Some(date.into()), dry_run: false, request_id: request_id() };
    let mut request = Request::new(request);
    request.set_timeout(Duration::from_secs(3600));
    let (mut chunks, mut invoices) = (Vec::new(), Vec::new());
    let mut billing = BillingClient::new(channel);
    let (summary, all) = timed(async {
        let mut stream = billing.run_billing(request).await?.into_inner();
        let (mut summary, mut last) = (None, Instant::now());
        while let Some(step) = stream.message().await? {
            if !step.results.is_empty() {
                chunks.push(last.elapsed());
                last = Instant::now();
            }
            invoices.extend(step.results.into_iter().map(|result| result.invoice));
            summary = step.summary.or(summary);
        }
        summary.context("the run broke off")
    })
    .await?;
    ensure!(summary.problems == 0, "clients were passed over");
    ensure!(usize::try_from(summary.invoices)? == size, "{} invoices", summary.invoices);
    ensure!(usize::try_from(summary.lines)? == size * SUBSCRIPTIONS, "{} lines", summary.lines);
    Ok(Run { all, chunks, invoices })
}
