//! Requisites: golden vectors and what the checks catch.

use super::*;
use crate::{Bilingual, Country};
use proptest::prelude::*;

/// The INNs of G25.
const INNS: [&str; 6] =
    ["7814695160", "7709983032", "7725381772", "7708305901", "7708318386", "7743895280"];

fn changes(digits: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (i, old) in digits.char_indices() {
        for new in ('0'..='9').filter(|new| *new != old) {
            all.push(format!("{}{new}{}", &digits[..i], &digits[i + 1..]));
        }
    }
    all
}

/// G25, A53: all six are valid; of the 540 single-digit changes 526 are caught and 14 are not.
#[test]
fn inn_catches_526_of_540_changes() {
    let mut caught = 0;
    let mut missed = 0;
    for inn in INNS {
        assert!(Inn::parse(inn).is_ok(), "{inn}");
        for changed in changes(inn) {
            match Inn::parse(&changed) {
                Ok(_) => missed += 1,
                Err(error) => {
                    assert!(error.is_check_digit());
                    caught += 1;
                }
            }
        }
    }
    assert_eq!((caught, missed), (526, 14));
}

/// Vectors of payments.md §6.3.
#[test]
fn valid_numbers_of_every_country() {
    assert!(!Inn::parse("7707083893").unwrap().is_person());
    assert!(Inn::parse("500100732259").unwrap().is_person());
    assert!(Kpp::parse("781401001").is_ok() && Kpp::parse("7814ab001").is_ok());
    assert!(Ogrn::parse("1027700132195").is_ok());
    assert!(Ogrnip::parse("304500116000157").is_ok());
    for unp in ["200988541", "101528843", "101007741", "100582333", "MA1953684", "ма1953684"] {
        assert!(Unp::parse(unp).is_ok(), "{unp}");
    }
    for edrpou in ["43720363", "40121452", "14360570"] {
        assert!(Edrpou::parse(edrpou).is_ok(), "{edrpou}");
    }
    assert!(Rnokpp::parse("1759013776").is_ok());
    for bin in ["901041000015", "971240001315"] {
        assert!(BinIin::parse(bin).is_ok(), "{bin}");
    }
}

#[test]
fn what_is_refused_and_why() {
    use RequisiteError::{Character, CheckDigit, Empty, Length};
    let what = Requisite::Inn;
    assert_eq!(Inn::parse(" "), Err(Empty { what }));
    assert_eq!(Inn::parse("78146951"), Err(Length { what, got: 8 }));
    assert_eq!(Inn::parse("781469516O"), Err(Character { what, found: 'O' }));
    assert_eq!(Inn::parse("７814695160"), Err(Character { what, found: '７' }));
    assert_eq!(Inn::parse("0000000000"), Err(CheckDigit { what }));
    assert_eq!(Inn::parse("500100732250"), Err(CheckDigit { what }));
    assert_eq!(Unp::parse("100777001"), Err(CheckDigit { what: Requisite::Unp }));
    let what = Requisite::Kpp;
    assert_eq!(Kpp::parse("78A401001"), Err(Character { what, found: 'A' }));
    assert_eq!(Kpp::parse("7814Я1001"), Err(Character { what, found: 'Я' }));
    assert_eq!(Kpp::parse("0"), Err(Length { what, got: 1 }));
    let long = "7".repeat(1_000_000);
    assert!(matches!(Inn::parse(&long), Err(Length { .. })));
}

/// Texts say what to do, in both languages, and never repeat a number that may be a person's.
#[test]
fn texts_for_people() {
    let error = Inn::parse("50010073225").unwrap_err();
    assert_eq!(
        error.ru(),
        "ИНН: введено знаков: 11; должно быть 10 цифр для организации или 12 для физического \
         лица и ИП"
    );
    assert_eq!(
        error.to_string(),
        "INN has 11 characters; it must be 10 digits for a company or 12 for a person"
    );
    let slip = Inn::parse("500100732250").unwrap_err();
    assert!(!slip.ru().contains("500100732250") && !slip.to_string().contains("500100732250"));
}

