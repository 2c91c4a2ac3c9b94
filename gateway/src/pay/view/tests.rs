//! What the page says in each state, and what it weighs.

use super::*;
use flate2::{Compression, write::GzEncoder};
use proto::google::r#type::{Date, Money as WireMoney};
use std::io::Write;

/// Issue 4: HTML and CSS, packed.
const BUDGET: usize = 2000;
const TOKEN: &str = "Zm9yIHRlc3RzIG9ubHkuLi";

fn rub(units: i64, nanos: i32) -> Option<WireMoney> {
    Some(WireMoney { currency_code: "RUB".into(), units, nanos })
}

fn sample(state: State, payment: PaymentState, left: Option<WireMoney>) -> PayPage {
    PayPage {
        invoice: "invoices/0192f0c1-0000-7000-8000-000000000001".into(),
        number: "88#728156".into(),
        state: state.into(),
        payment_state: payment.into(),
        issue_date: Some(Date { year: 2019, month: 2, day: 9 }),
        due_date: Some(Date { year: 2019, month: 2, day: 16 }),
        total: rub(48_336, 500_000_000),
        residual: left,
        applied: rub(0, 0),
        payer_title: "Общество с ограниченной ответственностью «Ромашка & дочери»".into(),
        requisites: Some(PayRequisites {
            title: "Общество с ограниченной ответственностью «Облака Примерска»".into(),
            tax_id: "7701234567".into(),
            kpp: "770101001".into(),
            account: "40702810900000012345".into(),
            bank: "АО «Примерский коммерческий банк», г. Примерск".into(),
            bic: "044525225".into(),
            correspondent_account: "30101810400000000225".into(),
            purpose: "Оплата по счёту 88#728156 от 09.02.2019 по договору Х-2019/114. В том \
                      числе НДС 20 %"
                .into(),
        }),
        has_code: true,
        ..PayPage::default()
    }
}

fn packed(html: &str) -> usize {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(html.as_bytes()).unwrap();
    packer.finish().unwrap().len()
}

fn drawn(locale: Locale, page: &PayPage) -> String {
    let html = draw(locale, TOKEN, page).unwrap();
    assert!(packed(&html) <= BUDGET, "{} bytes are more than {BUDGET}", packed(&html));
    assert!(!html.contains("<script") && !html.contains("http"), "{html}");
    assert!(html.contains("noindex"));
    html
}

/// Issue 4, part 4: what is left, until when, and everything to copy into a transfer.
#[test]
fn what_to_pay_is_said_with_everything_to_copy() {
    let page = sample(State::Issued, PaymentState::Open, rub(48_336, 500_000_000));
    let html = drawn(Locale::Ru, &page);
    for text in [
        "Счёт № 88#728156",
        "К оплате",
        "48\u{a0}336,50\u{a0}₽",
        "Оплатите до 16.02.2019",
        "40702810900000012345",
        "48336,50",
        "<dd>Оплата по счёту 88#728156 от 09.02.2019",
        "/code.svg",
        "/invoice.pdf",
    ] {
        assert!(html.contains(text), "{text} is missing: {html}");
    }
    assert!(html.contains("Ромашка &#38; дочери"), "what people wrote is text, not HTML: {html}");
    let english = drawn(Locale::En, &page);
    assert!(english.contains("lang=\"en\"") && english.contains("Please pay by 16 February 2019"));
    assert!(english.contains("48,336.50\u{a0}RUB") && english.contains("<dd>48336.50</dd>"));
}

#[test]
fn a_part_payment_shows_what_is_left() {
    let mut page = sample(State::Issued, PaymentState::PartiallyPaid, rub(8_336, 0));
    page.applied = rub(40_000, 500_000_000);
    let html = drawn(Locale::Ru, &page);
    assert!(html.contains("Осталось оплатить") && html.contains("8\u{a0}336,00\u{a0}₽"));
    assert!(html.contains("Оплачено 40\u{a0}000,50\u{a0}₽ из 48\u{a0}336,50\u{a0}₽. Оплатите до"));
    assert!(html.contains("<progress max=\"48336.50\" value=\"40000.50\""), "{html}");
    assert!(html.contains("<dd>8336,00</dd>"), "the transfer is for what is left");
    let late = PayPage { overdue: true, ..page };
    let html = drawn(Locale::Ru, &late);
    assert!(html.contains("Срок оплаты прошёл") && html.contains("было оплатить до 16.02.2019"));
}

/// Where nothing is to be paid, nothing can be copied into a transfer by mistake.
#[test]
fn what_is_over_has_no_requisites() {
    let over = [
        (State::Issued, PaymentState::Paid, rub(0, 0), "Счёт оплачен", true),
        (State::Issued, PaymentState::Refunded, rub(0, 0), "Деньги возвращены", false),
        (State::Expired, PaymentState::Open, rub(48_336, 0), "Срок действия", false),
        (State::Cancelled, PaymentState::Open, rub(48_336, 0), "Счёт отменён", false),
    ];
    for (state, payment, left, said, document) in over {
        let html = drawn(Locale::Ru, &sample(state, payment, left.clone()));
        assert!(html.contains(said), "{said}: {html}");
        assert!(!html.contains("<dd>") && !html.contains("code.svg"), "{said}: {html}");
        assert_eq!(html.contains("invoice.pdf"), document, "{said}");
        drawn(Locale::En, &sample(state, payment, left));
    }
}

#[test]
fn a_reissued_one_leads_to_the_new_one() {
    let mut page = sample(State::Cancelled, PaymentState::Open, rub(48_336, 0));
    page.successor_token = "bmV4dCBvbmUgZm9yIHRlc3".into();
    page.successor_number = "88#728164".into();
    let html = drawn(Locale::Ru, &page);
    assert!(html.contains("<a class=\"p\" href=\"/pay/bmV4dCBvbmUgZm9yIHRlc3\">"), "{html}");
    assert!(html.contains("Открыть счёт № 88#728164") && html.contains("вместо него"));
}

#[test]
fn what_is_not_there_says_what_to_do() {
    for locale in [Locale::Ru, Locale::En] {
        for why in [Instead::Unknown, Instead::Busy, Instead::Away] {
            let html = instead(locale, why).unwrap();
            assert!(packed(&html) <= BUDGET && html.contains("</h1>"), "{html}");
        }
    }
    assert!(instead(Locale::Ru, Instead::Unknown).unwrap().contains("ответьте на то письмо"));
}

/// The policy lets in the one style that the page has, and no script at all.
#[test]
fn the_policy_names_the_style() {
    assert!(POLICY.contains("style-src 'sha256-") && !POLICY.contains("script-src"));
    assert!(POLICY.starts_with("default-src 'none'"));
}
