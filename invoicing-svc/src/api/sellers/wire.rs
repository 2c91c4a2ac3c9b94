//! Sellers on the wire.

use super::parse;
use crate::{
    domain::{
        number_series::{FormatError, NumberFormat},
        sellers::{BankDetails, RegimeError, RegimeHistory, Seller},
        tax::{TaxRegime, TaxRounding},
    },
    store::sellers::SellerRow,
};
use proto::{convert, invoicing::v1 as pb};
use service::{Failure, Frame, Text, Violations, etag};
use std::str::FromStr;
use types::{
    Bilingual, Country, Currency,
    id::SellerId,
    requisites::{Account, BankRequisites, Bic, CorrespondentAccount, Iban, Kpp, TaxId},
};

/// Days from issue to due date of an extra invoice (A194).
const DUE_DAYS: u32 = 7;
/// Days before a period that its renewal is invoiced (A195).
const LEAD_DAYS: u32 = 20;
/// What an update may change.
pub(super) const MUTABLE: [&str; 15] = [
    "title",
    "country",
    "tax_id",
    "kpp",
    "ogrn",
    "address",
    "tax_regimes",
    "account",
    "due_days",
    "lead_days",
    "invoice_number_format",
    "act_number_format",
    "signatory",
    "hold_invoices",
    "currency",
];

pub(super) fn populated(given: &pb::Seller, path: &str) -> bool {
    match path {
        "title" => !given.title.is_empty(),
        "country" => !given.country.is_empty(),
        "tax_id" => !given.tax_id.is_empty(),
        "kpp" => !given.kpp.is_empty(),
        "ogrn" => !given.ogrn.is_empty(),
        "address" => !given.address.is_empty(),
        "currency" => !given.currency.is_empty(),
        "tax_regimes" => !given.tax_regimes.is_empty(),
        "account" => given.account.is_some(),
        "due_days" => given.due_days != 0,
        "lead_days" => given.lead_days != 0,
        "invoice_number_format" => !given.invoice_number_format.is_empty(),
        "act_number_format" => !given.act_number_format.is_empty(),
        "signatory" => !given.signatory.is_empty(),
        "hold_invoices" => given.hold_invoices,
        _ => false,
    }
}

pub(super) fn merge(into: &mut pb::Seller, given: &pb::Seller, path: &str) {
    let given = given.clone();
    match path {
        "title" => into.title = given.title,
        "country" => into.country = given.country,
        "tax_id" => into.tax_id = given.tax_id,
        "kpp" => into.kpp = given.kpp,
        "ogrn" => into.ogrn = given.ogrn,
        "address" => into.address = given.address,
        "currency" => into.currency = given.currency,
        "tax_regimes" => into.tax_regimes = given.tax_regimes,
        "account" => into.account = given.account,
        "due_days" => into.due_days = given.due_days,
        "lead_days" => into.lead_days = given.lead_days,
        "invoice_number_format" => into.invoice_number_format = given.invoice_number_format,
        "act_number_format" => into.act_number_format = given.act_number_format,
        "signatory" => into.signatory = given.signatory,
        "hold_invoices" => into.hold_invoices = given.hold_invoices,
        _ => {}
    }
}

