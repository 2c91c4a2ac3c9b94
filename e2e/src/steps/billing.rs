//! The billing run and the month close, as the operator starts them.

use super::done;
use crate::{Suite, money::date, request_id};
use proto::invoicing::v1::{
    Act, BillingResult, BillingSummary, CloseMonthRequest, CloseSummary, RunBillingRequest,
    billing_client::BillingClient,
};

/// What a run made, or would make.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// Per invoice, in no order.
    pub results: Vec<BillingResult>,
    /// The last message.
    pub summary: BillingSummary,
}

impl Run {
    /// What was billed, without the names: equal for a dry run and its commit.
    #[must_use]
    pub fn shape(&self) -> Vec<(String, String, i32, String)> {
        let mut shape: Vec<_> = self
            .results
            .iter()
            .map(|r| {
                let total = crate::money::text(r.total.as_ref());
                (r.client.clone(), r.contract.clone(), r.lines, total)
            })
            .collect();
        shape.sort();
        shape
    }
}

impl Suite {
    /// Runs the billing for a date, or only shows what it would make.
    ///
    /// # Panics
    /// When it is refused, or passes a client over.
    pub async fn bill(&self, day: &str, dry_run: bool) -> Run {
        let request = RunBillingRequest {
            date: Some(date(day)),
            dry_run,
            request_id: if dry_run { String::new() } else { request_id() },
        };
        let mut client = BillingClient::new(self.operator.clone());
        let mut progress = done(client.run_billing(request).await);
        let mut run = Run::default();
        while let Some(message) = progress.message().await.expect("the run goes on") {
            run.results.extend(message.results);
            run.summary = message.summary.unwrap_or(run.summary);
        }
        assert_eq!(run.summary.problems, 0, "{:#?}", run.results);
        self.settle().await;
        run
    }

    /// Closes the month that begins on a day, or only shows what that would make.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn close(&self, month: &str, dry_run: bool) -> (Vec<Act>, CloseSummary) {
        let request = CloseMonthRequest {
            month: Some(date(month)),
            dry_run,
            request_id: if dry_run { String::new() } else { request_id() },
        };
        let mut client = BillingClient::new(self.operator.clone());
        let mut progress = done(client.close_month(request).await);
        let (mut acts, mut summary) = (Vec::new(), CloseSummary::default());
        while let Some(message) = progress.message().await.expect("the close goes on") {
            acts.extend(message.acts);
            summary = message.summary.unwrap_or(summary);
        }
        self.settle().await;
        (acts, summary)
    }
}
