//! Golden decisions over tables: G21–G24's texts, G21b, and the traps of payments.md §4.11.

use super::*;
use serde_json::{Value, json};

const HEADER: &str =
    "id,number,date,amount,residual,currency,client,tax_id,kpp,status,seller_account\n";
const OWN: &str = "40702810502080001823";
const G21: &str = "Оплата по счету 88#72815 от 09.02.19; Увел. диск. простр-ва 5 гб + Доступ на 1 \
    польз. \"Стандарт\" с 01.03.19 по 31.03.19 Сумма: 860р. 00к. НДС не облагается.";

/// `id number date residual client:tax_id status` → a table.
fn invoices(rows: &[(&str, &str, &str, &str, &str)]) -> String {
    let row = |(id, number, date, residual, client): &(&str, &str, &str, &str, &str)| {
        let tax_id = if client.starts_with("C1") { "7814695160" } else { "7725381772" };
        let status = if *residual == "0.00" { "paid" } else { "open" };
        format!("{id},{number},{date},860.00,{residual},RUB,{client},{tax_id},,{status},{OWN}\n")
    };
    HEADER.to_owned() + &rows.iter().map(row).collect::<String>()
}

fn line(purpose: &str, amount: &str, tax_id: &str) -> Value {
    json!({
        "id": purpose, "direction": "in", "amount": amount, "currency": "RUB",
        "date": "2019-02-26", "document_number": null, "purpose": purpose, "status": "booked",
        "payer": {"tax_id": tax_id, "account": null}, "payee": {"account": OWN},
    })
}

