//! `Orders`.

use crate::world::{World, date, day, decimal, fields, refused, request_id, rub, seller};
use proto::invoicing::v1 as pb;
use tonic::Code;

fn plain(title: &str) -> pb::Product {
    pb::Product { title: title.into(), ..Default::default() }
}

/// G3, A158, A171–A179: a month at 860.00 is 860.00; accepting makes a subscription that waits for
/// payment and a held invoice, and numbers nothing.
#[tokio::test]
async fn accepting_makes_subscriptions_and_a_held_invoice() {
    let world = World::start().await;
    let product = world.product(plain("Пакет 5 ГБ + доступ"), 1, "860.00").await;
    let line = pb::OrderLine {
        product,
        contract: world.contract.clone(),
        cycle_months: 1,
        start_date: date("2019-03-01"),
        ..Default::default()
    };
    let order = world.create_order(vec![line]).await.unwrap();
    assert_eq!(order.state, i32::from(pb::order::State::Pending));
    assert_eq!(rub(&order.totals.first().cloned()), "860.00");
    assert_eq!(rub(&order.lines[0].amount), "860.00");
    let made = world.accept(&order.name).await.unwrap();
    assert_eq!(made.order.unwrap().state, i32::from(pb::order::State::Accepted));
    let subscription = world.subscription(&made.subscriptions[0]).await;
    assert_eq!(subscription.state, i32::from(pb::subscription::State::Pending));
    assert_eq!(day(&subscription.billed_through), "2019-04-01");
    assert_eq!(day(&subscription.paid_through), "2019-03-01");
    let invoice = world.invoice(&made.invoices[0]).await;
    assert_eq!(invoice.state, i32::from(pb::invoice::State::Held));
    assert_eq!((invoice.number.as_str(), invoice.sequence), ("", 0));
    assert_eq!(rub(&invoice.total), "860.00");
    let line = &invoice.lines[0];
    assert_eq!(line.text, "Пакет 5 ГБ + доступ (01.03.2019–31.03.2019)");
    assert_eq!(line.trace.as_ref().unwrap().formula, "860.00");
    assert_eq!(rub(&line.tax), "143.33");
    assert_eq!(world.events().await, ["SellerChanged"], "nothing leaves while it is held (G51)");
    world.harness.finish().await;
}

/// A182: one held invoice per contract and currency, hence per seller and payer.
#[tokio::test]
async fn one_invoice_per_contract() {
    let world = World::start().await;
    let other = world.create_contract("2/2019").await.unwrap().name;
    let product = world.product(plain("Пользователь"), 1, "800.00").await;
    let line = |contract: &str| pb::OrderLine {
        product: product.clone(),
        contract: contract.into(),
        cycle_months: 1,
        start_date: date("2019-03-01"),
        ..Default::default()
    };
    let lines = vec![line(&world.contract), line(&other), line(&world.contract)];
    let order = world.create_order(lines).await.unwrap();
    let made = world.accept(&order.name).await.unwrap();
    assert_eq!((made.subscriptions.len(), made.invoices.len()), (3, 2));
    let mut counts = Vec::new();
    for name in &made.invoices {
        let invoice = world.invoice(name).await;
        counts.push((invoice.contract == world.contract, invoice.lines.len()));
    }
    counts.sort_unstable();
    assert_eq!(counts, [(false, 1), (true, 2)]);
    world.harness.finish().await;
}

/// G1, A159: 60.00 a month from 08.02.2019 with a half-year main service is 44.00 + 5 × 60.00, and
/// ends with it.
#[tokio::test]
async fn g1_extra_line_ends_with_the_main_service() {
    let world = World::start().await;
    let (main, _) = world.users().await;
    let product = world.product(plain("Пакет 5 ГБ"), 1, "60.00").await;
    let made = world
        .order(pb::OrderLine {
            product,
            cycle_months: 1,
            start_date: date("2019-02-08"),
            main_subscription: main,
            ..Default::default()
        })
        .await;
    let invoice = world.invoice(&made.invoices[0]).await;
    assert_eq!(rub(&invoice.total), "344.00");
    let line = &invoice.lines[0];
    assert_eq!(
        (day(&line.start_date), day(&line.last_day)),
        ("2019-02-08".into(), "2019-07-31".into())
    );
    let trace = line.trace.as_ref().unwrap();
    assert_eq!(
        (trace.convention.as_str(), trace.formula.as_str()),
        ("SEED30", "60.00 × (22/30 + 5)")
    );
    let pieces: Vec<_> = trace.pieces.iter().map(|p| (p.days, p.denominator)).collect();
    assert_eq!(pieces, [(22, 30), (30, 30), (30, 30), (30, 30), (30, 30), (30, 30)]);
    // G55: the tax of a line is rounded per line.
    assert_eq!(rub(&invoice.tax), "57.33");
    world.harness.finish().await;
}

