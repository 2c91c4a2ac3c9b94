//! Whose money comes: clients with their payers and open invoices as payments-svc knows them, and
//! statements that pay some of them.

use crate::door::request_id;
use anyhow::{Context, Result, ensure};
use proto::payments::v1::{
    ImportHeader, ImportStatementRequest, statements_client::StatementsClient,
};
use service::PeerChannel;
use sqlx::{PgConnection, PgPool};
use std::{fmt::Write, time::Duration};
use testkit::Company;
use tonic::Request;
use types::id::StatementId;
use uuid::Uuid;

/// Bytes of a message.
const CHUNK: usize = 512 * 1024;

/// The seller's company; payers are those that follow.
pub const SELLER: u32 = 1;

/// A seller with its own account, and payers who are clients of their own; answers their ids.
///
/// # Errors
/// Those of the database.
pub async fn payers(payments: &PgPool, count: u32) -> Result<Vec<Uuid>> {
    let seller = Company::number(SELLER);
    let id = Uuid::now_v7();
    sqlx::query("insert into sellers (seller_id, title, tax_id) values ($1, $2, $3)")
        .bind(id)
        .bind(&seller.name)
        .bind(&seller.inn)
        .execute(payments)
        .await?;
    sqlx::query(
        "insert into bank_accounts (id, seller_id, account, bic, currency)
         values ($1, $1, $2, $3, 'RUB')",
    )
    .bind(id)
    .bind(&seller.account)
    .bind(&seller.bic)
    .execute(payments)
    .await?;
    let clients: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
    know(payments, &clients).await?;
    Ok(clients)
}

/// Has payments-svc know the payer of each client, whose tax id and account are those of
/// [`payer`].
///
/// # Errors
/// Those of the database.
pub async fn know(payments: &PgPool, clients: &[Uuid]) -> Result<()> {
    let companies: Vec<Company> = (0..).take(clients.len()).map(payer).collect();
    let tax_ids: Vec<&str> = companies.iter().map(|company| company.inn.as_str()).collect();
    let accounts: Vec<&str> = companies.iter().map(|company| company.account.as_str()).collect();
    sqlx::query(
        "with given as (
            select * from unnest($1::uuid[], $2::text[], $3::text[]) as g (id, tax_id, account)
        ), clients as (
            insert into accounts (client_id, profile_revision) select id, 1 from given
            on conflict do nothing
        ), entities as (
            insert into payers (legal_entity_id, client_id, tax_id) select id, id, tax_id from given
        )
        insert into payer_accounts (legal_entity_id, account) select id, account from given",
    )
    .bind(clients)
    .bind(tax_ids)
    .bind(accounts)
    .execute(payments)
    .await?;
    Ok(())
}

/// The company of the nth payer.
#[must_use]
pub fn payer(n: u32) -> Company {
    Company::number(SELLER + 1 + n)
}

/// Open invoices `88#1` to `88#count`, by turns of the clients, of the amounts of [`rubles`].
///
/// # Errors
/// Those of the database.
pub async fn invoices(payments: &PgPool, clients: &[Uuid], count: u32) -> Result<()> {
    sqlx::query(
        "insert into invoices (invoice_id, number, number_full, number_tail, sequence, client_id,
            payer_id, seller_id, currency, total, residual, state, payment_state, issued_on)
         select gen_random_uuid(), '88#' || n, '88#' || n, n::text, n, client.id, client.id,
            seller_id, 'RUB', 100 + n % 997, 100 + n % 997, 'ISSUED', 'OPEN', date '2026-01-01'
         from sellers, generate_series(1, $2) as n
         join unnest($1::uuid[]) with ordinality as client (id, place)
            on client.place = 1 + (n - 1) % cardinality($1::uuid[])",
    )
    .bind(clients)
    .bind(i32::try_from(count)?)
    .execute(payments)
    .await?;
    sqlx::query("vacuum analyze").execute(payments).await?;
    Ok(())
}

