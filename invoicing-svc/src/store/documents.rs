//! Rendered documents: which bytes were the first for an invoice, for good.

use chrono::{DateTime, Utc};
use service::{Failure, blobs::BlobId};
use sqlx::PgConnection;
use types::id::InvoiceId;

/// The document of an invoice: its bytes by name, and its file name.
///
/// # Errors
/// Those of the database.
pub async fn get(
    conn: &mut PgConnection,
    invoice: InvoiceId,
) -> Result<Option<(BlobId, String)>, Failure> {
    let row = sqlx::query!("select blob, filename from documents where invoice_id = $1", invoice.0)
        .fetch_optional(conn)
        .await?;
    row.map(|r| {
        let blob = BlobId::from_slice(&r.blob);
        let blob = blob.ok_or_else(|| Failure::internal("a document names no blob"))?;
        Ok((blob, r.filename))
    })
    .transpose()
}

/// Keeps a document unless there is one already; answers the one that is kept.
///
/// # Errors
/// Those of the database.
pub async fn keep(
    conn: &mut PgConnection,
    invoice: InvoiceId,
    blob: BlobId,
    filename: &str,
    now: DateTime<Utc>,
) -> Result<BlobId, Failure> {
    sqlx::query!(
        "insert into documents (invoice_id, blob, filename, created_at) values ($1, $2, $3, $4)
         on conflict (invoice_id) do nothing",
        invoice.0,
        blob.as_bytes(),
        filename,
        now
    )
    .execute(&mut *conn)
    .await?;
    let kept = get(conn, invoice).await?;
    kept.map(|(blob, _)| blob).ok_or_else(|| Failure::internal("a document was not kept"))
}
