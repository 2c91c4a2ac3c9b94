//! `Sellers`: who sells, under which tax, to which bank account, in which series of numbers.

mod wire;

use super::parse;
use crate::store::{self, sellers::SellerRow};
use proto::invoicing::v1::{self as pb, sellers_server::Sellers};
use service::{
    Failure, Frame, Text, check_etag, feed, idempotency,
    mask::Mask,
    page::{Page, TOTAL_CAP},
};
use tonic::{Request, Response, Status};
use types::id::SellerId;
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
impl Sellers for Api {
    async fn get_seller(
        &self,
        request: Request<pb::GetSellerRequest>,
    ) -> Result<Response<pb::Seller>, Status> {
        let id: SellerId = parse::only_name("name", &request.get_ref().name)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let row = store::sellers::get(&mut conn, id).await?;
        Ok(Response::new(wire::encode(&row.ok_or_else(|| Failure::not_found(id.to_string()))?)))
    }

    async fn list_sellers(
        &self,
        request: Request<pb::ListSellersRequest>,
    ) -> Result<Response<pb::ListSellersResponse>, Status> {
        let msg = request.get_ref();
        let page = Page::<Uuid>::read(msg.page_size, &msg.page_token, &"sellers")?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let after = page.after().map(|id| SellerId(*id));
        let ids = store::sellers::list(&mut conn, after, page.limit()).await?;
        let (ids, next_page_token) = page.finish(ids, |id| id.0);
        let rows = store::sellers::get_all(&mut conn, &ids).await?;
        let total = store::sellers::total(&mut conn, TOTAL_CAP).await?;
        Ok(Response::new(pb::ListSellersResponse {
            sellers: rows.iter().map(wire::encode).collect(),
            next_page_token,
            total_size: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn create_seller(
        &self,
        request: Request<pb::CreateSellerRequest>,
    ) -> Result<Response<pb::Seller>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let given = parse::message("seller", msg.seller.as_ref())?;
        let row = wire::read(given, SellerId::generate(), &self.frame)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        store::sellers::insert(&mut tx, &row).await.map_err(|f| taken(f, &row))?;
        feed::append(&mut tx, &self.frame, None, &wire::changed(&row)).await?;
        let reply = idempotency::finish(&mut tx, key, wire::encode(&row)).await?;
        tx.commit().await.map_err(Failure::from)?;
        self.frame.wake();
        Ok(Response::new(reply))
    }

    async fn update_seller(
        &self,
        request: Request<pb::UpdateSellerRequest>,
    ) -> Result<Response<pb::Seller>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let given = parse::message("seller", msg.seller.as_ref())?;
        let id: SellerId = parse::only_name("seller.name", &given.name)?;
        let mask = Mask::read(msg.update_mask.as_ref(), &wire::MUTABLE)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let before = store::sellers::lock(&mut tx, id).await?;
        let before = before.ok_or_else(|| Failure::not_found(id.to_string()))?;
        check_etag(&given.etag, before.revision)?;
        let mut merged = wire::encode(&before);
        for field in wire::MUTABLE {
            if mask.has(field, wire::populated(given, field)) {
                wire::merge(&mut merged, given, field);
            }
        }
        let mut row = wire::read(&merged, id, &self.frame)?;
        row.revision = before.revision + 1;
        row.created_at = before.created_at;
        let issued = store::sellers::has_issued(&mut tx, id).await?;
        check_update(&before, &row, issued)?;
        store::sellers::update(&mut tx, &row).await.map_err(|f| taken(f, &row))?;
        feed::append(&mut tx, &self.frame, None, &wire::changed(&row)).await?;
        let reply = idempotency::finish(&mut tx, key, wire::encode(&row)).await?;
        tx.commit().await.map_err(Failure::from)?;
        self.frame.wake();
        Ok(Response::new(reply))
    }
}

/// What issued documents rest on stays: the currency, and the regimes that lines have used.
fn check_update(before: &SellerRow, after: &SellerRow, issued: bool) -> Result<(), Failure> {
    if before.currency != after.currency {
        return Err(Failure::precondition(
            "SELLER_CURRENCY_FIXED",
            Text::new(
                "Валюта продавца не меняется. Создайте другого продавца.",
                "The currency of a seller does not change. Create another seller.",
            ),
        ));
    }
    let old = before.seller.regimes.rows();
    let rewritten = !after.seller.regimes.rows().starts_with(old);
    if issued && rewritten {
        return Err(Failure::precondition(
            "TAX_REGIME_FIXED",
            Text::new(
                "По прежним режимам уже выпущены счета. Добавьте режим с новой даты.",
                "Invoices were issued under the regimes so far. Add a regime from a later day.",
            ),
        ));
    }
    Ok(())
}

fn taken(failure: Failure, row: &SellerRow) -> Failure {
    let inn = row.seller.inn.clone();
    failure.on_constraint(store::sellers::TAX_ID_KEY, || {
        Failure::exists(
            "SELLER_TAX_ID_TAKEN",
            "sellers",
            Text::new(
                format!("Продавец с таким налоговым номером и КПП уже есть: {inn}."),
                format!("A seller of this tax id and KPP exists already: {inn}."),
            ),
        )
    })
}