/// G2: the product's convention decides: 345.00 by days of the months, 346.08 by days of the cycle,
/// 360.00 whole.
#[tokio::test]
async fn g2_the_product_names_its_convention() {
    use pb::product::Convention;
    let world = World::start().await;
    let (main, _) = world.users().await;
    let expected = [
        (Convention::ActMonth, "345.00", "60.00 × (21/28 + 5)"),
        (Convention::ActCycle, "346.08", "60.00 × 6 × 174/181"),
        (Convention::Full, "360.00", "60.00 × 6"),
    ];
    for (convention, total, formula) in expected {
        let product = pb::Product { convention: convention.into(), ..plain("Пакет 5 ГБ") };
        let product = world.product(product, 1, "60.00").await;
        let made = world
            .order(pb::OrderLine {
                product,
                cycle_months: 1,
                start_date: date("2019-02-08"),
                main_subscription: main.clone(),
                ..Default::default()
            })
            .await;
        let invoice = world.invoice(&made.invoices[0]).await;
        let told = invoice.lines[0].trace.as_ref().unwrap();
        assert_eq!((rub(&invoice.total).as_str(), told.formula.as_str()), (total, formula));
    }
    world.harness.finish().await;
}

/// G2: a version of a price names its own convention, which orders and changes count by; the
/// product's holds where it names none.
#[tokio::test]
async fn g2_the_price_names_its_convention() {
    use pb::product::Convention;
    let world = World::start().await;
    let (main, _) = world.users().await;
    let on_accept = pb::product::Activation::OnAccept.into();
    let product = pb::Product { activation: on_accept, ..plain("Пакет 5 ГБ") };
    let product = world.product(product, 12, "700.00").await;
    let price = pb::Price {
        product: product.clone(),
        from: date("2018-01-01"),
        cycle_months: 1,
        unit_price: decimal("60.00"),
        currency: "RUB".into(),
        convention: Convention::ActMonth.into(),
        ..Default::default()
    };
    let request = pb::CreatePriceRequest { price: Some(price), request_id: request_id() };
    let price = world.products().create_price(request).await.unwrap().into_inner();
    assert_eq!(price.convention(), Convention::ActMonth);
    let line = pb::OrderLine {
        product,
        cycle_months: 1,
        start_date: date("2019-02-08"),
        main_subscription: main,
        ..Default::default()
    };
    let made = world.order(line).await;
    assert_eq!(rub(&world.invoice(&made.invoices[0]).await.total), "345.00");
    let disk = &made.subscriptions[0];
    let shown = crate::subscriptions::preview(&world, disk, 2, "2019-03-04").await;
    // 28 of 31 days of March, and four months.
    assert_eq!(rub(&shown.total), "294.19");
    assert_eq!(shown.lines[0].trace.as_ref().unwrap().convention, "ACT_MONTH");
    world.harness.finish().await;
}

/// A175: another price needs a reason, which the trace keeps; A133: a second product of a family
/// needs one too.
#[tokio::test]
async fn overrides_and_families_need_reasons() {
    let world = World::start().await;
    let disk = pb::Product { family: "disk".into(), ..plain("Диск") };
    let product = world.product(disk, 1, "60.00").await;
    let line = pb::OrderLine {
        product,
        contract: world.contract.clone(),
        cycle_months: 1,
        start_date: date("2019-03-01"),
        price_override: decimal("50.00"),
        ..Default::default()
    };
    let status = world.create_order(vec![line.clone()]).await.unwrap_err();
    assert_eq!(fields(&status), ["order.lines[0].override_reason"]);
    let line = pb::OrderLine { override_reason: "Акция".into(), ..line };
    let order = world.create_order(vec![line.clone()]).await.unwrap();
    assert_eq!(rub(&order.totals.first().cloned()), "50.00");
    world.accept(&order.name).await.unwrap();
    refused(
        world.create_order(vec![line.clone()]).await,
        Code::FailedPrecondition,
        "DUPLICATE_FAMILY",
    );
    let line = pb::OrderLine { duplicate_reason: "Второй сервер".into(), ..line };
    world.create_order(vec![line]).await.unwrap();
    world.harness.finish().await;
}

/// One-time products bill one line and make no subscription.
#[tokio::test]
async fn one_time_products_make_no_subscription() {
    let world = World::start().await;
    let product = world.product(plain("Час администратора"), 0, "5900.00").await;
    let made = world.order(pb::OrderLine { product, quantity: 2, ..Default::default() }).await;
    assert!(made.subscriptions.is_empty());
    let invoice = world.invoice(&made.invoices[0]).await;
    assert_eq!(rub(&invoice.total), "11800.00");
    assert_eq!(invoice.lines[0].text, "Час администратора");
    assert_eq!(invoice.lines[0].start_date, None);
    world.harness.finish().await;
}

