//! Stores the lines of a file, some at a time.

use crate::domain::lines::{Identity, Line};
use crate::domain::statements::Party;
use crate::store::copy::Rows;
use service::Failure;
use sqlx::PgConnection;
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
    lines: &[(Line, Details)],
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
        &column.of(|kept| bank_id(&kept.identity)) as _,
        &column.of(|kept| fingerprint(&kept.identity)) as _,
        &column.of(|kept| occurrence(&kept.identity)) as _
    );
    let places = places.fetch_all(conn).await?;
    let id = |place: i64| Some(lines.get(usize::try_from(place).ok()?.checked_sub(1)?)?.0.id);
    Ok(places.into_iter().filter_map(id).collect())
}

/// Stores lines, of which none is stored yet: by COPY, which writes pages where INSERT writes rows.
///
/// # Errors
/// Those of the database.
pub async fn insert(conn: &mut PgConnection, lines: &[(&Line, &Details)]) -> Result<(), Failure> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut copy = conn.copy_in_raw(COPY).await?;
    // The database stores some while the next ones are written down.
    for some in lines.chunks(SENT) {
        let mut rows = Rows::default();
        for (line, kept) in some {
            write(&mut rows, line, kept)?;
        }
        copy.send(rows.into_bytes()).await?;
    }
    copy.finish().await?;
    Ok(())
}

/// Lines sent at a time.
const SENT: usize = 50;

/// The columns in the order of [`write`].
const COPY: &str = "copy lines (id, statement_id, place, bank_account_id, seller_id, direction,
    state, class, amount, currency, allocated, booked_on, doc_no, doc_date, doc_kind, uip,
    bank_unique_id, fingerprint, occurrence, payer_name, payer_tax_id, payer_kpp, payer_account,
    payer_bank_id, payer_bank_name, payee_name, payee_tax_id, payee_kpp, payee_account,
    payee_bank_id, payee_bank_name, purpose, raw, number_keys, reasons, proposals, created_at)
    from stdin";

fn write(rows: &mut Rows, line: &Line, kept: &Details) -> Result<(), Failure> {
    rows.plain(line.id.0).plain(line.statement.0);
    rows.plain(i32::try_from(kept.place).unwrap_or(i32::MAX));
    rows.plain(line.bank_account.0).plain(line.seller.0);
    rows.plain(line.direction.as_str()).plain(line.state.as_str()).text(&line.class);
    rows.plain(line.amount.amount()).plain(line.amount.currency().code());
    rows.plain(line.allocated.amount()).plain(line.booked_on);
    rows.maybe(line.doc_no.as_deref());
    rows.perhaps(line.doc_date);
    rows.maybe(kept.doc_kind.as_deref()).maybe(kept.uip.as_deref());
    match &kept.identity {
        Identity::Bank(id) => rows.text(id).maybe(None).maybe(None),
        Identity::Fingerprint(digest, occurrence) => {
            rows.maybe(None).bytes(digest);
            rows.plain(i32::try_from(*occurrence).unwrap_or(i32::MAX))
        }
    };
    party(rows, &line.payer);
    party(rows, &line.payee);
    rows.text(&line.purpose).json(&kept.raw)?;
    rows.array(&kept.number_keys).json(&line.reasons)?.json(&line.proposals)?;
    rows.last(line.created_at.to_rfc3339());
    Ok(())
}

fn party(rows: &mut Rows, party: &Party) {
    rows.text(&party.name).maybe(party.tax_id.as_deref()).maybe(party.kpp.as_deref());
    rows.maybe(party.account.as_deref()).maybe(party.bank_id.as_deref());
    rows.maybe(party.bank_name.as_deref());
}

struct Columns<'a>(&'a [(Line, Details)]);

impl<'a> Columns<'a> {
    fn of<T>(&self, value: impl Fn(&'a Details) -> T) -> Vec<T> {
        self.0.iter().map(|(_, kept)| value(kept)).collect()
    }
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
