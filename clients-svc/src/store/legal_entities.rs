//! Legal entities, their accounts, and what held before.

use super::corrupt;
use crate::domain::{
    clients::Name,
    legal_entities::{BankAccount, LegalEntity, LegalEntityFields, Replaced},
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;
use types::{
    Country,
    id::{ClientId, LegalEntityId},
    requisites::TaxId,
};
use uuid::Uuid;

struct Row {
    id: Uuid,
    client_id: Uuid,
    title: String,
    country: String,
    tax_id: Option<String>,
    kpp: Option<String>,
    ogrn: Option<String>,
    address: String,
    revision: i64,
    created_at: DateTime<Utc>,
}

impl Row {
    fn with(self, accounts: Vec<BankAccount>) -> sqlx::Result<LegalEntity> {
        let id = LegalEntityId(self.id);
        let country: Country = self.country.parse().map_err(|_| corrupt("country", id))?;
        let tax_id = self.tax_id.map(|t| TaxId::parse(country, &t)).transpose();
        Ok(LegalEntity {
            id,
            client: ClientId(self.client_id),
            fields: LegalEntityFields {
                title: Name::parse_optional(&self.title).map_err(|_| corrupt("title", id))?,
                country,
                tax_id: tax_id.map_err(|_| corrupt("tax_id", id))?,
                kpp: self.kpp,
                ogrn: self.ogrn,
                address: self.address,
                accounts,
            },
            revision: self.revision,
            created_at: self.created_at,
        })
    }
}

/// Stores a legal entity with its accounts.
///
/// # Errors
/// Those of the database.
pub async fn insert(conn: &mut PgConnection, entity: &LegalEntity) -> sqlx::Result<()> {
    let f = &entity.fields;
    sqlx::query!(
        "insert into legal_entities (id, client_id, title, country, tax_id, kpp, ogrn, address,
                                     revision, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        entity.id.0,
        entity.client.0,
        f.title.as_str(),
        f.country.code(),
        f.tax_id.as_ref().map(TaxId::digits),
        f.kpp.as_deref(),
        f.ogrn.as_deref(),
        f.address,
        entity.revision,
        entity.created_at,
    )
    .execute(&mut *conn)
    .await?;
    insert_accounts(conn, entity).await
}

/// Stores what changed of a legal entity, its revision included.
///
/// # Errors
/// Those of the database.
pub async fn update(conn: &mut PgConnection, entity: &LegalEntity) -> sqlx::Result<()> {
    let f = &entity.fields;
    sqlx::query!(
        "update legal_entities
         set title = $2, country = $3, tax_id = $4, kpp = $5, ogrn = $6, address = $7, revision = $8
         where id = $1",
        entity.id.0,
        f.title.as_str(),
        f.country.code(),
        f.tax_id.as_ref().map(TaxId::digits),
        f.kpp.as_deref(),
        f.ogrn.as_deref(),
        f.address,
        entity.revision,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("delete from legal_entity_accounts where legal_entity_id = $1", entity.id.0)
        .execute(&mut *conn)
        .await?;
    insert_accounts(conn, entity).await
}

async fn insert_accounts(conn: &mut PgConnection, entity: &LegalEntity) -> sqlx::Result<()> {
    let accounts = &entity.fields.accounts;
    let column = |of: fn(&BankAccount) -> &str| -> Vec<String> {
        accounts.iter().map(|a| of(a).to_owned()).collect()
    };
    sqlx::query!(
        "insert into legal_entity_accounts (legal_entity_id, position, account, bic,
                                            correspondent_account, bank)
         select $1, a.position::int, a.account, a.bic, a.correspondent_account, a.bank
         from unnest($2::text[], $3::text[], $4::text[], $5::text[]) with ordinality
              as a (account, bic, correspondent_account, bank, position)",
        entity.id.0,
        &column(|a| &a.account),
        &column(|a| &a.bic),
        &column(|a| &a.correspondent_account),
        &column(|a| a.bank.as_str()),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One legal entity.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: LegalEntityId) -> sqlx::Result<Option<LegalEntity>> {
    let row = sqlx::query_as!(
        Row,
        "select id, client_id, title, country, tax_id, kpp, ogrn, address, revision, created_at
         from legal_entities where id = $1",
        id.0,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(with_accounts(conn, vec![row]).await?.pop())
}

/// Legal entities of clients, by id, after an id.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    clients: &[ClientId],
    after: Option<Uuid>,
    limit: i64,
) -> sqlx::Result<Vec<LegalEntity>> {
    let clients: Vec<Uuid> = clients.iter().map(|c| c.0).collect();
    let rows = sqlx::query_as!(
        Row,
        "select id, client_id, title, country, tax_id, kpp, ogrn, address, revision, created_at
         from legal_entities
         where client_id = any($1) and ($2::uuid is null or id > $2)
         order by id
         limit $3",
        &clients,
        after,
        limit,
    )
    .fetch_all(&mut *conn)
    .await?;
    with_accounts(conn, rows).await
}

async fn with_accounts(conn: &mut PgConnection, rows: Vec<Row>) -> sqlx::Result<Vec<LegalEntity>> {
    let ids: Vec<Uuid> = rows.iter().map(|r| r.id).collect();
    let found = sqlx::query!(
        "select legal_entity_id, account, bic, correspondent_account, bank
         from legal_entity_accounts where legal_entity_id = any($1)
         order by legal_entity_id, position",
        &ids,
    )
    .fetch_all(conn)
    .await?;
    let mut accounts: HashMap<Uuid, Vec<BankAccount>> = HashMap::new();
    for a in found {
        let bank = Name::parse_optional(&a.bank).map_err(|_| corrupt("bank", a.legal_entity_id))?;
        accounts.entry(a.legal_entity_id).or_default().push(BankAccount {
            account: a.account,
            bic: a.bic,
            correspondent_account: a.correspondent_account,
            bank,
        });
    }
    rows.into_iter()
        .map(|row| {
            let own = accounts.remove(&row.id).unwrap_or_default();
            row.with(own)
        })
        .collect()
}

/// How many legal entities a client has, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, client: ClientId, cap: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "select count(*) as \"count!\" from (
             select 1 from legal_entities where client_id = $1 limit $2) found",
        client.0,
        cap,
    )
    .fetch_one(conn)
    .await
}

