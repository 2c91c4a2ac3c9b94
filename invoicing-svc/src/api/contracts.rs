//! `Contracts`: on what terms a payer of a client buys from a seller.

use super::parse;
use crate::{
    domain::contracts::{Contract, ContractKind, PaymentTerms},
    jobs::clients_follower,
    store::{self, contracts::ContractRow},
};
use proto::{
    convert,
    invoicing::v1::{self as pb, contracts_server::Contracts},
};
use service::{
    Failure, Frame, Text, Violations, etag, idempotency,
    page::{Page, TOTAL_CAP},
};
use tonic::{Request, Response, Status};
use types::id::{ClientId, ContractId, LegalEntityId, SellerId};
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

/// A contract as it was asked for.
struct Draft {
    client: ClientId,
    payer: LegalEntityId,
    seller: SellerId,
    number: String,
    date: chrono::NaiveDate,
    kind: ContractKind,
    terms: PaymentTerms,
    due_days: u32,
}

#[tonic::async_trait]
impl Contracts for Api {
    async fn get_contract(
        &self,
        request: Request<pb::GetContractRequest>,
    ) -> Result<Response<pb::Contract>, Status> {
        let id: ContractId = parse::only_name("name", &request.get_ref().name)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let row = store::contracts::get(&mut conn, id).await?;
        Ok(Response::new(encode(&row.ok_or_else(|| Failure::not_found(id.to_string()))?)))
    }

    async fn list_contracts(
        &self,
        request: Request<pb::ListContractsRequest>,
    ) -> Result<Response<pb::ListContractsResponse>, Status> {
        let msg = request.get_ref();
        let mut v = Violations::default();
        let client: Option<ClientId> = parse::optional_name(&mut v, "client", &msg.client);
        v.finish()?;
        let page = Page::<Uuid>::read(msg.page_size, &msg.page_token, &("contracts", client))?;
        let before = page.after().map(|id| ContractId(*id));
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let rows = store::contracts::list(&mut conn, client, before, page.limit()).await?;
        let (rows, next_page_token) = page.finish(rows, |r| r.contract.id.0);
        let total = store::contracts::total(&mut conn, client, TOTAL_CAP).await?;
        Ok(Response::new(pb::ListContractsResponse {
            contracts: rows.iter().map(encode).collect(),
            next_page_token,
            total_size: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn create_contract(
        &self,
        request: Request<pb::CreateContractRequest>,
    ) -> Result<Response<pb::Contract>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let draft = read(parse::message("contract", msg.contract.as_ref())?)?;
        // Fetched before the transaction: nobody is called inside one.
        let profile = clients_follower::fetch(&self.frame, draft.client).await?;
        let profile = profile.ok_or_else(|| Failure::not_found(draft.client.to_string()))?;
        if profile.payers.iter().all(|p| p.id != draft.payer) {
            return Err(foreign_payer(&draft).into());
        }
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        store::profiles::keep(&mut tx, &profile).await?;
        let seller = store::sellers::get(&mut tx, draft.seller).await?;
        let seller = seller.ok_or_else(|| Failure::not_found(draft.seller.to_string()))?;
        let contract = Contract {
            id: ContractId::generate(),
            client: draft.client,
            legal_entity: draft.payer,
            seller: draft.seller,
            number: number(&draft, profile.number),
            date: draft.date,
            kind: draft.kind,
            terms: draft.terms,
            due_days: if draft.due_days == 0 { seller.due_days } else { draft.due_days },
            currency: seller.currency,
            closed: None,
        };
        let now = self.frame.clock.now();
        store::contracts::insert(&mut tx, &contract, now).await.map_err(|f| taken(f, &contract))?;
        let reply = encode(&ContractRow { contract, revision: 1, created_at: now });
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }
}

fn read(given: &pb::Contract) -> Result<Draft, Failure> {
    let mut v = Violations::default();
    let client = parse::name(&mut v, "contract.client", &given.client);
    let payer = parse::name(&mut v, "contract.payer", &given.payer);
    let seller = parse::name(&mut v, "contract.seller", &given.seller);
    let number = parse::text(&mut v, "contract.number", &given.number, 64);
    let date = parse::required_date(&mut v, "contract.date", given.date.as_ref());
    let kind = pb::contract::Kind::try_from(given.kind).map(|k| k.as_str_name());
    let kind = parse::choice(&mut v, "contract.kind", kind, Some(ContractKind::Offer));
    let terms = pb::contract::Payment::try_from(given.payment).map(|k| k.as_str_name());
    let terms = parse::choice(&mut v, "contract.payment", terms, Some(PaymentTerms::Prepaid));
    let due_days = parse::number(&mut v, "contract.due_days", given.due_days, (0, 365), None);
    v.finish()?;
    match (client, payer, seller, date, kind, terms) {
        (Some(client), Some(payer), Some(seller), Some(date), Some(kind), Some(terms)) => {
            Ok(Draft { client, payer, seller, number, date, kind, terms, due_days })
        }
        _ => Err(Failure::internal("a contract without violations lacks a part")),
    }
}

/// The number given, else the client's.
fn number(draft: &Draft, client: i64) -> String {
    if draft.number.is_empty() { client.to_string() } else { draft.number.clone() }
}

fn foreign_payer(draft: &Draft) -> Failure {
    Failure::invalid(
        "contract.payer",
        Text::new(
            format!("У клиента нет такого юридического лица. Заведите его у {}.", draft.client),
            format!("The client has no such legal entity. Create it for {} first.", draft.client),
        ),
    )
}

fn taken(failure: Failure, contract: &Contract) -> Failure {
    let number = contract.number.clone();
    failure.on_constraint(store::contracts::NUMBER_KEY, || {
        Failure::exists(
            "CONTRACT_NUMBER_TAKEN",
            "contracts",
            Text::new(
                format!("У продавца уже есть договор {number}. Укажите другой номер."),
                format!("The seller has a contract {number} already. Give another number."),
            ),
        )
    })
}

fn encode(row: &ContractRow) -> pb::Contract {
    let c = &row.contract;
    pb::Contract {
        name: c.id.to_string(),
        client: c.client.to_string(),
        payer: c.legal_entity.to_string(),
        seller: c.seller.to_string(),
        number: c.number.clone(),
        date: Some(c.date.into()),
        kind: pb::contract::Kind::from_str_name(c.kind.code()).unwrap_or_default().into(),
        payment: pb::contract::Payment::from_str_name(c.terms.code()).unwrap_or_default().into(),
        due_days: i32::try_from(c.due_days).unwrap_or_default(),
        etag: etag(row.revision),
        create_time: Some(convert::timestamp(row.created_at)),
    }
}
