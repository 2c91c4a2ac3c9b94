//! Genuine 1C files (`bank/` of the samples, never committed) against independent tallies.

use payments_svc::domain::statements::arithmetic::{self, Arithmetic};
use payments_svc::domain::statements::verdict::{self, Confirmation};
use payments_svc::domain::statements::{Direction, StatementFile};
use payments_svc::readers;
use rust_decimal::Decimal;
use std::path::PathBuf;

fn bank_samples() -> Option<PathBuf> {
    testkit::samples().map(|dir| dir.join("bank"))
}

fn sum(file: &StatementFile, direction: Direction) -> Decimal {
    file.lines.iter().filter(|line| line.direction == direction).map(|line| line.amount).sum()
}

fn count(file: &StatementFile, direction: Direction) -> usize {
    file.lines.iter().filter(|line| line.direction == direction).count()
}

/// A230: each sample reads as its independent tally says.
#[test]
fn genuine_files_read_as_expected() {
    let Some(dir) = bank_samples() else {
        eprintln!("shared/samples/bank is absent: genuine files are not read");
        return;
    };
    let expected = std::fs::read_to_string(dir.join("EXPECTED-1c.json")).unwrap();
    let expected: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&expected).unwrap();
    assert!(expected.len() >= 14, "the list of tallies is cut");
    for (name, want) in &expected {
        let bytes = std::fs::read(dir.join(name)).unwrap();
        let file = readers::read(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        let text = |key: &str| want[key].as_str().map(str::to_owned);
        let number = |key: &str| usize::try_from(want[key].as_u64().unwrap()).unwrap();
        let money = |key: &str| want[key].as_str().unwrap().parse::<Decimal>().unwrap();
        assert_eq!(Some(file.encoding.to_owned()), text("encoding"), "{name}");
        assert_eq!(file.declared_encoding, text("declared"), "{name}");
        assert_eq!(file.version, text("version"), "{name}");
        assert_eq!(file.sender, text("sender"), "{name}");
        assert_eq!(file.days.len(), number("account_sections"), "{name}");
        assert_eq!(file.documents, number("documents"), "{name}");
        assert_eq!(file.bad, [], "{name}");
        assert_eq!(count(&file, Direction::In), number("incoming"), "{name}");
        assert_eq!(count(&file, Direction::Out), number("outgoing"), "{name}");
        assert_eq!(count(&file, Direction::Unknown), number("direction_unknown"), "{name}");
        assert_eq!(sum(&file, Direction::In), money("sum_incoming"), "{name}");
        assert_eq!(sum(&file, Direction::Out), money("sum_outgoing"), "{name}");
        let declared: Decimal = file.days.iter().filter_map(|day| day.turnover_in).sum();
        assert_eq!(declared, money("declared_turnover_in"), "{name}");
        let declared: Decimal = file.days.iter().filter_map(|day| day.turnover_out).sum();
        assert_eq!(declared, money("declared_turnover_out"), "{name}");
        assert_eq!(file.has_end, want["has_end_of_file"].as_bool().unwrap(), "{name}");
        // The tally sums over all accounts of a file; ours is stricter, per account, and so finds
        // that the OEBS file books both documents on the first of its two accounts.
        let closes = arithmetic::check(&file) == Arithmetic::Closes;
        if !name.contains("oebs_all_fields") {
            assert_eq!(closes, want["documents_match_turnover"].as_bool() == Some(true), "{name}");
        }
    }
}

/// Issue 2, bad input: no documents without proof, and a cut file without a person's word, are
/// refused; the same cut file is taken when a person confirms it.
#[test]
fn files_that_prove_nothing_are_refused() {
    let Some(dir) = bank_samples() else {
        eprintln!("shared/samples/bank is absent: genuine files are not read");
        return;
    };
    let admit = |name: &str, word| {
        let file = readers::read(&std::fs::read(dir.join(name)).unwrap()).unwrap();
        verdict::admit(file, word).map_err(|refusal| refusal.reason.code)
    };
    let code = |name| admit(name, Confirmation::None).map(|_| ()).unwrap_err();
    assert_eq!(code("1c_ozon_no_documents.txt"), "STATEMENT_EMPTY");
    assert_eq!(code("1c_minimal_degenerate_cp1251.txt"), "STATEMENT_WITHOUT_ACCOUNT");
    assert_eq!(code("1c_tinkoff_truncated_no_end_of_file.txt"), "STATEMENT_TRUNCATED");
    assert_eq!(code("kz_bcc_v2_0_excerpt.TRANSCRIBED.txt"), "STATEMENT_TRUNCATED");
    let taken = admit("1c_tinkoff_truncated_no_end_of_file.txt", Confirmation::Truncated).unwrap();
    assert_eq!(taken.lines.len(), 1);
    assert!(taken.warnings.iter().any(|warning| warning.code == "TRUNCATED"));
}

/// Other formats are refused with a hint, and never read as "0 payments".
#[test]
fn other_formats_are_refused_with_advice() {
    let Some(dir) = bank_samples() else {
        eprintln!("shared/samples/bank is absent: genuine files are not read");
        return;
    };
    for entry in std::fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("1c_") || name.starts_with("kz_") {
            continue;
        }
        let refusal = readers::read(&std::fs::read(&path).unwrap()).unwrap_err();
        assert_eq!(refusal.reason.code, "STATEMENT_FORMAT_UNKNOWN", "{name}");
        assert!(refusal.reason.en.contains("1CClientBankExchange"), "{name}");
    }
}
