//! What people say about decisions of the machine.

use crate::domain::allocations::Part;
use crate::domain::matching::Share;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use service::Failure;
use sqlx::PgConnection;
use types::Currency;
use types::id::{InvoiceId, LineId};
use uuid::Uuid;

/// Why a decision is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It was carried out.
    Sample,
    /// It would have been.
    Shadow,
}

impl Kind {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::Shadow => "shadow",
        }
    }
}

/// A part of a line, as the machine meant it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Meant {
    /// The invoice.
    pub invoice: InvoiceId,
    /// How much.
    pub amount: Decimal,
    /// Its currency.
    pub currency: Currency,
}

impl Meant {
    /// What shares of a decision mean, in order of invoices.
    #[must_use]
    pub fn of(shares: &[Share]) -> Vec<Self> {
        let each = shares.iter().map(|share| Self {
            invoice: share.proposal.invoice,
            amount: share.amount.amount().normalize(),
            currency: share.amount.currency(),
        });
        let mut all: Vec<Self> = each.collect();
        all.sort();
        all
    }

    /// The same of what a person said; none when part of it is credit.
    #[must_use]
    pub fn of_parts(parts: &[Part]) -> Option<Vec<Self>> {
        let each = parts.iter().map(|part| {
            let invoice = part.invoice?;
            let (amount, currency) = (part.amount.amount().normalize(), part.amount.currency());
            Some(Self { invoice, amount, currency })
        });
        let mut all: Vec<Self> = each.collect::<Option<_>>()?;
        all.sort();
        Some(all)
    }
}

/// A decision that a person looks at.
#[derive(Debug, Clone)]
pub struct Review {
    /// The line.
    pub line: LineId,
    /// Why: a [`Kind`].
    pub kind: String,
    /// What the machine decided.
    pub parts: Vec<Meant>,
    /// `waiting`, `agreed` or `differed`.
    pub outcome: String,
    /// When the machine decided.
    pub created_at: DateTime<Utc>,
    /// Who looked, and when.
    pub reviewed: Option<(String, DateTime<Utc>)>,
    /// What they said.
    pub note: String,
}

impl Review {
    /// What a person says about it.
    #[must_use]
    pub fn said(self, agrees: bool, reviewer: &str, note: &str, at: DateTime<Utc>) -> Self {
        let outcome = if agrees { "agreed" } else { "differed" }.to_owned();
        Self { outcome, reviewed: Some((reviewer.to_owned(), at)), note: note.to_owned(), ..self }
    }
}

/// Nobody has to look any more: a person has decided about the line, the same or otherwise.
///
/// # Errors
/// Those of the database.
pub async fn decided(
    conn: &mut PgConnection,
    (line, kind): (LineId, Kind),
    parts: Option<Vec<Meant>>,
    (reviewer, note): (&str, &str),
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    let waits = lock(&mut *conn, line).await?;
    let waits = waits.filter(|review| review.reviewed.is_none() && review.kind == kind.as_str());
    if let Some(review) = waits {
        let agrees = parts.as_ref() == Some(&review.parts);
        resolve(conn, &review.said(agrees, reviewer, note, at)).await?;
    }
    Ok(())
}

struct ReviewRow {
    line_id: Uuid,
    kind: String,
    parts: serde_json::Value,
    outcome: String,
    created_at: DateTime<Utc>,
    reviewer: Option<String>,
    reviewed_at: Option<DateTime<Utc>>,
    note: String,
}

impl TryFrom<ReviewRow> for Review {
    type Error = Failure;

    fn try_from(row: ReviewRow) -> Result<Self, Failure> {
        Ok(Self {
            line: LineId(row.line_id),
            kind: row.kind,
            parts: serde_json::from_value(row.parts).map_err(Failure::internal)?,
            outcome: row.outcome,
            created_at: row.created_at,
            reviewed: row.reviewer.zip(row.reviewed_at),
            note: row.note,
        })
    }
}

/// Puts decisions before people; a later decision about a line takes the place of one at which
/// nobody has looked.
///
/// # Errors
/// Those of the database.
pub async fn ask(
    conn: &mut PgConnection,
    asked: &[(LineId, Kind, Vec<Meant>)],
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    let lines: Vec<Uuid> = asked.iter().map(|(line, ..)| line.0).collect();
    let kinds: Vec<String> = asked.iter().map(|(_, kind, _)| kind.as_str().to_owned()).collect();
    let parts: Vec<serde_json::Value> = asked
        .iter()
        .map(|(.., parts)| serde_json::to_value(parts).map_err(Failure::internal))
        .collect::<Result<_, _>>()?;
    sqlx::query!(
        "insert into matching_reviews (line_id, kind, parts, created_at)
         select line_id, kind, parts, $4
         from unnest($1::uuid[], $2::text[], $3::jsonb[]) as asked (line_id, kind, parts)
         on conflict (line_id) do update
             set kind = excluded.kind, parts = excluded.parts, created_at = excluded.created_at
             where matching_reviews.outcome = 'waiting'
               and (matching_reviews.kind, matching_reviews.parts)
                   is distinct from (excluded.kind, excluded.parts)",
        &lines,
        &kinds,
        &parts,
        at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The review of a line, locked.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, line: LineId) -> Result<Option<Review>, Failure> {
    let row = sqlx::query_as!(
        ReviewRow,
        "select line_id, kind, parts, outcome, created_at, reviewer, reviewed_at, note
         from matching_reviews where line_id = $1 for update",
        line.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(Review::try_from).transpose()
}

/// Stores what a person says.
///
/// # Errors
/// Those of the database.
pub async fn resolve(conn: &mut PgConnection, review: &Review) -> Result<(), Failure> {
    sqlx::query!(
        "update matching_reviews set outcome = $2, reviewer = $3, reviewed_at = $4, note = $5
         where line_id = $1",
        review.line.0,
        review.outcome,
        review.reviewed.as_ref().map(|(reviewer, _)| reviewer),
        review.reviewed.as_ref().map(|(_, at)| *at),
        review.note
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Reviews of a kind and outcome, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    (kind, outcome): (Option<&str>, Option<&str>),
    before: Option<(DateTime<Utc>, LineId)>,
    limit: i64,
) -> Result<Vec<Review>, Failure> {
    sqlx::query_as!(
        ReviewRow,
        "select line_id, kind, parts, outcome, created_at, reviewer, reviewed_at, note
         from matching_reviews
         where ($1::text is null or kind = $1) and ($2::text is null or outcome = $2)
           and ($3::timestamptz is null or (created_at, line_id) < ($3, $4::uuid))
         order by created_at desc, line_id desc limit $5",
        kind,
        outcome,
        before.map(|(at, _)| at),
        before.map(|(_, line)| line.0),
        limit
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Review::try_from)
    .collect()
}

/// How many of a kind have each outcome.
///
/// # Errors
/// Those of the database.
pub async fn outcomes(
    conn: &mut PgConnection,
    kind: Option<&str>,
) -> Result<Vec<(String, i64)>, Failure> {
    let rows = sqlx::query!(
        r#"select outcome, count(*) as "count!" from matching_reviews
           where $1::text is null or kind = $1 group by outcome"#,
        kind
    );
    let rows = rows.fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.outcome, row.count)).collect())
}
