//! Products on the wire.

use super::{super::metrics, parse};
use crate::{
    domain::{
        cycles::Cycle,
        products::{
            Activation, Alignment, Fulfilment, FulfilmentPolicy, PriceVersion, Product,
            ProductError, ProductKind, QuantityOption,
        },
        proration::Convention,
        texts::Text,
    },
    store::products::ProductRow,
};
use chrono::{DateTime, Utc};
use proto::{convert, invoicing::v1 as pb};
use service::{Failure, Violations, etag};
use types::id::ProductId;

/// What an update may change.
pub(super) const MUTABLE: [&str; 20] = [
    "code",
    "title",
    "title_en",
    "family",
    "option",
    "option_en",
    "unit",
    "unit_en",
    "tax_ground",
    "accounting_code",
    "service_code",
    "activation",
    "fulfilment",
    "resource",
    "factor",
    "convention",
    "alignment",
    "archived",
    "metrics",
    "kind",
];

pub(super) fn populated(p: &pb::Product, path: &str) -> bool {
    match path {
        "code" => !p.code.is_empty(),
        "title" => !p.title.is_empty(),
        "title_en" => !p.title_en.is_empty(),
        "family" => !p.family.is_empty(),
        "option" => !p.option.is_empty(),
        "option_en" => !p.option_en.is_empty(),
        "unit" => !p.unit.is_empty(),
        "unit_en" => !p.unit_en.is_empty(),
        "tax_ground" => p.tax_ground != 0,
        "accounting_code" => !p.accounting_code.is_empty(),
        "service_code" => !p.service_code.is_empty(),
        "activation" => p.activation != 0,
        "fulfilment" => p.fulfilment != 0,
        "resource" => !p.resource.is_empty(),
        "factor" => p.factor != 0,
        "convention" => p.convention != 0,
        "alignment" => p.alignment != 0,
        "archived" => p.archived,
        "metrics" => !p.metrics.is_empty(),
        "kind" => p.kind != 0,
        _ => false,
    }
}

pub(super) fn merge(into: &mut pb::Product, given: &pb::Product, path: &str) {
    let given = given.clone();
    match path {
        "code" => into.code = given.code,
        "title" => into.title = given.title,
        "title_en" => into.title_en = given.title_en,
        "family" => into.family = given.family,
        "option" => into.option = given.option,
        "option_en" => into.option_en = given.option_en,
        "unit" => into.unit = given.unit,
        "unit_en" => into.unit_en = given.unit_en,
        "tax_ground" => into.tax_ground = given.tax_ground,
        "accounting_code" => into.accounting_code = given.accounting_code,
        "service_code" => into.service_code = given.service_code,
        "activation" => into.activation = given.activation,
        "fulfilment" => into.fulfilment = given.fulfilment,
        "resource" => into.resource = given.resource,
        "factor" => into.factor = given.factor,
        "convention" => into.convention = given.convention,
        "alignment" => into.alignment = given.alignment,
        "archived" => into.archived = given.archived,
        "metrics" => into.metrics = given.metrics,
        "kind" => into.kind = given.kind,
        _ => {}
    }
}

/// Reads a whole product; every violation at once.
pub(super) fn read(
    given: &pb::Product,
    id: ProductId,
    created_at: DateTime<Utc>,
) -> Result<ProductRow, Failure> {
    let mut v = Violations::default();
    let seller = parse::name(&mut v, "product.seller", &given.seller);
    let title = parse::required_text(&mut v, "product.title", &given.title, 200);
    let title_en = parse::text(&mut v, "product.title_en", &given.title_en, 200);
    let family = parse::text(&mut v, "product.family", &given.family, 64);
    let accounting = parse::text(&mut v, "product.accounting_code", &given.accounting_code, 64);
    let service_code = parse::text(&mut v, "product.service_code", &given.service_code, 12);
    if !service_code.chars().all(char::is_alphanumeric) {
        let text = service::Text::new("Только буквы и цифры.", "Letters and digits only.");
        v.field("product.service_code", text);
    }
    let ground = pb::product::TaxGround::try_from(given.tax_ground).map(|g| g.as_str_name());
    let ground = parse::choice(&mut v, "product.tax_ground", ground, None);
    let activation = pb::product::Activation::try_from(given.activation).map(|a| a.as_str_name());
    let activation =
        parse::choice(&mut v, "product.activation", activation, Some(Activation::OnPayment));
    let convention = pb::product::Convention::try_from(given.convention).map(|c| c.as_str_name());
    let convention =
        parse::choice(&mut v, "product.convention", convention, Some(Convention::Seed30));
    let alignment = pb::product::Alignment::try_from(given.alignment).map(|a| a.as_str_name());
    let alignment =
        parse::choice(&mut v, "product.alignment", alignment, Some(Alignment::Calendar));
    let kind = pb::product::Kind::try_from(given.kind).map(|k| k.as_str_name());
    let kind = parse::choice(&mut v, "product.kind", kind, Some(ProductKind::Service));
    let fulfilment = read_work(&mut v, given);
    let option = read_option(&mut v, given);
    let metrics = metrics::decode(&mut v, &given.metrics);
    let choices = (ground, activation, convention, alignment, kind);
    let (
        Some(seller),
        (Some(ground), Some(activation), Some(convention), Some(alignment), Some(kind)),
    ) = (seller, choices)
    else {
        v.finish()?;
        return Err(Failure::internal("a product without violations lacks a part"));
    };
    let name = Text::new(title.clone(), if title_en.is_empty() { title } else { title_en });
    let product = Product {
        id,
        seller,
        code: if given.code.is_empty() { made_code(id) } else { given.code.clone() },
        name,
        option,
        ground,
        accounting_code: (!accounting.is_empty()).then_some(accounting),
        activation,
        fulfilment,
        convention,
        alignment,
        on_sale: !given.archived,
    };
    check(&mut v, &product);
    v.finish()?;
    Ok(ProductRow { product, family, service_code, metrics, kind, revision: 1, created_at })
}