/// Reads a whole seller; every violation at once.
pub(super) fn read(given: &pb::Seller, id: SellerId, frame: &Frame) -> Result<SellerRow, Failure> {
    let mut v = Violations::default();
    let title = parse::required_text(&mut v, "seller.title", &given.title, 200);
    let country: Option<Country> =
        v.take("seller.country", given.country.parse().map_err(|e| Text::of(&e)));
    let tax_id = country.and_then(|country| {
        let tax_id = TaxId::parse(country, &given.tax_id);
        v.take("seller.tax_id", tax_id.map_err(|e| Text::of(&e)))
    });
    let currency: Option<Currency> =
        v.take("seller.currency", given.currency.parse().map_err(|e| Text::of(&e)));
    let kpp = optional(&mut v, "seller.kpp", &given.kpp, Kpp::parse);
    let ogrn = parse::text(&mut v, "seller.ogrn", &given.ogrn, 15);
    let address = parse::text(&mut v, "seller.address", &given.address, 300);
    let bank = read_account(&mut v, given.account.as_ref(), country.as_ref());
    let regimes = read_regimes(&mut v, &given.tax_regimes);
    let due_days =
        parse::number(&mut v, "seller.due_days", given.due_days, (1, 365), Some(DUE_DAYS));
    let lead_days =
        parse::number(&mut v, "seller.lead_days", given.lead_days, (1, 365), Some(LEAD_DAYS));
    let formats = read_formats(&mut v, given);
    let signatory = parse::text(&mut v, "seller.signatory", &given.signatory, 200);
    v.finish()?;
    let parts = (country, tax_id, currency, bank, regimes, formats);
    let (Some(country), Some(tax_id), Some(currency), Some(bank), Some(regimes), Some(formats)) =
        parts
    else {
        return Err(Failure::internal("a seller without violations lacks a part"));
    };
    Ok(SellerRow {
        seller: Seller {
            id,
            name: title,
            inn: tax_id.digits().to_owned(),
            kpp,
            ogrn: (!ogrn.is_empty()).then_some(ogrn),
            address,
            bank,
            signatory: (!signatory.is_empty()).then_some(signatory),
            regimes,
        },
        country: country.code().to_owned(),
        currency,
        due_days,
        lead_days,
        invoice_format: formats.0,
        act_format: formats.1,
        hold_invoices: given.hold_invoices,
        tax_rounding: TaxRounding::PerLine,
        revision: 1,
        created_at: frame.clock.now(),
    })
}

/// How invoices and acts are numbered. Acts have no service code to hold.
fn read_formats(v: &mut Violations, given: &pb::Seller) -> Option<(NumberFormat, NumberFormat)> {
    let (invoice, act) = ("seller.invoice_number_format", "seller.act_number_format");
    let invoice = read_format(v, invoice, &given.invoice_number_format, "{sequence}{check}");
    let format = read_format(v, act, &given.act_number_format, "{sequence}");
    if format.as_ref().is_some_and(NumberFormat::counts_per_service) {
        let text = Text::new(
            "Номер акта не может содержать код услуги.",
            "An act's number cannot hold a service code.",
        );
        v.field(act, text);
    }
    invoice.zip(format)
}