fn decide(invoices: &str, lines: &[Value], preset: Preset) -> Vec<Value> {
    let mut world = World::read(&mut invoices.as_bytes(), None).unwrap();
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let mut out = Vec::new();
    world.decide(&mut lines.as_bytes(), preset, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn one(invoices: &str, line: Value) -> Value {
    decide(invoices, &[line], Preset::Standard).remove(0)
}

fn targets(answer: &Value) -> Vec<&str> {
    let all = answer["allocations"].as_array().unwrap();
    all.iter().map(|a| a["invoice"].as_str().unwrap()).collect()
}

const ONE: &[(&str, &str, &str, &str, &str)] = &[("A", "88#72815", "2019-02-09", "860.00", "C1")];

/// G21, G22, G23: the shape of the answer, and what is not enough.
#[test]
fn golden_decisions() {
    let table = invoices(ONE);
    let answer = one(&table, line(G21, "860.00", "7814695160"));
    assert_eq!(answer["decision"], "auto");
    assert_eq!(answer["allocations"], json!([{"invoice": "A", "amount": "860.00"}]));
    assert_eq!(answer["class"], "customer_payment");
    for code in ["NUMBER_EXACT", "DATE_AGREES", "AMOUNT_EQUAL", "PAYER_TAX_ID"] {
        assert!(answer["reasons"].as_array().unwrap().contains(&json!(code)), "{answer}");
    }
    let cases = [
        (G21, "859.99", "7814695160", "AMOUNT_SHORT"),
        (G21, "900.00", "7814695160", "AMOUNT_OVER"),
        (G21, "860.00", "7725381772", "PAYER_DIFFERS"),
        ("Оплата услуг", "860.00", "7814695160", "NUMBER_ABSENT"),
        ("Оплата по счету 88#72815 от 09.03.19", "860.00", "7814695160", "DATE_DIFFERS"),
    ];
    for (purpose, amount, tax_id, code) in cases {
        let answer = one(&table, line(purpose, amount, tax_id));
        assert_eq!(answer["decision"], "suggest", "{answer}");
        assert_eq!(answer["proposals"][0]["invoices"], json!(["A"]), "{answer}");
        assert_eq!(answer["reasons"], json!([code]), "{answer}");
    }
}

/// G21b: under the preset the number names its client; a stranger's tax id goes to review.
#[test]
fn a_number_may_name_its_client() {
    let table = invoices(&[("U", "HOR-11111-007", "2019-02-09", "860.00", "C1")]);
    for purpose in ["Оплата HOR-11111-007", "hor 11111 007", "НОR-11111-007"] {
        let given = [line(purpose, "860.00", "")];
        let answer = decide(&table, &given, Preset::NumberAndAmount).remove(0);
        assert_eq!(answer["decision"], "auto", "{answer}");
        assert!(answer["reasons"].to_string().contains("NUMBER_NAMES_CLIENT"), "{answer}");
        assert_eq!(one(&table, given[0].clone())["decision"], "suggest");
    }
}

/// Ways in which people write one number.
#[test]
fn spellings_reach_the_invoice() {
    let table = invoices(&[("A", "72815", "2019-02-09", "860.00", "C1")]);
    let cases = [
        "Оплата по счету N 72815 от 09.02.19г 860,00",
        "СЧ№72815ОТ 09.02.19",
        "ОПЛАТАПОСЧЕТУ72815",
        "СЧЕТУN72815",
        "Оплата CЧЕТА №72815",
        "oplata po schetu 72815 ot 09.02.2019",
        "Оплата по счету на оплату № 72815",
        "Оплата счета от 09.02.2019 № 72815",
        "рахунок №72815 від 9 лютого 2019 р.",
        "по счету № 72815 от «09» февраля 2019",
        "Оплата по договору 45 от 01.01.2018 сч. № 72815 от 09.02.2019",
        "оплата по счёту 72\u{200B}815 от 09.02.19",
        "Оплата по счету № 72875 от 09.02.2019",
    ];
    for purpose in cases {
        let answer = one(&table, line(purpose, "860.00", "7814695160"));
        assert_eq!(targets(&answer), ["A"], "{answer}");
    }
}

/// What only looks like the number of an invoice.
#[test]
fn traps_are_not_taken() {
    let table = invoices(&[
        ("A", "45", "2019-01-01", "860.00", "C1"),
        ("B", "2019", "2019-01-02", "860.00", "C1"),
        ("C", "860", "2019-01-03", "860.00", "C1"),
        ("D", "456", "2019-01-04", "860.00", "C1"),
    ]);
    let cases = [
        "Оплата по договору № 45",
        "Оплата по счету за 2019 год",
        "Оплата по счету 2019 г.",
        "Оплата счета 860",
        "лицевой счет 45",
        "по АКТУ NO456",
        "счет-фактура № 45",
        "по счету 4567",
        "ТОВАР N45",
    ];
    for purpose in cases {
        let answer = one(&table, line(purpose, "860.00", "7814695160"));
        assert_eq!(targets(&answer), Vec::<&str>::new(), "{answer}");
    }
}

/// A slip onto a sibling cannot be seen, so a sibling is a veto; a date that tells them apart, or
/// one number alone, is not.
#[test]
fn siblings_are_told_apart_or_left() {
    let table = invoices(&[
        ("A", "88#72815", "2019-02-09", "860.00", "C1"),
        ("B", "88#72816", "2019-02-10", "860.00", "C1"),
    ]);
    let answer = one(&table, line("по счету 88#72815", "860.00", "7814695160"));
    assert_eq!(answer["reasons"], json!(["VETO_SIBLING_ONE_SLIP"]));
    assert_eq!(answer["proposals"][0]["invoices"], json!(["A"]));
    let dated = line("по счету 88#72815 от 09.02.2019", "860.00", "7814695160");
    assert_eq!(targets(&one(&table, dated)), ["A"]);
}

/// Lists are paid together when every part of them is certain, and only then.
#[test]
fn lists_are_paid_together() {
    let table = invoices(&[
        ("A", "12", "2019-02-09", "860.00", "C1"),
        ("B", "13", "2019-02-09", "100.50", "C1"),
        ("C", "14", "2019-02-09", "39.50", "C1"),
    ]);
    let answer = one(&table, line("Оплата по счетам №№ 12, 13 и 14", "1000.00", "7814695160"));
    assert_eq!(targets(&answer), ["A", "B", "C"]);
    let answer = one(&table, line("Оплата по счетам 12-14", "1000.00", "7814695160"));
    assert_eq!(targets(&answer), ["A", "B", "C"]);
    let answer = one(&table, line("Оплата по счетам 12, 13", "1000.00", "7814695160"));
    assert_eq!(answer["proposals"][0]["invoices"], json!(["A", "B"]), "{answer}");
    assert_eq!(answer["decision"], "suggest");
    // A sum alone proves nothing, however unique it is.
    let answer = one(&table, line("Оплата", "140.00", "7814695160"));
    assert_eq!(answer["proposals"][0]["invoices"], json!(["B", "C"]), "{answer}");
    assert_eq!(answer["decision"], "suggest");
}

/// Earlier rows count: what was allocated is no longer open, and a row that comes twice is one.
#[test]
fn earlier_rows_count() {
    let answers =
        decide(&invoices(ONE), &vec![line(G21, "860.00", "7814695160"); 2], Preset::Standard);
    assert_eq!(answers[0]["decision"], "auto");
    assert_eq!(answers[1]["decision"], "suggest", "{}", answers[1]);
    assert!(answers[1]["reasons"].to_string().contains("INVOICE_PAID"));
}

/// What is no client's payment never reaches an invoice, whatever it quotes.
#[test]
fn other_classes_wait_for_people() {
    let cases = [
        ("Возврат ошибочно перечисленных средств, счет 88#72815", "return"),
        ("Сторно операции по счету 88#72815", "reversal"),
        ("Перевод собственных средств, счет 88#72815", "own_transfer"),
        ("Зачисление средств по операциям с МБК (реестры платежей) 88#72815", "acquirer"),
        ("Выплата процентов по договору 88#72815", "bank_fee"),
        ("Возврат займа, счет 88#72815", "other"),
    ];
    for (purpose, class) in cases {
        let answer = one(&invoices(ONE), line(purpose, "860.00", "7814695160"));
        assert_eq!((&answer["decision"], &answer["class"]), (&json!("queue"), &json!(class)));
    }
}

/// A table that is none is refused with its line.
#[test]
fn bad_tables_are_refused() {
    let error = |table: &str| World::read(&mut table.as_bytes(), None).unwrap_err().to_string();
    assert!(error("id,number\n").contains("the column date is missing"));
    let bad = invoices(ONE).replace("860.00,860.00", "860.00,8x");
    assert!(error(&bad).starts_with("invoices, line 2"), "{}", error(&bad));
}
