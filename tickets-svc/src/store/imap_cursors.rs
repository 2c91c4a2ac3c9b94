//! Up to which letter a folder of an IMAP server was read.

use service::Failure;
use sqlx::PgConnection;

/// The last letter that is journalled; 0 when none is, or the server numbers them anew.
///
/// # Errors
/// Those of the database.
pub async fn last(conn: &mut PgConnection, account: &str, validity: u32) -> Result<u32, Failure> {
    let last = sqlx::query_scalar!(
        "select last_uid from imap_cursors where account = $1 and uidvalidity = $2",
        account,
        i64::from(validity),
    );
    let last = last.fetch_optional(conn).await?.unwrap_or_default();
    Ok(u32::try_from(last).unwrap_or_default())
}

/// Begins a folder that was never read after a letter.
///
/// # Errors
/// Those of the database.
pub async fn begin(
    conn: &mut PgConnection,
    account: &str,
    validity: u32,
    last: u32,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into imap_cursors (account, uidvalidity, last_uid) values ($1, $2, $3)
         on conflict (account) do nothing",
        account,
        i64::from(validity),
        i64::from(last),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A letter is journalled.
///
/// # Errors
/// Those of the database.
pub async fn advance(
    conn: &mut PgConnection,
    account: &str,
    validity: u32,
    uid: u32,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into imap_cursors (account, uidvalidity, last_uid) values ($1, $2, $3)
         on conflict (account) do update set uidvalidity = $2, last_uid = $3",
        account,
        i64::from(validity),
        i64::from(uid),
    )
    .execute(conn)
    .await?;
    Ok(())
}
