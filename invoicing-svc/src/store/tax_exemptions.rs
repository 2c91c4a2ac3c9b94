//! Exemptions of clients from VAT.

use crate::domain::tax_exemptions::TaxExemption;
use chrono::{DateTime, NaiveDate, Utc};
use service::Failure;
use sqlx::PgConnection;
use std::collections::HashMap;
use types::{
    Period,
    id::{ClientId, TaxExemptionId},
};
use uuid::Uuid;

/// Constraint: exemptions of a client do not overlap.
pub const OVERLAP: &str = "tax_exemptions_overlap";

/// An exemption with what is stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxExemptionRow {
    /// The exemption.
    pub exemption: TaxExemption,
    /// Who made it.
    pub author: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Who ended it; empty while nobody did.
    pub ended_by: String,
}

struct Row {
    id: Uuid,
    client_id: Uuid,
    starts: NaiveDate,
    until: Option<NaiveDate>,
    basis: String,
    author: String,
    created_at: DateTime<Utc>,
    ended_by: String,
}

impl From<Row> for TaxExemptionRow {
    fn from(r: Row) -> Self {
        let exemption = TaxExemption {
            id: r.id.into(),
            client: r.client_id.into(),
            from: r.starts,
            until: r.until,
            basis: r.basis,
        };
        Self { exemption, author: r.author, created_at: r.created_at, ended_by: r.ended_by }
    }
}

/// Inserts an exemption.
///
/// # Errors
/// Those of the database; [`OVERLAP`].
pub async fn insert(conn: &mut PgConnection, row: &TaxExemptionRow) -> Result<(), Failure> {
    let e = &row.exemption;
    sqlx::query!(
        "insert into tax_exemptions (id, client_id, starts, until, basis, author, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        e.id.0,
        e.client.0,
        e.from,
        e.until,
        e.basis,
        row.author,
        row.created_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Saves when an exemption ends, and who said so.
///
/// # Errors
/// Those of the database; [`OVERLAP`].
pub async fn end(conn: &mut PgConnection, row: &TaxExemptionRow) -> Result<(), Failure> {
    sqlx::query!(
        "update tax_exemptions set until = $2, ended_by = $3 where id = $1",
        row.exemption.id.0,
        row.exemption.until,
        row.ended_by
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The exemption of an id.
///
/// # Errors
/// Those of the database.
pub async fn get(
    conn: &mut PgConnection,
    id: TaxExemptionId,
) -> Result<Option<TaxExemptionRow>, Failure> {
    let row = sqlx::query_as!(
        Row,
        "select id, client_id, starts, until, basis, author, created_at, ended_by
         from tax_exemptions where id = $1",
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Into::into))
}

/// Exemptions of a client before one, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    client: ClientId,
    before: Option<TaxExemptionId>,
    limit: i64,
) -> Result<Vec<TaxExemptionRow>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select id, client_id, starts, until, basis, author, created_at, ended_by
         from tax_exemptions where client_id = $1 and ($2::uuid is null or id < $2)
         order by id desc limit $3",
        client.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The days on which these clients are exempt, in order; a client that never is is left out.
///
/// # Errors
/// Those of the database.
pub async fn days(
    conn: &mut PgConnection,
    clients: &[ClientId],
) -> Result<HashMap<ClientId, Vec<Period>>, Failure> {
    let ids: Vec<Uuid> = clients.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        "select id, client_id, starts, until, basis, author, created_at, ended_by
         from tax_exemptions where client_id = any($1) order by client_id, starts",
        &ids
    )
    .fetch_all(conn)
    .await?;
    let mut days: HashMap<ClientId, Vec<Period>> = HashMap::new();
    for row in rows.into_iter().map(TaxExemptionRow::from) {
        let of = days.entry(row.exemption.client).or_default();
        of.extend(row.exemption.days());
    }
    Ok(days)
}
