//! Documents that leave with a letter, fetched from the service that owns them.

use super::outbox::Attachment;
use proto::invoicing::v1::{GetInvoiceDocumentRequest, invoices_client::InvoicesClient};
use service::{Frame, queue::JobError};
use types::id::InvoiceId;

/// Largest document, in bytes, that a call may bring.
const DOCUMENT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Fetches documents by their resource names.
///
/// # Errors
/// [`JobError::Park`] for a name of an unknown kind, and whatever the owner answers.
pub async fn fetch(frame: &Frame, names: &[String]) -> Result<Vec<Attachment>, JobError> {
    let mut documents = Vec::with_capacity(names.len());
    for name in names {
        name.parse::<InvoiceId>()
            .map_err(|e| JobError::Park(format!("a document that nobody keeps: {e}")))?;
        let mut invoices = InvoicesClient::new(frame.peers.channel("invoicing"))
            .max_decoding_message_size(DOCUMENT_BYTES_MAX);
        let request = GetInvoiceDocumentRequest { name: name.clone() };
        let document = invoices.get_invoice_document(request).await?.into_inner();
        documents.push(Attachment {
            filename: document.filename,
            content_type: document.content_type,
            bytes: document.content,
        });
    }
    Ok(documents)
}
