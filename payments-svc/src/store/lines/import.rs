//! Stores the lines of a file, some at a time.

use crate::domain::lines::{Class, Identity};
use crate::domain::matching;
use crate::domain::statements::StatementLine;
use chrono::{DateTime, Utc};
use service::Failure;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashSet};
use types::id::{BankAccountId, LineId, SellerId, StatementId};
use uuid::Uuid;

/// A line about to be stored.
#[derive(Debug, Clone)]
pub struct NewLine<'f> {
    /// Its id, if it is new.
    pub id: LineId,
    /// What the file says.
    pub line: &'f StatementLine,
    /// Own account.
    pub bank_account: BankAccountId,
    /// Seller whose account it is.
    pub seller: SellerId,
    /// What it is about.
    pub class: Class,
    /// What makes it unique.
    pub identity: Identity,
}

/// Stores lines, but for those whose identity is stored already; answers the ids that are new.
/// Lines come in the order of their accounts and identities, so that two imports of overlapping
/// files wait for each other, not in a circle.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    statement: StatementId,
    lines: &[NewLine<'_>],
    at: DateTime<Utc>,
) -> Result<HashSet<LineId>, Failure> {
    let column = Columns(lines);
    let ids = sqlx::query_file_scalar!(
        "src/store/lines/import.sql",
        statement.0,
        at,
        &column.of(|new| new.id.0),
        &column.of(|new| i32::try_from(new.line.line).unwrap_or(i32::MAX)),
        &column.of(|new| new.bank_account.0),
        &column.of(|new| new.seller.0),
        &column.of(|new| new.line.direction.as_str().to_owned()),
        &column.of(|new| new.class.first_state().as_str().to_owned()),
        &column.of(|new| new.class.as_str().to_owned()),
        &column.of(|new| new.line.amount),
        &column.of(|new| new.line.currency.code().to_owned()),
        &column.of(|new| new.line.booked_on),
        &column.of(|new| new.line.doc_no.clone()) as _,
        &column.of(|new| new.line.doc_date) as _,
        &column.of(|new| new.line.doc_kind.clone()) as _,
        &column.of(|new| new.line.uip.clone()) as _,
        &column.of(|new| bank_id(&new.identity)) as _,
        &column.of(|new| fingerprint(&new.identity)) as _,
        &column.of(|new| occurrence(&new.identity)) as _,
        &column.of(|new| new.line.payer.name.clone()),
        &column.of(|new| new.line.payer.tax_id.clone()) as _,
        &column.of(|new| new.line.payer.kpp.clone()) as _,
        &column.of(|new| new.line.payer.account.clone()) as _,
        &column.of(|new| new.line.payer.bank_id.clone()) as _,
        &column.of(|new| new.line.payer.bank_name.clone()) as _,
        &column.of(|new| new.line.payee.name.clone()),
        &column.of(|new| new.line.payee.tax_id.clone()) as _,
        &column.of(|new| new.line.payee.kpp.clone()) as _,
        &column.of(|new| new.line.payee.account.clone()) as _,
        &column.of(|new| new.line.payee.bank_id.clone()) as _,
        &column.of(|new| new.line.payee.bank_name.clone()) as _,
        &column.of(|new| new.line.purpose.clone()),
        &column.of(|new| serde_json::json!(new.line.raw)),
        &column.of(|new| number_keys(&new.line.purpose))
    );
    Ok(ids.fetch_all(conn).await?.into_iter().map(|id: Uuid| LineId(id)).collect())
}

struct Columns<'a>(&'a [NewLine<'a>]);

impl Columns<'_> {
    fn of<T>(&self, value: impl Fn(&NewLine<'_>) -> T) -> Vec<T> {
        self.0.iter().map(value).collect()
    }
}

/// Canonical numbers that a purpose names, parted by blanks, which none of them holds.
fn number_keys(purpose: &str) -> String {
    let keys: BTreeSet<String> =
        matching::probes(purpose).into_iter().flat_map(|key| [key.full, key.tail]).collect();
    keys.into_iter().collect::<Vec<_>>().join(" ")
}

fn bank_id(identity: &Identity) -> Option<String> {
    match identity {
        Identity::Bank(id) => Some(id.clone()),
        Identity::Fingerprint(..) => None,
    }
}

fn fingerprint(identity: &Identity) -> Option<Vec<u8>> {
    match identity {
        Identity::Bank(_) => None,
        Identity::Fingerprint(source, _) => Some(Sha256::digest(source).to_vec()),
    }
}

fn occurrence(identity: &Identity) -> Option<i32> {
    match identity {
        Identity::Bank(_) => None,
        Identity::Fingerprint(_, occurrence) => i32::try_from(*occurrence).ok(),
    }
}
