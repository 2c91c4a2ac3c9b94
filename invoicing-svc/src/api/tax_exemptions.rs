//! `TaxExemptions`: clients who are not charged VAT, by month (A93).

use super::parse;
use crate::{
    domain::tax_exemptions::{ExemptionError, TaxExemption},
    store::{self, tax_exemptions::TaxExemptionRow},
};
use chrono::NaiveDate;
use chrono_tz::Europe::Moscow;
use proto::{
    convert,
    invoicing::v1::{self as pb, tax_exemptions_server::TaxExemptions},
};
use service::{Failure, Frame, Scope, Text, Violations, idempotency, page::Page};
use tonic::{Request, Response, Status};
use types::id::{ClientId, TaxExemptionId};
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

    /// The day by which months are over.
    fn today(&self) -> NaiveDate {
        self.frame.clock.today(Moscow)
    }
}

#[tonic::async_trait]
impl TaxExemptions for Api {
    async fn list_tax_exemptions(
        &self,
        request: Request<pb::ListTaxExemptionsRequest>,
    ) -> Result<Response<pb::ListTaxExemptionsResponse>, Status> {
        let msg = request.get_ref();
        let client: ClientId = parse::only_name("client", &msg.client)?;
        let bound = ("tax_exemptions", client);
        let page = Page::<Uuid>::read(msg.page_size, &msg.page_token, &bound)?;
        let before = page.after().map(|id| TaxExemptionId(*id));
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let rows = store::tax_exemptions::list(&mut conn, client, before, page.limit()).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.exemption.id.0);
        let tax_exemptions = rows.iter().map(encode).collect();
        Ok(Response::new(pb::ListTaxExemptionsResponse { tax_exemptions, next_page_token }))
    }

    async fn create_tax_exemption(
        &self,
        request: Request<pb::CreateTaxExemptionRequest>,
    ) -> Result<Response<pb::TaxExemption>, Status> {
        let author = Scope::of(&request)?.actor;
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let given = parse::message("tax_exemption", msg.tax_exemption.as_ref())?;
        let exemption = read(given)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        exemption.check(self.today()).map_err(|e| refused("tax_exemption.from", e))?;
        let now = self.frame.clock.now();
        // Nothing of the client is being billed meanwhile: what is made is of one mind.
        store::accounts::lock(&mut tx, exemption.client, now).await?;
        let row = TaxExemptionRow { exemption, author, created_at: now, ended_by: String::new() };
        store::tax_exemptions::insert(&mut tx, &row).await.map_err(overlaps)?;
        let reply = idempotency::finish(&mut tx, key, encode(&row)).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }

    async fn end_tax_exemption(
        &self,
        request: Request<pb::EndTaxExemptionRequest>,
    ) -> Result<Response<pb::TaxExemption>, Status> {
        let ended_by = Scope::of(&request)?.actor;
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let mut v = Violations::default();
        let id: Option<TaxExemptionId> = parse::name(&mut v, "name", &msg.name);
        let until = parse::required_date(&mut v, "until", msg.until.as_ref());
        v.finish()?;
        let (Some(id), Some(until)) = (id, until) else {
            return Err(Failure::internal("a request without violations lacks a part").into());
        };
        let missing = || Failure::not_found(id.to_string());
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let client = store::tax_exemptions::get(&mut tx, id).await?.ok_or_else(missing)?;
        let now = self.frame.clock.now();
        store::accounts::lock(&mut tx, client.exemption.client, now).await?;
        let row = store::tax_exemptions::get(&mut tx, id).await?.ok_or_else(missing)?;
        let ended = row.exemption.clone().end(until, self.today());
        let exemption = ended.map_err(|e| refused("until", e))?;
        let row = TaxExemptionRow { exemption, ended_by, ..row };
        store::tax_exemptions::end(&mut tx, &row).await.map_err(overlaps)?;
        let reply = idempotency::finish(&mut tx, key, encode(&row)).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(Response::new(reply))
    }
}

fn read(given: &pb::TaxExemption) -> Result<TaxExemption, Failure> {
    let mut v = Violations::default();
    let client = parse::name(&mut v, "tax_exemption.client", &given.client);
    let from = parse::required_date(&mut v, "tax_exemption.from", given.from.as_ref());
    let basis = parse::required_text(&mut v, "tax_exemption.basis", &given.basis, 200);
    v.finish()?;
    let (Some(client), Some(from)) = (client, from) else {
        return Err(Failure::internal("an exemption without violations lacks a part"));
    };
    Ok(TaxExemption { id: TaxExemptionId::generate(), client, from, until: None, basis })
}

fn refused(field: &str, e: ExemptionError) -> Failure {
    let text = Text::of(&e);
    match e {
        ExemptionError::Ended(_) => Failure::precondition("EXEMPTION_ENDED", text),
        _ => Failure::invalid(field, text),
    }
}

fn overlaps(failure: Failure) -> Failure {
    failure.on_constraint(store::tax_exemptions::OVERLAP, || {
        let text = Text::new(
            "В эти дни клиент уже освобождён от НДС. Сначала завершите прежнее освобождение.",
            "The client is exempt on these days already. End that exemption first.",
        );
        Failure::precondition("EXEMPTION_OVERLAPS", text)
    })
}

fn encode(row: &TaxExemptionRow) -> pb::TaxExemption {
    let TaxExemptionRow { exemption: e, author, created_at, ended_by } = row;
    pb::TaxExemption {
        name: e.id.to_string(),
        client: e.client.to_string(),
        from: Some(e.from.into()),
        until: e.until.map(Into::into),
        basis: e.basis.clone(),
        author: author.clone(),
        create_time: Some(convert::timestamp(*created_at)),
        ended_by: ended_by.clone(),
    }
}
