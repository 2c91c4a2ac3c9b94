//! `Products`: the catalogue and its prices.

mod wire;

use super::parse;
use crate::{
    domain::{cycles::Cycle, products::PriceVersion, proration::Convention, tax::PriceTax},
    store::{self, products::ProductRow},
};
use proto::{
    google::r#type as google,
    invoicing::v1::{self as pb, products_server::Products},
};
use service::{
    Failure, Frame, Text, Violations, check_etag, idempotency,
    mask::Mask,
    page::{Page, TOTAL_CAP},
};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::{
    Currency, Money,
    id::{PriceId, ProductId, SellerId},
};
use uuid::Uuid;

/// The service.
#[derive(Debug, Clone)]
pub struct Api {
    frame: Frame,
}

impl Api {
    /// A service over this frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }
}

#[tonic::async_trait]
impl Products for Api {
    async fn get_product(
        &self,
        request: Request<pb::GetProductRequest>,
    ) -> Result<Response<pb::Product>, Status> {
        let id: ProductId = parse::only_name("name", &request.get_ref().name)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let row = store::products::get(&mut conn, id).await?;
        let row = row.ok_or_else(|| Failure::not_found(id.to_string()))?;
        let prices = store::products::prices(&mut conn, &[id]).await?;
        Ok(Response::new(wire::encode(&row, &prices)))
    }

