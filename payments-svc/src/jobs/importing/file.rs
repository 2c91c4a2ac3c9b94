//! A file on its way to the database: read and admitted, its accounts ours, its lines with what
//! makes each unique.

use crate::domain::lines::{self, Identity, Line};
use crate::domain::statements::verdict::{self, Confirmation, Refusal};
use crate::domain::statements::{Remark, StatementFile, StatementLine, Status};
use crate::readers;
use crate::store::bank_accounts::BankAccount;
use crate::store::lines::import::Details;
use chrono::{DateTime, Utc};
use service::blobs::BlobId;
use service::{Failure, Text};
use std::collections::{BTreeSet, HashSet};
use types::Money;
use types::id::{LineId, StatementId};

/// Code of the remark about lines that wait for the bank.
const PENDING: &str = "PENDING_NOT_IMPORTED";

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
    // A 1C file tells no currency but by digits of accounts; the other formats do.
    let told = file.format != readers::one_c::FORMAT;
    let mut aside = Vec::new();
    file.lines.retain_mut(|line| {
        let account = of(&line.own_account).map_or(line.currency, |own| own.currency.into());
        if !told {
            line.currency = account;
        }
        let remark = if line.status == Status::Pending {
            Some(pending(line))
        } else if line.currency != account {
            Some(of_another_currency(line))
        } else {
            money(line).is_none().then(|| finer_than_currency(line))
        };
        let keeps = remark.is_none();
        aside.extend(remark);
        keeps
    });
    let (waits, bad): (Vec<_>, Vec<_>) = aside.into_iter().partition(|r| r.code == PENDING);
    file.warnings.extend(waits);
    file.bad.extend(bad);
    Ok(file)
}

/// The amount in the currency that it is stored in.
fn money(line: &StatementLine) -> Option<Money> {
    Money::new(line.amount, line.currency.known()?).ok()
}

/// The bank will send it again, booked or not at all.
fn pending(line: &StatementLine) -> Remark {
    Remark::new(
        line.line,
        PENDING,
        "Операция ещё не проведена банком и не загружена",
        "The bank has not booked this line yet; it is not imported",
    )
}

fn of_another_currency(line: &StatementLine) -> Remark {
    let currency = line.currency;
    Remark::new(
        line.line,
        "CURRENCY_DIFFERS",
        format!("Валюта {currency} не валюта счёта"),
        format!("The currency {currency} is not that of the account"),
    )
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

/// A line of a file with what makes it unique.
pub type Read = (StatementLine, Identity);

/// The lines of a file, each once, in canonical order: of two that race for one invoice, the one
/// booked first wins, whatever the order of the file.
#[must_use]
pub fn lines(lines: Vec<StatementLine>) -> Vec<Read> {
    let identities = lines::identities(&lines, |bytes| BlobId::of(bytes).0);
    let mut all: Vec<_> = lines.into_iter().zip(identities).collect();
    let mut named = HashSet::new();
    all.retain(|(line, identity)| match identity {
        Identity::Bank(id) => named.insert((line.own_account.clone(), id.clone())),
        Identity::Fingerprint(..) => true,
    });
    all.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
    all
}

/// What lines become once they belong to a statement of ours.
#[derive(Debug)]
pub struct Ours {
    pub(super) statement: StatementId,
    at: DateTime<Utc>,
    accounts: Vec<BankAccount>,
    numbers: BTreeSet<String>,
    tax_ids: BTreeSet<String>,
}

impl Ours {
    /// A statement, when it was stored, our accounts and our tax ids.
    #[must_use]
    pub fn new(
        statement: StatementId,
        at: DateTime<Utc>,
        accounts: Vec<BankAccount>,
        tax_ids: BTreeSet<String>,
    ) -> Self {
        let numbers = accounts.iter().map(|a| a.account.clone()).collect();
        Self { statement, at, accounts, numbers, tax_ids }
    }

    /// A line about to be stored.
    #[must_use]
    pub fn line(&self, (line, identity): Read) -> Option<NewLine> {
        let account = self.accounts.iter().find(|own| own.account == line.own_account)?;
        let class = lines::classify(&line, &self.numbers, &self.tax_ids);
        let amount = money(&line)?;
        let (place, raw) = (line.line, line.raw);
        let (doc_kind, uip, number_keys) = (line.doc_kind, line.uip, BTreeSet::new());
        let details = Details { place, doc_kind, uip, raw, identity, number_keys };
        let line = Line {
            id: LineId::generate(),
            statement: self.statement,
            bank_account: account.id,
            seller: account.seller,
            direction: line.direction,
            state: class.first_state(),
            class: class.as_str().into(),
            amount,
            allocated: Money::zero(amount.currency()),
            booked_on: line.booked_on,
            doc_no: line.doc_no,
            doc_date: line.doc_date,
            payer: line.payer,
            payee: line.payee,
            purpose: line.purpose,
            reasons: Vec::new(),
            proposals: Vec::new(),
            revision: 1,
            created_at: self.at,
        };
        Some((line, details))
    }
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