#[test]
fn blanks_that_people_paste_are_dropped() {
    assert_eq!(Inn::parse("\u{a0}7814 695 160\n").unwrap().as_str(), "7814695160");
    assert_eq!(Unp::parse("мА 195 3684").unwrap().as_str(), "MA1953684");
}

fn bank(bic: &str, account: &str, corr: &str) -> (Bic, Account, CorrespondentAccount) {
    (
        Bic::parse(bic).unwrap(),
        Account::parse(account).unwrap(),
        CorrespondentAccount::parse(corr).unwrap(),
    )
}

/// G26 and payments.md §6.3: keys of settlement and correspondent accounts.
#[test]
fn account_keys() {
    for (bic, account, corr) in [
        ("044030832", "40702810200470918965", "30101810940300000832"),
        ("044525593", "40702810502080001823", "30101810200000000593"),
        ("044525225", "40702810138250123017", "30101810400000000225"),
    ] {
        let (bic, account, corr) = bank(bic, account, corr);
        assert_eq!(BankRule::broken(&bic, &account, Some(&corr)), []);
        assert!(BankRequisites::new(bic, account, Some(corr)).is_ok());
    }
    let sber = Bic::parse("045773603").unwrap();
    assert!(Account::parse("40911810649000013385").unwrap().key_holds(&sber));
    assert_eq!(
        Account::parse("4091181064900013385"),
        Err(RequisiteError::Length { what: Requisite::Account, got: 19 })
    );
}

/// payments.md §6.3: treasury accounts fail the bank rules and must not be refused.
#[test]
fn treasury_accounts_are_taken() {
    let (bic, account, single) = bank("015402901", "03100643000000015100", "40102810545370000046");
    assert!(account.is_treasury() && single.key_holds(&bic) && single.tail_holds(&bic));
    assert!(BankRequisites::new(bic, account, Some(single)).is_ok());
}

/// G27: all three rules are needed; the repair is explained and wants confirmation.
#[test]
fn misread_bic_is_repaired_from_the_correspondent_account() {
    let (bic, account, corr) = bank("044525933", "40702810502080001823", "30101810200000000593");
    assert!(corr.key_holds(&bic), "this key alone does not see the slip");
    let broken = [BankRule::AccountKey, BankRule::Tail];
    assert_eq!(BankRule::broken(&bic, &account, Some(&corr)), broken);
    let error = BankRequisites::new(bic.clone(), account.clone(), Some(corr.clone()));
    assert_eq!(error.unwrap_err().broken(), broken);

    let found = repairs(&bic, &account, Some(&corr));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].proposed.bic().as_str(), "044525593");
    assert_eq!(found[0].reason, RepairReason::BicTail);
    assert_eq!(
        found[0].ru(),
        "БИК 044525933 – вероятно, 044525593: корреспондентский счёт оканчивается на 593, и с \
         этими цифрами сходятся все ключи; подтвердите"
    );
    assert!(found[0].to_string().contains("BIC 044525933 is probably 044525593"));
}

#[test]
fn repairs_of_other_slips() {
    let (bic, account, corr) = bank("044525593", "40702810502080001823", "30101810200000000953");
    let found = repairs(&bic, &account, Some(&corr));
    assert!(
        found
            .iter()
            .any(|r| r.reason == RepairReason::CorrespondentTail
                && r.meant == "30101810200000000593")
    );

    let (bic, account, corr) = bank("044535593", "40702810502080001823", "30101810200000000593");
    let found = repairs(&bic, &account, Some(&corr));
    assert!(found.iter().any(|r| r.reason == RepairReason::BicDigit && r.meant == "044525593"));
    assert!(repairs(&bic, &account, None).is_empty(), "one witness is no proof");

    let (bic, account, corr) = bank("044525593", "40702810502080001823", "30101810200000000593");
    assert!(repairs(&bic, &account, Some(&corr)).is_empty(), "nothing to repair");
}

