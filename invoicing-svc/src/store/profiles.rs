//! What clients-svc says about clients and their payers, kept by revision: the newer one wins.

use super::code;
use crate::domain::tax::{Buyer, BuyerKind};
use chrono_tz::Tz;
use service::Failure;
use sqlx::PgConnection;
use std::collections::HashMap;
use types::id::{ClientId, LegalEntityId};
use uuid::Uuid;

/// A client as documents and letters need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Whose.
    pub client: ClientId,
    /// Revision; grows with every change.
    pub revision: i64,
    /// Human number.
    pub number: i64,
    /// Company or name.
    pub title: String,
    /// Kind of client.
    pub kind: BuyerKind,
    /// Language of letters and documents: ru or en.
    pub language: String,
    /// IANA zone of billing dates.
    pub zone: String,
    /// Its services are not to be suspended (A57).
    pub never_suspend: bool,
    /// It is not reminded of invoices that are overdue (A48).
    pub no_overdue_notices: bool,
    /// It is charged no late fees (A47).
    pub no_late_fees: bool,
    /// Its payers.
    pub payers: Vec<Payer>,
}

/// Requisites of a payer as of one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    /// Which legal entity.
    pub id: LegalEntityId,
    /// Revision from which the requisites hold.
    pub revision: i64,
    /// Kind of buyer.
    pub kind: BuyerKind,
    /// Legal name.
    pub title: String,
    /// Country, two letters.
    pub country: String,
    /// Tax id; may be empty.
    pub tax_id: String,
    /// KPP; may be empty.
    pub kpp: String,
    /// OGRN; may be empty.
    pub ogrn: String,
    /// Legal address; may be empty.
    pub address: String,
}

impl Payer {
    /// The buyer, as far as tax cares.
    ///
    /// # Errors
    /// `INTERNAL` when the country is not two letters.
    pub fn buyer(&self) -> Result<Buyer, Failure> {
        Buyer::new(self.kind, &self.country)
            .ok_or_else(|| Failure::internal(format!("{:?} is not a country", self.country)))
    }
}

/// Keeps a profile unless a newer one is kept already. Requisites that changed get a new row; the
/// rows before stay for the documents that print them.
///
/// # Errors
/// Those of the database.
pub async fn keep(conn: &mut PgConnection, p: &Profile) -> Result<(), Failure> {
    let kept = sqlx::query!(
        "insert into profiles (client_id, revision, number, title, kind, language, zone,
            never_suspend, no_overdue_notices, no_late_fees)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (client_id) do update set revision = excluded.revision,
            number = excluded.number, title = excluded.title, kind = excluded.kind,
            language = excluded.language, zone = excluded.zone,
            never_suspend = excluded.never_suspend,
            no_overdue_notices = excluded.no_overdue_notices,
            no_late_fees = excluded.no_late_fees
         where profiles.revision < excluded.revision",
        p.client.0,
        p.revision,
        p.number,
        p.title,
        p.kind.code(),
        p.language,
        p.zone,
        p.never_suspend,
        p.no_overdue_notices,
        p.no_late_fees
    )
    .execute(&mut *conn)
    .await?;
    if kept.rows_affected() == 0 {
        return Ok(());
    }
    for payer in &p.payers {
        keep_payer(conn, p.client, payer).await?;
    }
    Ok(())
}

