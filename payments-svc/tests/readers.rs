//! The 1C reader: tolerance rules of payments.md §1.1, and that no bytes make it panic.

use encoding_rs::{IBM866, KOI8_R, WINDOWS_1251};
use payments_svc::domain::statements::arithmetic::{self, Arithmetic};
use payments_svc::domain::statements::verdict::{self, Confirmation};
use payments_svc::domain::statements::{Direction, StatementFile};
use payments_svc::readers;
use proptest::prelude::*;
use rust_decimal_macros::dec;

/// The order of G28, as its bank writes it.
pub const G28: &str = "1CClientBankExchange
ВерсияФормата=1.03
Кодировка=Windows
РасчСчет=40702810502080001823
СекцияДокумент=Платежное поручение
Номер=27
Дата=25.02.2019
Сумма=860.00
ДатаПоступило=26.02.2019
ПлательщикСчет=40702810200470918965
ПлательщикИНН=7814695160
ПлательщикКПП=781401001
Плательщик1=ООО \"Тех.промышлен\"
ПлательщикБИК=044030832
ПлательщикКорсчет=30101810940300000832
ПолучательСчет=40702810502080001823
ПолучательИНН=7709983032
НазначениеПлатежа=Оплата по счету 88#72815 от 09.02.19; Увел. диск. \
простр-ва 5 гб + Доступ на 1 польз. \"Стандарт\" с 01.03.19 по 31.03.19 Сумма: \
860р. 00к. НДС не облагается.
КонецДокумента
КонецФайла
";

fn read(text: &str) -> StatementFile {
    readers::read(text.as_bytes()).unwrap()
}