/// A requisite that may be empty.
fn optional<T: ToString, E: Bilingual>(
    v: &mut Violations,
    field: &str,
    given: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Option<String> {
    if given.is_empty() {
        return None;
    }
    v.take(field, parse(given).map_err(|e| Text::of(&e))).map(|t| t.to_string())
}

fn read_account(
    v: &mut Violations,
    given: Option<&pb::SellerAccount>,
    country: Option<&Country>,
) -> Option<BankDetails> {
    let Some(given) = given else {
        v.field("seller.account", parse::required());
        return None;
    };
    let bank = parse::required_text(v, "seller.account.bank", &given.bank, 200);
    if country != Some(&Country::RU) {
        let account = v.take(
            "seller.account.account",
            Iban::parse(&given.account).map_err(|e| Text::of(&e)),
        )?;
        let bic = parse::text(v, "seller.account.bic", &given.bic, 11);
        let correspondent = String::new();
        return Some(BankDetails { account: account.to_string(), bank, bic, correspondent });
    }
    let account =
        v.take("seller.account.account", Account::parse(&given.account).map_err(|e| Text::of(&e)));
    let bic = v.take("seller.account.bic", Bic::parse(&given.bic).map_err(|e| Text::of(&e)));
    let correspondent = if given.correspondent_account.is_empty() {
        None
    } else {
        let parsed = CorrespondentAccount::parse(&given.correspondent_account);
        v.take("seller.account.correspondent_account", parsed.map_err(|e| Text::of(&e)))
    };
    let checked = BankRequisites::new(bic?, account?, correspondent);
    let checked = v.take("seller.account", checked.map_err(|e| Text::of(&e)))?;
    Some(BankDetails {
        account: checked.account().to_string(),
        bank,
        bic: checked.bic().to_string(),
        correspondent: checked.correspondent().map(ToString::to_string).unwrap_or_default(),
    })
}

fn read_regimes(v: &mut Violations, given: &[pb::TaxRegime]) -> Option<RegimeHistory> {
    let rows: Vec<_> = given
        .iter()
        .enumerate()
        .filter_map(|(i, r)| {
            let from = format!("seller.tax_regimes[{i}].from");
            let kind = format!("seller.tax_regimes[{i}].kind");
            let day = parse::required_date(v, &from, r.from.as_ref());
            let wire = pb::tax_regime::Kind::try_from(r.kind).map(|k| k.as_str_name());
            Some((day?, parse::choice::<TaxRegime, _>(v, &kind, wire, None)?))
        })
        .collect();
    if rows.len() < given.len() {
        return None;
    }
    v.take("seller.tax_regimes", RegimeHistory::new(rows).map_err(|e| regime_text(&e)))
}

fn regime_text(e: &RegimeError) -> Text {
    let ru = match e {
        RegimeError::None => "Укажите хотя бы один налоговый режим с первым днём.".into(),
        RegimeError::SameDay(day) => {
            format!("Два режима начинаются {}; оставьте один.", day.format("%d.%m.%Y"))
        }
        RegimeError::InsideMonth(day) => {
            format!("Режим начинается {} – не с первого дня месяца.", day.format("%d.%m.%Y"))
        }
        RegimeError::TooEarly { regime, since, .. } => {
            format!("Режим {regime} существует только с {}.", since.format("%d.%m.%Y"))
        }
    };
    Text::new(ru, e.to_string())
}

fn read_format(
    v: &mut Violations,
    field: &str,
    given: &str,
    default: &str,
) -> Option<NumberFormat> {
    let given = if given.is_empty() { default } else { given };
    v.take(field, NumberFormat::from_str(given).map_err(|e| format_text(&e)))
}

fn format_text(e: &FormatError) -> Text {
    let ru = match e {
        FormatError::Brace(at) => format!("Скобка в позиции {at} без пары."),
        FormatError::Placeholder(name) => {
            format!(
                "Неизвестная подстановка {{{name}}}; есть {{service}}, {{sequence}}, {{check}}."
            )
        }
        FormatError::Width(width) => format!("Ширина «{width}» – не число от 1 до 12."),
        FormatError::Count { placeholder, count } => {
            format!("Подстановка {{{placeholder}}} встречается {count} раз, нужна один раз.")
        }
        FormatError::CheckNotLast => "Подстановка {check} должна стоять последней.".into(),
        FormatError::Touching => {
            "Цифра или {service} стоит вплотную к {sequence}: поставьте разделитель.".into()
        }
        FormatError::Character => "Управляющие символы и крайние пробелы не допускаются.".into(),
        FormatError::TooLong => "Номера вышли бы слишком длинными.".into(),
    };
    Text::new(ru, e.to_string())
}

/// What other services are told.
pub(super) fn changed(row: &SellerRow) -> pb::SellerChanged {
    let s = &row.seller;
    pb::SellerChanged {
        seller: s.id.to_string(),
        account: s.bank.account.clone(),
        bic: s.bank.bic.clone(),
        currency: row.currency.code().into(),
        title: s.name.clone(),
        tax_id: s.inn.clone(),
    }
}

pub(super) fn encode(row: &SellerRow) -> pb::Seller {
    let s = &row.seller;
    pb::Seller {
        name: s.id.to_string(),
        title: s.name.clone(),
        country: row.country.clone(),
        tax_id: s.inn.clone(),
        kpp: s.kpp.clone().unwrap_or_default(),
        ogrn: s.ogrn.clone().unwrap_or_default(),
        address: s.address.clone(),
        currency: row.currency.code().into(),
        tax_regimes: s.regimes.rows().iter().map(|(day, kind)| regime(*day, *kind)).collect(),
        account: Some(pb::SellerAccount {
            account: s.bank.account.clone(),
            bic: s.bank.bic.clone(),
            correspondent_account: s.bank.correspondent.clone(),
            bank: s.bank.bank.clone(),
        }),
        due_days: i32::try_from(row.due_days).unwrap_or_default(),
        lead_days: i32::try_from(row.lead_days).unwrap_or_default(),
        invoice_number_format: row.invoice_format.to_string(),
        act_number_format: row.act_format.to_string(),
        signatory: s.signatory.clone().unwrap_or_default(),
        hold_invoices: row.hold_invoices,
        etag: etag(row.revision),
        create_time: Some(convert::timestamp(row.created_at)),
    }
}

fn regime(day: chrono::NaiveDate, kind: TaxRegime) -> pb::TaxRegime {
    let kind = pb::tax_regime::Kind::from_str_name(kind.code()).unwrap_or_default();
    pb::TaxRegime { from: Some(day.into()), kind: kind.into() }
}
