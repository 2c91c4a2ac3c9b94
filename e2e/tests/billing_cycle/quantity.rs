//! Step 3 and 8: five users become six.

use super::opening::World;
use e2e::{
    Suite,
    money::{day, text},
    request_id,
    steps::{reason, refused},
};
use proto::invoicing::v1::{
    ConfirmQuantityChangeRequest, invoice, invoice::PaymentState,
    subscriptions_client::SubscriptionsClient,
};
use tonic::Code;

/// A151, A159–A161, A188, A205, G4, G6, G7, G32: "5 → 6" on 04.03.2019 costs 3893.33 until the main
/// period ends; preview and confirmation say the same; the credit pays it; the technician is told
/// once.
pub async fn five_become_six(suite: &Suite, world: &World) {
    nobody_sinks_to_one_by_accident(suite, world).await;
    let letters = suite.sink.letters().len();
    let client = world.customer.client.name.as_str();
    let preview = suite.preview(&world.users, 6).await;
    assert_eq!((preview.quantity_before, preview.quantity_after), (5, 6));
    assert_eq!(text(preview.total.as_ref()), "3893.33 RUB");
    assert!(!preview.downgrade && !preview.explanation.is_empty());
    let [line] = &preview.lines[..] else { panic!("{:?}", preview.lines) };
    assert_eq!(
        (day(line.start_date.as_ref()), day(line.last_day.as_ref())),
        ("2019-03-04".into(), "2019-07-31".into())
    );
    let change = suite.confirm(&world.users, &preview).await;
    assert_eq!((&change.lines, &change.total), (&preview.lines, &preview.total), "G52");
    let held = suite.invoice(&change.invoice).await;
    assert_eq!((held.state(), held.kind()), (invoice::State::Held, invoice::Kind::Extra));
    assert_eq!(text(held.total.as_ref()), "3893.33 RUB");
    suite.settle().await;
    assert_eq!(suite.sink.letters().len(), letters, "nothing leaves while it is held");

    let issued = suite.issue(&held.name).await;
    assert_eq!(issued.sequence, 3);
    suite.settle().await;
    suite.sink.wait(letters + 1).await;
    let paid = suite.invoice(&held.name).await;
    assert_eq!(paid.payment_state(), PaymentState::Paid, "by the credit");
    let balance = suite.balance(client, &world.catalogue.hosting.name).await.unwrap();
    assert_eq!(text(balance.credit.as_ref()), "2062.67 RUB");
    assert_eq!(suite.subscription(&world.users).await.quantity, 6);

    suite.settle().await;
    let tickets = suite.tickets_about(client, "терминальные пользователи").await;
    let mut work: Vec<&str> = tickets.iter().map(|t| t.messages[0].text.as_str()).collect();
    work.sort_unstable();
    assert_eq!(work, ["Δ 0-5", "Δ 5-6"]);
}

/// G7: "1" where "one more" was meant is no increment; it takes a second yes.
async fn nobody_sinks_to_one_by_accident(suite: &Suite, world: &World) {
    let preview = suite.preview(&world.users, 1).await;
    assert!(preview.downgrade);
    let request = ConfirmQuantityChangeRequest {
        name: world.users.clone(),
        token: preview.token,
        confirm_downgrade: false,
        request_id: request_id(),
    };
    let mut subscriptions = SubscriptionsClient::new(suite.admin.clone());
    let answer = subscriptions.confirm_quantity_change(request).await;
    assert_eq!(reason(&refused(answer, Code::FailedPrecondition)), "CONFIRM_DOWNGRADE");
    assert_eq!(suite.subscription(&world.users).await.quantity, 5);
}
