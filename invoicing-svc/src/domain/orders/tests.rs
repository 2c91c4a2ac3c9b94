//! What accepting an order makes.

use super::*;
use crate::domain::{
    contracts::Contract,
    cycles::tests::{day, period},
    fixtures::World,
    invoices::{Invoice, InvoiceKind, group},
    products::{
        Activation, Alignment, PriceVersion, Product,
        tests::{price, rub},
    },
    subscriptions::SubscriptionState,
};
use rust_decimal_macros::dec;
use types::id::{InvoiceId, InvoiceLineId};

fn order_line(w: &World, cycle: Cycle, start: &str) -> OrderLine {
    OrderLine {
        product: w.product.id,
        contract: w.contract.id,
        cycle,
        quantity: 1,
        price_override: None,
        period_text: None,
        domain: None,
        start: day(start),
        main: None,
        service_code: None,
    }
}

fn accept(
    w: &World,
    line: &OrderLine,
    main: Option<&crate::domain::subscriptions::Subscription>,
) -> Result<Accepted, AcceptError> {
    let prices = [w.price.clone()];
    let terms =
        Terms { contract: &w.contract, product: &w.product, prices: &prices, main, tax: w.tax() };
    accept_line(line, terms, SubscriptionId::generate(), InvoiceLineId::generate())
}

/// A158, A159, G1: a pack at 60.00 a month, ordered on 08.02.2019 beside a half-year main service,
/// is billed 344.00 to the end of that service; its subscription waits for payment.
#[test]
fn g1_extra_service_ends_with_the_main_one() {
    let w = World::new(1, dec!(60));
    let main = World::new(6, dec!(4560)).subscription("2019-02-01", 6, 5);
    let line = OrderLine { main: Some(main.id), ..order_line(&w, Cycle::Months(1), "2019-02-08") };
    let made = accept(&w, &line, Some(&main)).unwrap();
    let (s, l) = (made.subscription.unwrap(), made.line.unwrap());
    assert_eq!(l.period, period("2019-02-08", "2019-07-31"));
    assert_eq!(l.amounts.gross, rub(dec!(344.00)));
    assert_eq!(l.title().en, "Cloud access (08.02.2019–31.07.2019)");
    assert_eq!(l.detail.as_ref().unwrap().en, "User: 1 x pcs");
    assert_eq!((s.state, s.main), (SubscriptionState::Pending, Some(main.id)));
    assert_eq!((s.billed_through, s.paid_through), (day("2019-08-01"), day("2019-02-08")));
    assert_eq!(l.subscription, Some(s.id));
    let invoice = Invoice::draft(InvoiceId::generate(), InvoiceKind::Order, &w.contract, vec![l]);
    assert_eq!(invoice.unwrap().period_violations(|_, start| main.period_of(start)), []);
}

/// A161, G8: 900.00 bought on 10.03.2019 for exactly one year ends on 09.03.2020, unprorated,
/// though the main service ends on 31.07.2019.
#[test]
fn g8_exactly_one_year() {
    let mut w = World::new(12, dec!(900));
    w.product.alignment = Alignment::Anniversary;
    let main = World::new(6, dec!(4560)).subscription("2019-02-01", 6, 5);
    let line = OrderLine { main: Some(main.id), ..order_line(&w, Cycle::Months(12), "2019-03-10") };
    let made = accept(&w, &line, Some(&main)).unwrap().line.unwrap();
    assert_eq!(made.period, period("2019-03-10", "2020-03-09"));
    assert_eq!(made.amounts.gross, rub(dec!(900.00)));
}

/// A175, A179: the price entered instead of the catalogue's, with its reason.
#[test]
fn price_override() {
    let w = World::new(1, dec!(100));
    let o = PriceOverride {
        unit_price: rub(dec!(60)),
        reason: "agreed".into(),
        author: "staff/x".into(),
    };
    let line = OrderLine {
        price_override: Some(o.clone()),
        ..order_line(&w, Cycle::Months(1), "2019-02-01")
    };
    let made = accept(&w, &line, None).unwrap();
    assert_eq!(made.line.unwrap().amounts.gross, rub(dec!(60)));
    assert_eq!(made.subscription.unwrap().price.price, None);
    let silent =
        OrderLine { price_override: Some(PriceOverride { reason: " ".into(), ..o }), ..line };
    let refused = Order::new(OrderId::generate(), w.contract.client, vec![silent]);
    assert_eq!(refused, Err(vec![OrderError::Reason { line: 0 }]));
}

