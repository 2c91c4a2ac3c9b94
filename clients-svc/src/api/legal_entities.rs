//! Legal entities: the payers of a client (A53, A54, A123).

mod parse;

use super::{Api, name, total};
use crate::{
    domain::legal_entities::{BankAccount, LegalEntity},
    store::{self, legal_entities::Previous},
};
use parse::parse;
use proto::{
    clients::v1::{self as wire, legal_entities_server::LegalEntities},
    convert::timestamp,
};
use service::{Failure, check_etag, etag, idempotency, mask::Mask, page, page::Page};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::{
    id::{ClientId, LegalEntityId},
    requisites::TaxId,
};
use uuid::Uuid;

/// Fields that UpdateLegalEntity may name in its mask.
const MASK: &[&str] = &["title", "country", "tax_id", "kpp", "ogrn", "address", "accounts"];

#[tonic::async_trait]
impl LegalEntities for Api {
    async fn get_legal_entity(
        &self,
        request: Request<wire::GetLegalEntityRequest>,
    ) -> Result<Response<wire::LegalEntity>, Status> {
        let id = name("name", &request.get_ref().name)?;
        Ok(Response::new(self.payer(id).await?))
    }

    async fn list_legal_entities(
        &self,
        request: Request<wire::ListLegalEntitiesRequest>,
    ) -> Result<Response<wire::ListLegalEntitiesResponse>, Status> {
        Ok(Response::new(self.payers(request.get_ref()).await?))
    }

    async fn create_legal_entity(
        &self,
        request: Request<wire::CreateLegalEntityRequest>,
    ) -> Result<Response<wire::LegalEntity>, Status> {
        Ok(Response::new(self.add_payer(&request).await?))
    }

    async fn update_legal_entity(
        &self,
        request: Request<wire::UpdateLegalEntityRequest>,
    ) -> Result<Response<wire::LegalEntity>, Status> {
        Ok(Response::new(self.change_payer(&request).await?))
    }
}

impl Api {
    async fn payer(&self, id: LegalEntityId) -> Result<wire::LegalEntity, Failure> {
        let mut conn = self.frame.pool.acquire().await?;
        let entity = stored(&mut conn, id).await?;
        let previous = store::legal_entities::previous(&mut conn, id).await?;
        let previous = previous.into_iter().map(Into::into).collect();
        Ok(wire::LegalEntity { previous, ..entity.into() })
    }

    async fn payers(
        &self,
        msg: &wire::ListLegalEntitiesRequest,
    ) -> Result<wire::ListLegalEntitiesResponse, Failure> {
        let client: ClientId = name("client", &msg.client)?;
        let page: Page<Uuid> = Page::read(msg.page_size, &msg.page_token, &msg.client)?;
        let mut conn = self.frame.pool.acquire().await?;
        let after = page.after().copied();
        let rows = store::legal_entities::list(&mut conn, &[client], after, page.limit()).await?;
        let count = store::legal_entities::count(&mut conn, client, page::TOTAL_CAP).await?;
        let (rows, next_page_token) = page.finish(rows, |e| e.id.0);
        Ok(wire::ListLegalEntitiesResponse {
            legal_entities: rows.into_iter().map(Into::into).collect(),
            next_page_token,
            total_size: total(count),
        })
    }

