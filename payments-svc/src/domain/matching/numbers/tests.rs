//! Golden ways to write a number (G21, G37) and the purposes of payments.md §4.9.

use super::*;

/// G37: every way to type a number has one canonical form.
#[test]
fn numbers_have_one_canonical_form() {
    for text in ["HOR-11111-007", "hor 11111 007", "НОR-11111-007", "hor–11111–7"] {
        assert_eq!(NumberKey::of(text).full, "HOR-11111-7", "{text}");
    }
    assert_eq!(NumberKey::of("HOR-11111-1000").full, "HOR-11111-1000");
    let key = NumberKey::of("88#072815");
    assert_eq!((key.full.as_str(), key.tail.as_str()), ("88#72815", "72815"));
    assert_eq!(key.prefix(), Some("88"));
}

/// §1.9 item 9: a service code or a check digit names the client, plain digits do not.
#[test]
fn some_numbers_name_their_client() {
    assert!(NumberKey::of("HOR-11111-007").names_client(7));
    assert!(NumberKey::of("88#728156").names_client(72815));
    assert!(!NumberKey::of("88#72815").names_client(72815));
    assert!(!NumberKey::of("72815").names_client(0));
}
