//! Documents that leave with a letter, fetched from the service that owns them.

use super::outbox::Attachment;
use proto::invoicing::v1::{
    GetInvoiceDocumentRequest, GetQuoteDocumentRequest, invoices_client::InvoicesClient,
    quotes_client::QuotesClient,
};
use service::{Frame, queue::JobError};
use types::id::{InvoiceId, QuoteId};

/// Largest document, in bytes, that a call may bring.
const DOCUMENT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Fetches documents by their resource names.
///
/// # Errors
/// [`JobError::Park`] for a name of an unknown kind, and whatever the owner answers.
pub async fn fetch(frame: &Frame, names: &[String]) -> Result<Vec<Attachment>, JobError> {
    let mut documents = Vec::with_capacity(names.len());
    let channel = frame.peers.channel("invoicing");
    for name in names {
        let name = name.clone();
        let document = if name.parse::<QuoteId>().is_ok() {
            let mut quotes =
                QuotesClient::new(channel.clone()).max_decoding_message_size(DOCUMENT_BYTES_MAX);
            quotes.get_quote_document(GetQuoteDocumentRequest { name }).await?.into_inner()
        } else {
            name.parse::<InvoiceId>()
                .map_err(|e| JobError::Park(format!("a document that nobody keeps: {e}")))?;
            let mut invoices =
                InvoicesClient::new(channel.clone()).max_decoding_message_size(DOCUMENT_BYTES_MAX);
            invoices.get_invoice_document(GetInvoiceDocumentRequest { name }).await?.into_inner()
        };
        documents.push(Attachment {
            filename: document.filename,
            content_type: document.content_type,
            bytes: document.content,
        });
    }
    Ok(documents)
}
