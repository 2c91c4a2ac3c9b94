//! `raschet audit`: what does not hold, of all services.

use crate::{
    console::{Console, Outcome},
    remote::Server,
};
use anyhow::Result;
use proto::{
    gateway::v1::{AuditRequest, operations_client::OperationsClient},
    system::v1::{AuditSummary, CheckCount, Discrepancy, audit_report::Report},
};
use serde_json::{Value, json};
use service::Text;

/// Runs every check.
///
/// # Errors
/// When the suite cannot be reached or a service cannot be audited.
pub async fn run(server: &Server, console: &Console) -> Result<Outcome> {
    let mut client = OperationsClient::new(server.connect(console).await?);
    let mut stream = client.audit(AuditRequest {}).await?.into_inner();
    let bar = console.progress(&Text::new("Проверка", "Audit"));
    // Every service, and what the gateway compares between them.
    bar.set_length(u64::try_from(service::run::SERVICES.len() + 1).unwrap_or_default());
    let (mut found, mut services) = (Vec::new(), Vec::new());
    while let Some(message) = stream.message().await? {
        match message.report {
            Some(Report::Discrepancy(one)) => {
                bar.suspend(|| console.say(&discrepancy_line(&one)));
                found.push(json!({
                    "service": one.service, "check": one.check, "subject": one.subject,
                    "expected": one.expected, "found": one.found,
                }));
            }
            Some(Report::Summary(summary)) => {
                bar.inc(1);
                bar.suspend(|| console.say(&summary_line(&summary)));
                services.push(summary_json(&summary));
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

fn discrepancy_line(one: &Discrepancy) -> Text {
    let Discrepancy { service, check, subject, expected, found } = one;
    Text::new(
        format!("{service} {check}: {subject}: должно быть {expected}, есть {found}"),
        format!("{service} {check}: {subject}: expected {expected}, found {found}"),
    )
}

fn summary_line(summary: &AuditSummary) -> Text {
    let examined: i64 = summary.checks.iter().map(|check| check.examined).sum();
    let (name, count) = (&summary.service, summary.checks.len());
    Text::new(
        format!("{name}: проверок {count}, рассмотрено {examined}"),
        format!("{name}: checks {count}, examined {examined}"),
    )
}

fn summary_json(summary: &AuditSummary) -> Value {
    let check = |one: &CheckCount| {
        json!({
            "check": one.check, "examined": one.examined, "discrepancies": one.discrepancies,
        })
    };
    let checks: Vec<Value> = summary.checks.iter().map(check).collect();
    json!({ "service": summary.service, "checks": checks })
}