#[test]
fn ibans() {
    for good in [
        "GB82 WEST 1234 5698 7654 32",
        "DE89370400440532013000",
        "UA213223130000026007233566001",
        "BY13NBRB3600900000002Z00AB00",
        "KZ86125KZT5004100100",
    ] {
        assert!(Iban::parse(good).is_ok(), "{good}");
    }
    let what = Requisite::Iban;
    assert_eq!(Iban::parse("DE8937040044053201300"), Err(RequisiteError::Length { what, got: 21 }));
    assert_eq!(Iban::parse("DE88370400440532013000"), Err(RequisiteError::CheckDigit { what }));
    assert_eq!(Iban::parse("D"), Err(RequisiteError::Length { what, got: 1 }));
    assert_eq!(Iban::parse("DE8937040044053201300Ж").unwrap_err().what(), what);
    let iban = Iban::parse("kz86125kzt5004100100").unwrap();
    assert_eq!((iban.country(), iban.grouped().as_str()), ("KZ", "KZ86 125K ZT50 0410 0100"));
}

/// B13: the country decides the rules.
#[test]
fn tax_ids_by_country() {
    let cases = [
        (Country::RU, "7814695160", TaxIdKind::Inn),
        (Country::BY, "200988541", TaxIdKind::Unp),
        (Country::UA, "43720363", TaxIdKind::Edrpou),
        (Country::UA, "1759013776", TaxIdKind::Rnokpp),
        (Country::KZ, "901041000015", TaxIdKind::BinIin),
        ("DE".parse().unwrap(), "DE 136.695-976", TaxIdKind::Foreign),
    ];
    for (country, text, kind) in cases {
        let id = TaxId::parse(country, text).unwrap();
        assert_eq!(id.kind(), kind);
        let stored = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<TaxId>(&stored).unwrap(), id);
    }
    assert!(TaxId::parse(Country::BY, "7814695160").is_err());
    assert!(TaxId::parse("DE".parse().unwrap(), "DE;1").is_err());
    assert!(serde_json::from_str::<TaxId>(r#"{"kind":"INN","digits":"7814695161"}"#).is_err());
    assert!(serde_json::from_str::<Inn>("\"7814695161\"").is_err());
    assert!("Russia".parse::<Country>().is_err() && "Р1".parse::<Country>().is_err());
}

proptest! {
    /// No text makes a parser panic, and what is taken reads back as itself.
    #[test]
    fn any_text(text in "\\PC{0,40}|[0-9A-Z]{0,30}|[0-9]{8,20}|[A-Z]{2}[0-9A-Z]{13,30}") {
        for country in [Country::RU, Country::BY, Country::UA, Country::KZ] {
            if let Ok(id) = TaxId::parse(country, &text) {
                prop_assert_eq!(TaxId::of_kind(id.kind(), id.digits()), Ok(id));
            }
        }
        let _ = (Ogrn::parse(&text), Ogrnip::parse(&text), Bic::parse(&text));
        if let Ok(kpp) = Kpp::parse(&text) {
            prop_assert_eq!(Kpp::parse(kpp.as_str()), Ok(kpp));
        }
        if let Ok(iban) = Iban::parse(&text) {
            prop_assert_eq!(Iban::parse(&iban.grouped()), Ok(iban));
        }
    }

    /// The key of a settlement account catches every single wrong digit.
    #[test]
    fn account_key_catches_one_digit(at in 0_usize..20, by in 1_u32..10) {
        let bic = Bic::parse("044525593").unwrap();
        let mut digits: Vec<u32> =
            "40702810502080001823".chars().filter_map(|c| c.to_digit(10)).collect();
        digits[at] = (digits[at] + by) % 10;
        let text: String = digits.iter().filter_map(|d| char::from_digit(*d, 10)).collect();
        prop_assert!(!Account::parse(&text).unwrap().key_holds(&bic));
    }

    /// Any two wrong digits in the BIC's tail are repaired, whatever the tail was.
    #[test]
    fn a_wrong_tail_is_repaired(tail in 3_u32..1000) {
        let (_, account, corr) =
            bank("044525593", "40702810502080001823", "30101810200000000593");
        let bic = Bic::parse(&format!("044525{tail:03}")).unwrap();
        let found = repairs(&bic, &account, Some(&corr));
        if tail == 593 {
            prop_assert!(found.is_empty());
        } else {
            prop_assert_eq!(found[0].proposed.bic().as_str(), "044525593");
        }
    }
}
