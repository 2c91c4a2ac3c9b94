//! Invented documents that the tests print.

use chrono::NaiveDate;
use pdf::{
    BankDetails, ContractRef, InvoiceDocument, InvoiceLine, Kind, Language, Party, Signatory, Vat,
};
use rust_decimal::Decimal;
use rust_decimal_macros::dec;
use types::{Currency, Period};

pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// Requisites of G29.
pub fn payment() -> pdf::qr::Payment<'static> {
    pdf::qr::Payment {
        name: r#"ООО "Тайф-технологии""#,
        account: "40702810502080001823",
        bank_name: r#"АО "АЛЬФА-БАНК""#,
        bic: "044525593",
        correspondent_account: Some("30101810200000000593"),
        inn: "7709983032",
        kpp: Some("770901001"),
        amount: dec!(860),
        purpose: "Оплата по счету 88#72815 от 09.02.2019. НДС не облагается",
    }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A line without VAT.
pub fn line(title: &str, quantity: Decimal, price: Decimal, sum: Decimal) -> InvoiceLine {
    InvoiceLine {
        title: title.to_owned(),
        details: vec![],
        period: Some(Period::inclusive(day(2019, 2, 8), day(2019, 7, 31)).unwrap()),
        quantity,
        unit: "шт".to_owned(),
        price,
        net: sum,
        vat: vec![],
        gross: sum,
    }
}

/// Invoice 72815 of 860 roubles, without VAT, with a QR.
pub fn plain() -> InvoiceDocument {
    let mut first = line("Дополнительный пакет 5 ГБ", dec!(1), dec!(60), dec!(344));
    first.details = vec!["5 GB pack: 1 x шт".to_owned(), "«Облако №1», ₽ и ё".to_owned()];
    let second = line("Доступ на 1 пользователя", dec!(1), dec!(90), dec!(516));
    InvoiceDocument {
        kind: Kind::Invoice,
        language: Language::Ru,
        number: some("88#72815"),
        date: day(2019, 2, 9),
        due_date: Some(day(2019, 2, 15)),
        currency: Currency::Rub,
        seller: Party {
            name: r#"ООО "Тайф-технологии""#.to_owned(),
            inn: some("7709983032"),
            kpp: some("770901001"),
            address: some("109004, г. Москва, ул. Придуманная, д. 5, стр. 1, офис 12"),
            phone: some("+7 495 000-00-00"),
        },
        bank: BankDetails {
            name: r#"АО "АЛЬФА-БАНК", г. Москва"#.to_owned(),
            bic: "044525593".to_owned(),
            account: "40702810502080001823".to_owned(),
            correspondent_account: some("30101810200000000593"),
        },
        payer: Party {
            name: "Общество с ограниченной ответственностью «Ёлочка и партнёры»".to_owned(),
            inn: some("7725381772"),
            kpp: some("772501001"),
            address: some("115114, г. Москва, Выдуманный пер., д. 7"),
            phone: None,
        },
        contract: Some(ContractRef {
            title: "Договор № 7583/О".to_owned(),
            date: Some(day(2018, 2, 1)),
        }),
        lines: vec![first, second],
        prices_include_vat: false,
        net: dec!(860),
        vat: vec![],
        total: dec!(860),
        credit_applied: dec!(0),
        to_pay: dec!(860),
        amount_in_words: "Восемьсот шестьдесят рублей 00 копеек".to_owned(),
        tax_phrase: "НДС не облагается (упрощённая система налогообложения).".to_owned(),
        purpose: "Оплата по счету 88#72815 от 09.02.2019. НДС не облагается".to_owned(),
        note: String::new(),
        signatories: vec![
            Signatory {
                position: "Руководитель".to_owned(), name: "Придуманов П. П.".to_owned()
            },
            Signatory {
                position: "Главный бухгалтер".to_owned(),
                name: "Небылова Н. Н.".to_owned(),
            },
        ],
        qr: Some(payment().payload().unwrap()),
    }
}

/// The same with VAT of two rates, a line that crosses a change of rate, and credit applied.
pub fn with_vat(language: Language) -> InvoiceDocument {
    let vat = |rate, amount| Vat { rate, amount };
    let taxed = |title: &str, net: Decimal, vat: Vec<Vat>, gross: Decimal| InvoiceLine {
        net,
        vat,
        gross,
        ..line(title, dec!(6), dec!(1000), gross)
    };
    let crossing = InvoiceLine {
        period: Some(Period::inclusive(day(2025, 11, 1), day(2026, 4, 30)).unwrap()),
        ..taxed(
            "Аренда облачного рабочего места",
            dec!(4945.34),
            vec![vat(dec!(20), dec!(333.34)), vat(dec!(22), dec!(721.32))],
            dec!(6000),
        )
    };
    InvoiceDocument {
        language,
        lines: vec![
            crossing,
            taxed(
                "1С:Бухгалтерия ПРОФ",
                dec!(34426.23),
                vec![vat(dec!(22), dec!(7573.77))],
                dec!(42000),
            ),
            taxed("Права на программу для ЭВМ", dec!(336), vec![], dec!(336)),
        ],
        prices_include_vat: true,
        net: dec!(39707.57),
        vat: vec![vat(dec!(20), dec!(333.34)), vat(dec!(22), dec!(8295.09))],
        total: dec!(48336.00),
        credit_applied: dec!(8336.00),
        to_pay: dec!(40000.00),
        amount_in_words: "Сорок тысяч рублей 00 копеек".to_owned(),
        tax_phrase: "В том числе НДС 8 628,43 руб.".to_owned(),
        ..plain()
    }
}
