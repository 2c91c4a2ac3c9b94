//! The one ledger: transfers, and the kept balances of its accounts.

mod list;

pub use list::{TransferRow, list, of_causes, total};

use super::money;
use crate::domain::ledger::{Account, AccountKind, Transfer};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use types::{
    Currency, Money,
    id::{ClientId, ContractId, LegalEntityId, SellerId, TransferId},
};
use uuid::Uuid;

/// An account of the books: whose, which, in which currency.
type Key =
    (SellerId, AccountKind, Option<ClientId>, Option<LegalEntityId>, Option<ContractId>, Currency);

fn key(t: &Transfer, account: Account) -> Key {
    // Accounts without a payer are the seller's as a whole, whoever's money moves over them.
    let client = account.legal_entity.and(t.client());
    let currency = t.amount().currency();
    (t.seller(), account.kind, client, account.legal_entity, account.contract, currency)
}

/// Posts transfers: rows for good, and the balances of both sides. The accounts that several
/// clients share are locked in one order, after the clients' own.
///
/// # Errors
/// Those of the database.
pub async fn post(
    conn: &mut PgConnection,
    transfers: &[Transfer],
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    if transfers.is_empty() {
        return Ok(());
    }
    let mut changes: BTreeMap<Key, Decimal> = BTreeMap::new();
    for t in transfers {
        *changes.entry(key(t, t.debit())).or_default() += t.amount().amount();
        *changes.entry(key(t, t.credit())).or_default() -= t.amount().amount();
    }
    let keys: Vec<Key> = changes.keys().copied().collect();
    let ids = accounts(conn, &keys).await?;
    let mut rows: Vec<(i64, Decimal)> =
        keys.iter().zip(&ids).map(|(key, id)| (*id, changes[key])).collect();
    rows.sort_unstable_by_key(|(id, _)| *id);
    let (account_ids, amounts): (Vec<i64>, Vec<Decimal>) = rows.into_iter().unzip();
    sqlx::query!("select id from balances where id = any($1) order by id for update", &account_ids)
        .fetch_all(&mut *conn)
        .await?;
    sqlx::query!(
        "update balances b set balance = b.balance + t.amount
         from unnest($1::bigint[], $2::numeric[]) as t (id, amount) where b.id = t.id",
        &account_ids,
        &amounts
    )
    .execute(&mut *conn)
    .await?;
    let by_key: BTreeMap<Key, i64> = keys.into_iter().zip(ids).collect();
    insert(conn, transfers, &by_key, now).await
}

async fn insert(
    conn: &mut PgConnection,
    transfers: &[Transfer],
    accounts: &BTreeMap<Key, i64>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let ids: Vec<Uuid> = transfers.iter().map(|_| TransferId::generate().0).collect();
    let debits: Vec<i64> = transfers.iter().map(|t| accounts[&key(t, t.debit())]).collect();
    let credits: Vec<i64> = transfers.iter().map(|t| accounts[&key(t, t.credit())]).collect();
    let clients: Vec<Option<Uuid>> = transfers.iter().map(|t| t.client().map(|c| c.0)).collect();
    let currencies: Vec<String> =
        transfers.iter().map(|t| t.amount().currency().code().into()).collect();
    let amounts: Vec<Decimal> = transfers.iter().map(|t| t.amount().amount()).collect();
    let causes: Vec<String> = transfers.iter().map(|t| t.cause().name.clone()).collect();
    let kinds: Vec<String> = transfers.iter().map(|t| t.cause().kind.code().into()).collect();
    let dates: Vec<_> = transfers.iter().map(Transfer::date).collect();
    sqlx::query!(
        "insert into transfers (id, debit_id, credit_id, client_id, currency, amount, cause, kind,
            date, created_at)
         select *, $10::timestamptz from unnest($1::uuid[], $2::bigint[], $3::bigint[],
            $4::uuid[], $5::text[], $6::numeric[], $7::text[], $8::text[], $9::date[])",
        &ids,
        &debits,
        &credits,
        &clients as &[Option<Uuid>],
        &currencies,
        &amounts,
        &causes,
        &kinds,
        &dates,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ids of accounts, in the order of the keys; those that do not exist are opened.
async fn accounts(conn: &mut PgConnection, keys: &[Key]) -> Result<Vec<i64>, Failure> {
    let sellers: Vec<Uuid> = keys.iter().map(|k| k.0.0).collect();
    let kinds: Vec<String> = keys.iter().map(|k| k.1.code().into()).collect();
    let clients: Vec<Option<Uuid>> = keys.iter().map(|k| k.2.map(|id| id.0)).collect();
    let payers: Vec<Option<Uuid>> = keys.iter().map(|k| k.3.map(|id| id.0)).collect();
    let contracts: Vec<Option<Uuid>> = keys.iter().map(|k| k.4.map(|id| id.0)).collect();
    let currencies: Vec<String> = keys.iter().map(|k| k.5.code().into()).collect();
    sqlx::query!(
        "insert into balances (seller_id, kind, client_id, payer_id, contract_id, currency)
         select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[],
            $6::text[])
         on conflict on constraint balances_account_key do nothing",
        &sellers,
        &kinds,
        &clients as &[Option<Uuid>],
        &payers as &[Option<Uuid>],
        &contracts as &[Option<Uuid>],
        &currencies
    )
    .execute(&mut *conn)
    .await?;
    let ids = sqlx::query_scalar!(
        r#"select b.id as "id!"
         from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[])
            with ordinality as k (seller, kind, client, payer, contract, currency, n)
         cross join lateral (
            -- Two looks, since an index finds a client and finds none, but never either: one look
            -- would read the accounts of all clients.
            select id from balances
            where seller_id = k.seller and kind = k.kind and currency = k.currency
               and client_id = k.client
               and payer_id is not distinct from k.payer
               and contract_id is not distinct from k.contract
            union all
            select id from balances
            where seller_id = k.seller and kind = k.kind and currency = k.currency
               and client_id is null and k.client is null
               and payer_id is not distinct from k.payer
               and contract_id is not distinct from k.contract
            limit 1
         ) b
         order by k.n"#,
        &sellers,
        &kinds,
        &clients as &[Option<Uuid>],
        &payers as &[Option<Uuid>],
        &contracts as &[Option<Uuid>],
        &currencies
    )
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

/// Balance of an account of one client (debit is positive), as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientBalance {
    /// Whose books.
    pub seller: SellerId,
    /// Whose money.
    pub client: ClientId,
    /// Which account.
    pub account: Account,
    /// Debits less credits.
    pub balance: Money,
}

/// Balances of the accounts of these clients.
///
/// # Errors
/// Those of the database.
pub async fn of_clients(
    conn: &mut PgConnection,
    clients: &[ClientId],
) -> Result<Vec<ClientBalance>, Failure> {
    let ids: Vec<Uuid> = clients.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select seller_id, kind, client_id as "client_id!", payer_id, contract_id, currency,
            balance
         from balances where client_id = any($1) order by id"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(ClientBalance {
                seller: r.seller_id.into(),
                client: r.client_id.into(),
                account: Account {
                    kind: super::code(&r.kind)?,
                    legal_entity: r.payer_id.map(Into::into),
                    contract: r.contract_id.map(Into::into),
                },
                balance: money(r.balance, &r.currency)?,
            })
        })
        .collect()
}

/// Lets this transaction see one moment only, and write nothing. The first thing that it does.
///
/// # Errors
/// Those of the database.
pub async fn one_snapshot(conn: &mut PgConnection) -> Result<(), Failure> {
    sqlx::query!("set transaction isolation level repeatable read read only").execute(conn).await?;
    Ok(())
}
