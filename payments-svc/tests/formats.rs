//! Readers of every format but 1C (payments.md §1.3–1.8), on the invented files that the fuzzer
//! starts from too.

use payments_svc::domain::statements::arithmetic::{self, Arithmetic};
use payments_svc::domain::statements::{Direction, StatementFile, StatementLine, Status};
use payments_svc::readers;
use rust_decimal_macros::dec;

macro_rules! file {
    ($name:literal) => {
        readers::read(include_bytes!(concat!("../../fuzz/corpus/statement/", $name))).unwrap()
    };
}

fn only(file: &StatementFile) -> &StatementLine {
    let [line] = file.lines.as_slice() else { panic!("{:?}", file.lines) };
    line
}

/// A line per transaction where these add up; reversals, pending lines and fine fractions.
#[test]
fn camt_tells_entries_apart() {
    let file = file!("camt053.xml");
    assert_eq!((file.format, file.has_end), ("camt.053", true));
    let [first, second, reversal, pending] = file.lines.as_slice() else { panic!("{file:?}") };
    assert_eq!((first.amount, second.amount), (dec!(30), dec!(40)));
    assert_eq!(first.payer.name, "First & Sons");
    assert_eq!(first.purpose, "Invoice 88#72815 of 09.02.2019");
    assert_eq!(first.on_behalf.as_ref().map(|party| party.name.as_str()), Some("Behalf GmbH"));
    assert_eq!(first.end_to_end_id, None, "NOTPROVIDED is no reference");
    assert_eq!(first.booked_on.to_string(), "2026-01-30");
    assert_eq!(first.bank_unique_id.as_deref(), Some("T1"));
    assert_eq!(second.structured_reference.as_deref(), Some("RF18539007547034"));
    assert_eq!((reversal.status, reversal.direction), (Status::Reversal, Direction::Out));
    assert_eq!(reversal.return_reason.as_deref(), Some("AC06"));
    assert_eq!(
        (pending.status, pending.booked_on.to_string().as_str()),
        (Status::Pending, "2026-02-01")
    );
    let [fine] = file.bad.as_slice() else { panic!("{:?}", file.bad) };
    assert_eq!((fine.code.as_str(), fine.line), ("AMOUNT_TOO_FINE", 11));
}

/// A day that does not exist, a missing entry date, RD, pieces of `?20`, `/TAG/`, a line that is
/// none; the balances close over all of it.
#[test]
fn mt940_reads_what_banks_make_of_it() {
    let file = file!("mt940.sta");
    let [credit, reversal, charge] = file.lines.as_slice() else { panic!("{file:?}") };
    assert_eq!(file.accounts, ["0000202051"]);
    assert_eq!(file.days[0].bank_id.as_deref(), Some("12030000"));
    assert_eq!(credit.booked_on.to_string(), "2026-03-01");
    assert!(file.warnings.iter().any(|warning| warning.code == "DATE_CORRECTED"));
    assert_eq!(credit.purpose, "Payment Invoice 88#72815 dated 09.02.2019");
    assert_eq!(credit.end_to_end_id.as_deref(), Some("E2E-1"));
    assert_eq!(
        (credit.doc_no.as_deref(), credit.bank_reference.as_deref()),
        (Some("KREF1"), Some("BANKREF1"))
    );
    assert_eq!(credit.payer.account.as_deref(), Some("DE02120300000000202051"));
    assert_eq!((reversal.direction, reversal.status), (Direction::In, Status::Reversal));
    assert_eq!(
        (reversal.payer.name.as_str(), reversal.purpose.as_str()),
        ("Klant BV", "Factuur 12")
    );
    assert_eq!((charge.amount, charge.purpose.as_str()), (dec!(10.5), "Free text of a charge"));
    assert_eq!(file.bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [13]);
    assert_eq!(arithmetic::check(&file), Arithmetic::Closes);
}

/// Leaves without end tags, CDATA, comma decimals; a date that is none is an error of its line.
#[test]
fn ofx_reads_sgml_and_xml() {
    let file = file!("statement.ofx");
    let [credit, debit] = file.lines.as_slice() else { panic!("{file:?}") };
    assert_eq!((credit.amount, credit.direction), (dec!(860), Direction::In));
    assert_eq!(credit.payer.name, "Payer & Co");
    assert_eq!((debit.amount, debit.direction), (dec!(1200.50), Direction::Out));
    assert_eq!((debit.doc_no.as_deref(), debit.bank_unique_id.as_deref()), (None, None));
    let codes: Vec<_> = file.bad.iter().map(|bad| bad.code.as_str()).collect();
    assert_eq!(codes, ["DATE_INVALID", "DATE_INVALID"], "never today's date");
    assert_eq!(only(&file!("statement2.ofx")).payer.name, "A <b> & C");
}

