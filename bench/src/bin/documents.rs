//! PDF documents a second: of issued invoices, rendered for the first time and served again.
//! `documents 400` names how many invoices; that is also the default.

use anyhow::{Context, Result, ensure};
use bench::{
    billing::{self, FIRST},
    measure,
    report::{Figure, Report},
    stage::Stage,
};
use proto::invoicing::v1::{GetInvoiceDocumentRequest, invoices_client::InvoicesClient};
use service::PeerChannel;

#[tokio::main]
async fn main() -> Result<()> {
    let count = std::env::args().nth(1).map_or(Ok(400), |n| n.parse()).context("invoices")?;
    let stage = Stage::open().await?;
    let mut report = Report::new("documents", stage.machine().await?);
    billing::arrange(&stage, count).await?;
    let process = stage.start("invoicing", &[]).await?;
    let channel = stage.channel("invoicing");
    let invoices = billing::run(channel.clone(), FIRST.parse()?, count).await?.invoices;
    // Half of them by one caller, half by eight.
    let (first, second) = invoices.split_at(count / 2);
    process.forget_peak()?;
    for (names, callers) in [(first, 1), (second, 8)] {
        for what in ["rendered", "served again"] {
            let calls = names.len() / callers;
            let (times, all) =
                measure::callers(callers, calls, |n| fetch(&channel, &names[n])).await?;
            let name = format!("PDF {what}, callers: {callers}");
            let figure = Figure::new(name, "documents", u64::try_from(times.len())?, &[all]);
            report.add(figure.calls(&times).peak(process.peak()?))?;
        }
    }
    process.stop()?;
    report.finish()
}

async fn fetch(channel: &PeerChannel, invoice: &str) -> Result<()> {
    let request = GetInvoiceDocumentRequest { name: invoice.into() };
    let mut invoices = InvoicesClient::new(channel.clone());
    let document = invoices.get_invoice_document(request).await?.into_inner();
    ensure!(document.content.starts_with(b"%PDF-"), "no PDF");
    Ok(())
}
