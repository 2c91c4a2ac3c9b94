//! A file on its way to the database: read and admitted, its accounts ours, its lines with what
//! makes each unique.

use crate::domain::lines::{self, Line};
use crate::domain::statements::verdict::{self, Confirmation, Refusal};
use crate::domain::statements::{Remark, StatementFile, StatementLine};
use crate::readers;
use crate::store::bank_accounts::BankAccount;
use crate::store::lines::import::Details;
use chrono::{DateTime, Utc};
use service::blobs::BlobId;
use service::{Failure, Text};
use std::collections::BTreeSet;
use types::Money;
use types::id::{LineId, StatementId};

/// A line about to be stored.
pub type NewLine = (Line, Details);

/// Reads and admits a file before any transaction: 32 MiB take longer than a turn of the runtime
/// may. The bytes come back.
///
/// # Errors
/// The refusals of [`readers::read`] and [`verdict::admit`].
pub async fn read(
    bytes: Vec<u8>,
    accept_truncated: bool,
) -> Result<(Vec<u8>, StatementFile), Failure> {
    let confirmation = if accept_truncated { Confirmation::Truncated } else { Confirmation::None };
    let read = tokio::task::spawn_blocking(move || {
        let file = readers::read(&bytes).and_then(|file| verdict::admit(file, confirmation))?;
        Ok((bytes, file))
    });
    read.await.map_err(Failure::internal)?.map_err(refused)
}

/// The file with the currency of each line taken from its account.
///
/// # Errors
/// The refusal of a file that names an account which is not ours.
pub fn of_our_accounts(
    mut file: StatementFile,
    own: &[BankAccount],
) -> Result<StatementFile, Failure> {
    let of = |account: &str| own.iter().find(|own| own.account == account);
    let foreign: Vec<&str> =
        file.accounts.iter().map(String::as_str).filter(|a| of(a).is_none()).collect();
    if !foreign.is_empty() {
        return Err(refused(verdict::of_another_account(&foreign)));
    }
    for line in &mut file.lines {
        if let Some(account) = of(&line.own_account) {
            line.currency = account.currency;
        }
    }
    let too_fine = |line: &StatementLine| Money::new(line.amount, line.currency).is_err();
    let (bad, good) = std::mem::take(&mut file.lines).into_iter().partition(too_fine);
    file.lines = good;
    file.bad.extend::<Vec<Remark>>(bad.iter().map(finer_than_currency).collect());
    Ok(file)
}

fn finer_than_currency(line: &StatementLine) -> Remark {
    let currency = line.currency;
    Remark::new(
        line.line,
        "AMOUNT_TOO_FINE",
        format!("Сумма {} мельче минимальной единицы {currency}", line.amount),
        format!("The amount {} is finer than the minor unit of {currency}", line.amount),
    )
    .of("Сумма")
}

/// Takes the lines out of a file, in canonical order: of two that race for one invoice, the one
/// booked first wins, whatever the order of the file.
#[must_use]
pub fn lines(
    file: &mut StatementFile,
    own: &[BankAccount],
    own_tax_ids: &BTreeSet<String>,
    statement: StatementId,
    at: DateTime<Utc>,
) -> Vec<NewLine> {
    let own_accounts: BTreeSet<String> = own.iter().map(|a| a.account.clone()).collect();
    let identities = lines::identities(&file.lines, |bytes| BlobId::of(bytes).0);
    let mut all: Vec<_> = std::mem::take(&mut file.lines).into_iter().zip(identities).collect();
    all.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
    all.into_iter()
        .filter_map(|(line, identity)| {
            let account = own.iter().find(|own| own.account == line.own_account)?;
            let class = lines::classify(&line, &own_accounts, own_tax_ids);
            let amount = Money::new(line.amount, line.currency).ok()?;
            let (place, raw) = (line.line, line.raw);
            let (doc_kind, uip, number_keys) = (line.doc_kind, line.uip, BTreeSet::new());
            let details = Details { place, doc_kind, uip, raw, identity, number_keys };
            let line = Line {
                id: LineId::generate(),
                statement,
                bank_account: account.id,
                seller: account.seller,
                direction: line.direction,
                state: class.first_state(),
                class: class.as_str().into(),
                amount,
                allocated: Money::zero(line.currency),
                booked_on: line.booked_on,
                doc_no: line.doc_no,
                doc_date: line.doc_date,
                payer: line.payer,
                payee: line.payee,
                purpose: line.purpose,
                reasons: Vec::new(),
                proposals: Vec::new(),
                revision: 1,
                created_at: at,
            };
            Some((line, details))
        })
        .collect()
}

/// What is absent comes last.
fn order(line: &StatementLine) -> impl Ord + '_ {
    let (date, number) = (line.doc_date, line.doc_no.as_deref());
    (line.booked_on, (date.is_none(), date), (number.is_none(), number), line.line)
}

/// A refusal of the whole file; what was found in it rides along, by line.
fn refused(refusal: Refusal) -> Failure {
    let listed: Vec<&Remark> = refusal.details.iter().take(20).collect();
    let list = |text: fn(&Remark) -> &str, line: &str| {
        let each = listed.iter().map(|r| format!(" [{line} {}: {}]", r.line, text(r)));
        each.collect::<String>()
    };
    let text = Text::new(
        format!("{}{}", refusal.reason.ru, list(|r| &r.ru, "строка")),
        format!("{}{}", refusal.reason.en, list(|r| &r.en, "line")),
    );
    if refusal.curable {
        Failure::precondition(refusal.code, text)
    } else {
        Failure::invalid_request(refusal.code, text)
    }
}
