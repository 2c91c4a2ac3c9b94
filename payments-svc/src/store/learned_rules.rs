//! Rules learnt from people, with their examples and their history.

mod kept;

pub use kept::{Change, Example, Filter, Kept, count, get, list, lock};

use super::stored;
use crate::domain::learned_rules::{
    Conflict, Kind, Learnt, Rule, State, Target, Taught, key_of_class,
};
use crate::domain::lines::Line;
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use std::collections::HashMap;
use types::id::{ClientId, LearnedRuleId, LineId};
use uuid::Uuid;

struct Row {
    id: Uuid,
    number: i64,
    kind: String,
    key: String,
    client_id: Option<Uuid>,
    class: Option<String>,
    title: String,
    state: String,
    remembered: bool,
    activated: bool,
    conflict_line_id: Option<Uuid>,
    conflict_at: Option<DateTime<Utc>>,
    conflict_suspends: bool,
    hits: i64,
    last_hit_at: Option<DateTime<Utc>>,
    revision: i64,
    created_at: DateTime<Utc>,
    examples: i64,
    has_line: bool,
}

/// Every look-up reads the same columns: `$1` is the line that may be an example of them.
macro_rules! select {
    ($tail:literal, $line:expr $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            crate::store::learned_rules::Row,
            r#"select id, number, kind, key, client_id, class, title, state, remembered, activated,
                   conflict_line_id, conflict_at, conflict_suspends, hits, last_hit_at, revision,
                   created_at,
                   (select count(*) from learned_rule_examples e where e.rule_id = r.id)
                       as "examples!",
                   exists (select from learned_rule_examples e
                           where e.rule_id = r.id and e.line_id = $1) as "has_line!"
               from learned_rules r "# + $tail,
            $line
            $(, $argument)*
        )
    };
}
use select;

impl TryFrom<Row> for Rule {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        let target = match (row.client_id, row.class) {
            (Some(client), _) => Target::Client(ClientId(client)),
            (None, Some(class)) => Target::Class(class),
            (None, None) => return Err(Failure::internal("a rule without a target")),
        };
        let suspends = row.conflict_suspends;
        let conflict = row.conflict_line_id.zip(row.conflict_at);
        Ok(Self {
            id: LearnedRuleId(row.id),
            number: row.number,
            kind: stored(Kind::parse(&row.kind), "learned_rules.kind", &row.kind)?,
            key: row.key,
            target,
            title: row.title,
            state: stored(State::parse(&row.state), "learned_rules.state", &row.state)?,
            remembered: row.remembered,
            activated: row.activated,
            conflict: conflict.map(|(line, at)| Conflict { line: LineId(line), at, suspends }),
            revision: row.revision,
            created_at: row.created_at,
        })
    }
}

impl TryFrom<Row> for Taught {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        let (examples, has_line) = (row.examples, row.has_line);
        let examples = usize::try_from(examples).unwrap_or_default();
        Ok(Self { rule: row.try_into()?, examples, has_line })
    }
}

/// Classes that people taught, by what their lines look like.
#[derive(Debug, Clone, Default)]
pub struct Classes(HashMap<String, (i64, String)>);

impl Classes {
    /// The line as they class it, if it waits for the matcher otherwise.
    #[must_use]
    pub fn class(&self, line: Line) -> Line {
        if self.0.is_empty() || !line.waits_for_matcher() {
            return line;
        }
        match self.0.get(&key_of_class(&line.payer, &line.purpose)) {
            Some((rule, class)) => line.seems(*rule, class),
            None => line,
        }
    }
}

/// All rules of these keys. Who [keeps still](super::matching::keep_still) changes them alone.
///
/// # Errors
/// Those of the database.
pub async fn of_keys(
    conn: &mut PgConnection,
    line: LineId,
    keys: &[(Kind, String)],
) -> Result<Vec<Taught>, Failure> {
    let kinds: Vec<String> = keys.iter().map(|(kind, _)| kind.as_str().to_owned()).collect();
    let texts: Vec<String> = keys.iter().map(|(_, key)| key.clone()).collect();
    select!(
        "where (kind, key) in (select * from unnest($2::text[], $3::text[])) order by number",
        line.0,
        &kinds,
        &texts
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Taught::try_from)
    .collect()
}

/// Who changes rules, by which line and why.
#[derive(Debug, Clone, Copy)]
pub struct By<'b> {
    /// Who.
    pub actor: &'b str,
    /// What they said.
    pub reason: &'b str,
    /// The line about which they decided; none when they acted on the rule.
    pub line: Option<LineId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Stores what was learnt of a line.
