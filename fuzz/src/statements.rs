//! Bank statements.

use crate::storable;
use payments_svc::{
    domain::{
        lines, matching,
        statements::{
            Party, StatementFile, StatementLine, arithmetic,
            verdict::{self, Confirmation},
        },
    },
    readers::{self, MAX_DOCUMENTS, MAX_REMARKS, MAX_SECTIONS},
};
use rust_decimal::Decimal;
use service::blobs::BlobId;

/// Reads a statement as `Statements.ImportStatement` does, up to the database.
///
/// # Panics
/// When what was read breaks a promise.
pub fn statement(bytes: &[u8]) {
    let Ok(file) = readers::read(bytes) else { return };
    holds(&file);
    for line in &file.lines {
        line_holds(line);
        // The purpose is the payer's text: the matcher reads it too.
        let _ = matching::probes(&line.purpose);
    }
    let identities = lines::identities(&file.lines, |bytes| BlobId::of(bytes).0);
    assert_eq!(identities.len(), file.lines.len(), "every line has its key");
    let _ = arithmetic::check(&file);
    let _ = arithmetic::proves_no_movement(&file);
    for word in [Confirmation::None, Confirmation::Truncated] {
        if let Ok(file) = verdict::admit(file.clone(), word) {
            assert!(!file.accounts.is_empty(), "without an own account nothing has a direction");
        }
    }
}

fn holds(file: &StatementFile) {
    assert!(file.documents <= MAX_DOCUMENTS && file.days.len() <= MAX_SECTIONS);
    assert!(file.warnings.len() <= MAX_REMARKS && file.bad.len() <= file.documents);
    for remark in file.warnings.iter().chain(&file.bad) {
        storable(&remark.ru);
        storable(&remark.en);
    }
    for text in [&file.version, &file.sender, &file.declared_encoding].into_iter().flatten() {
        storable(text);
    }
    file.accounts.iter().for_each(|account| storable(account));
}

fn line_holds(line: &StatementLine) {
    assert!(line.amount > Decimal::ZERO, "{}", line.amount);
    assert!(line.amount.scale() <= 2, "{} has fractions of a kopeck", line.amount);
    storable(&line.purpose);
    for Party { name, tax_id, account, .. } in [&line.payer, &line.payee] {
        storable(name);
        tax_id.iter().chain(account).for_each(|text| storable(text));
    }
    for (key, value) in &line.raw {
        storable(key);
        storable(value);
    }
}