/// What an order names must exist, be the client's and of one seller; states go one way.
#[tokio::test]
async fn refusals() {
    let world = World::start().await;
    let product = world.product(plain("Пользователь"), 1, "800.00").await;
    let line = pb::OrderLine {
        product,
        contract: world.contract.clone(),
        cycle_months: 1,
        ..Default::default()
    };
    let status = world.create_order(Vec::new()).await.unwrap_err();
    assert_eq!(fields(&status), ["order.lines"]);
    let priceless = pb::OrderLine { cycle_months: 12, ..line.clone() };
    let status = world.create_order(vec![priceless]).await.unwrap_err();
    assert_eq!(fields(&status), ["order.lines[0].cycle_months"]);
    let (stranger, payer) = world.profiles.add(2);
    let foreign = world.create_contract_of(&stranger, &payer, "9").await.unwrap().name;
    let status =
        world.create_order(vec![pb::OrderLine { contract: foreign, ..line.clone() }]).await;
    refused(status, Code::NotFound, "NOT_FOUND");
    let other = world.create_seller(seller(2)).await.unwrap().name;
    let contract = pb::Contract {
        client: world.client.clone(),
        payer: world.payer.clone(),
        seller: other,
        date: date("2019-02-01"),
        ..Default::default()
    };
    let request = pb::CreateContractRequest { contract: Some(contract), request_id: request_id() };
    let other = world.contracts().create_contract(request).await.unwrap().into_inner().name;
    let status = world.create_order(vec![pb::OrderLine { contract: other, ..line.clone() }]).await;
    assert_eq!(fields(&status.unwrap_err()), ["order.lines[0].contract"]);

    let order = world.create_order(vec![line]).await.unwrap();
    let cancel = pb::CancelOrderRequest {
        name: order.name.clone(),
        reason: "Передумали".into(),
        request_id: request_id(),
    };
    let cancelled = world.orders().cancel_order(cancel.clone()).await.unwrap().into_inner();
    assert_eq!(cancelled.state, i32::from(pb::order::State::Cancelled));
    let again = world.orders().cancel_order(cancel).await.unwrap().into_inner();
    assert_eq!(again, cancelled);
    refused(world.accept(&order.name).await, Code::FailedPrecondition, "ORDER_NOT_PENDING");
    world.harness.finish().await;
}

/// Accepting twice with one request id answers once; with another it is refused.
#[tokio::test]
async fn is_accepted_once() {
    let world = World::start().await;
    let product = world.product(plain("Пользователь"), 1, "800.00").await;
    let line = pb::OrderLine {
        product,
        contract: world.contract.clone(),
        cycle_months: 1,
        ..Default::default()
    };
    let order = world.create_order(vec![line]).await.unwrap();
    let request = pb::AcceptOrderRequest {
        name: order.name.clone(),
        etag: order.etag.clone(),
        request_id: request_id(),
    };
    let first = world.orders().accept_order(request.clone()).await.unwrap().into_inner();
    let again = world.orders().accept_order(request).await.unwrap().into_inner();
    assert_eq!(first, again);
    let stale = pb::AcceptOrderRequest {
        name: order.name.clone(),
        etag: order.etag,
        request_id: request_id(),
    };
    refused(world.orders().accept_order(stale).await, Code::Aborted, "STALE_ETAG");
    let list = pb::ListOrdersRequest {
        client: world.client.clone(),
        state: pb::order::State::Accepted.into(),
        ..Default::default()
    };
    let list = world.orders().list_orders(list).await.unwrap().into_inner();
    assert_eq!((list.orders.len(), list.total_size), (1, 1));
    world.harness.finish().await;
}

/// G8, A161: exactly one year from 10.03.2019 costs the whole 900.00, though it ends inside a month
/// and not with the main service; it may be issued.
#[tokio::test]
async fn g8_exactly_one_year_is_allowed() {
    let world = World::start().await;
    let (main, _) = world.users().await;
    let yearly = pb::Product {
        alignment: pb::product::Alignment::Anniversary.into(),
        ..plain("1С-Отчетность")
    };
    let product = world.product(yearly, 12, "900.00").await;
    let made = world
        .order(pb::OrderLine {
            product,
            cycle_months: 12,
            start_date: date("2019-03-10"),
            main_subscription: main,
            ..Default::default()
        })
        .await;
    let issued = world.issue(&made.invoices[0]).await.unwrap();
    assert_eq!(rub(&issued.total), "900.00");
    assert_eq!(day(&issued.lines[0].last_day), "2020-03-09");
    assert_eq!(issued.lines[0].trace.as_ref().unwrap().convention, "WHOLE");
    world.harness.finish().await;
}

/// G9, G10: the half-year prices with 5 % off make the main invoice of 48336.00.
#[tokio::test]
async fn g10_main_invoice() {
    let world = World::start().await;
    let mut lines = Vec::new();
    for (title, price, quantity) in
        [("БИТ:Отель", "12711.00", 1), ("Пользователь", "4560.00", 5), ("Лицензия", "2565.00", 5)]
    {
        lines.push(pb::OrderLine {
            product: world.product(plain(title), 6, price).await,
            contract: world.contract.clone(),
            cycle_months: 6,
            quantity,
            start_date: date("2019-02-01"),
            ..Default::default()
        });
    }
    let order = world.create_order(lines).await.unwrap();
    let made = world.accept(&order.name).await.unwrap();
    let invoice = world.invoice(&made.invoices[0]).await;
    assert_eq!(rub(&invoice.total), "48336.00");
    assert_eq!(invoice.lines.len(), 3);
    world.harness.finish().await;
}
