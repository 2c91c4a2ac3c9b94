//! Operations of Ukrainian banks (payments.md §1.4).

use super::shapes::{Fields, Read, amount, text};
use crate::domain::statements::{CurrencyCode, Direction, Party, Remark, Status};
use crate::readers::values;
use rust_decimal::Decimal;
use serde_json::Value;

/// PrivatBank's Autoclient.
pub(super) fn privat_bank(fields: &Fields, line: usize) -> Result<Read, Remark> {
    let party = |prefix: &str| Party {
        name: text(fields, &[&format!("{prefix}_NAM")]).unwrap_or_default(),
        tax_id: text(fields, &[&format!("{prefix}_CRF")]).and_then(|id| values::tax_id(&id)),
        kpp: None,
        account: text(fields, &[&format!("{prefix}_ACC")])
            .and_then(|a| values::plausible_account(&a)),
        bank_id: text(fields, &[&format!("{prefix}_MFO")]),
        bank_name: text(fields, &[&format!("{prefix}_MFO_NAME")]),
    };
    let (own, other) = (party("AUT_MY"), party("AUT_CNTR"));
    let direction = match text(fields, &["TRANTYPE"]).as_deref() {
        Some("C") => Direction::In,
        Some("D") => Direction::Out,
        _ => Direction::Unknown,
    };
    let (payer, payee) = if direction == Direction::Out { (own, other) } else { (other, own) };
    let reference = text(fields, &["REF"])
        .map(|reference| format!("{reference}{}", text(fields, &["REFN"]).unwrap_or_default()));
    let booked = text(fields, &["PR_PR"]).is_none_or(|state| state == "r");
    Ok(Read {
        amount: amount(fields, &["SUM"], line)?,
        direction,
        status: if booked { Status::Booked } else { Status::Pending },
        currency: text(fields, &["CCY"])
            .and_then(|code| CurrencyCode::parse(&code))
            .or(CurrencyCode::parse("UAH")),
        payer,
        payee,
        purpose: text(fields, &["OSND"]),
        number: text(fields, &["NUM_DOC"]),
        reference,
        date: text(fields, &["DATE_TIME_DAT_OD_TIM_P", "DAT_OD", "DAT_KL"]),
        doc_date: text(fields, &["DAT_KL"]),
    })
}

/// monobank.
pub(super) fn monobank(fields: &Fields, line: usize) -> Result<Read, Remark> {
    let minor = amount(fields, &["amount"], line)?;
    let other = Party {
        name: text(fields, &["counterName"]).unwrap_or_default(),
        tax_id: text(fields, &["counterEdrpou"]).and_then(|id| values::tax_id(&id)),
        account: text(fields, &["counterIban"]).and_then(|a| values::plausible_account(&a)),
        ..Party::default()
    };
    let out = minor.is_sign_negative();
    let (payer, payee) = if out { (Party::default(), other) } else { (other, Party::default()) };
    let hold = fields.get("hold").and_then(Value::as_bool).unwrap_or_default();
    let number = text(fields, &["currencyCode"]).map(|code| format!("{code:0>3}"));
    let both = [text(fields, &["description"]), text(fields, &["comment"])];
    let purpose = both.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Ok(Read {
        amount: (minor / Decimal::ONE_HUNDRED).normalize().round_dp(2),
        direction: if out { Direction::Out } else { Direction::In },
        status: if hold { Status::Pending } else { Status::Booked },
        // `currencyCode` is that of the operation; the account's is told elsewhere.
        currency: number.and_then(|code| CurrencyCode::parse(&code)),
        payer,
        payee,
        purpose: Some(purpose),
        number: text(fields, &["receiptId"]),
        reference: text(fields, &["id"]),
        date: text(fields, &["time"]),
        doc_date: None,
    })
}

/// PUMB.
pub(super) fn pumb(fields: &Fields, line: usize) -> Result<Read, Remark> {
    let signed = amount(fields, &["amount"], line)?;
    let other = Party {
        name: text(fields, &["correspondentName"]).unwrap_or_default(),
        tax_id: text(fields, &["correspondentTaxId"]).and_then(|id| values::tax_id(&id)),
        account: text(fields, &["correspondentIBAN"]).and_then(|a| values::plausible_account(&a)),
        bank_id: text(fields, &["correspondentBankMfo"]),
        ..Party::default()
    };
    let side = text(fields, &["operationType", "type", "debitCredit"]).unwrap_or_default();
    let out = signed.is_sign_negative() || side.to_lowercase().starts_with('d');
    let (payer, payee) = if out { (Party::default(), other) } else { (other, Party::default()) };
    Ok(Read {
        amount: signed,
        direction: if out { Direction::Out } else { Direction::In },
        status: Status::Booked,
        currency: text(fields, &["currency"])
            .and_then(|c| CurrencyCode::parse(&c))
            .or(CurrencyCode::parse("UAH")),
        payer,
        payee,
        purpose: text(fields, &["description"]),
        number: text(fields, &["docNumber", "docId"]),
        reference: text(fields, &["docId"]),
        date: text(fields, &["operationDate"]),
        doc_date: None,
    })
}
