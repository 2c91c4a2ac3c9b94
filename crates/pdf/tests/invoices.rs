//! Invoices, read back.

use crate::documents::{line, plain, with_vat};
use crate::tools;
use pdf::{InvoiceDocument, Kind, Language, PdfError, invoice};
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal_macros::dec;

/// Keeps a document for a person to look at, when asked to by `PDF_KEEP=directory`.
fn made(document: &InvoiceDocument, name: &str) -> Vec<u8> {
    let pdf = invoice(document).unwrap();
    if let Some(directory) = std::env::var_os("PDF_KEEP") {
        let path = std::path::Path::new(&directory).join(format!("{name}.pdf"));
        std::fs::write(path, &pdf).unwrap();
    }
    pdf
}

#[track_caller]
fn assert_shows(text: &str, expected: &[&str]) {
    for each in expected {
        assert!(text.contains(&tools::squeeze(each)), "{each:?} is not in:\n{text}");
    }
}

/// A text without what a reader guesses: spaces, from gaps, and hyphens, from ends of lines.
fn letters(text: &str) -> String {
    tools::squeeze(text).replace([' ', '-'], "")
}

/// A200, A203, A237: everything an accountant looks for is on the paper, as text.
#[test]
fn an_invoice_says_everything() {
    let text = tools::words(&made(&plain(), "plain"));
    assert_shows(
        &text,
        &[
            "Счёт на оплату № 88#72815 от 9 февраля 2019 г.",
            r#"ООО "Тайф-технологии", ИНН 7709983032, КПП 770901001, 109004, г. Москва"#,
            "АО \"АЛЬФА-БАНК\", г. Москва",
            "044525593",
            "30101810200000000593",
            "40702810502080001823",
            "Назначение платежа",
            "Оплата по счету 88#72815 от 09.02.2019. НДС не облагается",
            "«Ёлочка и партнёры», ИНН 7725381772",
            "Договор № 7583/О от 01.02.2018",
            "15.02.2019",
            "Дополнительный пакет 5 ГБ 08.02.2019–31.07.2019 5 GB pack: 1 x шт",
            "«Облако №1», ₽ и ё",
            "Доступ на 1 пользователя 08.02.2019–31.07.2019",
            "344,00",
            "516,00",
            "Всего к оплате: 860,00",
            "Всего наименований 2, на сумму 860,00 руб.",
            "Восемьсот шестьдесят рублей 00 копеек",
            "НДС не облагается (упрощённая система налогообложения).",
            "Руководитель",
            "Придуманов П. П.",
            "Главный бухгалтер",
            "Страница 1 из 1",
        ],
    );
    assert!(!text.contains("Сумма НДС"), "a seller without VAT never prints one:\n{text}");
}

/// G54, G55: VAT per line and per rate, credit set off.
#[test]
fn vat_and_credit_are_shown() {
    let text = tools::words(&made(&with_vat(Language::Ru), "vat"));
    assert_shows(
        &text,
        &[
            "Цена с НДС",
            "Сумма без НДС",
            "01.11.2025–30.04.2026",
            "4 945,34",
            "20 % 22 %",
            "333,34 721,32",
            "без НДС",
            "Итого без НДС: 39 707,57",
            "НДС 20 %: 333,34",
            "НДС 22 %: 8 295,09",
            "Всего с НДС: 48 336,00",
            "Зачтено из аванса: −8 336,00",
            "Всего к оплате: 40 000,00",
            "Сорок тысяч рублей 00 копеек",
        ],
    );
}

#[test]
fn english_labels_and_numbers() {
    let document = InvoiceDocument {
        amount_in_words: "Forty thousand roubles 00 kopecks".to_owned(),
        tax_phrase: "Including VAT 8,628.43 RUB".to_owned(),
        ..with_vat(Language::En)
    };
    let text = tools::words(&made(&document, "english"));
    assert_shows(
        &text,
        &[
            "Invoice No. 88#72815 dated 9 February 2019",
            "Beneficiary’s bank",
            "TIN 7709983032",
            "Price with VAT",
            "Subtotal excl. VAT: 39,707.57",
            "Total to pay: 40,000.00",
            "Items: 3, total 48,336.00 RUB",
            "Forty thousand roubles 00 kopecks",
            "Page 1 of 1",
        ],
    );
    assert!(!text.contains("Счёт"), "{text}");
}

