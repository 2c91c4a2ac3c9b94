//! `Sellers`.

use crate::world::{World, date, fields, refused, request_id, seller};
use proto::invoicing::v1 as pb;
use tonic::Code;

/// A seller comes back as it was given, with defaults filled in (A194, A195), and is told about.
#[tokio::test]
async fn creates_and_lists() {
    let world = World::start().await;
    let given = seller(2);
    let made = world.create_seller(given.clone()).await.unwrap();
    assert_eq!((made.due_days, made.lead_days), (7, 20));
    assert_eq!(made.invoice_number_format, "{sequence}{check}");
    let read = pb::GetSellerRequest { name: made.name.clone() };
    assert_eq!(world.sellers().get_seller(read).await.unwrap().into_inner(), made);
    let list = world.sellers().list_sellers(pb::ListSellersRequest::default()).await.unwrap();
    let list = list.into_inner();
    assert_eq!((list.sellers.len(), list.total_size), (2, 2));
    let told: Vec<pb::SellerChanged> = world.payloads().await;
    assert_eq!(told[1].account, given.account.unwrap().account);
    world.harness.finish().await;
}

/// A repetition is answered, not repeated; the same id with another body is refused.
#[tokio::test]
async fn is_created_once() {
    let world = World::start().await;
    let request = pb::CreateSellerRequest { seller: Some(seller(2)), request_id: request_id() };
    let first = world.sellers().create_seller(request.clone()).await.unwrap().into_inner();
    let again = world.sellers().create_seller(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again);
    let other = pb::CreateSellerRequest { seller: Some(seller(3)), ..request };
    refused(world.sellers().create_seller(other).await, Code::InvalidArgument, "REQUEST_ID_REUSED");
    refused(world.create_seller(seller(2)).await, Code::AlreadyExists, "SELLER_TAX_ID_TAKEN");
    world.harness.finish().await;
}

/// Every malformed field is named at once.
#[tokio::test]
async fn names_every_malformed_field() {
    let world = World::start().await;
    let bad = pb::Seller {
        title: String::new(),
        tax_id: "7709983033".into(),
        account: Some(pb::SellerAccount {
            account: "40702810502080001823".into(),
            bic: "044525933".into(),
            correspondent_account: "30101810200000000593".into(),
            bank: "Банк".into(),
        }),
        invoice_number_format: "{check}{sequence}".into(),
        tax_regimes: Vec::new(),
        ..seller(2)
    };
    let status = refused(world.create_seller(bad).await, Code::InvalidArgument, "INVALID_FIELDS");
    let mut named = fields(&status);
    named.sort();
    assert_eq!(
        named,
        [
            "seller.account",
            "seller.invoice_number_format",
            "seller.tax_id",
            "seller.tax_regimes",
            "seller.title"
        ]
    );
    let absent = pb::CreateSellerRequest { seller: None, request_id: request_id() };
    let status = world.sellers().create_seller(absent).await.unwrap_err();
    assert_eq!(fields(&status), ["seller"]);
    let missing = pb::GetSellerRequest { name: format!("sellers/{}", uuid::Uuid::new_v4()) };
    refused(world.sellers().get_seller(missing).await, Code::NotFound, "NOT_FOUND");
    world.harness.finish().await;
}

/// Only what the mask names changes; a stale etag and an unknown path are refused.
#[tokio::test]
async fn changes_what_the_mask_names() {
    let world = World::start().await;
    let before = world.create_seller(seller(2)).await.unwrap();
    let update = |seller: pb::Seller, paths: &[&str]| pb::UpdateSellerRequest {
        seller: Some(seller),
        update_mask: Some(prost_types::FieldMask {
            paths: paths.iter().map(|p| (*p).to_owned()).collect(),
        }),
        request_id: request_id(),
    };
    let mut wish =
        pb::Seller { title: "ООО «Иное»".into(), due_days: 10, ..before.clone() };
    let after =
        world.sellers().update_seller(update(wish.clone(), &["title"])).await.unwrap().into_inner();
    assert_eq!((after.title.as_str(), after.due_days), ("ООО «Иное»", 7));
    assert_ne!(after.etag, before.etag);
    let stale = world.sellers().update_seller(update(wish.clone(), &["due_days"])).await;
    refused(stale, Code::Aborted, "STALE_ETAG");
    wish.etag.clear();
    let unknown = world.sellers().update_seller(update(wish.clone(), &["state"])).await;
    assert_eq!(fields(&unknown.unwrap_err()), ["update_mask"]);
    wish.currency = "BYN".into();
    let currency = world.sellers().update_seller(update(wish, &["currency"])).await;
    refused(currency, Code::FailedPrecondition, "SELLER_CURRENCY_FIXED");
    world.harness.finish().await;
}

/// Regimes that issued invoices rest on are added to, never rewritten.
#[tokio::test]
async fn regimes_are_added_once_a_line_used_them() {
    let world = World::start().await;
    let (_, invoice) = world.users().await;
    world.issue(&invoice).await.unwrap();
    let read = pb::GetSellerRequest { name: world.seller.clone() };
    let seller = world.sellers().get_seller(read).await.unwrap().into_inner();
    let update = |regimes: Vec<pb::TaxRegime>| pb::UpdateSellerRequest {
        seller: Some(pb::Seller { tax_regimes: regimes, etag: String::new(), ..seller.clone() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["tax_regimes".into()] }),
        request_id: request_id(),
    };
    let simplified =
        pb::TaxRegime { from: date("2020-01-01"), kind: pb::tax_regime::Kind::Simplified.into() };
    let rewritten = world.sellers().update_seller(update(vec![simplified])).await;
    refused(rewritten, Code::FailedPrecondition, "TAX_REGIME_FIXED");
    let added = [seller.tax_regimes.clone(), vec![simplified]].concat();
    let after = world.sellers().update_seller(update(added)).await.unwrap().into_inner();
    assert_eq!(after.tax_regimes.len(), 2);
    world.harness.finish().await;
}