fn cp1251(text: &str) -> Vec<u8> {
    WINDOWS_1251.encode(text).0.into_owned()
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

/// G28: one incoming 860.00 of 26.02.2019, payer and purpose as written.
#[test]
fn the_order_of_g28_is_one_incoming_line() {
    let file = read(G28);
    let [line] = file.lines.as_slice() else { panic!("{:?}", file.lines) };
    assert_eq!(line.direction, Direction::In);
    assert_eq!(line.amount, dec!(860));
    assert_eq!(line.booked_on.to_string(), "2019-02-26");
    assert_eq!(line.doc_no.as_deref(), Some("27"));
    assert_eq!(line.payer.tax_id.as_deref(), Some("7814695160"));
    assert_eq!(line.payer.name, "ООО \"Тех.промышлен\"");
    assert_eq!(line.payer.account.as_deref(), Some("40702810200470918965"));
    assert!(line.purpose.starts_with("Оплата по счету 88#72815"));
    assert_eq!(line.raw["ПлательщикКорсчет"], "30101810940300000832");
}

/// I16: the same document gives equal lines in every encoding, with and without BOM, whatever the
/// label says.
#[test]
fn encoding_is_decided_by_bytes() {
    let want = read(G28).lines;
    let bom = |mark: &[u8], bytes: Vec<u8>| [mark.to_vec(), bytes].concat();
    let cases = [
        ("windows-1251", cp1251(G28)),
        ("cp866", IBM866.encode(G28).0.into_owned()),
        ("koi8-r", KOI8_R.encode(G28).0.into_owned()),
        ("utf-8", bom(&[0xEF, 0xBB, 0xBF], G28.into())),
        ("utf-16le", utf16(G28, u16::to_le_bytes)),
        ("utf-16le", bom(&[0xFF, 0xFE], utf16(G28, u16::to_le_bytes))),
        ("utf-16be", utf16(G28, u16::to_be_bytes)),
        ("utf-16be", bom(&[0xFE, 0xFF], utf16(G28, u16::to_be_bytes))),
    ];
    for (name, bytes) in cases {
        let file = readers::read(&bytes).unwrap();
        assert_eq!(file.encoding, name);
        assert_eq!(file.lines, want, "{name}");
        let mislabelled = file.warnings.iter().any(|w| w.code == "ENCODING_LABEL_WRONG");
        assert_eq!(mislabelled, name != "windows-1251", "{name}");
    }
}

/// Rule 2: one UTF-8 line in a cp1251 file is read as UTF-8.
#[test]
fn a_line_in_another_encoding_is_rescued() {
    let (head, tail) = G28.split_at(G28.find("Плательщик1").unwrap());
    let (line, rest) = tail.split_at(tail.find('\n').unwrap());
    let bytes = [cp1251(head), line.as_bytes().to_vec(), cp1251(rest)].concat();
    let file = readers::read(&bytes).unwrap();
    assert_eq!(file.lines, read(G28).lines);
    assert!(file.warnings.iter().any(|w| w.code == "LINE_ENCODING" && w.line == 13));
}

/// Rule 3: destroyed Cyrillic is refused, in keys of any number.
#[test]
fn destroyed_cyrillic_is_refused() {
    let all = String::from_utf8_lossy(&cp1251(G28)).into_owned();
    let one = G28.replace("ПлательщикИНН", "Плательщик\u{FFFD}НН");
    let marks = G28.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect::<String>();
    for text in [all, one, marks] {
        let refusal = readers::read(text.as_bytes()).unwrap_err();
        assert_eq!(refusal.reason.code, "STATEMENT_CYRILLIC_DESTROYED");
    }
}

/// Rules 4–6: continuation lines, folded keys, missing ends of sections.
#[test]
fn odd_shapes_are_tolerated() {
    let odd = G28
        .replace("Оплата по счету", "Оплата\nпо счету")
        .replace("\nКонецДокумента", "")
        .replace("ПлательщикИНН", "ПЛАТЕЛЬЩИК ИНН")
        .replace("Номер", "\tHомеp")
        .replace('\n', "\r\n");
    let plain = |text: &str| {
        let mut line = read(text).lines.remove(0);
        line.raw.clear();
        line
    };
    assert_eq!(plain(&odd), plain(G28));
    assert!(read(&odd).warnings.iter().any(|w| w.code == "SECTION_NOT_CLOSED"));
}

/// Rule 7: every spelling of an amount that was seen, and none that must be guessed.
#[test]
fn amounts_are_exact_or_refused() {
    let good = [
        ("67770", dec!(67770)),
        ("22.9", dec!(22.9)),
        ("100 000,00", dec!(100000)),
        ("100\u{A0}000,00", dec!(100000)),
        ("5000,00", dec!(5000)),
        ("860=", dec!(860)),
        ("860-00", dec!(860)),
        ("5.616.666,67=", dec!(5616666.67)),
        ("1'000.00", dec!(1000)),
        ("+12.50", dec!(12.5)),
    ];
    for (text, amount) in good {
        let file = read(&G28.replace("860.00", text));
        assert_eq!(file.lines[0].amount, amount, "{text}");
    }
    let bad = [
        ("1.234", "AMOUNT_AMBIGUOUS"),
        ("1.2345", "AMOUNT_AMBIGUOUS"),
        ("12.34.5", "AMOUNT_AMBIGUOUS"),
        ("860.", "AMOUNT_AMBIGUOUS"),
        ("рубль", "AMOUNT_NOT_A_NUMBER"),
        ("1e3", "AMOUNT_NOT_A_NUMBER"),
        ("-860.00", "AMOUNT_NOT_POSITIVE"),
        ("0.00", "AMOUNT_NOT_POSITIVE"),
        ("9999999999999999.00", "AMOUNT_TOO_LARGE"),
        ("", "KEY_MISSING"),
    ];
    for (text, code) in bad {
        let file = read(&G28.replace("860.00", text));
        let [remark] = file.bad.as_slice() else { panic!("{text}: {:?}", file.bad) };
        assert_eq!(remark.code, code, "{text}");
        assert_eq!(remark.line, if code == "KEY_MISSING" { 5 } else { 8 }, "{text}");
    }
}

/// A bad document never kills its neighbours, and a key repeated by hostile text never moves money.
#[test]
fn bad_documents_are_listed_and_the_rest_is_read() {
    let document = &G28[G28.find("СекцияДокумент").unwrap()..G28.find("КонецФайла").unwrap()];
    let twice = G28.replace(
        document,
        &format!(
            "{}{}{document}",
            document.replace("25.02.2019", "31.02.2019"),
            document.replace("КонецДокумента", "Сумма=9860.00\nКонецДокумента"),
        ),
    );
    let file = read(&twice);
    assert_eq!(file.lines.len(), 1);
    assert_eq!(file.documents, 3);
    let found: Vec<_> =
        file.bad.iter().map(|bad| (bad.line, bad.code.as_str(), bad.field.as_str())).collect();
    assert_eq!(found, [(7, "DATE_INVALID", "Дата"), (34, "KEY_REPEATED", "Сумма")]);
    assert!(verdict::admit(file, Confirmation::None).is_ok());
}

/// Rule 10: the tax id that some banks put into the name.
#[test]
fn the_tax_id_is_taken_from_the_name() {
    for name in [
        "ИНН 7700000003 ООО Ромашка",
        "7700000003, ООО Ромашка",
        "7700000003/770001001 ООО Ромашка",
        "7700000003 ООО Ромашка",
    ] {
        let text =
            G28.replace("ПлательщикИНН=7814695160\n", "").replace("ООО \"Тех.промышлен\"", name);
        let payer = &read(&text).lines[0].payer;
        assert_eq!(
            (payer.name.as_str(), payer.tax_id.as_deref()),
            ("ООО Ромашка", Some("7700000003")),
            "{name}"
        );
    }
}

/// A cut file is taken without a person's word exactly when its arithmetic closes.
#[test]
fn a_cut_file_needs_arithmetic_or_a_person() {
    let section = "СекцияРасчСчет\nДатаНачала=26.02.2019\nРасчСчет=40702810502080001823\n\
        НачальныйОстаток=100\nВсегоПоступило=860\nВсегоСписано=0\nКонечныйОстаток=960\n\
        КонецРасчСчет\nСекцияДокумент";
    let closing = G28.replacen("СекцияДокумент", section, 1).replace("КонецФайла", "");
    assert_eq!(arithmetic::check(&read(&closing)), Arithmetic::Closes);
    assert!(verdict::admit(read(&closing), Confirmation::None).is_ok());
    let differs = closing.replace("ВсегоПоступило=860", "ВсегоПоступило=960");
    let refusal = verdict::admit(read(&differs), Confirmation::None).unwrap_err();
    assert_eq!(refusal.reason.code, "STATEMENT_TRUNCATED");
    assert_eq!(refusal.details.len(), 2, "{:?}", refusal.details);
    let bare = G28.replace("КонецФайла", "");
    let code = |word| verdict::admit(read(&bare), word).map(|_| ()).map_err(|r| r.reason.code);
    assert_eq!(code(Confirmation::None), Err("STATEMENT_TRUNCATED".into()));
    assert_eq!(code(Confirmation::Truncated), Ok(()));
}

/// Limits are named, and 100,000 sections or a line of a million characters harm nobody.
#[test]
fn limits_are_named() {
    let many = G28.replace("КонецФайла", &"СекцияДокумент\n".repeat(100_001));
    let refusal = readers::read(many.as_bytes()).unwrap_err();
    assert_eq!(refusal.reason.code, "STATEMENT_TOO_LARGE");
    assert!(refusal.reason.en.contains("100000 documents"), "{}", refusal.reason.en);
    let long = read(&G28.replace("Увел.", &"я".repeat(1_000_000)));
    assert_eq!(long.bad[0].code, "VALUE_TOO_LONG");
    let big = vec![b' '; readers::MAX_BYTES + 1];
    assert!(readers::read(&big).unwrap_err().reason.en.contains("33554432 bytes"));
}

proptest! {
    /// I15: arbitrary bytes never panic.
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = readers::read(&bytes);
    }

    /// I15: a genuine file with a cut, flipped bits and inserted bytes never panics, and money is
    /// either as in the file or the document is listed as bad.
    #[test]
    fn mutated_files_never_panic(
        as_cp1251 in any::<bool>(),
        cut in 0usize..3_000,
        flips in proptest::collection::vec((0usize..3_000, any::<u8>()), 0..20),
        insert in (0usize..3_000, proptest::collection::vec(any::<u8>(), 0..40)),
    ) {
        let mut bytes = if as_cp1251 { cp1251(G28) } else { G28.as_bytes().to_vec() };
        for (at, mask) in flips {
            let at = at % bytes.len();
            bytes[at] ^= mask;
        }
        let at = insert.0 % bytes.len();
        bytes.splice(at..at, insert.1);
        bytes.truncate(cut.max(100));
        if let Ok(file) = readers::read(&bytes) {
            prop_assert!(file.lines.iter().all(|line| line.amount > dec!(0)));
            let _ = verdict::admit(file, Confirmation::Truncated);
        }
    }

    /// I15: truncation at every byte.
    #[test]
    fn truncation_never_panics(cut in 0usize..2_000) {
        let bytes = cp1251(G28);
        let _ = readers::read(&bytes[..cut.min(bytes.len())]);
    }
}
