//! What this instance signs addresses by.

use crate::domain::reply_addresses::LetterKey;
use service::Failure;
use sqlx::PgConnection;

/// The key; the migration made it.
///
/// # Errors
/// Those of the database.
pub async fn read(conn: &mut PgConnection) -> Result<LetterKey, Failure> {
    let secret = sqlx::query_scalar!("select secret from mail_keys").fetch_one(conn).await?;
    Ok(LetterKey::of(secret))
}
