//! What the customer sees meanwhile.

use super::opening::World;
use e2e::{
    Suite,
    money::text,
    steps::{done, refused},
};
use proto::gateway::v1::{
    GetCabinetInvoiceDocumentRequest, GetHomeRequest, ListCabinetInvoicesRequest,
    cabinet_client::CabinetClient,
};
use tonic::Code;

fn document(name: &str) -> GetCabinetInvoiceDocumentRequest {
    GetCabinetInvoiceDocumentRequest { name: name.into() }
}

/// G51: what staff still look at does not exist for the customer.
pub async fn shows_nothing_held(suite: &Suite, world: &World) {
    let mut cabinet = CabinetClient::new(suite.log_in_as(&world.customer).await);
    let home = done(cabinet.get_home(GetHomeRequest {}).await);
    assert_eq!(home.client_number, world.customer.client.number);
    assert_eq!(home.title, world.customer.company.name);
    assert!(home.unpaid_invoices.is_empty() && home.due.iter().all(|m| m.units == 0));
    let held = cabinet.get_invoice_document(document(&world.hosting.name)).await;
    refused(held, Code::NotFound);
}

/// E5–E8: the sum that is due, the invoices, their PDF; a foreign client's invoice is NOT_FOUND.
pub async fn shows_what_to_pay(suite: &Suite, world: &World) {
    let mut cabinet = CabinetClient::new(suite.log_in_as(&world.customer).await);
    let home = done(cabinet.get_home(GetHomeRequest {}).await);
    let due: Vec<String> = home.due.iter().map(|m| text(Some(m))).collect();
    assert_eq!(due, ["43400.00 RUB"]);
    assert_eq!(home.unpaid_invoices.len(), 2);
    let list = ListCabinetInvoicesRequest::default();
    let mine = done(cabinet.list_invoices(list.clone()).await).invoices;
    assert_eq!(mine.len(), 2);
    let pdf = done(cabinet.get_invoice_document(document(&world.hosting.name)).await);
    assert!(pdf.content.starts_with(b"%PDF-"));

    let mut foreign = CabinetClient::new(suite.log_in_as(&world.other).await);
    let theirs = foreign.get_invoice_document(document(&world.hosting.name)).await;
    refused(theirs, Code::NotFound);
    assert!(done(foreign.list_invoices(list).await).invoices.is_empty());
}
