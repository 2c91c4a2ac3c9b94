//! The catalogue: products and their prices.

use super::{code, count, money, not_empty, or_empty, stored_count};
use crate::domain::{
    metrics::Metric,
    products::{Fulfilment, PriceVersion, Product, ProductKind, QuantityOption},
    texts::Text,
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::{PgConnection, types::Json};
use types::id::{ProductId, SellerId};
use uuid::Uuid;

/// Constraint: codes are unique.
pub const CODE_KEY: &str = "products_code_key";
/// Constraint: one price per cycle, currency and first day.
pub const PRICE_KEY: &str = "prices_start_key";

/// A product with what is stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductRow {
    /// The product as the rules know it.
    pub product: Product,
    /// Products of one family exclude each other on one client; empty for none.
    pub family: String,
    /// Code of the subscription group for numbers that count per code; empty for none.
    pub service_code: String,
    /// What programs count of its subscriptions.
    pub metrics: Vec<Metric>,
    /// What sort of thing it is.
    pub kind: ProductKind,
    /// Version.
    pub revision: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// Inserts a product.
///
/// # Errors
/// Those of the database; [`CODE_KEY`] when the code is taken.
pub async fn insert(conn: &mut PgConnection, row: &ProductRow) -> Result<(), Failure> {
    let p = &row.product;
    let option = p.option.as_ref();
    let work = p.fulfilment.as_ref();
    sqlx::query!(
        "insert into products (id, seller_id, code, title, title_en, family, option_ru, option_en,
            unit, unit_en, tax_ground, accounting_code, service_code, activation, fulfilment,
            resource, factor, convention, alignment, on_sale, created_at, metrics, kind)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19, $20, $21, $22, $23)",
        p.id.0,
        p.seller.0,
        p.code,
        p.name.ru,
        p.name.en,
        row.family,
        option.map_or("", |o| &o.name.ru),
        option.map_or("", |o| &o.name.en),
        option.map_or("", |o| &o.unit.ru),
        option.map_or("", |o| &o.unit.en),
        p.ground.code(),
        or_empty(p.accounting_code.as_ref()),
        row.service_code,
        p.activation.code(),
        work.map(|w| w.policy.code()),
        work.map_or("", |w| &w.resource),
        stored_count(work.map_or(1, |w| w.factor))?,
        p.convention.code(),
        p.alignment.code(),
        p.on_sale,
        row.created_at,
        Json(&row.metrics) as _,
        row.kind.code()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Replaces everything of a product but its identity and seller.
///
/// # Errors
/// Those of the database; [`CODE_KEY`] when the code is taken.
pub async fn update(conn: &mut PgConnection, row: &ProductRow) -> Result<(), Failure> {
    let p = &row.product;
    let option = p.option.as_ref();
    let work = p.fulfilment.as_ref();
    sqlx::query!(
        "update products set code = $2, title = $3, title_en = $4, family = $5, option_ru = $6,
            option_en = $7, unit = $8, unit_en = $9, tax_ground = $10, accounting_code = $11,
            service_code = $12, activation = $13, fulfilment = $14, resource = $15, factor = $16,
            convention = $17, alignment = $18, on_sale = $19, metrics = $20, kind = $21,
            revision = revision + 1
         where id = $1",
        p.id.0,
        p.code,
        p.name.ru,
        p.name.en,
        row.family,
        option.map_or("", |o| &o.name.ru),
        option.map_or("", |o| &o.name.en),
        option.map_or("", |o| &o.unit.ru),
        option.map_or("", |o| &o.unit.en),
        p.ground.code(),
        or_empty(p.accounting_code.as_ref()),
        row.service_code,
        p.activation.code(),
        work.map(|w| w.policy.code()),
        work.map_or("", |w| &w.resource),
        stored_count(work.map_or(1, |w| w.factor))?,
        p.convention.code(),
        p.alignment.code(),
        p.on_sale,
        Json(&row.metrics) as _,
        row.kind.code()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The products of these ids, in the order of ids.
///
/// # Errors
/// Those of the database.
pub async fn get_all(
    conn: &mut PgConnection,
    ids: &[ProductId],
) -> Result<Vec<ProductRow>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select id, seller_id, code, title, title_en, family, option_ru, option_en, unit, unit_en,
            tax_ground, accounting_code, service_code, activation, fulfilment, resource, factor,
            convention, alignment, on_sale, revision, created_at, kind,
            metrics as "metrics!: Json<Vec<Metric>>"
         from products where id = any($1) order by id"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            let fulfilment = match r.fulfilment {
                Some(policy) => Some(Fulfilment {
                    policy: code(&policy)?,
                    resource: r.resource,
                    factor: count(r.factor)?,
                }),
                None => None,
            };
            let option = (!r.option_ru.is_empty()).then(|| QuantityOption {
                name: Text::new(r.option_ru, r.option_en),
                unit: Text::new(r.unit, r.unit_en),
            });
            let product = Product {
                id: r.id.into(),
                seller: r.seller_id.into(),
                code: r.code,
                name: Text::new(r.title, r.title_en),
                option,
                ground: code(&r.tax_ground)?,
                accounting_code: not_empty(r.accounting_code),
                activation: code(&r.activation)?,
                fulfilment,
                convention: code(&r.convention)?,
                alignment: code(&r.alignment)?,
                on_sale: r.on_sale,
            };
            Ok(ProductRow {
                product,
                family: r.family,
                service_code: r.service_code,
                metrics: r.metrics.0,
                kind: code(&r.kind)?,
                revision: r.revision,
                created_at: r.created_at,
            })
        })
        .collect()
}

