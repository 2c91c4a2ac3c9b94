//! Files as banks of four countries export them, written by hand after payments.md §1: each also
//! begins the fuzzing of its reader.

use payments_svc::domain::statements::arithmetic::{self, Arithmetic};
use payments_svc::domain::statements::{Direction, StatementFile, StatementLine, Status};
use payments_svc::readers;
use rust_decimal_macros::dec;

macro_rules! file {
    ($name:literal) => {
        readers::read(include_bytes!(concat!("../../fuzz/corpus/", $name))).unwrap()
    };
}

fn only(file: &StatementFile) -> &StatementLine {
    let [line] = file.lines.as_slice() else { panic!("{:?} {:?}", file.lines, file.bad) };
    line
}

fn sides(file: &StatementFile) -> Vec<(Direction, String)> {
    file.lines.iter().map(|line| (line.direction, line.amount.to_string())).collect()
}

const IN: Direction = Direction::In;
const OUT: Direction = Direction::Out;
const UA: &str = "UA213223130000026007233566001";

/// VTB's account in the second name, UniCredit's letters in a number, an order of the bank with its
/// purpose in parts, a purpose over three lines; the balances close.
#[test]
fn one_c_of_several_banks() {
    let file = file!("one_c/vtb.txt");
    assert_eq!(arithmetic::check(&file), Arithmetic::Closes);
    let [vtb, uni, fee] = file.lines.as_slice() else { panic!("{file:?}") };
    assert_eq!((vtb.payer.name.as_str(), vtb.payer.kpp.as_deref()), ("ООО \"Ромашка\"", None));
    assert_eq!(vtb.payer.tax_id.as_deref(), Some("7709983032"));
    assert_eq!(vtb.booked_on.to_string(), "2026-03-02");
    assert_eq!(vtb.purpose, "Оплата по счету № 12 от 09.02.2026 за услуги связи. Без НДС");
    assert_eq!((uni.doc_no.as_deref(), uni.payer.tax_id.as_deref()), (Some("FDC240"), None));
    assert_eq!((fee.direction, fee.purpose.as_str()), (OUT, "Комиссия за ведение счета"));
    let file = file!("one_c/ukraine.txt");
    let line = only(&file);
    assert_eq!((line.direction, line.currency.code()), (IN, "UAH"));
    assert_eq!(line.payer.tax_id.as_deref(), Some("43720363"));
    assert_eq!(line.payer.bank_id.as_deref(), Some("305299"));
}

/// Accounts in foreign money: amounts are those with `Q`, the others are in roubles.
#[test]
fn belarusian_foreign_money() {
    let file = file!("belarus/type5_fx.txt");
    let line = only(&file);
    assert_eq!((line.direction, line.amount, line.currency.code()), (IN, dec!(50), "EUR"));
    assert_eq!(arithmetic::check(&file), Arithmetic::Closes);
}

/// Newer names of parties and states, a Swiss reference, what is not booked, five decimals.
#[test]
fn camt_of_other_versions() {
    let file = file!("camt/camt054_v8.xml");
    let line = only(&file);
    assert_eq!((file.format, line.status), ("camt.054", Status::Booked));
    assert_eq!((line.payer.name.as_str(), line.end_to_end_id.as_deref()), ("Romashka AG", None));
    assert_eq!(line.on_behalf.as_ref().map(|party| party.name.as_str()), Some("Behalf AG"));
    assert_eq!(line.structured_reference.as_deref(), Some("210000000003139471430009017"));
    let file = file!("camt/camt052.xml");
    let line = only(&file);
    assert_eq!((line.direction, line.amount, line.status), (OUT, dec!(5), Status::Pending));
    assert_eq!(file.days[0].opening, Some(dec!(-10)));
    assert_eq!(only(&file!("camt/bare_ampersand.xml")).payer.name, "Müller & Söhne <5");
    assert_eq!(only(&file!("camt/missing_end.xml")).amount, dec!(20));
    assert!(!file!("camt/cut.xml").has_end);
}

/// Orders of the bank beside payments, a name with a bare `&`, in windows-1251.
#[test]
fn direct_bank_has_kinds() {
    let file = file!("direct_bank/bank_order.xml");
    assert_eq!(sides(&file), [(IN, "860.00".into()), (OUT, "40.00".into())]);
    assert_eq!(file.lines[0].payer.name, "ООО \"Рога & Копыта\"");
    assert_eq!(arithmetic::check(&file), Arithmetic::Closes);
}

