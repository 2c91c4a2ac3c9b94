//! Reminders of overdue invoices (A48, A93): when, how often, of what, and to whom not.

use crate::{
    bank::Bank,
    world::{World, day},
};
use proto::{clients::v1 as clients, invoicing::v1 as pb};

/// The reminders so far: key without the invoice, and how much they say is left.
async fn notices(world: &World) -> Vec<(String, String)> {
    let letters: Vec<pb::LetterRequested> = world.payloads().await;
    let notices = letters.into_iter().filter(|letter| letter.template == "invoice_overdue");
    notices
        .map(|letter| {
            assert_eq!(letter.client, world.client);
            let [invoice] = &letter.documents[..] else { panic!("the invoice alone") };
            let nth = letter.key.strip_prefix(&format!("{invoice}/overdue/")).unwrap().to_owned();
            (nth, letter.variables["residual"].replace('\u{a0}', " "))
        })
        .collect()
}

fn nth(notices: &[(String, String)]) -> Vec<&str> {
    notices.iter().map(|(nth, _)| nth.as_str()).collect()
}

/// Says whether the client wants to be reminded, and has the service know it.
async fn no_notices(world: &World, no: bool) {
    know(world, |profile| profile.no_overdue_notices = no).await;
}

/// Changes the client's profile, and has the service know it.
pub async fn know(world: &World, change: impl FnOnce(&mut clients::Profile)) {
    {
        let mut profiles = world.profiles.0.lock().unwrap();
        let profile = profiles.get_mut(&world.client).unwrap();
        change(profile);
        profile.revision += 1;
    }
    let frame = world.harness.frame();
    let client = world.client.parse().unwrap();
    let profile = invoicing_svc::jobs::clients_follower::fetch(frame, client).await.unwrap();
    let mut conn = frame.pool.acquire().await.unwrap();
    invoicing_svc::store::profiles::keep(&mut conn, &profile.unwrap()).await.unwrap();
}

/// A48: not before the banking Monday is over (G17), then once at once, after a week, after three;
/// of what is left, and of nothing once it is paid. The invoice says when.
#[tokio::test]
async fn a_debtor_is_reminded_thrice_and_a_payer_is_not() {
    let world = World::start().await;
    let (_, main) = world.users().await;
    let invoice = world.issue(&main).await.unwrap();
    assert_eq!(day(&invoice.due_date), "2019-02-15");
    world.harness.advance("2019-02-18T12:00:00Z").await;
    assert!(notices(&world).await.is_empty());
    // Not at night: people read letters in the morning.
    world.harness.advance("2019-02-18T23:00:00Z").await;
    assert!(notices(&world).await.is_empty());
    world.harness.advance("2019-02-19T07:00:00Z").await;
    let total = crate::world::rub(&invoice.total);
    let first = notices(&world).await;
    assert_eq!(nth(&first), ["1"]);
    world.harness.advance("2019-02-22T12:00:00Z").await;
    assert_eq!(notices(&world).await, first, "once");

    Bank { world: &world }.pay(&main, "60.00", "2019-02-22").await;
    // A week slept through: what was missed comes as one.
    world.harness.advance("2019-03-01T12:00:00Z").await;
    let second = notices(&world).await;
    assert_eq!(nth(&second), ["1", "2"], "of {total}");
    assert_ne!(second[0].1, second[1].1, "of what is left");
    let told = world.invoice(&main).await.overdue_notices;
    let days: Vec<String> = told.into_iter().map(|date| day(&Some(date))).collect();
    assert_eq!(days, ["2019-02-19", "2019-03-01"]);

    let rest = crate::world::rub(&world.invoice(&main).await.residual);
    Bank { world: &world }.pay(&main, &rest, "2019-03-05").await;
    world.harness.advance("2019-03-20T12:00:00Z").await;
    assert_eq!(nth(&notices(&world).await), ["1", "2"], "who has paid is left alone");
    Bank { world: &world }.audit().await;
    world.harness.finish().await;
}

/// A93: whoever wants no notices gets none; turned on again, the next one comes, and not those
/// before it.
#[tokio::test]
async fn a_client_may_want_no_notices() {
    let world = World::start().await;
    let (_, main) = world.users().await;
    world.issue(&main).await.unwrap();
    no_notices(&world, true).await;
    world.harness.advance("2019-02-20T12:00:00Z").await;
    assert!(notices(&world).await.is_empty());
    no_notices(&world, false).await;
    world.harness.advance("2019-03-11T12:00:00Z").await;
    assert_eq!(nth(&notices(&world).await), ["3"]);
    world.harness.advance("2019-06-11T12:00:00Z").await;
    assert_eq!(nth(&notices(&world).await), ["3"], "and then no more");
    world.harness.finish().await;
}
