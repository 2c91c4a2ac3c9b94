//! `raschet audit`: what does not hold, of all services.

use crate::{
    console::{Console, Outcome},
    remote::Server,
};
use anyhow::Result;
use proto::{
    gateway::v1::{AuditRequest, operations_client::OperationsClient},
    system::v1::audit_report::Report,
};
use serde_json::json;
use service::Text;

/// Runs every check.
///
/// # Errors
/// When the suite cannot be reached or a service cannot be audited.
pub async fn run(server: &Server, console: &Console) -> Result<Outcome> {
    let mut client = OperationsClient::new(server.connect(console).await?);
    let mut stream = client.audit(AuditRequest {}).await?.into_inner();
    let bar = console.progress(&Text::new("Проверка", "Audit"));
    bar.set_length(u64::try_from(service::run::SERVICES.len()).unwrap_or_default());
    let (mut found, mut services) = (Vec::new(), Vec::new());
    while let Some(message) = stream.message().await? {
        match message.report {
            Some(Report::Discrepancy(one)) => {
                let (place, subject) = (format!("{} {}", one.service, one.check), &one.subject);
                bar.suspend(|| {
                    console.say(&Text::new(
                        format!(
                            "{place}: {subject}: должно быть {}, есть {}",
                            one.expected, one.found
                        ),
                        format!(
                            "{place}: {subject}: expected {}, found {}",
                            one.expected, one.found
                        ),
                    ));
                });
                found.push(json!({
                    "service": one.service, "check": one.check, "subject": one.subject,
                    "expected": one.expected, "found": one.found,
                }));
            }
            Some(Report::Summary(summary)) => {
                bar.inc(1);
                let checks: Vec<_> = summary
                    .checks
                    .iter()
                    .map(|check| {
                        json!({
                            "check": check.check, "examined": check.examined,
                            "discrepancies": check.discrepancies,
                        })
                    })
                    .collect();
                let examined: i64 = summary.checks.iter().map(|check| check.examined).sum();
                let (name, count) = (&summary.service, summary.checks.len());
                bar.suspend(|| {
                    console.say(&Text::new(
                        format!("{name}: проверок {count}, рассмотрено {examined}"),
                        format!("{name}: checks {count}, examined {examined}"),
                    ));
                });
                services.push(json!({ "service": summary.service, "checks": checks }));
            }
            None => {}
        }
    }
    bar.finish_and_clear();
    console.say(&if found.is_empty() {
        Text::new("Расхождений нет.", "No discrepancies.")
    } else {
        let count = found.len();
        Text::new(format!("Расхождений: {count}."), format!("Discrepancies: {count}."))
    });
    let outcome = Outcome::of_problems(!found.is_empty());
    console.json(&json!({ "services": services, "discrepancies": found }));
    Ok(outcome)
}
