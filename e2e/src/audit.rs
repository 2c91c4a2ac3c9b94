//! The suite's own audit, and what a test asks of it.

use crate::Suite;
use proto::{
    gateway::v1::{AuditRequest, ListParkedRequest, operations_client::OperationsClient},
    system::v1::{Discrepancy, audit_report::Report},
};

impl Suite {
    /// Runs the audit over all services: what does not hold, and how many checks ran.
    ///
    /// # Panics
    /// When it cannot run.
    pub async fn audit(&self) -> (Vec<Discrepancy>, usize) {
        let mut operations = OperationsClient::new(self.operator.clone());
        let stream = operations.audit(AuditRequest {}).await.expect("the audit runs");
        let mut reports = stream.into_inner();
        let (mut found, mut checks) = (Vec::new(), 0);
        while let Some(report) = reports.message().await.expect("the audit goes on") {
            match report.report {
                Some(Report::Discrepancy(discrepancy)) => found.push(discrepancy),
                Some(Report::Summary(summary)) => checks += summary.checks.len(),
                None => {}
            }
        }
        (found, checks)
    }

    /// Asserts that nothing is stuck.
    ///
    /// # Panics
    /// When something is; names it.
    pub async fn assert_nothing_parked(&self) {
        let mut operations = OperationsClient::new(self.operator.clone());
        let parked = operations.list_parked(ListParkedRequest {}).await.expect("lists");
        let parked = parked.into_inner().items;
        assert!(parked.is_empty(), "parked: {parked:#?}");
    }

    /// Asserts that nothing is wrong and nothing is stuck.
    ///
    /// # Panics
    /// When something is; names it.
    pub async fn assert_clean(&self) {
        self.assert_nothing_parked().await;
        let (found, checks) = self.audit().await;
        assert!(checks > 0, "the audit checked nothing");
        assert!(found.is_empty(), "the audit found: {found:#?}");
    }
}