///
/// # Errors
/// Those of the database.
pub async fn keep(
    conn: &mut PgConnection,
    learnt: &Learnt,
    line: LineId,
    by: By<'_>,
) -> Result<(), Failure> {
    for rule in &learnt.changed {
        save(&mut *conn, rule, by).await?;
    }
    let ids = |ids: &[LearnedRuleId]| -> Vec<Uuid> { ids.iter().map(|id| id.0).collect() };
    sqlx::query!(
        "delete from learned_rule_examples where line_id = $1 and rule_id = any($2)",
        line.0,
        &ids(&learnt.lost)
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into learned_rule_examples (rule_id, line_id, actor, created_at)
         select id, $2, $3, $4 from unnest($1::uuid[]) as given (id) on conflict do nothing",
        &ids(&learnt.gained),
        line.0,
        by.actor,
        by.at
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("delete from learned_rules where id = any($1)", &ids(&learnt.gone))
        .execute(conn)
        .await?;
    Ok(())
}

/// Stores a rule, a new one or one that is known, and who made its state what it is.
///
/// # Errors
/// Those of the database.
pub async fn save(conn: &mut PgConnection, rule: &Rule, by: By<'_>) -> Result<(), Failure> {
    let (client, class) = match &rule.target {
        Target::Client(client) => (Some(client.0), None),
        Target::Class(class) => (None, Some(class.as_str())),
    };
    let conflict = rule.conflict.as_ref();
    let state = rule.state.as_str();
    // The state before is told by the statement that changes it.
    sqlx::query!(
        "with before as (select state from learned_rules where id = $1), saved as (
             insert into learned_rules (id, kind, key, client_id, class, title, state, remembered,
                 activated, conflict_line_id, conflict_at, conflict_suspends, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             on conflict (id) do update
                 set title = excluded.title, state = excluded.state,
                     remembered = excluded.remembered, activated = excluded.activated,
                     conflict_line_id = excluded.conflict_line_id,
                     conflict_at = excluded.conflict_at,
                     conflict_suspends = excluded.conflict_suspends,
                     revision = learned_rules.revision + 1
         )
         insert into learned_rule_changes (rule_id, state, actor, reason, line_id, created_at)
         select $1, $7, $14, $15, $16, $17
         where not exists (select from before where before.state = $7)",
        rule.id.0,
        rule.kind.as_str(),
        rule.key,
        client,
        class,
        rule.title,
        state,
        rule.remembered,
        rule.activated,
        conflict.map(|conflict| conflict.line.0),
        conflict.map(|conflict| conflict.at),
        conflict.is_some_and(|conflict| conflict.suspends),
        rule.created_at,
        by.actor,
        by.reason,
        by.line.map(|line| line.0),
        by.at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Most classes that are kept in mind.
const MOST_CLASSES: i64 = 10_000;

/// What lines of learnt classes look like, each with the number of its rule and the class. Two
/// classes for one look are none.
///
/// # Errors
/// Those of the database.
pub async fn classes(conn: &mut PgConnection) -> Result<Classes, Failure> {
    let rows = sqlx::query!(
        r#"select key, min(number) as "number!", min(class) as "class!" from learned_rules
           where kind = 'purpose_class' and state = 'active'
           group by key having count(*) = 1 order by 2 desc limit $1"#,
        MOST_CLASSES
    );
    let rows = rows.fetch_all(conn).await?;
    Ok(Classes(rows.into_iter().map(|row| (row.key, (row.number, row.class))).collect()))
}

/// Counts lines that the machine allocated by rules, given by their numbers.
///
/// # Errors
/// Those of the database.
pub async fn hit(
    conn: &mut PgConnection,
    hits: &[(i64, i64)],
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    let (rules, counts): (Vec<i64>, Vec<i64>) = hits.iter().copied().unzip();
    sqlx::query!(
        "update learned_rules set hits = hits + given.count, last_hit_at = $3
         from unnest($1::bigint[], $2::bigint[]) as given (number, count)
         where learned_rules.number = given.number",
        &rules,
        &counts,
        at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets whom others pay for, once a client was erased.
///
/// # Errors
/// Those of the database.
pub async fn forget(conn: &mut PgConnection, client: ClientId) -> Result<(), Failure> {
    sqlx::query!("delete from learned_rules where client_id = $1", client.0).execute(conn).await?;
    Ok(())
}