/// An intraday message in an envelope; a fee that comes back; a header on one line.
#[test]
fn messages_of_other_kinds() {
    let file = file!("mt940/mt942.sta");
    assert_eq!((file.format, file.lines[0].purpose.as_str()), ("mt942", "Invoice 88#72815"));
    assert_eq!(sides(&file), [(IN, "86000".into()), (IN, "40".into())]);
    assert_eq!(file.lines[1].status, Status::Reversal);
    let file = file!("ofx/one_line.qfx");
    assert_eq!((only(&file).amount, only(&file).payer.name.as_str()), (dec!(860), "Smith & Sons"));
}

/// Interfaces and tables of Ukraine and Russia.
#[test]
fn interfaces_and_tables() {
    let file = file!("json/pumb.json");
    let line = only(&file);
    assert_eq!((line.direction, line.amount), (IN, dec!(1250.50)));
    assert_eq!((line.own_account.as_str(), line.doc_no.as_deref()), (UA, Some("77")));
    let file = file!("json/privat_1251.json");
    assert_eq!(
        (file.encoding, only(&file).payer.name.as_str()),
        ("windows-1251", "ТОВ \"Ромашка\"")
    );
    let file = file!("table/raiffeisen.csv");
    assert_eq!(sides(&file), [(IN, "860.00".into()), (OUT, "40.00".into())]);
    let file = file!("table/ukrgaz.csv");
    assert_eq!(sides(&file), [(IN, "1250.50".into()), (OUT, "40.00".into())]);
    assert_eq!(file.lines[0].own_account, UA);
}

/// dBASE tables: two sides or one, in each code page; a deleted row is none; a cut one says so.
#[test]
fn dbase_tables() {
    for (bytes, encoding) in [
        (include_bytes!("../../fuzz/corpus/dbf/payer_payee_1125.dbf").as_slice(), "cp866"),
        (include_bytes!("../../fuzz/corpus/dbf/payer_payee_1251.dbf"), "windows-1251"),
    ] {
        let file = readers::read(bytes).unwrap();
        assert_eq!((file.format, file.encoding, file.has_end), ("dbf", encoding, true));
        let count = if encoding == "cp866" { 2 } else { 3 };
        assert_eq!(file.lines.len(), count);
        let [came, went, ..] = file.lines.as_slice() else { panic!("{file:?}") };
        assert_eq!((came.direction, came.amount, came.line), (IN, dec!(1250.50), 2));
        assert_eq!(came.purpose, "Оплата згідно рахунку HOR-11111-007 від 10.01.2026, їжа; ПДВ");
        assert_eq!((came.payer.name.as_str(), came.currency.code()), ("ТОВ \"Ромашка\"", "UAH"));
        assert_eq!(came.payer.tax_id.as_deref(), Some("43720363"));
        assert_eq!((came.own_account.as_str(), came.doc_no.as_deref()), (UA, Some("77")));
        assert_eq!(came.booked_on.to_string(), "2026-01-15");
        assert_eq!(came.doc_date.map(|day| day.to_string()).as_deref(), Some("2026-01-14"));
        assert_eq!((went.direction, went.purpose.as_str()), (OUT, "Комісія"));
    }
    let file = file!("dbf/debit_credit.dbf");
    assert_eq!(sides(&file), [(IN, "1250.50".into()), (OUT, "40.00".into())]);
    assert_eq!(file.lines[0].payer.name, "ТОВ Ромашка");
    assert_eq!(
        (file.lines[0].purpose.as_str(), file.accounts),
        ("Рахунок 12; без ПДВ", vec![UA.to_owned()])
    );
    let file = file!("dbf/own_first.dbf");
    assert_eq!(sides(&file), [(IN, "1250.50".into()), (OUT, "40.00".into())]);
    let file = file!("dbf/cut.dbf");
    assert!(!file.has_end && file.lines.len() == 2);
    let file = file!("dbf/kopecks.dbf");
    assert!(file.lines.is_empty() && file.bad.len() == 2, "whole numbers may be kopecks: {file:?}");
    let other = include_bytes!("../../fuzz/corpus/dbf/kopecks.dbf")
        .map(|b| if b == b'D' { b'X' } else { b });
    let refusal = readers::read(&other).unwrap_err();
    assert_eq!(refusal.code, "STATEMENT_FORMAT_UNKNOWN");
}
