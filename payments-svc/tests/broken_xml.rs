//! XML of banks that is not quite XML (payments.md §1.6): what is safe is read, with the line of
//! what is not; no entry is made of two.

use encoding_rs::{IBM866, WINDOWS_1251};
use payments_svc::domain::statements::verdict::{self, Confirmation};
use payments_svc::domain::statements::{Direction, StatementFile};
use payments_svc::readers;
use rust_decimal_macros::dec;

fn entry(amount: &str, name: &str, purpose: &str) -> String {
    format!(
        "<Ntry><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>\n\
         <BookgDt><Dt>2026-02-01</Dt></BookgDt><AcctSvcrRef>R{amount}</AcctSvcrRef><NtryDtls>\
         <TxDtls><RltdPties><Dbtr><Nm>{name}</Nm></Dbtr></RltdPties>\n\
         <RmtInf><Ustrd>{purpose}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )
}

fn document(label: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"{label}\"?>\n<Document \
         xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt>\n<Stmt>\
         <Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>\n{body}</Stmt>\
         </BkToCstmrStmt></Document>\n"
    )
}

fn two() -> String {
    document("UTF-8", &(entry("10.00", "A", "Invoice 12") + &entry("20.00", "B", "Invoice 13")))
}

fn read(text: &str) -> StatementFile {
    readers::read(text.as_bytes()).unwrap_or_else(|e| panic!("{e}"))
}

fn warned(file: &StatementFile) -> Vec<(&str, u32)> {
    file.warnings.iter().map(|warning| (warning.code.as_str(), warning.line)).collect()
}

fn amounts(file: &StatementFile) -> Vec<String> {
    file.lines.iter().map(|line| line.amount.to_string()).collect()
}

/// A bare `&` or `<` in a text is text, told with its line; entities and CDATA stay what they are.
#[test]
fn bare_marks_are_text() {
    let body = entry("10.00", "Müller & Söhne", "R&D <5 & more")
        + &entry("20.00", "A &amp; B &#38; C", "<![CDATA[x & y < z]]>")
        + &entry("30.00", "AT&T; Co", "tab\u{1}");
    let file = read(&document("UTF-8", &body));
    let told: Vec<_> =
        file.lines.iter().map(|l| (l.payer.name.as_str(), l.purpose.as_str())).collect();
    assert_eq!(
        told,
        [("Müller & Söhne", "R&D <5 & more"), ("A & B & C", "x & y < z"), ("AT&T; Co", "tab"),]
    );
    let lines: Vec<_> =
        warned(&file).iter().map(|(code, line)| (*code == "XML_MENDED", *line)).collect();
    assert_eq!(lines, [(true, 5), (true, 6), (true, 11), (true, 12)]);
    assert!(file.has_end && file.bad.is_empty());
    assert!(verdict::admit(file, Confirmation::None).is_ok());
}

/// A mark may stand where the bytes that are read at once end.
#[test]
fn marks_are_mended_wherever_they_stand() {
    for length in (65_400..65_600).step_by(7) {
        let name = format!("{}&B", "x".repeat(length % 60));
        let filler = format!("<AddtlStmtInf>{}</AddtlStmtInf>", "y".repeat(length));
        let body = filler + &entry("10.00", &name, "<![CDATA[a & b]]>");
        let file = read(&document("UTF-8", &body));
        assert_eq!((&file.lines[0].payer.name, file.lines[0].purpose.as_str()), (&name, "a & b"));
    }
}

