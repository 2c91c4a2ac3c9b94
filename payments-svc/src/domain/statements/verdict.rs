//! Whether a file that was read may be imported at all (issue 2, bad input).

use super::arithmetic::{self, Arithmetic};
use super::{Remark, StatementFile};

/// Why nothing of a file is imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {en}", en = .reason.en)]
pub struct Refusal {
    /// Stable code, such as `STATEMENT_TRUNCATED`.
    pub code: &'static str,
    /// Whether the same file may be taken later, when something else has changed.
    pub curable: bool,
    /// The reason and what to do about it.
    pub reason: Box<Remark>,
    /// What was found in the file that a person should see beside it (bad documents, differences).
    pub details: Vec<Remark>,
}

impl Refusal {
    /// A refusal of the whole file.
    pub fn new(code: &'static str, ru: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code,
            curable: false,
            reason: Box::new(Remark::new(0, code, ru, en)),
            details: Vec::new(),
        }
    }

    /// The same refusal of a file that may be taken later.
    #[must_use]
    pub fn curable(self) -> Self {
        Self { curable: true, ..self }
    }

    /// The same refusal with what a person should see beside it.
    #[must_use]
    pub fn with(self, details: Vec<Remark>) -> Self {
        Self { details, ..self }
    }
}

/// A person's word that a file without its end is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// Nobody looked.
    None,
    /// A person confirms that the file may be taken although it looks cut.
    Truncated,
}

/// Adds what the arithmetic says to the warnings, or refuses the file.
///
/// # Errors
/// - `STATEMENT_WITHOUT_ACCOUNT`: the file names no account;
/// - `STATEMENT_EMPTY`: no readable document, and the file does not prove that there is none;
/// - `STATEMENT_TRUNCATED`: the end is missing, the arithmetic does not close, nobody confirmed.
pub fn admit(
    mut file: StatementFile,
    confirmation: Confirmation,
) -> Result<StatementFile, Refusal> {
    if file.accounts.is_empty() {
        return Err(without_account().with(file.bad));
    }
    if file.lines.is_empty() && !(file.bad.is_empty() && arithmetic::proves_no_movement(&file)) {
        return Err(empty(&file).with(file.bad));
    }
    set_aside_nobodys(&mut file);
    let verdict = arithmetic::check(&file);
    if !file.has_end {
        if verdict != Arithmetic::Closes && confirmation == Confirmation::None {
            let details = match verdict {
                Arithmetic::Differs(differences) => differences,
                Arithmetic::Closes | Arithmetic::Unproved => Vec::new(),
            };
            return Err(truncated().with(details));
        }
        file.warnings.push(Remark::new(
            0,
            "TRUNCATED",
            "Нет строки «КонецФайла»: файл мог быть обрезан",
            "The line КонецФайла is missing: the file may have been cut",
        ));
    }
    if let Arithmetic::Differs(differences) = verdict {
        file.warnings.extend(differences);
    }
    Ok(file)
}

/// A line of none of the accounts that the file names cannot be stored: a person must look.
fn set_aside_nobodys(file: &mut StatementFile) {
    let nobodys = |line: &super::StatementLine| line.own_account.is_empty();
    let (bad, good) = std::mem::take(&mut file.lines).into_iter().partition(nobodys);
    file.lines = good;
    file.bad.extend::<Vec<Remark>>(
        bad.iter()
            .map(|line| {
                Remark::new(
                    line.line,
                    "ACCOUNT_UNKNOWN",
                    "Ни плательщик, ни получатель не совпадает ни с одним из счетов выписки",
                    "Neither payer nor payee is one of the accounts of the statement",
                )
            })
            .collect(),
    );
}

/// The refusal of a file that names no account of its own.
#[must_use]
pub fn without_account() -> Refusal {
    Refusal::new(
        "STATEMENT_WITHOUT_ACCOUNT",
        "В файле не назван ни один расчётный счёт (РасчСчет), поэтому нельзя понять, чья это \
         выписка. Выгрузите её из банка заново.",
        "The file names no account of its own (РасчСчет), so nobody can tell whose statement \
         it is. Export it from the bank again.",
    )
}

/// The refusal of a file in which nothing can be read.
#[must_use]
pub fn empty(file: &StatementFile) -> Refusal {
    Refusal::new(
        "STATEMENT_EMPTY",
        format!(
            "В файле нет ни одного читаемого документа (найдено документов: {}), а обороты не \
             показывают, что движения не было. Выгрузите выписку с документами.",
            file.documents
        ),
        format!(
            "The file holds no readable document ({} found), and its turnovers do not show that \
             nothing moved. Export the statement together with its documents.",
            file.documents
        ),
    )
}

fn truncated() -> Refusal {
    Refusal::new(
        "STATEMENT_TRUNCATED",
        "Нет строки «КонецФайла», и обороты не сходятся с документами: похоже, файл обрезан. \
         Выгрузите его заново или подтвердите, что он полон.",
        "The line КонецФайла is missing and the turnovers do not agree with the documents: the \
         file looks cut. Export it again, or confirm that it is whole.",
    )
    .curable()
}

/// The refusal of a statement of accounts that are not ours.
#[must_use]
pub fn of_another_account(accounts: &[&str]) -> Refusal {
    let list = accounts.join(", ");
    Refusal::new(
        "STATEMENT_OF_ANOTHER_ACCOUNT",
        format!(
            "Выписка по счёту, которого нет среди банковских счетов продавцов: {list}. Проверьте \
             файл или добавьте счёт."
        ),
        format!(
            "The statement is of an account that no seller has: {list}. Check the file, or add \
             the bank account."
        ),
    )
    .curable()
}