/// Keeps what a change replaced (A54).
///
/// # Errors
/// Those of the database.
pub async fn keep_previous(
    conn: &mut PgConnection,
    id: LegalEntityId,
    replaced: &[Replaced],
    actor: &str,
    replaced_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = replaced.iter().map(|_| Uuid::now_v7()).collect();
    let fields: Vec<String> = replaced.iter().map(|r| r.field.to_owned()).collect();
    let values: Vec<String> = replaced.iter().map(|r| r.value.clone()).collect();
    sqlx::query!(
        "insert into previous_requisites (id, legal_entity_id, field, value, replaced_at, actor)
         select p.id, $1, p.field, p.value, $5, $6
         from unnest($2::uuid[], $3::text[], $4::text[]) as p (id, field, value)",
        id.0,
        &ids,
        &fields,
        &values,
        replaced_at,
        actor,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A requisite that held before.
#[derive(Debug)]
pub struct Previous {
    /// Which field.
    pub field: String,
    /// Its value.
    pub value: String,
    /// When it was replaced.
    pub replaced_at: DateTime<Utc>,
    /// Who replaced it.
    pub actor: String,
}

/// The newest hundred requisites that held before, newest first.
///
/// # Errors
/// Those of the database.
pub async fn previous(conn: &mut PgConnection, id: LegalEntityId) -> sqlx::Result<Vec<Previous>> {
    sqlx::query_as!(
        Previous,
        "select field, value, replaced_at, actor from previous_requisites
         where legal_entity_id = $1
         order by replaced_at desc, id desc
         limit 100",
        id.0,
    )
    .fetch_all(conn)
    .await
}
