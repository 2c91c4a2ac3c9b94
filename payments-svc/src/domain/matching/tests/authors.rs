//! Purposes as other authors write them: what names an invoice, what names another paper, what is
//! only half of a number.

use super::*;

/// Invoice 12 of 09.02.2019, 860.00.
fn twelve() -> World {
    World::g21("12")
}

/// Invoices 12, 13, 14 and 15 of one client, 860.00, 640.00, 500.00 and 700.00.
fn four() -> World {
    let mut world = twelve();
    for (number, kopecks, day_of) in [("13", 64_000, 10), ("14", 50_000, 11), ("15", 70_000, 12)] {
        let mut other = world.snapshot.invoices[0].clone();
        other.id = InvoiceId::generate();
        other.number = number.into();
        other.residual = rub(kopecks);
        other.issued_on = day(2019, 2, day_of);
        world.snapshot.invoices.push(other);
    }
    world
}

/// Numbers of what is allocated.
fn allocated(world: &World) -> Vec<String> {
    let number = |id: InvoiceId| {
        let mut invoices = world.snapshot.invoices.iter();
        invoices.find(|invoice| invoice.id == id).unwrap().number.clone()
    };
    world.decide().allocate.iter().map(|share| number(share.proposal.invoice)).collect()
}

#[test]
fn an_invoice_is_named_in_many_ways() {
    for purpose in [
        "зг. рах.№12 від 09.02.19",
        "згідно рахунку-фактури № 12 від 09.02.2019р. ПДВ 20%",
        "Оплата рахунку № 12 вiд 09 лютого 2019 р.",
        "za uslugi po schetu No 12 ot 09.02.2019 bez NDS",
        "Invoice No.12 of 09 Feb 2019",
        "Payment for invoice 12 dated February 9, 2019",
        "/INV/12 09.02.2019",
        "№12 шот бойынша төлем",
        "Төлем шотына сәйкес № 12 09.02.2019 ж.",
        "2019 жылғы 9 ақпандағы №12 шот бойынша төлем",
        "Аплата па рахунку №12 ад 09.02.2019",
        "Оплата по счет-протоколу № 12 от 09.02.2019",
        "По счёту N° 12 от 09.02.2019",
        "&quot;Оплата по счету&quot; &#8470;12 от 09.02.2019",
        "оплата счёта № 12 от 09,02,2019",
        "оплата счёта № 12 от 09. 02. 2019",
        "счет 12 от 09.02.2019 за период 01.02.2019-28.02.2019, НДС 20% - 143,33",
        "счет 12 (от 09.02.2019) за услуги",
        "по счету №12/2019 от 09.02.2019",
        "по счету №12/19 от 09.02.2019",
        "за лицензии сч. № 12 от 09.02.2019",
        "в соответствии со счетом № 12 от 09.02.2019",
        "счет №12, 2-й этаж",
        "счет 12 12 месяцев",
        "счета 12 и 12",
    ] {
        let mut world = twelve();
        world.says(purpose);
        assert_eq!(allocated(&world), ["12"], "{purpose}: {:?}", world.decide().reasons);
    }
}

/// §4.4: numbers of other papers and accounts are none of invoices, whatever date and sum say.
#[test]
fn another_paper_is_no_invoice() {
    for paper in [
        "по договору №12 от",
        "по догов. №12 от",
        "по д-ру №12 от",
        "согл. контр. №12 от",
        "по акту №12 от",
        "по УПД № 12 от",
        "по с/ф 12 от",
        "по сч.ф. №12 от",
        "по сч-факт. №12 от",
        "по накл. №12 от",
        "зг.вид.накл. №12 від",
        "по доп.согл. №12 от",
        "по чеку №12 от",
        "по сертификату №12 от",
        "плат. поруч. №12 от",
        "по ведомости №12 от",
        "по решению №12 от",
        "по требованию №12 от",
        "келісімшарт №12",
        "шот-фактура №12",
        "ЭСФ №12 от",
        "за автомобиль №12 от",
        "договор от 01.01.2018 № 12 от",
        "agreement 12 dd",
        "po dogovoru 12 ot",
    ] {
        let mut world = twelve();
        world.says(&format!("Оплата {paper} 09.02.2019"));
        assert_eq!(allocated(&world), [""; 0], "{paper}");
    }
    for account in ["лиц. счет №12", "лиц.сч. 12", "на счет 12", "со счета 12", "корр. счет 12"]
    {
        let mut world = twelve();
        world.says(&format!("Оплата {account}"));
        assert_eq!(allocated(&world), [""; 0], "{account}");
    }
}

/// A number of which more may follow, or that may be the part of a list, is not certain.
#[test]
fn half_a_number_is_none() {
    for purpose in [
        "счет № 12 24",
        "счет № 12- 24 за услуги",
        "счет № 12...",
        "счет № 12…",
        "счет 12/2018",
        "счет №12-2018",
        "счета №12-15",
        "счета №12 - 15",
        "счета с 12 по 15",
        "счет № 12.5",
        "счет 12 месяцев",
        "счет 12 шт.",
        "счета 12, 99",
        "счет 12 от 09.02.2019, счет 99 от 10.02.2019",
        "счет 12 10.02.2018",
    ] {
        let mut world = twelve();
        world.says(purpose);
        assert_eq!(allocated(&world), [""; 0], "{purpose}");
        assert!(!world.decide().reasons.is_empty(), "{purpose}");
    }
}

/// §4.8: listed invoices are paid together when all of them are there and their sum is the amount.
#[test]
fn lists_and_ranges_are_paid_whole() {
    for (purpose, kopecks, want) in [
        ("счета №12,13,14", 200_000, ["12", "13", "14"].as_slice()),
        ("счета 12,13 и 14", 200_000, &["12", "13", "14"]),
        ("счета №12,13", 150_000, &["12", "13"]),
        ("счета №12 №13 №14", 200_000, &["12", "13", "14"]),
        ("счета №12-15", 270_000, &["12", "13", "14", "15"]),
        ("счета №12 - 15", 270_000, &["12", "13", "14", "15"]),
        ("счета №12-№15", 270_000, &["12", "13", "14", "15"]),
        ("счета с №12 по №15", 270_000, &["12", "13", "14", "15"]),
        ("счет №12 - 860,00, счет №13 - 640,00", 150_000, &["12", "13"]),
        ("счет №12 - 800,00, счет №13 - 700,00", 150_000, &[]),
        ("счета 12, 13, 99", 150_000, &[]),
        ("счета №12-15", 86_000, &[]),
        ("счета №12-16", 270_000, &[]),
    ] {
        let mut world = four();
        world.payment.amount = rub(kopecks);
        world.says(purpose);
        assert_eq!(allocated(&world), want, "{purpose}: {:?}", world.decide().reasons);
    }
}

/// Letters and years of a number may be left out where its date stands beside it.
#[test]
fn a_series_may_be_left_out_with_the_date() {
    for number in ["А-12", "12/2019", "19-12", "2019-0012"] {
        let mut world = World::g21(number);
        world.says("Оплата по счету 12 от 09.02.2019");
        assert_eq!(allocated(&world), [number]);
        world.says("Оплата по счету 12");
        assert_eq!(allocated(&world), [""; 0], "{number}");
    }
    let mut world = World::g21("10/24");
    world.says("Оплата по счету 1024");
    assert_eq!(allocated(&world), [""; 0], "another number");
}