/// Notes what the rules refuse. A missing title is noted by the reader already.
fn check(v: &mut Violations, product: &Product) {
    for e in product.check().err().into_iter().flatten() {
        match e {
            ProductError::Name(_) => {}
            ProductError::Code(_) => v.field("product.code", service::Text::of(&e)),
            _ => v.field("product.resource", service::Text::of(&e)),
        }
    }
}

/// A code for a product that was given none.
fn made_code(id: ProductId) -> String {
    let id = id.0.simple().to_string();
    format!("product-{}", &id[id.len() - 12..])
}

fn read_work(v: &mut Violations, given: &pb::Product) -> Option<Fulfilment> {
    use pb::product::Fulfilment as Wire;
    let policy = match Wire::try_from(given.fulfilment) {
        Ok(Wire::WorkOnIssue) => FulfilmentPolicy::OnIssue,
        Ok(Wire::WorkOnPayment) => FulfilmentPolicy::OnPayment,
        _ => return None,
    };
    let factor = parse::number(v, "product.factor", given.factor, (1, 1_000_000), Some(1));
    let resource = parse::required_text(v, "product.resource", &given.resource, 100);
    Some(Fulfilment { policy, resource, factor })
}

fn read_option(v: &mut Violations, given: &pb::Product) -> Option<QuantityOption> {
    let ru = parse::text(v, "product.option", &given.option, 100);
    let en = parse::text(v, "product.option_en", &given.option_en, 100);
    let unit = parse::text(v, "product.unit", &given.unit, 20);
    let unit_en = parse::text(v, "product.unit_en", &given.unit_en, 20);
    if ru.is_empty() {
        return None;
    }
    let both = |ru: String, en: String| Text::new(ru.clone(), if en.is_empty() { ru } else { en });
    let unit = if unit.is_empty() { "шт".into() } else { unit };
    let unit_en = if unit_en.is_empty() && unit == "шт" { "pcs".into() } else { unit_en };
    Some(QuantityOption { name: both(ru, en), unit: both(unit, unit_en) })
}

/// A product with those of the prices that are its own.
pub(super) fn encode(row: &ProductRow, prices: &[PriceVersion]) -> pb::Product {
    let p = &row.product;
    let option = p.option.as_ref();
    let work = p.fulfilment.as_ref();
    let policy = match work.map(|w| w.policy) {
        None => pb::product::Fulfilment::NoWork,
        Some(FulfilmentPolicy::OnIssue) => pb::product::Fulfilment::WorkOnIssue,
        Some(FulfilmentPolicy::OnPayment) => pb::product::Fulfilment::WorkOnPayment,
    };
    let ground = pb::product::TaxGround::from_str_name(p.ground.code()).unwrap_or_default();
    let activation =
        pb::product::Activation::from_str_name(p.activation.code()).unwrap_or_default();
    let convention =
        pb::product::Convention::from_str_name(p.convention.code()).unwrap_or_default();
    let alignment = pb::product::Alignment::from_str_name(p.alignment.code()).unwrap_or_default();
    pb::Product {
        name: p.id.to_string(),
        title: p.name.ru.clone(),
        title_en: p.name.en.clone(),
        family: row.family.clone(),
        seller: p.seller.to_string(),
        unit: option.map(|o| o.unit.ru.clone()).unwrap_or_default(),
        unit_en: option.map(|o| o.unit.en.clone()).unwrap_or_default(),
        option: option.map(|o| o.name.ru.clone()).unwrap_or_default(),
        option_en: option.map(|o| o.name.en.clone()).unwrap_or_default(),
        tax_ground: ground.into(),
        accounting_code: p.accounting_code.clone().unwrap_or_default(),
        service_code: row.service_code.clone(),
        activation: activation.into(),
        fulfilment: policy.into(),
        resource: work.map(|w| w.resource.clone()).unwrap_or_default(),
        factor: work.map_or(1, |w| i32::try_from(w.factor).unwrap_or(i32::MAX)),
        convention: convention.into(),
        alignment: alignment.into(),
        prices: prices.iter().filter(|v| v.product == p.id).map(price).collect(),
        archived: !p.on_sale,
        code: p.code.clone(),
        metrics: row.metrics.iter().map(metrics::encode).collect(),
        kind: pb::product::Kind::from_str_name(row.kind.code()).unwrap_or_default().into(),
        etag: etag(row.revision),
        create_time: Some(convert::timestamp(row.created_at)),
    }
}

/// A price version on the wire.
pub(super) fn price(p: &PriceVersion) -> pb::Price {
    let tax = pb::price::Tax::from_str_name(p.tax.code()).unwrap_or_default();
    let convention = p.convention.and_then(|c| pb::product::Convention::from_str_name(c.code()));
    pb::Price {
        name: p.id.to_string(),
        product: p.product.to_string(),
        from: Some(p.effective.into()),
        cycle_months: p.cycle.recurring().map_or(0, |n| i32::try_from(n).unwrap_or(i32::MAX)),
        one_time: p.cycle == Cycle::Once,
        unit_price: Some(p.amount.amount().into()),
        tax: tax.into(),
        currency: p.amount.currency().code().into(),
        convention: convention.unwrap_or_default().into(),
    }
}
