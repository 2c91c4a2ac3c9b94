//! Addresses: what is taken, what is refused, what is equal.

use super::*;
use proptest::prelude::*;

fn parse(text: &str) -> Result<EmailAddress, EmailError> {
    EmailAddress::parse(text)
}

/// G48: case does not make another address.
#[test]
fn case_is_kept_and_not_compared() {
    let typed = parse(" Anna.Petrova+billing@Example.RU ").unwrap();
    assert_eq!(typed.as_str(), "Anna.Petrova+billing@Example.RU");
    assert_eq!(typed.key(), "anna.petrova+billing@example.ru");
    assert_eq!(typed, parse("anna.petrova+billing@example.ru").unwrap());
    assert_eq!((typed.local(), typed.domain()), ("Anna.Petrova+billing", "example.ru"));
}

#[test]
fn international_domains_compare_in_punycode() {
    let typed = parse("Почта@Пример.рф").unwrap();
    assert_eq!(typed.as_str(), "Почта@Пример.рф");
    assert_eq!(typed.domain(), "xn--e1afmkfd.xn--p1ai");
    assert_eq!(typed, parse("почта@xn--e1afmkfd.xn--p1ai").unwrap());
}

#[test]
fn what_is_refused() {
    let cases = [
        ("", EmailError::Empty),
        ("  ", EmailError::Empty),
        ("anna", EmailError::NoAt),
        ("@example.ru", EmailError::NoAt),
        ("anna@", EmailError::NoAt),
        ("a@b@example.ru", EmailError::Character('@')),
        ("anna@example.ru\r\nBcc: x@example.ru", EmailError::Character('\r')),
        ("anna@example.ru\n", EmailError::Character('\n')),
        ("anna\0@example.ru", EmailError::Character('\0')),
        ("anna@example.ru, b@example.ru", EmailError::Character(',')),
        ("<anna@example.ru>", EmailError::Character('<')),
        ("\"anna b\"@example.ru", EmailError::Character('"')),
        ("anna@[127.0.0.1]", EmailError::Character('[')),
        (".anna@example.ru", EmailError::Dots),
        ("an..na@example.ru", EmailError::Dots),
        ("anna@example.ru.", EmailError::Dots),
        ("anna@localhost", EmailError::Domain),
        ("anna@127.0.0.1", EmailError::Domain),
        ("anna@-example.ru", EmailError::Domain),
        ("anna@exa_mple.ru", EmailError::Domain),
        ("anna@exa\u{202e}mple.ru", EmailError::Character('\u{202e}')),
    ];
    for (text, error) in cases {
        assert_eq!(parse(text).unwrap_err(), error, "{text:?}");
        assert!(!error.ru().is_empty() && !error.to_string().is_empty());
    }
}

#[test]
fn limits_of_smtp() {
    let local = "a".repeat(64);
    assert!(parse(&format!("{local}@example.ru")).is_ok());
    assert_eq!(parse(&format!("a{local}@example.ru")).unwrap_err(), EmailError::TooLong);
    let label = "b".repeat(63);
    let domain = format!("{label}.{label}.{label}");
    assert_eq!(parse(&format!("{local}@{domain}.ru")).unwrap_err(), EmailError::TooLong);
    assert_eq!(parse(&format!("anna@c{label}.ru")).unwrap_err(), EmailError::Domain);
}

proptest! {
    /// Any text at all: no panic, and what is taken has one line, one @ and survives storage.
    #[test]
    fn what_is_taken_is_one_address(
        text in "\\PC{0,40}|[a-z.@\r\n]{0,30}|[a-z]{1,9}@[a-z]{1,9}\\.ru",
    ) {
        if let Ok(address) = parse(&text) {
            prop_assert_eq!(address.as_str().matches('@').count(), 1);
            prop_assert!(!address.as_str().contains(['\r', '\n', '\0', ' ']));
            prop_assert_eq!(parse(address.as_str()), Ok(address.clone()));
            prop_assert_eq!(parse(address.key()), Ok(address));
        }
    }
}