/// Every allocation is answered, as invoicing-svc does where it runs, before the next statement
/// comes: its invoice is paid.
///
/// # Errors
/// Those of the database.
pub async fn answered(payments: &mut PgConnection) -> Result<()> {
    for sql in [
        "update invoices i set residual = i.residual - a.amount, payment_state = 'PAID'
         from allocations a where a.invoice_id = i.invoice_id and not a.settled",
        "update allocations set settled = true where not settled",
        "vacuum analyze invoices, allocations",
    ] {
        sqlx::query(sql).execute(&mut *payments).await?;
    }
    Ok(())
}

/// What invoice `88#n` is about.
#[must_use]
pub const fn rubles(n: u32) -> u32 {
    100 + n % 997
}

/// Money that a company sends.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Who pays.
    pub payer: Company,
    /// How much, such as `860.00`.
    pub amount: String,
    /// What for.
    pub purpose: String,
}

/// A statement of the seller's account in the format of 1C.
#[must_use]
pub fn statement(payments: impl IntoIterator<Item = Payment>) -> Vec<u8> {
    let seller = Company::number(SELLER);
    let mut text = format!(
        "1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка=UTF-8\r\nРасчСчет={}\r\n",
        seller.account
    );
    for (n, Payment { payer, amount, purpose }) in (1..).zip(payments) {
        let _ = write!(
            text,
            "СекцияДокумент=Платежное поручение\r\nНомер={n}\r\nДата=14.01.2026\r\n\
             Сумма={amount}\r\nДатаПоступило=15.01.2026\r\nПлательщикСчет={}\r\n\
             ПлательщикИНН={}\r\nПлательщик1={}\r\nПлательщикБИК={}\r\nПолучательСчет={}\r\n\
             ПолучательИНН={}\r\nПолучатель1={}\r\nНазначениеПлатежа={purpose}\r\n\
             КонецДокумента\r\n",
            payer.account,
            payer.inn,
            payer.name,
            payer.bic,
            seller.account,
            seller.inn,
            seller.name,
        );
    }
    text.push_str("КонецФайла\r\n");
    text.into_bytes()
}

/// Payments of the invoices of [`invoices`] from `first` on. Of each twenty, one names no invoice
/// and one is a ruble short: those wait for a person.
pub fn payments(first: u32, count: u32, payers: u32) -> impl Iterator<Item = Payment> {
    (first..first + count).map(move |n| {
        let rubles = if n % 20 == 1 { rubles(n) - 1 } else { rubles(n) };
        let purpose = if n.is_multiple_of(20) {
            "Оплата услуг по договору, НДС не облагается".to_owned()
        } else {
            format!("Оплата по счету 88#{n} от 01.01.26; доступ на 1 польз. НДС не облагается")
        };
        Payment { payer: payer((n - 1) % payers), amount: format!("{rubles}.00"), purpose }
    })
}

/// Sends a file as the console does.
///
/// # Errors
/// When it is refused, or a line of it is not understood.
pub async fn import(payments: &PeerChannel, bytes: &[u8]) -> Result<StatementId> {
    let header = ImportHeader {
        filename: "kl_to_1c.txt".into(),
        accept_truncated: false,
        request_id: request_id(),
    };
    let first = ImportStatementRequest { header: Some(header), chunk: Vec::new() };
    let rest: Vec<_> = bytes
        .chunks(CHUNK)
        .map(|chunk| ImportStatementRequest { header: None, chunk: chunk.to_vec() })
        .collect();
    let mut request = Request::new(futures::stream::iter(std::iter::once(first).chain(rest)));
    request.set_timeout(Duration::from_secs(600));
    let mut statements = StatementsClient::new(payments.clone());
    let reply = statements.import_statement(request).await?.into_inner();
    ensure!(reply.bad_documents.is_empty(), "{:?}", reply.bad_documents.first());
    Ok(reply.statement.context("no statement")?.name.parse()?)
}

/// How many of those payments are certain.
#[must_use]
pub fn certain(first: u32, count: u32) -> usize {
    (first..first + count).filter(|n| n % 20 > 1).count()
}
