//! Steps 5 and 9: the billing run, and the month close.

use super::opening::World;
use e2e::{
    Suite,
    money::{amount, day, text},
    steps::bank::{Payment, cp1251, statement},
};
use proto::{
    invoicing::v1::{invoice, invoice::PaymentState},
    payments::v1::line::State,
};

/// G53: what was rendered in February becomes one act per contract; closing again makes none.
pub async fn february_closes_once(suite: &Suite, world: &World) {
    let (shown, would) = suite.close("2019-02-01", true).await;
    let (acts, summary) = suite.close("2019-02-01", false).await;
    assert_eq!((would.acts, &would.totals), (summary.acts, &summary.totals));
    assert_eq!((shown.len(), acts.len()), (2, 2), "one per contract");
    let of = |contract: &str| {
        let act = acts.iter().find(|a| a.contract == contract).unwrap();
        assert_eq!(day(act.date.as_ref()), "2019-02-28");
        text(act.total.as_ref())
    };
    // A sixth of 37500.00, and 44.00 of the disk's 344.00.
    assert_eq!(of(&world.customer.hosting), "6294.00 RUB");
    assert_eq!(of(&world.customer.works), "5900.00 RUB");
    let (acts, summary) = suite.close("2019-02-01", false).await;
    assert_eq!((acts.len(), summary.acts), (0, 0), "closing again is a no-op");
}

/// A195, G18: a dry run shows the renewal 20 days before its period, the run makes and sends it,
/// the run again does nothing; the credit is set against it, and a statement pays the rest.
pub async fn comes(suite: &Suite, world: &World) {
    for month in ["04", "05", "06"] {
        let next: u32 = month.parse::<u32>().unwrap() + 1;
        suite.advance(&format!("2019-{next:02}-01T09:00:00Z")).await;
        suite.close(&format!("2019-{month}-01"), false).await;
    }
    suite.advance("2019-07-11T09:00:00Z").await;
    let none = suite.bill("2019-07-11", true).await;
    assert_eq!(none.summary.invoices, 0, "a day too early: {:?}", none.results);
    let letters = suite.sink.letters().len();
    let dry = suite.bill("2019-07-12", true).await;
    let run = suite.bill("2019-07-12", false).await;
    assert_eq!(dry.shape(), run.shape());
    assert_eq!(run.summary.invoices, 1);
    let again = suite.bill("2019-07-12", false).await;
    assert_eq!(again.summary.invoices, 0, "the run again is a no-op");
    suite.advance("2019-07-12T09:00:00Z").await;
    assert_eq!(suite.sink.wait(letters + 1).await.len(), letters + 1);

    let renewal = suite.invoice(&run.results[0].invoice).await;
    assert_eq!((renewal.state(), renewal.kind()), (invoice::State::Issued, invoice::Kind::Main));
    // 6 × (6 × 800.00 + 5 × 450.00 + 60.00), less what stood as credit.
    assert_eq!(text(renewal.total.as_ref()), "42660.00 RUB");
    assert_eq!(text(renewal.residual.as_ref()), "40597.33 RUB");
    assert!(renewal.lines.iter().all(|l| day(l.start_date.as_ref()) == "2019-08-01"));
    assert!(renewal.lines.iter().all(|l| day(l.last_day.as_ref()) == "2020-01-31"));
    let payment = Payment {
        number: 31,
        date: day(renewal.issue_date.as_ref()),
        amount: amount(renewal.residual.as_ref()).to_string(),
        from: world.customer.company.clone(),
        purpose: format!("Счет {} от 11.07.2019", renewal.number),
    };
    let file = cp1251(&statement(&world.catalogue.hosting.company, &[payment]));
    let imported = suite.import(&file).await;
    assert_eq!(suite.line(&imported, 31).await.state(), State::Matched);
    let paid = suite.invoice(&renewal.name).await;
    assert_eq!(paid.payment_state(), PaymentState::Paid);
    for name in [&world.users, &world.licences, &world.disk] {
        let next = suite.subscription(name).await;
        assert_eq!(day(next.paid_through.as_ref()), "2020-02-01", "{}", next.title);
    }
}