/// A150: what staff look at before it is issued cannot be taken for an invoice.
#[test]
fn a_draft_says_so() {
    let document = InvoiceDocument { number: None, qr: None, ..plain() };
    let text = tools::words(&made(&document, "draft"));
    assert_shows(&text, &["Счёт на оплату (проект, номер присваивается при выпуске) от 9"]);
    assert!(!text.contains("QR"), "{text}");
}

/// A104: an offer says until when it is good and in what words, and nothing of a bank: nobody is to
/// pay by it.
#[test]
fn a_quote_offers_and_does_not_ask() {
    let document = InvoiceDocument {
        kind: Kind::Quote,
        number: Some("12".to_owned()),
        purpose: "Перенос 1С в облако".to_owned(),
        note: "Цены с учётом скидки.\n\nПеренос базы – бесплатно.".to_owned(),
        qr: None,
        ..plain()
    };
    let text = tools::words(&made(&document, "quote"));
    assert_shows(
        &text,
        &[
            "Коммерческое предложение № 12 от 9",
            "О чём: Перенос 1С в облако",
            "Действительно по: 15.02.2019",
            "Итого за первый период: 860,00",
            "Цены с учётом скидки. Перенос базы – бесплатно.",
        ],
    );
    for absent in ["Счёт", "БИК", "40702810502080001823", "Назначение платежа", "QR"]
    {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    let english = InvoiceDocument {
        language: Language::En,
        number: None,
        purpose: String::new(),
        ..document
    };
    let text = tools::words(&made(&english, "quote-english"));
    assert_shows(&text, &["Quote (draft) dated 9 February 2019", "Valid through: 15.02.2019"]);
}

#[test]
fn fonts_are_embedded_with_their_text() {
    let fonts = tools::fonts(&invoice(&plain()).unwrap());
    assert_eq!(fonts.len(), 2, "{fonts:?}");
    for font in fonts {
        assert!(font.contains("+PTSans-"), "{font}");
        // Columns: name, type, encoding, embedded, subset, unicode.
        let flags: Vec<_> = font.split_whitespace().rev().skip(2).take(3).collect();
        assert_eq!(flags, ["yes", "yes", "yes"], "{font}");
    }
}

/// Same data, same bytes: caches warm or cold, whatever was made in between.
#[test]
fn the_same_document_gives_the_same_bytes() {
    let first = invoice(&plain()).unwrap();
    invoice(&with_vat(Language::En)).unwrap();
    let again = std::thread::spawn(|| invoice(&plain()).unwrap()).join().unwrap();
    assert!(first == again, "{} and {} bytes differ", first.len(), again.len());
    let title = tools::info(&first, "Title").unwrap();
    assert_eq!(tools::squeeze(&title), "Счёт на оплату № 88#72815 от 9 февраля 2019 г.");
    let created = tools::info(&first, "CreationDate").unwrap();
    assert!(created.contains("Feb  9") && created.contains("2019"), "{created}");
}

/// A long list: header on every page, every line once, totals once and right.
#[test]
fn two_hundred_lines_break_over_pages() {
    let lines: Vec<_> = (1..=200)
        .map(|no| {
            line(&format!("Рабочее место {no:03}"), dec!(1), Decimal::from(no), Decimal::from(no))
        })
        .collect();
    let document = InvoiceDocument {
        lines,
        net: dec!(20100),
        total: dec!(20100),
        to_pay: dec!(20100),
        ..plain()
    };
    let pdf = made(&document, "long");
    let pages = tools::pages(&pdf);
    assert!((5..=12).contains(&pages), "{pages} pages");
    let text = tools::words(&pdf);
    for no in 1..=200 {
        let title = format!("Рабочее место {no:03}");
        assert_eq!(text.matches(&title).count(), 1, "{title}");
    }
    let headers = text.matches("Товары (работы, услуги)").count();
    assert!((pages - 1..=pages).contains(&headers), "{headers} headers on {pages} pages");
    assert_shows(
        &text,
        &[
            &format!("Страница {pages} из {pages}"),
            "Всего наименований 200, на сумму 20 100,00 руб.",
        ],
    );
    assert_eq!(text.matches("Всего к оплате: 20 100,00").count(), 1);
}

/// Markup of typst, of PDF and control characters are nothing but text.
#[test]
fn hostile_texts_print_literally() {
    let hostile =
        r#"#panic("x") *b* _i_ $x^2$ \ <tag> @ref `raw` = h // c /* d */ ~ -- ... [y] #{1+1} %(\)"#;
    let mut document = plain();
    document.lines[0].title = hostile.to_owned();
    document.lines[0].details = vec!["line\nbreak\0nul\u{202e}override".to_owned()];
    document.payer.name = hostile.to_owned();
    document.purpose = hostile.to_owned();
    let text = tools::words(&made(&document, "hostile"));
    assert_eq!(letters(&text).matches(&letters(hostile)).count(), 3, "{text}");
    assert_shows(&text, &["line break nuloverride"]);
}

/// Letters that the fonts lack are shown as boxes; the rest of the document is as ever.
#[test]
fn letters_without_a_glyph_do_no_harm() {
    let mut document = plain();
    document.payer.name = "漢字 😀 ООО «Ёлочка»".to_owned();
    let text = tools::words(&made(&document, "glyphs"));
    assert_shows(&text, &["ООО «Ёлочка», ИНН 7725381772", "Всего к оплате: 860,00"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Any text at all makes a document, or an error that names its field.
    #[test]
    fn any_texts_make_a_document(texts in prop::collection::vec(any::<String>(), 6)) {
        let mut document = plain();
        document.number = Some(texts[0].clone());
        document.payer.name = texts[1].clone();
        document.lines[0].title = texts[2].clone();
        document.lines[0].details = vec![texts[3].clone()];
        document.purpose = texts[4].clone();
        document.tax_phrase = texts[5].clone();
        match invoice(&document) {
            Ok(pdf) => prop_assert!(tools::pages(&pdf) >= 1),
            Err(error) => prop_assert!(matches!(error, PdfError::Field { .. }), "{error}"),
        }
    }
}

/// Names longer than their cell wrap; even one word of a thousand letters stays on the paper.
#[test]
fn long_names_wrap() {
    let long = "Общество с ограниченной ответственностью «Научно-производственное объединение \
                передовых технологий и неповторимых решений № 1 имени Ё. Выдуманного»";
    let word = "Щ".repeat(990);
    let mut document = with_vat(Language::Ru);
    document.payer.name = long.to_owned();
    document.seller.name = long.to_owned();
    document.lines[0].title = long.to_owned();
    document.lines[1].title = word.clone();
    let pdf = made(&document, "names");
    let text = tools::words(&pdf);
    assert_eq!(letters(&text).matches(&letters(long)).count(), 4, "{text}");
    assert_eq!(text.matches('Щ').count(), 990);
    let widest = tools::text(&pdf).lines().map(|line| line.matches('Щ').count()).max();
    assert_eq!(widest, Some(15));
}

#[test]
fn what_is_wrong_is_named() {
    let mut missing = plain();
    missing.lines[1].title = " \n".to_owned();
    let mut long = plain();
    long.payer.name = "я".repeat(1001);
    let mut many = plain();
    many.lines = vec![many.lines[0].clone(); 2001];
    let cases = [
        (missing, "lines[1].title: must be filled"),
        (long, "payer.name: 1001 characters; at most 1000 are printed"),
        (many, "lines: 2001 lines; at most 2000 are printed"),
        (InvoiceDocument { lines: vec![], ..plain() }, "lines: at least one line is needed"),
        (
            InvoiceDocument { to_pay: dec!(861), ..plain() },
            "to_pay: 861 is not total less credit, 860",
        ),
        (
            InvoiceDocument { total: dec!(861), to_pay: dec!(861), ..plain() },
            "total: 861 is not net 860 and VAT 0",
        ),
        (
            InvoiceDocument { total: dec!(861), to_pay: dec!(861), net: dec!(861), ..plain() },
            "total: the lines sum to 860 net and 860 gross",
        ),
    ];
    for (document, expected) in cases {
        assert_eq!(invoice(&document).unwrap_err().to_string(), expected);
    }
    let huge = InvoiceDocument { qr: Some("x".repeat(2332)), ..plain() };
    assert!(matches!(invoice(&huge), Err(PdfError::Qr(_))));
}