/// An entry whose parts do not end as they begin may hold figures of another: it is listed, its
/// neighbours are read.
#[test]
fn a_broken_entry_is_listed_and_spares_its_neighbours() {
    for (whole, broken) in [
        ("</Ntry>\n<Ntry>", "\n<Ntry>"),
        ("<Nm>A</Nm>", "<Nm>A"),
        ("<Nm>A</Nm>", "<Nm>A</Nm></Nm>"),
        (">10.00</Amt>", ">10.00"),
        ("</TxDtls></NtryDtls></Ntry>\n<Ntry><Amt Ccy=\"EUR\">20", "<Ntry><Amt Ccy=\"EUR\">20"),
    ] {
        let text = two();
        assert!(text.contains(whole), "{whole}");
        let file = read(&text.replacen(whole, broken, 1));
        assert_eq!(amounts(&file), ["20.00"], "{broken}");
        let [bad] = file.bad.as_slice() else { panic!("{broken} {:?}", file.bad) };
        assert_eq!(bad.code, "XML_BROKEN");
        assert!((4..=8).contains(&bad.line), "{}", bad.line);
        assert!(file.has_end);
    }
    let last = read(&two().replace("</Ntry>\n</Stmt>", "\n</Stmt>"));
    assert_eq!((amounts(&last), last.bad.len()), (vec!["10.00".to_owned()], 1));
}

/// A part of the statement without its end takes no entry with it; the account is kept.
#[test]
fn a_part_without_its_end_takes_no_entry_with_it() {
    let file = read(&two().replace("</Acct>", ""));
    assert_eq!(amounts(&file), ["10.00", "20.00"]);
    assert_eq!(file.accounts, ["DE02120300000000202051"]);
    assert_eq!(warned(&file)[0].0, "XML_BROKEN");
    let twice = two() + &two().replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "");
    let file = read(&twice.replacen("</Stmt></BkToCstmrStmt></Document>\n", "", 1));
    assert_eq!(amounts(&file).len(), 4, "the end of a statement may be missing");
}

/// What is cut is read as far as it goes, and the line where that is told; a person confirms.
#[test]
fn a_cut_message_tells_where() {
    let text = two();
    let cut = &text[..text.find("Invoice 13").unwrap()];
    let file = read(cut);
    assert_eq!(amounts(&file), ["10.00"]);
    assert!(!file.has_end);
    assert_eq!(warned(&file), [("XML_TORN", 9)]);
    let admitted = |word| verdict::admit(read(cut), word).map(|_| ()).map_err(|r| r.reason.code);
    assert_eq!(admitted(Confirmation::None), Err("STATEMENT_TRUNCATED".into()));
    assert_eq!(admitted(Confirmation::Truncated), Ok(()));
    for end in 0..text.len() {
        if let Ok(file) = readers::read(&text.as_bytes()[..end]) {
            assert!(amounts(&file).len() <= 2 && (!file.has_end || end + 2 > text.len() - 11));
        }
    }
}

/// Labels may lie about bytes, in each direction.
#[test]
fn labels_of_xml_may_lie() {
    let text =
        |label| document(label, &entry("10.00", "ООО Ромашка", "Оплата по счету № 12 за услуги"));
    let cp1251 = |label| WINDOWS_1251.encode(&text(label)).0.into_owned();
    let cp866 = |label| IBM866.encode(&text(label)).0.into_owned();
    for (label, bytes, actual, lies) in [
        ("UTF-8", text("UTF-8").into_bytes(), "utf-8", false),
        ("windows-1251", cp1251("windows-1251"), "windows-1251", false),
        ("UTF-8", cp1251("UTF-8"), "windows-1251", true),
        ("windows-1251", text("windows-1251").into_bytes(), "utf-8", true),
        ("UTF-16", text("UTF-16").into_bytes(), "utf-8", true),
        ("ISO-8859-1", cp1251("ISO-8859-1"), "windows-1251", true),
        ("windows-1251", cp866("windows-1251"), "cp866", true),
        ("cp866", cp1251("cp866"), "windows-1251", true),
    ] {
        let file = readers::read(&bytes).unwrap();
        assert_eq!(file.encoding, actual, "{label}");
        let line = &file.lines[0];
        assert_eq!((line.amount, line.direction), (dec!(10), Direction::In));
        assert_eq!(line.purpose, "Оплата по счету № 12 за услуги", "{label}");
        let wrong = file.warnings.iter().any(|w| w.code == "ENCODING_LABEL_WRONG" && w.line == 1);
        assert_eq!(wrong, lies, "{label}: {:?}", file.warnings);
    }
}