    async fn list_products(
        &self,
        request: Request<pb::ListProductsRequest>,
    ) -> Result<Response<pb::ListProductsResponse>, Status> {
        let msg = request.get_ref();
        let mut v = Violations::default();
        let seller: Option<SellerId> = parse::optional_name(&mut v, "seller", &msg.seller);
        v.finish()?;
        let filter = store::products::Filter { seller, show_archived: msg.show_archived };
        let bound = ("products", seller, msg.show_archived);
        let page = Page::<(String, Uuid)>::read(msg.page_size, &msg.page_token, &bound)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let ids = store::products::list(&mut conn, filter, page.after(), page.limit()).await?;
        let mut rows = store::products::get_all(&mut conn, &ids).await?;
        rows.sort_by_key(|r| ids.iter().position(|id| *id == r.product.id));
        let (rows, next_page_token) =
            page.finish(rows, |r| (r.product.name.ru.clone(), r.product.id.0));
        let prices = store::products::prices(&mut conn, &ids).await?;
        let total = store::products::total(&mut conn, filter, TOTAL_CAP).await?;
        Ok(Response::new(pb::ListProductsResponse {
            products: rows.iter().map(|row| wire::encode(row, &prices)).collect(),
            next_page_token,
            total_size: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn create_product(
        &self,
        request: Request<pb::CreateProductRequest>,
    ) -> Result<Response<pb::Product>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let given = parse::message("product", msg.product.as_ref())?;
        let row = wire::read(given, ProductId::generate(), self.frame.clock.now())?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let seller = row.product.seller;
        if store::sellers::get(&mut tx, seller).await?.is_none() {
            return Err(Failure::not_found(seller.to_string()).into());
        }
        store::products::insert(&mut tx, &row).await.map_err(|f| code_taken(f, &row))?;
        let reply = idempotency::finish(&mut tx, key, wire::encode(&row, &[])).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }

    async fn update_product(
        &self,
        request: Request<pb::UpdateProductRequest>,
    ) -> Result<Response<pb::Product>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let given = parse::message("product", msg.product.as_ref())?;
        let id: ProductId = parse::only_name("product.name", &given.name)?;
        let mask = Mask::read(msg.update_mask.as_ref(), &wire::MUTABLE)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let before = store::products::lock(&mut tx, id).await?;
        let before = before.ok_or_else(|| Failure::not_found(id.to_string()))?;
        check_etag(&given.etag, before.revision)?;
        let mut merged = wire::encode(&before, &[]);
        for field in wire::MUTABLE {
            if mask.has(field, wire::populated(given, field)) {
                wire::merge(&mut merged, given, field);
            }
        }
        let mut row = wire::read(&merged, id, before.created_at)?;
        row.revision = before.revision + 1;
        store::products::update(&mut tx, &row).await.map_err(|f| code_taken(f, &row))?;
        let prices = store::products::prices(&mut tx, &[id]).await?;
        let reply = idempotency::finish(&mut tx, key, wire::encode(&row, &prices)).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }

    async fn create_price(
        &self,
        request: Request<pb::CreatePriceRequest>,
    ) -> Result<Response<pb::Price>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let price = read_price(parse::message("price", msg.price.as_ref())?)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        check_price_of_seller(&mut tx, &price).await?;
        let now = self.frame.clock.now();
        store::products::insert_price(&mut tx, &price, now)
            .await
            .map_err(|f| f.on_constraint(store::products::PRICE_KEY, || price_taken(&price)))?;
        let reply = idempotency::finish(&mut tx, key, wire::price(&price)).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }
}

async fn check_price_of_seller(
    conn: &mut PgConnection,
    price: &PriceVersion,
) -> Result<(), Failure> {
    let missing = || Failure::not_found(price.product.to_string());
    let product = store::products::lock(conn, price.product).await?.ok_or_else(missing)?;
    let seller = store::sellers::get(conn, product.product.seller).await?.ok_or_else(missing)?;
    if seller.currency == price.amount.currency() {
        return Ok(());
    }
    let currency = seller.currency;
    Err(Failure::invalid(
        "price.currency",
        Text::new(
            format!("Продавец выставляет счета в {currency}."),
            format!("The seller invoices in {currency}."),
        ),
    ))
}

fn read_price(given: &pb::Price) -> Result<PriceVersion, Failure> {
    let mut v = Violations::default();
    let product = parse::name(&mut v, "price.product", &given.product);
    let effective = parse::required_date(&mut v, "price.from", given.from.as_ref());
    let currency: Option<Currency> =
        v.take("price.currency", given.currency.parse().map_err(|e| Text::of(&e)));
    let amount = read_amount(&mut v, given.unit_price.as_ref(), currency);
    let cycle = read_cycle(&mut v, given, amount);
    let tax = pb::price::Tax::try_from(given.tax).map(|t| t.as_str_name());
    let tax = parse::choice(&mut v, "price.tax", tax, Some(PriceTax::Included));
    let convention = pb::product::Convention::try_from(given.convention).map(|c| c.as_str_name());
    let convention: Option<Convention> = match given.convention {
        0 => None,
        _ => parse::choice(&mut v, "price.convention", convention, None),
    };
    v.finish()?;
    match (product, effective, amount, cycle, tax) {
        (Some(product), Some(effective), Some(amount), Some(cycle), Some(tax)) => {
            let id = PriceId::generate();
            let price = PriceVersion { id, product, cycle, effective, amount, tax, convention };
            price.check().map_err(|e| Failure::invalid("price.unit_price", Text::of(&e)))?;
            Ok(price)
        }
        _ => Err(Failure::internal("a price without violations lacks a part")),
    }
}

fn read_amount(
    v: &mut Violations,
    given: Option<&google::Decimal>,
    currency: Option<Currency>,
) -> Option<Money> {
    if given.is_none() {
        v.field("price.unit_price", parse::required());
        return None;
    }
    let amount = parse::decimal(v, "price.unit_price", given)?;
    let money = Money::new(amount, currency?);
    v.take("price.unit_price", money.map_err(|e| Text::of(&e)))
}

/// One-time by its flag, free at price 0 without months, else that many months.
fn read_cycle(v: &mut Violations, given: &pb::Price, amount: Option<Money>) -> Option<Cycle> {
    let wrong = |ru: &'static str, en: &'static str| Text::new(ru, en);
    match (given.one_time, given.cycle_months) {
        (true, 0) => Some(Cycle::Once),
        (true, _) => {
            let text = wrong(
                "У разовой цены нет периода: укажите 0 месяцев.",
                "A one-time price has no cycle: give 0 months.",
            );
            v.field("price.cycle_months", text);
            None
        }
        (false, 0) if amount.is_some_and(Money::is_zero) => Some(Cycle::Free),
        (false, months) => {
            let cycle = u32::try_from(months).ok().and_then(|n| Cycle::months(n).ok());
            v.take(
                "price.cycle_months",
                cycle.ok_or_else(|| {
                    wrong("Ожидается от 1 до 120 месяцев.", "1 to 120 months are expected.")
                }),
            )
        }
    }
}

fn code_taken(failure: Failure, row: &ProductRow) -> Failure {
    let code = row.product.code.clone();
    failure.on_constraint(store::products::CODE_KEY, || {
        Failure::exists(
            "PRODUCT_CODE_TAKEN",
            "products",
            Text::new(
                format!("Продукт с кодом {code} уже есть. Укажите другой код."),
                format!("A product of code {code} exists already. Give another code."),
            ),
        )
    })
}

fn price_taken(price: &PriceVersion) -> Failure {
    let day = price.effective.format("%d.%m.%Y");
    Failure::exists(
        "PRICE_TAKEN",
        price.product.to_string(),
        Text::new(
            format!("Цена этого периода с {day} уже есть. Укажите другой день."),
            format!("A price of this cycle from {day} exists already. Give another day."),
        ),
    )
}
