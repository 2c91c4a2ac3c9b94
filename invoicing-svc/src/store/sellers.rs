//! Sellers, their tax regimes and series of numbers.

use super::{code, count, not_empty, or_empty, stored_count};
use crate::domain::{
    number_series::NumberFormat,
    sellers::{BankDetails, RegimeHistory, Seller},
    tax::TaxRounding,
};
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use types::{
    Currency,
    id::{SellerId, SeriesId},
};
use uuid::Uuid;

/// Constraint: one seller per country, tax id and KPP.
pub const TAX_ID_KEY: &str = "sellers_tax_id_key";

/// A seller with its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SellerRow {
    /// The seller as the rules know it.
    pub seller: Seller,
    /// Country, two letters.
    pub country: String,
    /// Currency of its prices and invoices.
    pub currency: Currency,
    /// Days from issue to due date that its contracts take where they say nothing.
    pub due_days: u32,
    /// Days before a period starts that its renewal is invoiced.
    pub lead_days: u32,
    /// How invoice numbers are printed.
    pub invoice_format: NumberFormat,
    /// How act numbers are printed.
    pub act_format: NumberFormat,
    /// The run makes held invoices.
    pub hold_invoices: bool,
    /// Where the tax of a document is rounded.
    pub tax_rounding: TaxRounding,
    /// Version.
    pub revision: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// Inserts a seller with its regimes and its two series.
