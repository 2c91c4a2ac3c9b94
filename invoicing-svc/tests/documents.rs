//! Documents of invoices (A200).

use crate::world::{World, decimal, refused, request_id};
use proto::invoicing::v1 as pb;
use tonic::Code;

async fn document(world: &World, name: &str) -> pb::InvoiceDocument {
    let request = pb::GetInvoiceDocumentRequest { name: name.into() };
    world.invoices().get_invoice_document(request).await.unwrap().into_inner()
}

/// A held invoice gives a preview that is not kept; an issued one gives the same bytes for ever.
#[tokio::test]
async fn a_preview_while_held_and_one_document_once_issued() {
    let world = World::start().await;
    let line = pb::InvoiceLine {
        text: "Настройка".into(),
        unit_price: decimal("860.00"),
        ..Default::default()
    };
    let invoice = pb::Invoice {
        client: world.client.clone(),
        contract: world.contract.clone(),
        lines: vec![line],
        ..Default::default()
    };
    let request = pb::CreateInvoiceRequest { invoice: Some(invoice), request_id: request_id() };
    let held = world.invoices().create_invoice(request).await.unwrap().into_inner();
    let preview = document(&world, &held.name).await;
    assert!(preview.content.starts_with(b"%PDF-"));
    assert_eq!(preview.filename, "Счёт (черновик).pdf");
    world.issue(&held.name).await.unwrap();
    let (first, second) = tokio::join!(document(&world, &held.name), document(&world, &held.name));
    assert_eq!(first, second);
    assert_eq!(
        (first.filename.as_str(), first.content_type.as_str()),
        ("Счёт 13.pdf", "application/pdf")
    );
    assert_ne!(first.sha256, preview.sha256);
    let pool = world.harness.owner("invoicing").await;
    let (kept,): (i64,) =
        sqlx::query_as("select count(*) from documents").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 1);
    let unknown = format!("invoices/{}", uuid::Uuid::new_v4());
    let unknown = pb::GetInvoiceDocumentRequest { name: unknown };
    let unknown = world.invoices().get_invoice_document(unknown).await;
    refused(unknown, Code::NotFound, "NOT_FOUND");
    world.harness.finish().await;
}