async fn keep_payer(conn: &mut PgConnection, client: ClientId, p: &Payer) -> Result<(), Failure> {
    sqlx::query!(
        "insert into payers (payer_id, revision, client_id, kind, title, country, tax_id, kpp, ogrn,
            address)
         select $1, $2, $3, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text
         where not exists (
            select from (
                select kind, title, country, tax_id, kpp, ogrn, address
                from payers where payer_id = $1 order by revision desc limit 1) latest
            where (latest.kind, latest.title, latest.country, latest.tax_id, latest.kpp,
                latest.ogrn, latest.address) = ($4, $5, $6, $7, $8, $9, $10))
         on conflict do nothing",
        p.id.0,
        p.revision,
        client.0,
        p.kind.code(),
        p.title,
        p.country,
        p.tax_id,
        p.kpp,
        p.ogrn,
        p.address
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The profile of a client without its payers.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, client: ClientId) -> Result<Option<Profile>, Failure> {
    let row = sqlx::query!(
        "select client_id, revision, number, title, kind, language, zone, never_suspend,
            no_overdue_notices, no_late_fees
         from profiles where client_id = $1",
        client.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(|r| {
        Ok(Profile {
            client: r.client_id.into(),
            revision: r.revision,
            number: r.number,
            title: r.title,
            kind: code(&r.kind)?,
            language: r.language,
            zone: r.zone,
            never_suspend: r.never_suspend,
            no_overdue_notices: r.no_overdue_notices,
            no_late_fees: r.no_late_fees,
            payers: Vec::new(),
        })
    })
    .transpose()
}

/// Whether services of a client are not to be suspended (A57); one that is not known yet may.
///
/// # Errors
/// Those of the database.
pub async fn never_suspend(conn: &mut PgConnection, client: ClientId) -> Result<bool, Failure> {
    let never =
        sqlx::query_scalar!("select never_suspend from profiles where client_id = $1", client.0);
    Ok(never.fetch_optional(conn).await?.unwrap_or(false))
}

/// The zones of billing dates of these clients; a client that is not known yet is left out.
///
/// # Errors
/// Those of the database; `INTERNAL` for a zone that does not exist.
pub async fn zones(
    conn: &mut PgConnection,
    clients: &[ClientId],
) -> Result<HashMap<ClientId, Tz>, Failure> {
    let ids: Vec<Uuid> = clients.iter().map(|id| id.0).collect();
    let rows = sqlx::query!("select client_id, zone from profiles where client_id = any($1)", &ids)
        .fetch_all(conn)
        .await?;
    rows.into_iter()
        .map(|r| Ok((r.client_id.into(), r.zone.parse().map_err(Failure::internal)?)))
        .collect()
}

/// The languages of letters of these clients; a client that is not known yet is left out.
///
/// # Errors
/// Those of the database.
pub async fn languages(
    conn: &mut PgConnection,
    clients: &[ClientId],
) -> Result<HashMap<ClientId, String>, Failure> {
    let ids: Vec<Uuid> = clients.iter().map(|id| id.0).collect();
    let rows =
        sqlx::query!("select client_id, language from profiles where client_id = any($1)", &ids)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|r| (r.client_id.into(), r.language)).collect())
}

/// The latest requisites of these payers, in the order of ids.
///
/// # Errors
/// Those of the database.
pub async fn payers(conn: &mut PgConnection, ids: &[LegalEntityId]) -> Result<Vec<Payer>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        PayerRow,
        "select distinct on (payer_id) payer_id, revision, kind, title, country, tax_id, kpp, ogrn,
            address
         from payers where payer_id = any($1) order by payer_id, revision desc",
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Payer::try_from).collect()
}

/// The titles of payers as of a revision, or the latest, in the order given; empty when unknown.
///
/// # Errors
/// Those of the database.
pub async fn titles(
    conn: &mut PgConnection,
    payers: &[(LegalEntityId, Option<i64>)],
) -> Result<Vec<String>, Failure> {
    let ids: Vec<Uuid> = payers.iter().map(|(id, _)| id.0).collect();
    let revisions: Vec<Option<i64>> = payers.iter().map(|(_, revision)| *revision).collect();
    let titles = sqlx::query_scalar!(
        r#"select coalesce((
            select title from payers p
            where p.payer_id = g.id and (g.revision is null or p.revision = g.revision)
            order by p.revision desc limit 1), '') as "title!"
         from unnest($1::uuid[], $2::bigint[]) with ordinality as g (id, revision, n)
         order by g.n"#,
        &ids,
        &revisions as &[Option<i64>]
    )
    .fetch_all(conn)
    .await?;
    Ok(titles)
}

/// The requisites of a payer that a document prints; the latest ones without a revision.
///
/// # Errors
/// Those of the database.
pub async fn payer(
    conn: &mut PgConnection,
    id: LegalEntityId,
    revision: Option<i64>,
) -> Result<Option<Payer>, Failure> {
    let row = sqlx::query_as!(
        PayerRow,
        "select payer_id, revision, kind, title, country, tax_id, kpp, ogrn, address
         from payers where payer_id = $1 and ($2::bigint is null or revision = $2)
         order by revision desc limit 1",
        id.0,
        revision
    )
    .fetch_optional(conn)
    .await?;
    row.map(Payer::try_from).transpose()
}

struct PayerRow {
    payer_id: Uuid,
    revision: i64,
    kind: String,
    title: String,
    country: String,
    tax_id: String,
    kpp: String,
    ogrn: String,
    address: String,
}

impl TryFrom<PayerRow> for Payer {
    type Error = Failure;

    fn try_from(r: PayerRow) -> Result<Self, Failure> {
        Ok(Self {
            id: r.payer_id.into(),
            revision: r.revision,
            kind: code(&r.kind)?,
            title: r.title,
            country: r.country,
            tax_id: r.tax_id,
            kpp: r.kpp,
            ogrn: r.ogrn,
            address: r.address,
        })
    }
}
