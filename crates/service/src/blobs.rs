//! Bytes kept in the database: PDFs, raw letters, statements. By SHA-256, in chunks, no disk paths.

use crate::Failure;
use bytes::{Bytes, BytesMut};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};
use std::{fmt, str::FromStr};

/// Bytes of one row: small enough to stream, large enough that a PDF is one.
const CHUNK: usize = 256 * 1024;

/// Name of a blob: the SHA-256 of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobId(pub [u8; 32]);

impl BlobId {
    /// The name of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The name as a `bytea` column holds it; `None` unless it is 32 bytes long.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 32 bytes, for a `bytea` column.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a blob is named by 64 hexadecimal digits")]
pub struct BadBlobId;

impl FromStr for BlobId {
    type Err = BadBlobId;

    fn from_str(hex: &str) -> Result<Self, Self::Err> {
        let mut id = [0; 32];
        if hex.len() != 64 || !hex.is_ascii() {
            return Err(BadBlobId);
        }
        for (byte, digits) in id.iter_mut().zip(hex.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| BadBlobId)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| BadBlobId)?;
        }
        Ok(Self(id))
    }
}

/// Stores bytes; storing the same again changes nothing.
///
/// # Errors
/// Those of the database.
pub async fn put(conn: &mut PgConnection, bytes: &[u8]) -> Result<BlobId, Failure> {
    let id = BlobId::of(bytes);
    // An empty blob is one empty chunk, so that it can be told from none.
    let chunks = bytes.chunks(CHUNK).chain(bytes.is_empty().then_some(bytes));
    for (number, chunk) in chunks.enumerate() {
        sqlx::query(
            "insert into blobs (sha256, chunk, bytes) values ($1, $2, $3) on conflict do nothing",
        )
        .bind(id.as_bytes())
        .bind(i32::try_from(number).map_err(Failure::internal)?)
        .bind(chunk)
        .execute(&mut *conn)
        .await?;
    }
    Ok(id)
}

/// The bytes of a blob; `None` when it was never stored or was erased.
///
/// # Errors
/// Those of the database; `INTERNAL` when the stored bytes do not have this hash.
pub async fn get(pool: &PgPool, id: BlobId) -> Result<Option<Bytes>, Failure> {
    let chunks: Vec<(Vec<u8>,)> =
        sqlx::query_as("select bytes from blobs where sha256 = $1 order by chunk")
            .bind(id.as_bytes())
            .fetch_all(pool)
            .await?;
    if chunks.is_empty() {
        return Ok(None);
    }
    let mut bytes = BytesMut::new();
    chunks.iter().for_each(|(chunk,)| bytes.extend_from_slice(chunk));
    if BlobId::of(&bytes) != id {
        return Err(Failure::internal(format!("blob {id} is damaged")));
    }
    Ok(Some(bytes.freeze()))
}

/// Erases a blob (retention, people's data); the caller knows that nothing names it any more.
///
/// # Errors
/// Those of the database.
pub async fn erase(conn: &mut PgConnection, id: BlobId) -> Result<(), Failure> {
    sqlx::query("delete from blobs where sha256 = $1").bind(id.as_bytes()).execute(conn).await?;
    Ok(())
}
