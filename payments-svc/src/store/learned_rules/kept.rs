//! Rules as people look at them: each with its last examples and changes.

use super::{Row, select};
use crate::domain::learned_rules::Rule;
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use std::collections::HashMap;
use types::id::{ClientId, LearnedRuleId, LineId};
use uuid::Uuid;

/// A rule with everything that people want to know of it.
#[derive(Debug)]
pub struct Kept {
    /// The rule.
    pub rule: Rule,
    /// How many lines taught it.
    pub example_count: i64,
    /// The last of them.
    pub examples: Vec<Example>,
    /// Lines that the machine allocated by it, and when the last one.
    pub hits: (i64, Option<DateTime<Utc>>),
    /// Its last states, newest first.
    pub changes: Vec<Change>,
}

/// A line that taught a rule.
#[derive(Debug)]
pub struct Example {
    /// The line.
    pub line: LineId,
    /// Who decided about it.
    pub actor: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A change of a rule's state.
#[derive(Debug)]
pub struct Change {
    /// The state since then.
    pub state: String,
    /// Who.
    pub actor: String,
    /// What they said.
    pub reason: String,
    /// The line that made it so.
    pub line: Option<LineId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Which rules a list holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<&'static str>,
    /// Only of this client.
    pub client: Option<ClientId>,
    /// Only of this kind.
    pub kind: Option<&'static str>,
}

/// A rule, locked until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, id: LearnedRuleId) -> Result<Option<Rule>, Failure> {
    let row = select!("where id = $2 for update of r", None::<Uuid>, id.0);
    row.fetch_optional(conn).await?.map(Rule::try_from).transpose()
}

/// A rule.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: LearnedRuleId) -> Result<Option<Kept>, Failure> {
    let row = select!("where id = $2", None::<Uuid>, id.0).fetch_optional(&mut *conn).await?;
    Ok(whole(conn, row.into_iter().collect()).await?.pop())
}

/// A page of rules, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Kept>, Failure> {
    let rows = select!(
        "where ($2::text is null or state = $2) and ($3::uuid is null or client_id = $3)
           and ($4::text is null or kind = $4) and ($5::bigint is null or number < $5)
         order by number desc limit $6",
        None::<Uuid>,
        filter.state,
        filter.client.map(|client| client.0),
        filter.kind,
        before,
        limit
    );
    let rows = rows.fetch_all(&mut *conn).await?;
    whole(conn, rows).await
}

/// How many rules a list holds, up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, filter: Filter, cap: i64) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
               select from learned_rules
               where ($1::text is null or state = $1) and ($2::uuid is null or client_id = $2)
                 and ($3::text is null or kind = $3) limit $4) counted"#,
        filter.state,
        filter.client.map(|client| client.0),
        filter.kind,
        cap
    );
    Ok(count.fetch_one(conn).await?)
}

async fn whole(conn: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<Kept>, Failure> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut examples = examples(&mut *conn, &ids).await?;
    let mut changes = changes(conn, &ids).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Kept {
                example_count: row.examples,
                hits: (row.hits, row.last_hit_at),
                examples: examples.remove(&row.id).unwrap_or_default(),
                changes: changes.remove(&row.id).unwrap_or_default(),
                rule: row.try_into()?,
            })
        })
        .collect()
}

async fn examples(
    conn: &mut PgConnection,
    rules: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Example>>, Failure> {
    let rows = sqlx::query!(
        r#"select rule_id as "rule_id!", e.line_id, e.actor, e.created_at
           from unnest($1::uuid[]) as given (rule_id) cross join lateral (
               select line_id, actor, created_at from learned_rule_examples
               where learned_rule_examples.rule_id = given.rule_id
               order by created_at desc, line_id desc limit 10
           ) e"#,
        rules
    );
    let mut found: HashMap<Uuid, Vec<Example>> = HashMap::new();
    for row in rows.fetch_all(conn).await? {
        let (line, actor, at) = (LineId(row.line_id), row.actor, row.created_at);
        found.entry(row.rule_id).or_default().push(Example { line, actor, at });
    }
    Ok(found)
}

async fn changes(
    conn: &mut PgConnection,
    rules: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Change>>, Failure> {
    let rows = sqlx::query!(
        r#"select rule_id as "rule_id!", c.state, c.actor, c.reason, c.line_id, c.created_at
           from unnest($1::uuid[]) as given (rule_id) cross join lateral (
               select state, actor, reason, line_id, created_at, id from learned_rule_changes
               where learned_rule_changes.rule_id = given.rule_id
               order by id desc limit 20
           ) c order by c.id desc"#,
        rules
    );
    let mut found: HashMap<Uuid, Vec<Change>> = HashMap::new();
    for row in rows.fetch_all(conn).await? {
        found.entry(row.rule_id).or_default().push(Change {
            state: row.state,
            actor: row.actor,
            reason: row.reason,
            line: row.line_id.map(LineId),
            at: row.created_at,
        });
    }
    Ok(found)
}
