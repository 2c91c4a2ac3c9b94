//! Quotes; what they offer is kept by `orders`.

use super::{code, orders, orders::OrderRow};
use crate::domain::quotes::{Quote, QuoteState};
use chrono::{DateTime, NaiveDate, Utc};
use service::{Failure, blobs::BlobId};
use sqlx::PgConnection;
use std::collections::HashMap;
use types::id::{ClientId, OrderId, QuoteId};
use uuid::Uuid;

/// A quote with what is stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteRow {
    /// The quote as the rules know it.
    pub quote: Quote,
    /// What it offers, as an order that nobody has placed.
    pub offer: OrderRow,
    /// Human number.
    pub number: i64,
    /// Who made it.
    pub author: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// Version.
    pub revision: i64,
}

/// How a quote ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: DateTime<Utc>,
    /// Who decided.
    pub by: String,
    /// Why it was declined; may be empty.
    pub reason: String,
    /// The order that it became.
    pub order: Option<OrderId>,
}

/// Inserts a quote whose offer is stored already; answers its human number.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    quote: &Quote,
    offer: OrderId,
    author: &str,
    now: DateTime<Utc>,
) -> Result<i64, Failure> {
    let number = sqlx::query_scalar!(
        "insert into quotes (id, client_id, contract_id, offer_id, state, valid_until, subject,
            note, author, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning number",
        quote.id.0,
        quote.client.0,
        quote.contract.0,
        offer.0,
        quote.state.code(),
        quote.valid_until,
        quote.subject,
        quote.note,
        author,
        now
    )
    .fetch_one(conn)
    .await?;
    Ok(number)
}

/// Saves where a quote stands.
///
/// # Errors
/// Those of the database.
pub async fn save(conn: &mut PgConnection, row: &QuoteRow) -> Result<(), Failure> {
    let decision = row.decision.as_ref();
    sqlx::query!(
        "update quotes set state = $2, sent_at = $3, decided_at = $4, decided_by = $5,
            decline_reason = $6, order_id = $7, revision = revision + 1
         where id = $1",
        row.quote.id.0,
        row.quote.state.code(),
        row.sent_at,
        decision.map(|d| d.at),
        decision.map_or("", |d| &d.by),
        decision.map_or("", |d| &d.reason),
        decision.and_then(|d| d.order).map(|id| id.0)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Locks a quote for its change of state.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, id: QuoteId) -> Result<Option<QuoteRow>, Failure> {
    sqlx::query!("select id from quotes where id = $1 for update", id.0)
        .fetch_optional(&mut *conn)
        .await?;
    get(conn, id).await
}

/// The quote of an id.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: QuoteId) -> Result<Option<QuoteRow>, Failure> {
    Ok(get_all(conn, &[id]).await?.pop())
}

/// The quotes of these ids, newest first.
///
/// # Errors
/// Those of the database.
pub async fn get_all(conn: &mut PgConnection, ids: &[QuoteId]) -> Result<Vec<QuoteRow>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select id, number, client_id, contract_id, offer_id, state, valid_until, subject, note,
            author, created_at, sent_at, decided_at, decided_by, decline_reason, order_id, revision
         from quotes where id = any($1) order by id desc",
        &ids
    )
    .fetch_all(&mut *conn)
    .await?;
    let offers: Vec<OrderId> = rows.iter().map(|r| r.offer_id.into()).collect();
    let offers = orders::get_all(conn, &offers).await?;
    let mut offers: HashMap<OrderId, OrderRow> =
        offers.into_iter().map(|offer| (offer.order.id, offer)).collect();
    rows.into_iter()
        .map(|r| {
            let offer = offers.remove(&r.offer_id.into());
            let (by, reason, order) =
                (r.decided_by, r.decline_reason, r.order_id.map(OrderId::from));
            Ok(QuoteRow {
                quote: Quote {
                    id: r.id.into(),
                    client: r.client_id.into(),
                    contract: r.contract_id.into(),
                    state: code(&r.state)?,
                    valid_until: r.valid_until,
                    subject: r.subject,
                    note: r.note,
                },
                offer: offer.ok_or_else(|| Failure::internal("a quote that offers nothing"))?,
                number: r.number,
                author: r.author,
                created_at: r.created_at,
                sent_at: r.sent_at,
                decision: r.decided_at.map(|at| Decision { at, by, reason, order }),
                revision: r.revision,
            })
        })
        .collect()
}

/// Which quotes a list has.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// Only of this client.
    pub client: Option<ClientId>,
    /// Only in this state, as it is on [`Filter::today`].
    pub state: Option<QuoteState>,
    /// Only what the client was sent.
    pub sent: bool,
    /// The day by which quotes expire.
    pub today: NaiveDate,
}

/// Ids of quotes before one, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: Filter,
    before: Option<QuoteId>,
    limit: i64,
) -> Result<Vec<QuoteId>, Failure> {
    let ids = sqlx::query_scalar!(
        "select id from quotes
         where ($1::uuid is null or client_id = $1)
            and ($2::text is null or $2 = case when state in ('DRAFT', 'SENT')
                and valid_until < $3 then 'EXPIRED' else state end)
            and (sent_at is not null or not $4) and ($5::uuid is null or id < $5)
         order by id desc limit $6",
        filter.client.map(|id| id.0),
        filter.state.map(QuoteState::code),
        filter.today,
        filter.sent,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(QuoteId).collect())
}

/// How many quotes a list has, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn total(conn: &mut PgConnection, filter: Filter, cap: i64) -> Result<i64, Failure> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (
            select 1 from quotes
            where ($1::uuid is null or client_id = $1)
                and ($2::text is null or $2 = case when state in ('DRAFT', 'SENT')
                    and valid_until < $3 then 'EXPIRED' else state end)
                and (sent_at is not null or not $4)
            limit $5) as t"#,
        filter.client.map(|id| id.0),
        filter.state.map(QuoteState::code),
        filter.today,
        filter.sent,
        cap
    )
    .fetch_one(conn)
    .await?;
    Ok(total)
}

/// How many quotes of a client were accepted, and how many there are (A104).
///
/// # Errors
/// Those of the database.
pub async fn counts(conn: &mut PgConnection, client: ClientId) -> Result<(i64, i64), Failure> {
    let row = sqlx::query!(
        r#"select count(*) filter (where state = 'ACCEPTED') as "accepted!", count(*) as "all!"
         from quotes where client_id = $1"#,
        client.0
    )
    .fetch_one(conn)
    .await?;
    Ok((row.accepted, row.all))
}

/// The document of a quote that was sent: its bytes by name, and its file name.
///
/// # Errors
/// Those of the database.
pub async fn document(
    conn: &mut PgConnection,
    quote: QuoteId,
) -> Result<Option<(BlobId, String)>, Failure> {
    let row =
        sqlx::query!("select blob, filename from quote_documents where quote_id = $1", quote.0)
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
pub async fn keep_document(
    conn: &mut PgConnection,
    quote: QuoteId,
    blob: BlobId,
    filename: &str,
    now: DateTime<Utc>,
) -> Result<BlobId, Failure> {
    sqlx::query!(
        "insert into quote_documents (quote_id, blob, filename, created_at)
         values ($1, $2, $3, $4) on conflict (quote_id) do nothing",
        quote.0,
        blob.as_bytes(),
        filename,
        now
    )
    .execute(&mut *conn)
    .await?;
    let kept = document(conn, quote).await?;
    kept.map(|(blob, _)| blob).ok_or_else(|| Failure::internal("a document was not kept"))
}