///
/// # Errors
/// Those of the database; [`TAX_ID_KEY`] when it exists.
pub async fn insert(conn: &mut PgConnection, row: &SellerRow) -> Result<(), Failure> {
    let s = &row.seller;
    sqlx::query!(
        "insert into sellers (id, title, country, tax_id, kpp, ogrn, address, currency, account,
            bic, correspondent_account, bank, due_days, lead_days, signatory, hold_invoices,
            tax_rounding, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        s.id.0,
        s.name,
        row.country,
        s.inn,
        or_empty(s.kpp.as_ref()),
        or_empty(s.ogrn.as_ref()),
        s.address,
        row.currency.code(),
        s.bank.account,
        s.bank.bic,
        s.bank.correspondent,
        s.bank.bank,
        stored_count(row.due_days)?,
        stored_count(row.lead_days)?,
        or_empty(s.signatory.as_ref()),
        row.hold_invoices,
        row.tax_rounding.code(),
        row.created_at
    )
    .execute(&mut *conn)
    .await?;
    write_regimes(conn, s).await?;
    for (document, format) in [("INVOICE", &row.invoice_format), ("ACT", &row.act_format)] {
        sqlx::query!(
            "insert into number_series (id, seller_id, document, format) values ($1, $2, $3, $4)",
            SeriesId::generate().0,
            s.id.0,
            document,
            format.to_string()
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Replaces everything of a seller but its identity and currency.
///
/// # Errors
/// Those of the database.
pub async fn update(conn: &mut PgConnection, row: &SellerRow) -> Result<(), Failure> {
    let s = &row.seller;
    sqlx::query!(
        "update sellers set title = $2, country = $3, tax_id = $4, kpp = $5, ogrn = $6,
            address = $7, account = $8, bic = $9, correspondent_account = $10, bank = $11,
            due_days = $12, lead_days = $13, signatory = $14, hold_invoices = $15,
            tax_rounding = $16, revision = revision + 1
         where id = $1",
        s.id.0,
        s.name,
        row.country,
        s.inn,
        or_empty(s.kpp.as_ref()),
        or_empty(s.ogrn.as_ref()),
        s.address,
        s.bank.account,
        s.bank.bic,
        s.bank.correspondent,
        s.bank.bank,
        stored_count(row.due_days)?,
        stored_count(row.lead_days)?,
        or_empty(s.signatory.as_ref()),
        row.hold_invoices,
        row.tax_rounding.code()
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("delete from tax_regimes where seller_id = $1", s.id.0)
        .execute(&mut *conn)
        .await?;
    write_regimes(conn, s).await?;
    for (document, format) in [("INVOICE", &row.invoice_format), ("ACT", &row.act_format)] {
        sqlx::query!(
            "update number_series set format = $3 where seller_id = $1 and document = $2",
            s.id.0,
            document,
            format.to_string()
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

async fn write_regimes(conn: &mut PgConnection, seller: &Seller) -> Result<(), Failure> {
    let (starts, kinds): (Vec<_>, Vec<_>) =
        seller.regimes.rows().iter().map(|(day, kind)| (*day, kind.code().to_owned())).unzip();
    sqlx::query!(
        "insert into tax_regimes (seller_id, starts, kind)
         select $1, starts, kind from unnest($2::date[], $3::text[]) as t (starts, kind)",
        seller.id.0,
        &starts,
        &kinds
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The seller of an id.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: SellerId) -> Result<Option<SellerRow>, Failure> {
    Ok(get_all(conn, &[id]).await?.pop())
}

/// Locks a seller's row for its update.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, id: SellerId) -> Result<Option<SellerRow>, Failure> {
    sqlx::query!("select id from sellers where id = $1 for update", id.0)
        .fetch_optional(&mut *conn)
        .await?;
    get(conn, id).await
}

/// The sellers of these ids, in the order of ids.
///
/// # Errors
/// Those of the database.
pub async fn get_all(conn: &mut PgConnection, ids: &[SellerId]) -> Result<Vec<SellerRow>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select s.id, s.title, s.country, s.tax_id, s.kpp, s.ogrn, s.address, s.currency,
            s.account, s.bic, s.correspondent_account, s.bank, s.due_days, s.lead_days,
            s.signatory, s.hold_invoices, s.tax_rounding, s.revision, s.created_at,
            i.format as invoice_format, a.format as act_format,
            array(select starts from tax_regimes r where r.seller_id = s.id order by starts)
                as "starts!",
            array(select r.kind from tax_regimes r where r.seller_id = s.id order by starts)
                as "kinds!"
         from sellers s
         join number_series i on i.seller_id = s.id and i.document = 'INVOICE'
         join number_series a on a.seller_id = s.id and a.document = 'ACT'
         where s.id = any($1) order by s.id"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            let kinds: Result<Vec<_>, Failure> = r.kinds.iter().map(|k| code(k)).collect();
            let regimes = r.starts.into_iter().zip(kinds?).collect();
            let seller = Seller {
                id: r.id.into(),
                name: r.title,
                inn: r.tax_id,
                kpp: not_empty(r.kpp),
                ogrn: not_empty(r.ogrn),
                address: r.address,
                bank: BankDetails {
                    account: r.account,
                    bank: r.bank,
                    bic: r.bic,
                    correspondent: r.correspondent_account,
                },
                signatory: not_empty(r.signatory),
                regimes: RegimeHistory::new(regimes).map_err(Failure::internal)?,
            };
            Ok(SellerRow {
                seller,
                country: r.country,
                currency: code(&r.currency)?,
                due_days: count(r.due_days)?,
                lead_days: count(r.lead_days)?,
                invoice_format: code(&r.invoice_format)?,
                act_format: code(&r.act_format)?,
                hold_invoices: r.hold_invoices,
                tax_rounding: code(&r.tax_rounding)?,
                revision: r.revision,
                created_at: r.created_at,
            })
        })
        .collect()
}

/// Ids of sellers after one, ascending.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    after: Option<SellerId>,
    limit: i64,
) -> Result<Vec<SellerId>, Failure> {
    let ids = sqlx::query_scalar!(
        "select id from sellers where $1::uuid is null or id > $1 order by id limit $2",
        after.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(SellerId).collect())
}

/// How many sellers there are, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn total(conn: &mut PgConnection, cap: i64) -> Result<i64, Failure> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (select 1 from sellers limit $1) as t"#,
        cap
    )
    .fetch_one(conn)
    .await?;
    Ok(total)
}

/// True when a document of this seller is issued: its regimes of the past are then fixed.
///
/// # Errors
/// Those of the database.
pub async fn has_issued(conn: &mut PgConnection, id: SellerId) -> Result<bool, Failure> {
    let issued = sqlx::query_scalar!(
        r#"select exists(select 1 from invoice_numbers where seller_id = $1) as "e!""#,
        id.0
    )
    .fetch_one(conn)
    .await?;
    Ok(issued)
}
