//! Stores the lines of a file, some at a time.

use crate::domain::lines::{Identity, Line};
use service::Failure;
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use types::id::LineId;
use uuid::Uuid;

/// What is kept of a line beside [`Line`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// Line of the file where the document begins.
    pub place: usize,
    /// Kind of document as written.
    pub doc_kind: Option<String>,
    /// УИН/УИП.
    pub uip: Option<String>,
    /// Every other key of the document, as written.
    pub raw: BTreeMap<String, String>,
    /// What makes the line unique.
    pub identity: Identity,
    /// Canonical numbers that the purpose names, whole and without prefix.
    pub number_keys: BTreeSet<String>,
}

/// Those of these lines, which their account and identity name, that are stored already.
///
/// # Errors
/// Those of the database.
pub async fn stored(
    conn: &mut PgConnection,
    lines: &[(&Line, &Details)],
) -> Result<HashSet<LineId>, Failure> {
    let accounts: Vec<Uuid> = lines.iter().map(|(line, _)| line.bank_account.0).collect();
    let column = Columns(lines);
    let places = sqlx::query_scalar!(
        r#"select given.place as "place!"
           from unnest($1::uuid[], $2::text[], $3::bytea[], $4::int[]) with ordinality
               as given (bank_account_id, bank_unique_id, fingerprint, occurrence, place)
           cross join lateral (
               (select 1 from lines
                where lines.bank_account_id = given.bank_account_id
                  and lines.bank_unique_id = given.bank_unique_id limit 1)
               union all
               (select 1 from lines
                where lines.bank_account_id = given.bank_account_id
                  and lines.fingerprint = given.fingerprint
                  and lines.occurrence = given.occurrence limit 1)
           ) stored"#,
        &accounts,
        &column.of(|_, kept| bank_id(&kept.identity)) as _,
        &column.of(|_, kept| fingerprint(&kept.identity)) as _,
        &column.of(|_, kept| occurrence(&kept.identity)) as _
    );
    let places = places.fetch_all(conn).await?;
    let id = |place: i64| Some(lines.get(usize::try_from(place).ok()?.checked_sub(1)?)?.0.id);
    Ok(places.into_iter().filter_map(id).collect())
}

/// The commit of this transaction does not wait for the disk. For a step that others follow: the
/// commit of the last one, and each commit that gives events their places, flush all that was
/// written before them, so nobody is told what a crash could take back; and a step that it does
/// take is done again.
///
/// # Errors
/// Those of the database.
pub async fn flush_later(conn: &mut PgConnection) -> Result<(), Failure> {
    sqlx::query("set local synchronous_commit to off").execute(conn).await?;
    Ok(())
}

/// Stores lines, of which none is stored yet.
///
/// # Errors
/// Those of the database.
pub async fn insert(conn: &mut PgConnection, lines: &[(&Line, &Details)]) -> Result<(), Failure> {
    let Some((first, _)) = lines.first() else { return Ok(()) };
    let column = Columns(lines);
    sqlx::query_file!(
        "src/store/lines/import.sql",
        first.statement.0,
        first.created_at,
        &column.of(|line, _| line.id.0),
        &column.of(|_, kept| i32::try_from(kept.place).unwrap_or(i32::MAX)),
        &column.of(|line, _| line.bank_account.0),
        &column.of(|line, _| line.seller.0),
        &column.of(|line, _| line.direction.as_str()) as _,
        &column.of(|line, _| line.state.as_str()) as _,
        &column.of(|line, _| line.class.as_str()) as _,
        &column.of(|line, _| line.amount.amount()),
        &column.of(|line, _| line.amount.currency().code()) as _,
        &column.of(|line, _| line.allocated.amount()),
        &column.of(|line, _| line.booked_on),
        &column.of(|line, _| line.doc_no.as_deref()) as _,
        &column.of(|line, _| line.doc_date) as _,
        &column.of(|_, kept| kept.doc_kind.as_deref()) as _,
        &column.of(|_, kept| kept.uip.as_deref()) as _,
        &column.of(|_, kept| bank_id(&kept.identity)) as _,
        &column.of(|_, kept| fingerprint(&kept.identity)) as _,
        &column.of(|_, kept| occurrence(&kept.identity)) as _,
        &column.of(|line, _| line.payer.name.as_str()) as _,
        &column.of(|line, _| line.payer.tax_id.as_deref()) as _,
        &column.of(|line, _| line.payer.kpp.as_deref()) as _,
        &column.of(|line, _| line.payer.account.as_deref()) as _,
        &column.of(|line, _| line.payer.bank_id.as_deref()) as _,
        &column.of(|line, _| line.payer.bank_name.as_deref()) as _,
        &column.of(|line, _| line.payee.name.as_str()) as _,
        &column.of(|line, _| line.payee.tax_id.as_deref()) as _,
        &column.of(|line, _| line.payee.kpp.as_deref()) as _,
        &column.of(|line, _| line.payee.account.as_deref()) as _,
        &column.of(|line, _| line.payee.bank_id.as_deref()) as _,
        &column.of(|line, _| line.payee.bank_name.as_deref()) as _,
        &column.of(|line, _| line.purpose.as_str()) as _,
        &column.of(|_, kept| Json(&kept.raw)) as _,
        &column.of(|_, kept| joined(&kept.number_keys)),
        &column.of(|line, _| Json(&line.reasons)) as _,
        &column.of(|line, _| Json(&line.proposals)) as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct Columns<'s, 'a>(&'s [(&'a Line, &'a Details)]);

impl<'a> Columns<'_, 'a> {
    fn of<T>(&self, value: impl Fn(&'a Line, &'a Details) -> T) -> Vec<T> {
        self.0.iter().map(|(line, kept)| value(line, kept)).collect()
    }
}

/// None of them holds a blank.
fn joined(keys: &BTreeSet<String>) -> String {
    keys.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn bank_id(identity: &Identity) -> Option<&str> {
    match identity {
        Identity::Bank(id) => Some(id),
        Identity::Fingerprint(..) => None,
    }
}

fn fingerprint(identity: &Identity) -> Option<&[u8]> {
    match identity {
        Identity::Bank(_) => None,
        Identity::Fingerprint(digest, _) => Some(digest),
    }
}

fn occurrence(identity: &Identity) -> Option<i32> {
    match identity {
        Identity::Bank(_) => None,
        Identity::Fingerprint(_, occurrence) => i32::try_from(*occurrence).ok(),
    }
}