/// A132: what is free has a subscription and no line; what happens once a line and none.
#[test]
fn free_and_once() {
    let mut w = World::new(1, dec!(0));
    w.price = PriceVersion { cycle: Cycle::Free, ..w.price };
    let free = accept(&w, &order_line(&w, Cycle::Free, "2019-02-01"), None).unwrap();
    assert_eq!(free.subscription.unwrap().state, SubscriptionState::Active);
    assert!(free.line.is_none());
    // G16: an hour of work of 2018.
    w.price = PriceVersion { cycle: Cycle::Once, ..price(w.product.id, 1, dec!(5900)) };
    let once = accept(&w, &order_line(&w, Cycle::Once, "2018-02-26"), None).unwrap();
    let line = once.line.unwrap();
    assert_eq!((line.amounts.gross, line.amounts.tax), (rub(dec!(5900)), rub(dec!(900))));
    assert_eq!(line.title().ru, "Доступ к облаку");
    assert!(once.subscription.is_none() && line.claim().is_none());
}

#[test]
fn activation_on_accept() {
    let mut w = World::new(1, dec!(60));
    w.product.activation = Activation::OnAccept;
    let made = accept(&w, &order_line(&w, Cycle::Months(1), "2019-02-01"), None).unwrap();
    assert_eq!(made.subscription.unwrap().state, SubscriptionState::Active);
}

#[test]
fn what_does_not_fit_is_refused() {
    let w = World::new(1, dec!(60));
    let line = order_line(&w, Cycle::Months(1), "2019-02-08");
    let no_price = accept(&w, &OrderLine { cycle: Cycle::Months(3), ..line.clone() }, None);
    assert!(matches!(no_price, Err(AcceptError::NoPrice { .. })));
    let early = accept(&w, &OrderLine { start: day("2017-01-01"), ..line.clone() }, None);
    assert!(matches!(early, Err(AcceptError::NoPrice { .. })));
    let prices = [w.price.clone()];
    let with = |contract: &Contract, product: &Product| {
        let terms = Terms { contract, product, prices: &prices, main: None, tax: w.tax() };
        accept_line(&line, terms, SubscriptionId::generate(), InvoiceLineId::generate())
    };
    let other = World::new(1, dec!(60)).contract;
    assert!(matches!(with(&other, &w.product), Err(AcceptError::OtherSeller { .. })));
    let closed = Contract { closed: Some(day("2019-01-01")), ..w.contract.clone() };
    assert!(matches!(with(&closed, &w.product), Err(AcceptError::Closed { .. })));
    let gone = Product { on_sale: false, ..w.product.clone() };
    assert!(matches!(with(&w.contract, &gone), Err(AcceptError::NotOnSale(_))));
}

/// A182: an order of two sellers' products splits into an invoice per contract.
#[test]
fn an_order_splits_by_contract() {
    let (a, b) = (World::new(1, dec!(60)), World::new(1, dec!(10)));
    let lines = [&a, &b].map(|w| {
        let line = order_line(w, Cycle::Months(1), "2019-02-01");
        (line.contract, accept(w, &line, None).unwrap().line.unwrap())
    });
    assert_eq!(group(lines.into()).len(), 2);
}

/// A169: pending → accepted → active | cancelled.
#[test]
fn states() {
    let w = World::new(1, dec!(60));
    let line = order_line(&w, Cycle::Months(1), "2019-02-01");
    let order = Order::new(OrderId::generate(), w.contract.client, vec![line]).unwrap();
    assert!(order.clone().activate().is_err());
    let accepted = order.clone().accept().unwrap();
    assert!(accepted.clone().accept().is_err());
    assert_eq!(accepted.clone().cancel().unwrap().state, OrderState::Cancelled);
    let active = accepted.activate().unwrap().activate().unwrap();
    assert!(active.cancel().is_err() && order.clone().cancel().unwrap().accept().is_err());
    let bad = OrderLine { quantity: 0, domain: Some("x".repeat(201)), ..order.lines[0].clone() };
    let errors = Order::new(order.id, order.client, vec![bad]).unwrap_err();
    assert_eq!(errors.len(), 2);
    assert_eq!(Order::new(order.id, order.client, vec![]), Err(vec![OrderError::Lines(0)]));
}
