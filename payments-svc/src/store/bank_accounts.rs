//! Own accounts of sellers, as invoicing tells them.

use super::money;
use chrono::NaiveDate;
use service::Failure;
use sqlx::PgConnection;
use std::collections::BTreeSet;
use types::id::{BankAccountId, SellerId};
use types::{Currency, Money};

/// An own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankAccount {
    /// Its id.
    pub id: BankAccountId,
    /// Whose it is.
    pub seller: SellerId,
    /// Account number.
    pub account: String,
    /// BIC of its bank.
    pub bic: String,
    /// Currency.
    pub currency: Currency,
}

/// An own account with the newest day that a statement covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// The account.
    pub bank_account: BankAccount,
    /// Newest day.
    pub statement_date: Option<NaiveDate>,
    /// Closing balance of that day.
    pub balance: Option<Money>,
}

/// A seller with the account that invoices ask to be paid to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// Its id.
    pub id: SellerId,
    /// As printed.
    pub title: String,
    /// Tax id.
    pub tax_id: String,
}

/// Stores a seller and adds its account; an account that it had before stays. False when the
/// account is another seller's: nothing is known then of whose money comes there.
///
/// # Errors
/// Those of the database.
pub async fn save(
    conn: &mut PgConnection,
    seller: &Seller,
    bank_account: &BankAccount,
) -> Result<bool, Failure> {
    sqlx::query!(
        "insert into sellers (seller_id, title, tax_id) values ($1, $2, $3)
         on conflict (seller_id) do update set title = excluded.title, tax_id = excluded.tax_id",
        seller.id.0,
        seller.title,
        seller.tax_id
    )
    .execute(&mut *conn)
    .await?;
    if bank_account.account.is_empty() {
        return Ok(true);
    }
    let saved = sqlx::query!(
        "insert into bank_accounts (id, seller_id, account, bic, currency)
         values ($1, $2, $3, $4, $5)
         on conflict on constraint bank_accounts_account do update
             set bic = excluded.bic
             where bank_accounts.seller_id = excluded.seller_id",
        bank_account.id.0,
        bank_account.seller.0,
        bank_account.account,
        bank_account.bic,
        bank_account.currency.code()
    );
    Ok(saved.execute(conn).await?.rows_affected() == 1)
}

struct Row {
    id: uuid::Uuid,
    seller_id: uuid::Uuid,
    account: String,
    bic: String,
    currency: String,
}

impl TryFrom<Row> for BankAccount {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        Ok(Self {
            id: BankAccountId(row.id),
            seller: SellerId(row.seller_id),
            account: row.account,
            bic: row.bic,
            currency: row.currency.parse().map_err(Failure::internal)?,
        })
    }
}

/// Every own account of every seller.
///
/// # Errors
/// Those of the database.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<BankAccount>, Failure> {
    sqlx::query_as!(
        Row,
        "select id, seller_id, account, bic, currency from bank_accounts order by account"
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(BankAccount::try_from)
    .collect()
}

/// Tax ids of all sellers.
///
/// # Errors
/// Those of the database.
pub async fn own_tax_ids(conn: &mut PgConnection) -> Result<BTreeSet<String>, Failure> {
    let rows = sqlx::query_scalar!("select tax_id from sellers where tax_id <> ''");
    Ok(rows.fetch_all(conn).await?.into_iter().collect())
}

/// A page of own accounts by number.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Covered>, Failure> {
    let rows = sqlx::query!(
        r#"select b.id, b.seller_id, b.account, b.bic, b.currency,
               newest.to_day as "to_day?", newest.closing as "closing?"
           from bank_accounts b
           left join lateral (
               select d.to_day, d.closing from statement_days d
               where d.account = b.account and d.to_day is not null
               order by d.to_day desc, d.statement_id desc limit 1
           ) newest on true
           where $1::text is null or b.account > $1
           order by b.account limit $2"#,
        after,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let balance = row.closing.map(|closing| money(closing, &row.currency)).transpose()?;
            let bank_account = BankAccount {
                id: BankAccountId(row.id),
                seller: SellerId(row.seller_id),
                account: row.account,
                bic: row.bic,
                currency: row.currency.parse().map_err(Failure::internal)?,
            };
            Ok(Covered { bank_account, statement_date: row.to_day, balance })
        })
        .collect()
}

/// How many there are, up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, cap: i64) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (select from bank_accounts limit $1) counted"#,
        cap
    );
    Ok(count.fetch_one(conn).await?)
}
