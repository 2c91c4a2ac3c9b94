//! Golden ways to write a number (G21, G37) and the purposes of payments.md §4.9.

use super::*;

fn found(purpose: &str) -> Vec<String> {
    mentions(purpose).into_iter().map(|mention| mention.key.full).collect()
}

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

/// G21, A241 and the fixtures of payments.md §4.9: numbers are found, and nothing else is.
#[test]
fn purposes_name_exactly_their_invoices() {
    let cases: [(&str, &[&str]); 23] = [
        (
            "Оплата по счету 88#72815 от 09.02.19; Увел. диск. простр-ва 5 гб + Доступ на \
             1 польз. \"Стандарт\" с 01.03.19 по 31.03.19 Сумма: 860р. 00к. НДС не облагается.",
            &["88#72815"],
        ),
        ("Оплата по счету N 1024 от 01.01.23г 18026,52", &["1024"]),
        (
            "Оплата за металл по счету № ХИМ-ММР286 от 22.08.2018 г. в т.ч. НДС 18% - 7 248.81",
            &["XИM-MMP286"],
        ),
        (
            "За транспортные услуги по счету № Ек2Тюм003221 от 18 Апреля 2019г. Сумма \
             2 999-00руб без НДС",
            &["EK2TЮM003221"],
        ),
        (
            "Предоплата по дог. ГПН-18/39000/03564/Р/64537-2018-174 от 29.12.2018 по сч \
             19-685 от 14.10.2019 по отгр. … В т.ч.НДС(20%) 5.616.666,67=",
            &["19-685"],
        ),
        ("1005860460:  4 услуги с НДС. ЗА ООО \"НЭО …\" ИНН 5904188926 Без НДС", &[]),
        ("За товар по Счёту № 269 от 19 сентября 2022 г., Без налога (НДС)", &["269"]),
        ("Оплата по договору №б/н от 31.03.2022 на 11.09.2022. Сумма 2007-35 руб.", &[]),
        ("Оплата по заказу клиента №9614, НДС не облагается", &[]),
        ("Перевод ошибочно перечисленной суммы", &[]),
        ("oplata po schetu 12 ot 01.01.2026", &["12"]),
        ("Оплата по cчeтy 12 без НДС", &["12"]),
        ("Оплата HOR-11111-007", &["HOR-11111-7"]),
        ("oplata hor 11111 007", &["HOR-11111-7"]),
        ("ОПЛАТА ПО СЧЕТУ1000001ОТ09.02.19", &["1000001"]),
        ("СЧ№12ОТ 01.02.2019", &["12"]),
        ("По счетам №№ 12, 13 и 15 от 05.02.19", &["12", "13", "15"]),
        ("Пополнение, лицевой счет 12345", &[]),
        ("на расчетный счет 40702810502080001823", &[]),
        ("Счет-фактура 55 от 01.02.2019", &[]),
        ("Оплата 860 руб за март 2019", &[]),
        ("по счету от 09.02.19", &[]),
        ("оплата 72815", &[]),
    ];
    for (purpose, want) in cases {
        assert_eq!(found(purpose), want, "{purpose}");
    }
}

#[test]
fn the_date_of_the_invoice_is_read() {
    let date = |purpose: &str| mentions(purpose)[0].date;
    let full = |y, m, d| Some(WrittenDate::Full(NaiveDate::from_ymd_opt(y, m, d).unwrap()));
    assert_eq!(date("счет 88#72815 от 09.02.19;"), full(2019, 2, 9));
    assert_eq!(date("счету № 269 от 19 сентября 2022 г., без"), full(2022, 9, 19));
    assert_eq!(date("счету1000001от09.02.19"), full(2019, 2, 9));
    assert_eq!(date("счету 12 от 09.02. без НДС"), Some(WrittenDate::DayMonth(9, 2)));
    assert_eq!(date("счету 12 без НДС"), None);
    let span = mentions("по счету 88#72815")[0].span;
    assert_eq!(span, (9, 17));
}
