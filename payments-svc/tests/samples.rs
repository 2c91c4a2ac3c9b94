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

/// Issue 6, part 1: every sample of every format reads, with all of its lines, and the balances of
/// whole ones close by their own lines.
#[test]
fn samples_of_other_formats_read() {
    let Some(dir) = bank_samples() else {
        eprintln!("shared/samples/bank is absent: genuine files are not read");
        return;
    };
    let mut seen = 0;
    for (name, format, lines, incoming) in OTHERS {
        let bytes = std::fs::read(dir.join(name)).unwrap();
        let file = readers::read(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(file.format, format, "{name}");
        assert_eq!(file.lines.len(), lines, "{name}");
        assert_eq!(sum(&file, Direction::In).to_string(), incoming, "{name}");
        assert_eq!(file.bad, [], "{name}");
        assert_eq!(count(&file, Direction::Unknown), 0, "{name}");
        // Reduced or changed by their authors: what they declare is not what they hold.
        let cut = [
            "camt053_ing_batch.xml",
            "camt053_oca_v2.xml",
            "mt940_ing.sta",
            "mt940_sepa_snippet.sta",
        ];
        let closes = arithmetic::check(&file);
        if let Arithmetic::Differs(differences) = closes
            && !cut.contains(&name)
        {
            panic!("{name}: {differences:?}");
        }
        seen += 1;
    }
    let others = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name());
    let others = others.filter(|name| {
        let name = name.to_string_lossy();
        ["by_", "camt", "csv_", "mt9", "ofx_"].iter().any(|start| name.starts_with(start))
    });
    assert_eq!(seen, others.count(), "a sample is not in the list");
}

/// Format, lines and Σ of incoming ones, added up by hand or by the file's own figures.
const OTHERS: [(&str, &str, usize, &str); 20] = [
    ("by_alfa_type4_period.txt", "by-client-bank", 4, "5890.00"),
    ("by_prior_type400_byn.txt", "by-client-bank", 1, "0"),
    ("by_type3_day_vpsk.txt", "by-client-bank", 2, "500.00"),
    ("camt053_ing_batch.xml", "camt.053", 3, "7688.00"),
    ("camt053_oca_v2.xml", "camt.053", 4, "1405.31"),
    ("camt053_v2_multi_statement.xml", "camt.053", 2, "8.85"),
    ("camt053_v8_full.xml", "camt.053", 1, "8.85"),
    ("camt054_v8.xml", "camt.054", 1, "0"),
    ("csv_alfabank_ru.csv", "csv", 3, "33123.56"),
    ("csv_sberbank_ru.csv", "csv", 11, "17209.24"),
    ("mt940_asnb.txt", "mt940", 8, "2828.90"),
    ("mt940_danske_dk.sta", "mt940", 89, "3910886.35"),
    ("mt940_ing.sta", "mt940", 7, "4.68"),
    ("mt940_mbank_pl.sta", "mt940", 3, "0.03"),
    ("mt940_sepa_snippet.sta", "mt940", 11, "1430745.72"),
    ("mt942_sberbank_hu.sta", "mt940", 3, "0"),
    ("ofx_amount_comma_decimal.ofx", "ofx", 1, "0"),
    ("ofx_bank_medium.ofx", "ofx", 3, "0"),
    ("ofx_header_on_one_line.qfx", "ofx", 1, "0"),
    ("ofx_suncorp.ofx", "ofx", 1, "0"),
];