    async fn add_payer(
        &self,
        request: &Request<wire::CreateLegalEntityRequest>,
    ) -> Result<wire::LegalEntity, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let given = msg.legal_entity.clone().unwrap_or_default();
        let client: ClientId = name("legal_entity.client", &given.client)?;
        let now = self.frame.clock.now();
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let owner = store::clients::lock(&mut tx, client)
            .await?
            .ok_or_else(|| Failure::not_found(client.to_string()))?;
        let fields = parse(&given, owner.fields.kind)?;
        let id = LegalEntityId::generate();
        let entity = LegalEntity { id, client, fields, revision: 1, created_at: now };
        store::legal_entities::insert(&mut tx, &entity).await?;
        let created = ["created".to_owned()];
        store::history::append(&mut tx, &id.to_string(), &created, &actor, now).await?;
        let revision = store::clients::touch(&mut tx, client).await?;
        self.changed(&mut tx, client, revision).await?;
        let reply = idempotency::finish(&mut tx, key, entity.into()).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(reply)
    }

    async fn change_payer(
        &self,
        request: &Request<wire::UpdateLegalEntityRequest>,
    ) -> Result<wire::LegalEntity, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let given = msg.legal_entity.clone().unwrap_or_default();
        let id: LegalEntityId = name("legal_entity.name", &given.name)?;
        let mask = Mask::read(msg.update_mask.as_ref(), MASK)?;
        let now = self.frame.clock.now();
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        // The client's row is locked before its payer is read, so that no change is lost.
        let client = stored(&mut tx, id).await?.client;
        let owner = store::clients::lock(&mut tx, client)
            .await?
            .ok_or_else(|| Failure::not_found(client.to_string()))?;
        let entity = stored(&mut tx, id).await?;
        check_etag(&given.etag, entity.revision)?;
        let (merged, changed) = merge(entity.clone().into(), given, &mask);
        let fields = parse(&merged, owner.fields.kind)?;
        let replaced = entity.fields.replaced_by(&fields);
        store::legal_entities::keep_previous(&mut tx, id, &replaced, &actor, now).await?;
        let entity = LegalEntity { fields, revision: entity.revision + 1, ..entity };
        store::legal_entities::update(&mut tx, &entity).await?;
        store::history::append(&mut tx, &id.to_string(), &changed, &actor, now).await?;
        let revision = store::clients::touch(&mut tx, client).await?;
        self.changed(&mut tx, client, revision).await?;
        let previous = store::legal_entities::previous(&mut tx, id).await?;
        let previous = previous.into_iter().map(Into::into).collect();
        let reply = wire::LegalEntity { previous, ..entity.into() };
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await?;
        self.frame.wake();
        Ok(reply)
    }
}

async fn stored(conn: &mut PgConnection, id: LegalEntityId) -> Result<LegalEntity, Failure> {
    let entity = store::legal_entities::get(conn, id).await?;
    entity.ok_or_else(|| Failure::not_found(id.to_string()))
}

/// The stored entity with the fields of the mask taken from the given one, and their names.
fn merge(
    mut stored: wire::LegalEntity,
    given: wire::LegalEntity,
    mask: &Mask,
) -> (wire::LegalEntity, Vec<String>) {
    let mut changed = Vec::new();
    macro_rules! take {
        ($($field:ident),* $(,)?) => {$(
            if mask.has(stringify!($field), !given.$field.is_empty()) {
                stored.$field = given.$field;
                changed.push(stringify!($field).to_owned());
            }
        )*};
    }
    take!(title, country, tax_id, kpp, ogrn, address, accounts);
    (stored, changed)
}

impl From<Previous> for wire::PreviousRequisites {
    fn from(previous: Previous) -> Self {
        Self {
            field: previous.field,
            value: previous.value,
            replace_time: Some(timestamp(previous.replaced_at)),
            actor: previous.actor,
        }
    }
}

impl From<BankAccount> for wire::BankAccount {
    fn from(account: BankAccount) -> Self {
        Self {
            account: account.account,
            bic: account.bic,
            correspondent_account: account.correspondent_account,
            bank: account.bank.as_str().into(),
        }
    }
}

impl From<LegalEntity> for wire::LegalEntity {
    fn from(entity: LegalEntity) -> Self {
        let f = entity.fields;
        Self {
            name: entity.id.to_string(),
            client: entity.client.to_string(),
            title: f.title.as_str().into(),
            country: f.country.code().into(),
            tax_id: f.tax_id.as_ref().map_or("", TaxId::digits).into(),
            kpp: f.kpp.unwrap_or_default(),
            ogrn: f.ogrn.unwrap_or_default(),
            address: f.address,
            accounts: f.accounts.into_iter().map(Into::into).collect(),
            previous: Vec::new(),
            etag: etag(entity.revision),
            create_time: Some(timestamp(entity.created_at)),
        }
    }
}
