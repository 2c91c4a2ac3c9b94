//! `Subscriptions`: changes of quantity, shown first and confirmed by token.

use crate::world::{World, date, day, fields, refused, request_id, rub};
use proto::invoicing::v1 as pb;
use tonic::Code;

pub async fn preview(world: &World, name: &str, quantity: i32, from: &str) -> pb::ChangePreview {
    let request = pb::PreviewQuantityChangeRequest {
        name: name.into(),
        quantity,
        effective_date: date(from),
    };
    world.subscriptions().preview_quantity_change(request).await.unwrap().into_inner()
}

pub fn confirm(name: &str, token: &str) -> pb::ConfirmQuantityChangeRequest {
    pb::ConfirmQuantityChangeRequest {
        name: name.into(),
        token: token.into(),
        confirm_downgrade: false,
        request_id: request_id(),
    }
}

/// G6, G7, A151, A159: 5 → 6 users on 04.03.2019 costs 26/30·800 + 4·800 = 3893.33 until
/// 31.07.2019; what is confirmed is what was shown, and it is held.
#[tokio::test]
async fn g6_g7_one_more_user() {
    let world = World::start().await;
    let (users, main) = world.users().await;
    assert_eq!(rub(&world.invoice(&main).await.total), "24000.00");
    let shown = preview(&world, &users, 6, "2019-03-04").await;
    assert_eq!((shown.quantity_before, shown.quantity_after, shown.downgrade), (5, 6, false));
    assert_eq!(rub(&shown.total), "3893.33");
    let line = &shown.lines[0];
    assert_eq!((line.quantity, day(&line.last_day)), (1, "2019-07-31".into()));
    assert_eq!(line.trace.as_ref().unwrap().pieces[0].days, 26);
    assert!(shown.explanation.contains("5 → 6"), "{}", shown.explanation);

    let request = confirm(&users, &shown.token);
    let mut calls = world.subscriptions();
    let change = calls.confirm_quantity_change(request.clone()).await.unwrap().into_inner();
    let again = calls.confirm_quantity_change(request).await.unwrap().into_inner();
    assert_eq!(change, again);
    assert_eq!((change.total, &change.lines), (shown.total, &shown.lines));
    assert_eq!(world.subscription(&users).await.quantity, 6);
    let invoice = world.invoice(&change.invoice).await;
    assert_eq!(invoice.state, i32::from(pb::invoice::State::Held));
    assert_eq!(invoice.kind, i32::from(pb::invoice::Kind::Extra));
    assert_eq!(invoice.lines[0].details, ["Пользователь: 5 → 6"]);
    let issued = world.issue(&change.invoice).await.unwrap();
    assert_eq!(day(&issued.due_date), "2019-02-15", "seven days (A194)");
    world.harness.finish().await;
}

/// A token confirms what it was shown for, and nothing else.
#[tokio::test]
async fn a_stale_preview_is_refused() {
    let world = World::start().await;
    let (users, _) = world.users().await;
    let shown = preview(&world, &users, 6, "2019-03-04").await;
    let other = preview(&world, &users, 7, "2019-03-04").await;
    let mut calls = world.subscriptions();
    calls.confirm_quantity_change(confirm(&users, &other.token)).await.unwrap();
    let stale = calls.confirm_quantity_change(confirm(&users, &shown.token)).await;
    refused(stale, Code::FailedPrecondition, "PREVIEW_STALE");
    world.harness.finish().await;
}

/// G7: less than before needs a yes; it credits the newest billed lines by the same fraction, and
/// what was paid for them becomes credit when it is issued.
#[tokio::test]
async fn less_is_a_credit_against_billed_lines() {
    let world = World::start().await;
    let (users, main) = world.users().await;
    world.issue(&main).await.unwrap();
    let shown = preview(&world, &users, 4, "2019-03-04").await;
    assert!(shown.downgrade);
    assert_eq!(rub(&shown.total), "-3893.33");
    let mut calls = world.subscriptions();
    let unsure = calls.confirm_quantity_change(confirm(&users, &shown.token)).await;
    refused(unsure, Code::FailedPrecondition, "CONFIRM_DOWNGRADE");
    let sure = pb::ConfirmQuantityChangeRequest {
        confirm_downgrade: true,
        ..confirm(&users, &shown.token)
    };
    let change = calls.confirm_quantity_change(sure).await.unwrap().into_inner();
    assert_eq!(world.subscription(&users).await.quantity, 4);
    assert_eq!(rub(&world.invoice(&main).await.residual), "24000.00", "held: nothing yet");
    world.issue(&change.invoice).await.unwrap();
    let lowered = world.invoice(&main).await;
    assert_eq!(
        (rub(&lowered.residual), rub(&lowered.credited)),
        ("20106.67".into(), "3893.33".into())
    );
    let credited = world
        .invoices()
        .cancel_invoice(pb::CancelInvoiceRequest {
            name: main,
            reason: "Ошибка".into(),
            etag: String::new(),
            request_id: request_id(),
        })
        .await;
    refused(credited, Code::FailedPrecondition, "INVOICE_CREDITED");
    let letters: Vec<pb::LetterRequested> = world.payloads().await;
    assert_eq!(letters.len(), 1, "a credit asks for no money");
    world.harness.finish().await;
}

