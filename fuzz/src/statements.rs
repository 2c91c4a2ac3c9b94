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
    readers::{self, MAX_DOCUMENTS, MAX_REMARKS, MAX_SECTIONS, inspect},
};
use rust_decimal::Decimal;
use service::blobs::BlobId;

/// Reads a statement as `Statements.ImportStatement` does, up to the database.
///
/// # Panics
/// When what was read breaks a promise.
pub fn statement(bytes: &[u8]) {
    let mut shown = Vec::new();
    if inspect::write(&bytes, &[], &mut shown).is_ok() {
        let shown: serde_json::Value = serde_json::from_slice(&shown).unwrap_or_default();
        assert!(shown["lines"].is_array(), "what is shown is JSON");
    }
    let Ok(file) = readers::read(bytes) else { return };
    told(&file);
}

/// Reads bytes by one reader, whatever they look like.
///
/// # Panics
/// When what was read breaks a promise.
pub fn reader(format: &str, bytes: &[u8]) {
    if let Ok(file) = readers::read_as(format, bytes) {
        told(&file);
    }
}

fn told(file: &StatementFile) {
    holds(file);
    for line in &file.lines {
        line_holds(line);
        // The purpose is the payer's text: the matcher reads it too.
        let _ = matching::probes(&line.purpose);
    }
    let identities = lines::identities(&file.lines, |bytes| BlobId::of(bytes).0);
    assert_eq!(identities.len(), file.lines.len(), "every line has its key");
    let _ = arithmetic::check(file);
    let _ = arithmetic::proves_no_movement(file);
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
    let scale = line.currency.scale().max(2);
    assert!(line.amount.scale() <= scale, "{} has fractions of a kopeck", line.amount);
    storable(&line.purpose);
    let told = [&line.doc_no, &line.doc_kind, &line.bank_unique_id, &line.bank_reference];
    told.into_iter().flatten().for_each(|text| storable(text));
    let told = [&line.end_to_end_id, &line.structured_reference, &line.return_reason, &line.uip];
    told.into_iter().flatten().for_each(|text| storable(text));
    for Party { name, tax_id, account, .. } in [&line.payer, &line.payee] {
        storable(name);
        tax_id.iter().chain(account).for_each(|text| storable(text));
    }
    for (key, value) in &line.raw {
        storable(key);
        storable(value);
    }
}
