//! The payment QR, read back by zbar.

use crate::documents::{payment, plain};
use crate::tools;
use pdf::qr::{Payment, QrError, draw};
use pdf::{InvoiceDocument, invoice};
use proptest::prelude::*;
use rust_decimal_macros::dec;

/// G29: the payload, letter by letter.
#[test]
fn payload_of_the_golden_invoice() {
    assert_eq!(
        payment().payload().unwrap(),
        "ST00012|Name=ООО \"Тайф-технологии\"|PersonalAcc=40702810502080001823\
         |BankName=АО \"АЛЬФА-БАНК\"|BIC=044525593|CorrespAcc=30101810200000000593\
         |PayeeINN=7709983032|KPP=770901001|Sum=86000\
         |Purpose=Оплата по счету 88#72815 от 09.02.2019. НДС не облагается"
    );
}

/// G29: from the paper, an independent decoder reads the payload byte for byte.
#[test]
fn the_printed_symbol_reads_back() {
    let long = Payment {
        name: &"Общество «Ёж и Ко»".repeat(9),
        bank_name: "ФИЛИАЛ «ЦЕНТРАЛЬНЫЙ» БАНКА ВЫДУМАННОГО (ПАО) В Г. МОСКВЕ",
        purpose: &"Оплата по счёту 88#72815 | № ₽ ".repeat(9),
        amount: dec!(9999999999.99),
        ..payment()
    };
    for payment in [payment(), long] {
        let payload = payment.payload().unwrap();
        let pdf = invoice(&InvoiceDocument { qr: Some(payload.clone()), ..plain() }).unwrap();
        let read = tools::decode_qr(&tools::raster(&pdf));
        assert_eq!(String::from_utf8_lossy(&read), payload);
        assert_eq!(read, payload.as_bytes());
    }
}

/// A module is at least 0.4064 mm and a symbol at most 80 mm wide.
#[test]
fn size_on_paper_keeps_to_the_standard() {
    for bytes in [1, 100, 400, 1000, 1200, 2331] {
        let symbol = draw(&"x".repeat(bytes)).unwrap();
        let modules: rust_decimal::Decimal = symbol.svg.split('"').nth(3).unwrap().parse().unwrap();
        assert!(symbol.side_mm / modules >= dec!(0.4064), "{bytes}");
        assert!(symbol.side_mm <= dec!(80), "{bytes}: {}", symbol.side_mm);
    }
    assert_eq!(draw(&"x".repeat(2332)), Err(QrError::TooLarge { bytes: 2332 }));
}

/// Another separator is taken when a value holds the usual one; none left is an error.
#[test]
fn separator_occurs_in_no_value() {
    let payload = |purpose| Payment { purpose, ..payment() }.payload();
    assert!(payload("a|b").unwrap().starts_with("ST00012~Name="));
    assert!(payload("a|b~c").unwrap().starts_with("ST00012^Name="));
    assert_eq!(payload("|~^`;_\\&"), Err(QrError::NoSeparator));
}

#[test]
fn limits_of_the_standard() {
    let name = "Ж".repeat(200);
    let payment_of = Payment { name: &name, bank_name: &name, purpose: &name, ..payment() };
    let purpose = "Щ".repeat(300);
    let payload = Payment { purpose: &purpose, ..payment_of }.payload().unwrap();
    let lengths: Vec<_> = payload
        .split('|')
        .map(|pair| pair.chars().filter(|each| "ЖЩ".contains(*each)).count())
        .collect();
    assert_eq!(lengths, [0, 160, 0, 45, 0, 0, 0, 0, 0, 210]);
    let mandatory = payload.split("|PayeeINN").next().unwrap().strip_prefix("ST00012|").unwrap();
    assert!(mandatory.chars().count() <= 300, "{}", mandatory.chars().count());
    let no_account = Payment { correspondent_account: None, kpp: None, ..payment() };
    let payload = no_account.payload().unwrap();
    assert!(payload.contains("|CorrespAcc=0|PayeeINN=7709983032|Sum="), "{payload}");
}

#[test]
fn wrong_requisites_are_named() {
    let wrong = |change: fn(&mut Payment)| {
        let mut payment = payment();
        change(&mut payment);
        payment.payload().unwrap_err().to_string()
    };
    let expected = r#"PersonalAcc must be 20 digits, got "4070281050208000182""#;
    assert_eq!(wrong(|payment| payment.account = "4070281050208000182"), expected);
    assert!(wrong(|payment| payment.bic = "04452559x").starts_with("BIC must be 9 digits"));
    assert!(wrong(|payment| payment.inn = "").starts_with("PayeeINN must be 10 or 12 digits"));
    assert!(wrong(|payment| payment.kpp = Some("7709А1001")).starts_with("KPP"));
    assert!(wrong(|payment| payment.name = "\n").starts_with("Name must be filled"));
    assert!(wrong(|payment| payment.amount = dec!(0)).starts_with("Sum must be above zero"));
    assert!(wrong(|payment| payment.amount = dec!(-1)).starts_with("Sum must be above zero"));
    assert!(wrong(|payment| payment.amount = dec!(0.001)).starts_with("Sum must be above zero"));
    assert!(wrong(|payment| payment.amount = rust_decimal::Decimal::MAX).starts_with("Sum"));
}

proptest! {
    /// Whatever the texts hold, a reader that follows the standard gets the values back.
    #[test]
    fn any_texts_parse_back(name in ".{1,200}", bank in ".{1,60}", purpose in ".{1,300}") {
        let payment = Payment { name: &name, bank_name: &bank, purpose: &purpose, ..payment() };
        if let Ok(payload) = payment.payload() {
            prop_assert!(payload.starts_with("ST00012"));
            let rest = &payload["ST00012".len()..];
            let separator = rest.chars().next().unwrap();
            prop_assert!(separator.is_ascii());
            let pairs: Vec<_> =
                rest[1..].split(separator).map(|pair| pair.split_once('=').unwrap()).collect();
            let keys: Vec<_> = pairs.iter().map(|(key, _)| *key).collect();
            prop_assert_eq!(keys, ["Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc",
                "PayeeINN", "KPP", "Sum", "Purpose"]);
            prop_assert!(pairs.iter().all(|(_, value)| !value.is_empty()));
            prop_assert!(!payload.chars().any(char::is_control));
        }
    }
}