/// Cancelling the held invoice of a change changes the quantity back.
#[tokio::test]
async fn cancelling_a_change_changes_back() {
    let world = World::start().await;
    let (users, _) = world.users().await;
    let shown = preview(&world, &users, 6, "2019-03-04").await;
    let request = confirm(&users, &shown.token);
    let change = world.subscriptions().confirm_quantity_change(request).await.unwrap();
    let cancel = pb::CancelInvoiceRequest {
        name: change.into_inner().invoice,
        reason: "Клиент передумал".into(),
        etag: String::new(),
        request_id: request_id(),
    };
    world.invoices().cancel_invoice(cancel).await.unwrap();
    assert_eq!(world.subscription(&users).await.quantity, 5);
    let again = preview(&world, &users, 6, "2019-03-04").await;
    assert_eq!(rub(&again.total), "3893.33");
    world.harness.finish().await;
}

/// A151: the total of a change holds from its day on, also where another one was confirmed for a
/// later day before it; the books of what is billed agree, and cancelling it changes back.
#[tokio::test]
async fn a_backdated_change_says_the_total() {
    let world = World::start().await;
    let (users, main) = world.users().await;
    world.issue(&main).await.unwrap();
    let mut calls = world.subscriptions();
    let later = preview(&world, &users, 6, "2019-05-01").await;
    assert_eq!(rub(&later.total), "2400.00", "three months");
    calls.confirm_quantity_change(confirm(&users, &later.token)).await.unwrap();
    let earlier = preview(&world, &users, 7, "2019-03-01").await;
    // Two more for March and April, and one more for the three months after them.
    assert_eq!(rub(&earlier.total), "5600.00");
    let change = calls.confirm_quantity_change(confirm(&users, &earlier.token)).await.unwrap();
    let less = preview(&world, &users, 1, "2019-03-01").await;
    // All that is billed of six users from March on.
    assert_eq!(rub(&less.total), "-24000.00");
    let less = confirm(&users, &less.token);
    let sure = pb::ConfirmQuantityChangeRequest { confirm_downgrade: true, ..less };
    calls.confirm_quantity_change(sure).await.unwrap();
    let up = preview(&world, &users, 2, "2019-03-01").await;
    assert_eq!(rub(&up.total), "4000.00");
    crate::bank::Bank { world: &world }.audit().await;
    assert!(!change.into_inner().invoice.is_empty());
    world.harness.finish().await;
}

/// Bad wishes are refused with the field and what to do.
#[tokio::test]
async fn refusals() {
    let world = World::start().await;
    let (users, _) = world.users().await;
    let ask = |name: &str, quantity: i32, from: &str| pb::PreviewQuantityChangeRequest {
        name: name.into(),
        quantity,
        effective_date: date(from),
    };
    let mut calls = world.subscriptions();
    let same = calls.preview_quantity_change(ask(&users, 5, "2019-03-04")).await.unwrap_err();
    assert_eq!(fields(&same), ["quantity"]);
    let none = calls.preview_quantity_change(ask(&users, 0, "2019-03-04")).await.unwrap_err();
    assert_eq!(fields(&none), ["quantity"]);
    let early = calls.preview_quantity_change(ask(&users, 6, "2019-01-04")).await.unwrap_err();
    assert_eq!(fields(&early), ["effective_date"]);
    let unknown = format!("subscriptions/{}", uuid::Uuid::new_v4());
    let unknown = calls.preview_quantity_change(ask(&unknown, 6, "2019-03-04")).await;
    refused(unknown, Code::NotFound, "NOT_FOUND");
    let token = calls.confirm_quantity_change(confirm(&users, "nonsense")).await.unwrap_err();
    assert_eq!(fields(&token), ["token"]);
    let list = pb::ListSubscriptionsRequest {
        client: world.client.clone(),
        state: pb::subscription::State::Active.into(),
        ..Default::default()
    };
    let list = calls.list_subscriptions(list).await.unwrap().into_inner();
    assert_eq!((list.subscriptions.len(), list.total_size), (1, 1));
    world.harness.finish().await;
}

/// A159: while the next period is billed already, a change has a line for each period, and each
/// ends with its own: the invoice is issued.
#[tokio::test]
async fn a_change_over_two_billed_periods() {
    let world = World::start().await;
    let (users, main) = world.users().await;
    world.issue(&main).await.unwrap();
    world.harness.advance("2019-07-15T09:00:00Z").await;
    assert_eq!(day(&world.subscription(&users).await.billed_through), "2020-02-01");
    let shown = preview(&world, &users, 6, "2019-07-15").await;
    let ends: Vec<String> = shown.lines.iter().map(|l| day(&l.last_day)).collect();
    assert_eq!(ends, ["2019-07-31", "2020-01-31"]);
    assert_eq!(rub(&shown.total), "5200.00", "15/30 of a month, and six months");
    let request = confirm(&users, &shown.token);
    let change = world.subscriptions().confirm_quantity_change(request).await.unwrap();
    world.issue(&change.into_inner().invoice).await.unwrap();
    world.harness.finish().await;
}
