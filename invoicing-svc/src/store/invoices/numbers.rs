//! Numbers: taken from a counter row last, in the issuing transaction, so that there are no gaps.

use crate::{
    domain::{invoices::Invoice, number_series::NumberSeries},
    store::code,
};
use service::Failure;
use sqlx::PgConnection;
use types::id::{SellerId, SeriesId};
use uuid::Uuid;

/// Which documents a series numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Series {
    /// Invoices.
    Invoice,
    /// Acts.
    Act,
}

impl Series {
    const fn document(self) -> &'static str {
        match self {
            Self::Invoice => "INVOICE",
            Self::Act => "ACT",
        }
    }
}

/// The series of a seller.
///
/// # Errors
/// Those of the database.
pub async fn series(
    conn: &mut PgConnection,
    seller: SellerId,
    which: Series,
) -> Result<NumberSeries, Failure> {
    let row = sqlx::query!(
        "select id, format from number_series where seller_id = $1 and document = $2",
        seller.0,
        which.document()
    )
    .fetch_one(conn)
    .await?;
    Ok(NumberSeries { id: row.id.into(), seller, format: code(&row.format)? })
}

/// Takes `count` numbers of a series at once; answers the first. Until this transaction ends nobody
/// else takes any, and what rolls back is taken by the next one.
///
/// # Errors
/// Those of the database.
pub async fn take(
    conn: &mut PgConnection,
    series: SeriesId,
    key: &str,
    count: i64,
) -> Result<i64, Failure> {
    let last = sqlx::query_scalar!(
        "insert into series_counters (series_id, key, sequence) values ($1, $2, $3)
         on conflict (series_id, key)
            do update set sequence = series_counters.sequence + excluded.sequence
         returning sequence",
        series.0,
        key,
        count
    )
    .fetch_one(conn)
    .await?;
    Ok(last - count + 1)
}

/// Writes the numbers of issued invoices for good. `keys` names the counter of each.
///
/// # Errors
/// Those of the database.
pub async fn write(
    conn: &mut PgConnection,
    series: SeriesId,
    all: &[(&Invoice, String)],
) -> Result<(), Failure> {
    let numbered = || all.iter().filter_map(|(i, key)| Some((i, key, i.issued.as_ref()?)));
    let ids: Vec<Uuid> = numbered().map(|(i, _, _)| i.id.0).collect();
    let keys: Vec<String> = numbered().map(|(_, key, _)| key.clone()).collect();
    let sequences: Vec<i64> = numbered().map(|(_, _, n)| n.sequence).collect();
    let numbers: Vec<String> = numbered().map(|(_, _, n)| n.number.clone()).collect();
    let sellers: Vec<Uuid> = numbered().map(|(i, _, _)| i.seller.0).collect();
    sqlx::query!(
        "insert into invoice_numbers (invoice_id, series_id, counter_key, sequence, number,
            seller_id)
         select id, $1, key, sequence, number, seller
         from unnest($2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::uuid[])
            as t (id, key, sequence, number, seller)",
        series.0,
        &ids,
        &keys,
        &sequences,
        &numbers,
        &sellers
    )
    .execute(conn)
    .await?;
    Ok(())
}
