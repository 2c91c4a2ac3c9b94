//! Memory of the suite without PostgreSQL: at rest after its start, and loaded by a billing run of
//! 1,000 clients and eight callers who fetch all of its documents.

use anyhow::Result;
use bench::{
    billing::{self, FIRST},
    measure,
    process::Process,
    report::{Figure, Report},
    stage::Stage,
};
use proto::invoicing::v1::{GetInvoiceDocumentRequest, invoices_client::InvoicesClient};
use std::time::Duration;

/// Clients of the run.
const CLIENTS: usize = 1_000;
/// Most memory at rest, in MiB.
const FLOOR: f64 = 150.0;
/// How long a suite is left alone before it counts as at rest.
const REST: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> Result<()> {
    let stage = Stage::open().await?;
    let mut report = Report::new("memory", stage.machine().await?);
    billing::arrange(&stage, CLIENTS).await?;

    let gate = stage.up(&[]).await?;
    tokio::time::sleep(REST).await;
    let rest = gate.process.resident()?;
    let figure = memory("raschet up, at rest", rest);
    report.add(figure.floor("resident < 150 MiB", rest < FLOOR))?;
    let invoices = billing::run(gate.operator.clone(), FIRST.parse()?, CLIENTS).await?.invoices;
    let documents = InvoicesClient::new(gate.operator.clone());
    measure::callers(8, CLIENTS / 8, |n| {
        let (mut documents, name) = (documents.clone(), invoices[n].clone());
        async move {
            documents.get_invoice_document(GetInvoiceDocumentRequest { name }).await?;
            Ok(())
        }
    })
    .await?;
    report.add(memory("raschet up, loaded, peak", gate.process.peak()?))?;
    gate.process.stop()?;

    let mut all: Vec<Process> = Vec::new();
    for service in service::run::SERVICES {
        all.push(stage.start(service, &[]).await?);
    }
    all.push(stage.gateway().await?.process);
    tokio::time::sleep(REST).await;
    let each = all.iter().map(Process::resident).collect::<Result<Vec<_>>>()?;
    report.add(memory("five processes, at rest, sum", each.iter().sum()))?;
    report.finish()
}

fn memory(name: &str, mib: f64) -> Figure {
    Figure { name: name.into(), runs: 1, ..Figure::default() }.peak(mib)
}