/// The product of an id.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: ProductId) -> Result<Option<ProductRow>, Failure> {
    Ok(get_all(conn, &[id]).await?.pop())
}

/// Locks a product's row for its update or for a new price.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, id: ProductId) -> Result<Option<ProductRow>, Failure> {
    sqlx::query!("select id from products where id = $1 for update", id.0)
        .fetch_optional(&mut *conn)
        .await?;
    get(conn, id).await
}

/// Which products a list has.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// Only of this seller.
    pub seller: Option<SellerId>,
    /// Those no longer sold too.
    pub show_archived: bool,
}

/// Ids of products after a title, by title.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: Filter,
    after: Option<&(String, Uuid)>,
    limit: i64,
) -> Result<Vec<ProductId>, Failure> {
    let (title, id) = after.map_or((None, None), |(t, id)| (Some(t.as_str()), Some(*id)));
    let ids = sqlx::query_scalar!(
        "select id from products
         where ($1::uuid is null or seller_id = $1) and (on_sale or $2)
            and ($3::text is null or (title, id) > ($3, $4))
         order by title, id limit $5",
        filter.seller.map(|id| id.0),
        filter.show_archived,
        title,
        id,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(ProductId).collect())
}

/// How many products a list has, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn total(conn: &mut PgConnection, filter: Filter, cap: i64) -> Result<i64, Failure> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (
            select 1 from products
            where ($1::uuid is null or seller_id = $1) and (on_sale or $2) limit $3) as t"#,
        filter.seller.map(|id| id.0),
        filter.show_archived,
        cap
    )
    .fetch_one(conn)
    .await?;
    Ok(total)
}

/// Inserts a price version.
///
/// # Errors
/// Those of the database; [`PRICE_KEY`] when one starts on the same day.
pub async fn insert_price(
    conn: &mut PgConnection,
    price: &PriceVersion,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    sqlx::query!(
        "insert into prices (id, product_id, starts, cycle, unit_price, tax, currency, created_at,
            convention)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        price.id.0,
        price.product.0,
        price.effective,
        price.cycle.to_string(),
        price.amount.amount(),
        price.tax.code(),
        price.amount.currency().code(),
        now,
        price.convention.map(|c| c.code())
    )
    .execute(conn)
    .await?;
    Ok(())
}

struct PriceRow {
    id: Uuid,
    product_id: Uuid,
    starts: NaiveDate,
    cycle: String,
    unit_price: Decimal,
    tax: String,
    currency: String,
    convention: Option<String>,
}

/// All prices of these products, newest first.
///
/// # Errors
/// Those of the database.
pub async fn prices(
    conn: &mut PgConnection,
    products: &[ProductId],
) -> Result<Vec<PriceVersion>, Failure> {
    let ids: Vec<Uuid> = products.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        PriceRow,
        "select id, product_id, starts, cycle, unit_price, tax, currency, convention
         from prices where product_id = any($1) order by starts desc, id desc",
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(PriceVersion {
                id: r.id.into(),
                product: r.product_id.into(),
                cycle: code(&r.cycle)?,
                effective: r.starts,
                amount: money(r.unit_price, &r.currency)?,
                tax: code(&r.tax)?,
                convention: r.convention.as_deref().map(code).transpose()?,
            })
        })
        .collect()
}