/// Equal numbers of documents, both dates, a purpose in two halves, a third party.
#[test]
fn belarusian_text_reads() {
    let file = file!("belarus.txt");
    let [credit, debit] = file.lines.as_slice() else { panic!("{file:?}") };
    assert_eq!(credit.purpose, "OTHR 122601 Оплата по счёту №1042 за услуги");
    assert_eq!(
        credit.on_behalf.as_ref().and_then(|party| party.tax_id.as_deref()),
        Some("101528843")
    );
    assert_eq!(
        (credit.bank_unique_id.as_deref(), debit.bank_unique_id.as_deref()),
        (Some("OPID1"), Some("OPID2"))
    );
    assert_eq!((debit.direction, debit.amount), (Direction::Out, dec!(40)));
    assert_eq!(credit.currency.code(), "BYN");
    assert_eq!(arithmetic::check(&file), Arithmetic::Closes);
}

/// Built-in column profiles; a bad row has its line and spares its neighbours.
#[test]
fn tables_read_by_profiles() {
    let file = file!("alfabank.csv");
    assert_eq!((file.encoding, file.lines.len()), ("windows-1251", 2));
    assert_eq!(file.lines[0].booked_on.to_string(), "2026-05-31");
    assert_eq!(file.lines[1].direction, Direction::Out);
    assert_eq!(file.bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [4]);
    let file = file!("vtb.csv");
    assert_eq!(file.accounts, ["40702810502080001823"]);
    assert_eq!(file.from.map(|day| day.to_string()).as_deref(), Some("2026-07-07"));
    let [done, waits] = file.lines.as_slice() else { panic!("{file:?}") };
    assert_eq!((done.amount, done.status), (dec!(336.15), Status::Booked));
    assert_eq!((waits.amount, waits.status), (dec!(1600), Status::Pending));
    let file = file!("ibank2.csv");
    let line = only(&file);
    assert_eq!((line.amount, line.payer.tax_id.as_deref()), (dec!(1250.50), Some("43720363")));
    assert_eq!(
        (line.currency.code(), line.purpose.as_str()),
        ("UAH", "Оплата згідно рахунку HOR-11111-007")
    );
}

/// Headings that nobody described are read by their usual names; a table that tells no money is
/// refused.
#[test]
fn tables_read_by_usual_headings() {
    let table = "Счет;40702810502080001823\n\nДата;Номер документа;Дебет;Кредит;Контрагент;ИНН \
                 контрагента;Назначение платежа\n\
                 15.01.2026;27;;\"1 860,00\";\"ООО \"\"Ромашка\"\"\";\
                 7814695160;Оплата по счету 12\n\
                 16.01.2026;28;40,00;;Банк;;Комиссия\nИтого;;40,00;1860,00;;;\n";
    let file = readers::read(table.as_bytes()).unwrap();
    let [credit, debit] = file.lines.as_slice() else { panic!("{file:?}") };
    assert_eq!((credit.amount, credit.direction), (dec!(1860), Direction::In));
    assert_eq!(credit.payer.name, "ООО \"Ромашка\"");
    assert_eq!(credit.own_account, "40702810502080001823");
    assert_eq!((debit.amount, debit.direction), (dec!(40), Direction::Out));
    let refusal = readers::read("Имя;Фамилия\nИван;Иванов\n".as_bytes()).unwrap_err();
    assert_eq!(refusal.code, "STATEMENT_FORMAT_UNKNOWN");
}

/// Shapes of interfaces: own side by account, indicator, category, sign.
#[test]
fn interfaces_read_by_shape() {
    let file = file!("tbank.json");
    let line = only(&file);
    assert_eq!(
        (line.amount, line.direction, line.doc_no.as_deref()),
        (dec!(860), Direction::In, Some("27"))
    );
    assert_eq!(line.booked_on.to_string(), "2019-02-26");
    assert_eq!(arithmetic::check(&file), Arithmetic::Closes);
    let file = file!("tochka.json");
    let line = only(&file);
    assert_eq!(
        (line.amount, line.direction, line.own_account.as_str()),
        (dec!(8.5), Direction::In, "40702810502080001823")
    );
    let line = only(&file!("modulbank.json")).clone();
    assert_eq!((line.amount, line.direction), (dec!(860.5), Direction::In));
    let line = only(&file!("monobank.json")).clone();
    assert_eq!(
        (line.amount, line.status, line.currency.code()),
        (dec!(1250.50), Status::Pending, "UAH")
    );
    let line = only(&file!("privatbank.json")).clone();
    assert_eq!((line.amount, line.purpose.as_str()), (dec!(1250.50), "Рахунок HOR-11111-007"));
    let line = only(&file!("directbank.xml")).clone();
    assert_eq!(
        (line.amount, line.direction, line.payer.tax_id.as_deref()),
        (dec!(860), Direction::In, Some("7814695160"))
    );
}

/// A file that is cut says so, whatever its format, and never loses a whole line silently.
#[test]
fn a_cut_file_says_so() {
    let whole = include_bytes!("../../fuzz/corpus/statement/camt053.xml");
    let cut = readers::read(&whole[..whole.len() / 2]).unwrap();
    assert!(!cut.has_end && cut.lines.len() < 4);
    let whole = include_bytes!("../../fuzz/corpus/statement/statement.ofx");
    assert!(!readers::read(&whole[..whole.len() - 40]).unwrap().has_end);
    let whole = include_bytes!("../../fuzz/corpus/statement/mt940.sta");
    assert!(!readers::read(&whole[..whole.len() - 40]).unwrap().has_end);
}
