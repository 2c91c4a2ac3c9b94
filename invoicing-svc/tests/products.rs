//! `Products`.

use crate::world::{World, date, decimal, fields, refused, request_id};
use proto::invoicing::v1 as pb;
use tonic::Code;

fn disk(world: &World) -> pb::Product {
    pb::Product {
        title: "Пакет 5 ГБ".into(),
        family: "disk".into(),
        seller: world.seller.clone(),
        tax_ground: pb::product::TaxGround::Standard.into(),
        fulfilment: pb::product::Fulfilment::WorkOnIssue.into(),
        resource: "дисковое пространство".into(),
        factor: 5,
        ..Default::default()
    }
}

fn create(product: pb::Product) -> pb::CreateProductRequest {
    pb::CreateProductRequest { product: Some(product), request_id: request_id() }
}

fn price(product: &str, months: i32, amount: &str) -> pb::CreatePriceRequest {
    let price = pb::Price {
        product: product.into(),
        from: date("2019-01-01"),
        cycle_months: months,
        unit_price: decimal(amount),
        currency: "RUB".into(),
        ..Default::default()
    };
    pb::CreatePriceRequest { price: Some(price), request_id: request_id() }
}

/// Products and their prices by cycle (A132, A164).
#[tokio::test]
async fn creates_with_prices() {
    let world = World::start().await;
    let made = world.products().create_product(create(disk(&world))).await.unwrap().into_inner();
    assert!(made.code.starts_with("product-"), "{}", made.code);
    assert_eq!((made.title_en.as_str(), made.factor), ("Пакет 5 ГБ", 5));
    for (months, amount) in [(1, "60.00"), (6, "342.00")] {
        world.products().create_price(price(&made.name, months, amount)).await.unwrap();
    }
    let free = world.products().create_price(price(&made.name, 0, "0")).await;
    assert_eq!(free.unwrap().into_inner().cycle_months, 0);
    let read = pb::GetProductRequest { name: made.name.clone() };
    let read = world.products().get_product(read).await.unwrap().into_inner();
    assert_eq!(read.prices.len(), 3);
    let taken = world.products().create_price(price(&made.name, 6, "300.00")).await;
    refused(taken, Code::AlreadyExists, "PRICE_TAKEN");
    let unpriced = world.products().create_price(price(&made.name, 0, "5")).await.unwrap_err();
    assert_eq!(fields(&unpriced), ["price.cycle_months"]);
    let mut foreign = price(&made.name, 12, "5");
    foreign.price.as_mut().unwrap().currency = "BYN".into();
    let foreign = world.products().create_price(foreign).await.unwrap_err();
    assert_eq!(fields(&foreign), ["price.currency"]);
    world.harness.finish().await;
}

/// The list is by title, hides what is archived, and pages.
#[tokio::test]
async fn lists_by_title() {
    let world = World::start().await;
    for title in ["Домен", "Архив", "Бэкап"] {
        let product = pb::Product { title: title.into(), ..disk(&world) };
        world.products().create_product(create(product)).await.unwrap();
    }
    let list = pb::ListProductsRequest { page_size: 2, ..Default::default() };
    let page = world.products().list_products(list.clone()).await.unwrap().into_inner();
    let titles: Vec<_> = page.products.iter().map(|p| p.title.clone()).collect();
    assert_eq!((titles, page.total_size), (vec!["Архив".into(), "Бэкап".into()], 3));
    let next = pb::ListProductsRequest { page_token: page.next_page_token, ..list };
    let rest = world.products().list_products(next.clone()).await.unwrap().into_inner();
    assert_eq!(rest.products[0].title, "Домен");
    let other = pb::ListProductsRequest { show_archived: true, ..next };
    let foreign_token = world.products().list_products(other).await.unwrap_err();
    assert_eq!(fields(&foreign_token), ["page_token"]);

    let archived = pb::UpdateProductRequest {
        product: Some(pb::Product { archived: true, ..rest.products[0].clone() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["archived".into()] }),
        request_id: request_id(),
    };
    world.products().update_product(archived).await.unwrap();
    let all = pb::ListProductsRequest::default();
    let page = world.products().list_products(all).await.unwrap().into_inner();
    assert_eq!(page.products.len(), 2);
    world.harness.finish().await;
}

/// Every malformed field at once; codes are unique; a repetition is answered.
#[tokio::test]
async fn refusals() {
    let world = World::start().await;
    let bad = pb::Product {
        title: String::new(),
        code: "Диск".into(),
        resource: String::new(),
        tax_ground: 0,
        ..disk(&world)
    };
    let status = world.products().create_product(create(bad)).await.unwrap_err();
    let mut named = fields(&status);
    named.sort();
    assert_eq!(named, ["product.resource", "product.tax_ground", "product.title"]);
    let bad = pb::Product { code: "Диск".into(), ..disk(&world) };
    let status = world.products().create_product(create(bad)).await.unwrap_err();
    assert_eq!(fields(&status), ["product.code"]);
    let coded = create(pb::Product { code: "disk-5gb".into(), ..disk(&world) });
    let first = world.products().create_product(coded.clone()).await.unwrap().into_inner();
    let again = world.products().create_product(coded.clone()).await.unwrap().into_inner();
    assert_eq!(first, again);
    let taken = pb::CreateProductRequest { request_id: request_id(), ..coded };
    let taken = world.products().create_product(taken).await;
    refused(taken, Code::AlreadyExists, "PRODUCT_CODE_TAKEN");
    world.harness.finish().await;
}
