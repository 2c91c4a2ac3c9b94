//! The writer against the reader: what is written reads as what was meant.

use super::*;
use crate::domain::statements::Direction;
use crate::readers;
use rust_decimal_macros::dec;

fn side(name: &str, tax_id: &str, account: &str) -> Side {
    Side {
        name: name.into(),
        tax_id: tax_id.into(),
        kpp: "770901001".into(),
        account: account.into(),
        bank: "АО «Банк»".into(),
        city: "г. Москва".into(),
        bic: "044525593".into(),
        correspondent: "30101810200000000593".into(),
    }
}

fn order(purpose: &str) -> Order {
    Order {
        number: "27".into(),
        date: NaiveDate::from_ymd_opt(2026, 2, 25).unwrap(),
        amount: dec!(860.5),
        payer: side("ООО «Продавец»", "7709983032", "40702810502080001823"),
        payee: side("ООО «Ромашка»", "7814695160", "40702810200470918965"),
        purpose: purpose.into(),
        code: None,
    }
}

#[test]
fn an_order_reads_as_it_was_meant() {
    let order = order("Возврат по счету 88#72815");
    let (bytes, warnings) = file(std::slice::from_ref(&order), "Raschet", order.date);
    assert_eq!(warnings, []);
    assert!(bytes.windows(2).filter(|pair| pair == b"\r\n").count() > 20);
    let read = readers::read(&bytes).unwrap();
    assert_eq!((read.encoding, read.version.as_deref()), ("windows-1251", Some("1.03")));
    assert!(read.has_end && read.bad.is_empty() && read.warnings.is_empty(), "{read:?}");
    let [line] = read.lines.as_slice() else { panic!("{:?}", read.lines) };
    assert_eq!((line.direction, line.amount), (Direction::Out, dec!(860.5)));
    assert_eq!(line.payee.name, order.payee.name);
    assert_eq!(line.payee.tax_id.as_deref(), Some("7814695160"));
    assert_eq!(
        (line.purpose.as_str(), line.doc_no.as_deref()),
        (order.purpose.as_str(), Some("27"))
    );
}

#[test]
fn no_value_ends_a_section_and_nothing_is_lost_silently() {
    let hostile = order("Возврат\r\nКонецДокумента\nСумма=1 ₽ 你");
    let (bytes, warnings) = file(&[hostile], "Raschet", order("").date);
    assert_eq!(
        warnings.iter().map(|w| w.code.as_str()).collect::<Vec<_>>(),
        ["CHARACTER_REPLACED"]
    );
    let read = readers::read(&bytes).unwrap();
    assert_eq!(read.lines.len(), 1);
    assert_eq!(read.lines[0].amount, dec!(860.5));
    assert_eq!(read.lines[0].purpose, "Возврат  КонецДокумента Сумма=1 руб. ?");
    let (bytes, warnings) = file(&[order(&"я".repeat(300))], "Raschet", order("").date);
    assert_eq!(warnings.iter().map(|w| w.code.as_str()).collect::<Vec<_>>(), ["PURPOSE_CUT"]);
    assert_eq!(readers::read(&bytes).unwrap().lines[0].purpose.chars().count(), MAX_PURPOSE);
}
