//! What letters say.

use super::*;

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn an_invoice_letter_says_what_to_pay() {
    let given = values(&[
        ("number", "88#728156"),
        ("issue_date", "09.02.2019"),
        ("seller", "ООО «Ромашка»"),
        ("total", "860,00 ₽"),
        ("due_date", "16.02.2019"),
        ("pay", &pay_paragraph(Language::Ru, Some("https://raschet.example/"), "abc")),
    ]);
    let letter = template("invoice_issued").expect("known").render(Language::Ru, &given);
    let letter = letter.expect("rendered");
    assert_eq!(letter.subject, "Счёт № 88#728156 от 09.02.2019");
    assert!(letter.text.contains("на сумму 860,00 ₽") && letter.text.contains("16.02.2019"));
    assert!(letter.text.contains("https://raschet.example/pay/abc\n\n"), "{}", letter.text);
    let en = template("invoice_issued").expect("known").render(Language::En, &given);
    assert_eq!(en.expect("rendered").subject, "Invoice No. 88#728156 of 09.02.2019");
}

/// A48: a reminder says how much is left and since when; who has paid is not scolded.
#[test]
fn a_reminder_says_what_is_left() {
    let given = values(&[
        ("number", "17"),
        ("issue_date", "09.02.2019"),
        ("seller", "ООО «Ромашка»"),
        ("residual", "60,00 ₽"),
        ("due_date", "16.02.2019"),
        ("pay", ""),
    ]);
    for (language, left, paid) in [
        (Language::Ru, "до 16.02.2019, осталось 60,00 ₽", "Если вы уже заплатили"),
        (Language::En, "due on 16.02.2019; 60,00 ₽ is left", "If you have paid already"),
    ] {
        let letter = template("invoice_overdue").expect("known").render(language, &given);
        let letter = letter.expect("rendered");
        assert!(letter.subject.contains("17"), "{}", letter.subject);
        assert!(letter.text.contains(left) && letter.text.contains(paid), "{}", letter.text);
    }
}

/// A104: a letter with a quote says what it costs, until when it is good, and where to say yes.
#[test]
fn a_quote_letter_says_until_when() {
    let accept = quote_paragraph(Language::Ru, Some("https://raschet.example/"));
    let given = values(&[
        ("number", "12"),
        ("subject", ": перенос 1С"),
        ("seller", "ООО «Ромашка»"),
        ("total", "860,00 ₽"),
        ("valid_until", "16.02.2019"),
        ("accept", &accept),
    ]);
    let letter = template("quote_sent").expect("known").render(Language::Ru, &given);
    let letter = letter.expect("rendered");
    assert_eq!(letter.subject, "Коммерческое предложение № 12: перенос 1С");
    for said in ["860,00 ₽", "по 16.02.2019", "https://raschet.example/cabinet/quotes\n"] {
        assert!(letter.text.contains(said), "{said}: {}", letter.text);
    }
    let en = template("quote_sent").expect("known").render(Language::En, &given);
    assert_eq!(en.expect("rendered").subject, "Quote No. 12: перенос 1С");
    assert_eq!(quote_paragraph(Language::En, None), "");
}

/// Without an address of ours, or a page, a letter says nothing of it.
#[test]
fn a_page_is_named_where_there_is_one() {
    for (site, token) in [(None, "abc"), (Some("https://raschet.example"), "")] {
        assert_eq!(pay_paragraph(Language::Ru, site, token), "");
        assert_eq!(pay_paragraph(Language::En, site, token), "");
    }
    let english = pay_paragraph(Language::En, Some("https://raschet.example"), "abc");
    assert!(english.ends_with(" https://raschet.example/pay/abc\n"), "{english}");
}

#[test]
fn a_missing_value_is_named() {
    let rendered = template("invoice_issued").expect("known").render(Language::Ru, &values(&[]));
    let missing = MissingValue { template: "invoice_issued", variable: "number".into() };
    assert_eq!(rendered, Err(missing));
    assert!(template("nonsense").is_none());
}

/// tickets.md §5.5 (11): placeholders in what a client wrote are words, not names.
#[test]
fn values_are_never_expanded() {
    let given = values(&[
        ("subject", "{signature}\r\nBcc: x@y.test"),
        ("text", "{{signature}} {password}"),
        ("signature", "тайна"),
    ]);
    let letter = template(TICKET_REPLY).expect("known").render(Language::Ru, &given);
    let letter = letter.expect("rendered");
    assert_eq!(letter.subject, "Re: {signature} Bcc: x@y.test");
    assert!(letter.text.starts_with("{{signature}} {password}"));
}

#[test]
fn languages_fall_back_to_russian() {
    for (tag, language) in
        [("en", Language::En), ("en-GB", Language::En), ("ru", Language::Ru), ("", Language::Ru)]
    {
        assert_eq!(Language::of(tag), language, "{tag}");
    }
}
