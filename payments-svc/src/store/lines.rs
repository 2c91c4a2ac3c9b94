//! Lines of statements.

pub mod import;

use super::{money, stored};
use crate::domain::lines::{Line, State};
use crate::domain::statements::{Direction, Party};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::PgConnection;
use sqlx::types::Json;
use types::id::{BankAccountId, ClientId, InvoiceId, LineId, SellerId, StatementId};
use uuid::Uuid;

struct Row {
    id: Uuid,
    statement_id: Uuid,
    bank_account_id: Uuid,
    seller_id: Uuid,
    direction: String,
    state: String,
    class: String,
    amount: Decimal,
    currency: String,
    allocated: Decimal,
    booked_on: NaiveDate,
    doc_no: Option<String>,
    doc_date: Option<NaiveDate>,
    payer_name: String,
    payer_tax_id: Option<String>,
    payer_kpp: Option<String>,
    payer_account: Option<String>,
    payer_bank_id: Option<String>,
    payer_bank_name: Option<String>,
    payee_name: String,
    payee_tax_id: Option<String>,
    payee_kpp: Option<String>,
    payee_account: Option<String>,
    payee_bank_id: Option<String>,
    payee_bank_name: Option<String>,
    purpose: String,
    reasons: serde_json::Value,
    proposals: serde_json::Value,
    revision: i64,
    created_at: DateTime<Utc>,
}

/// Every look-up reads the same columns; only what follows `from lines` differs.
macro_rules! select {
    ($tail:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            "select id, statement_id, bank_account_id, seller_id, direction, state, class, amount,
                 currency, allocated, booked_on, doc_no, doc_date, payer_name, payer_tax_id,
                 payer_kpp, payer_account, payer_bank_id, payer_bank_name, payee_name,
                 payee_tax_id, payee_kpp, payee_account, payee_bank_id, payee_bank_name, purpose,
                 reasons, proposals, revision, created_at
             from lines " + $tail
            $(, $argument)*
        )
    };
}

impl TryFrom<Row> for Line {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        Ok(Self {
            id: LineId(row.id),
            statement: StatementId(row.statement_id),
            bank_account: BankAccountId(row.bank_account_id),
            seller: SellerId(row.seller_id),
            direction: stored(Direction::parse(&row.direction), "lines.direction", &row.direction)?,
            state: stored(State::parse(&row.state), "lines.state", &row.state)?,
            class: row.class,
            amount: money(row.amount, &row.currency)?,
            allocated: money(row.allocated, &row.currency)?,
            booked_on: row.booked_on,
            doc_no: row.doc_no,
            doc_date: row.doc_date,
            payer: Party {
                name: row.payer_name,
                tax_id: row.payer_tax_id,
                kpp: row.payer_kpp,
                account: row.payer_account,
                bank_id: row.payer_bank_id,
                bank_name: row.payer_bank_name,
            },
            payee: Party {
                name: row.payee_name,
                tax_id: row.payee_tax_id,
                kpp: row.payee_kpp,
                account: row.payee_account,
                bank_id: row.payee_bank_id,
                bank_name: row.payee_bank_name,
            },
            purpose: row.purpose,
            reasons: serde_json::from_value(row.reasons).map_err(Failure::internal)?,
            proposals: serde_json::from_value(row.proposals).map_err(Failure::internal)?,
            revision: row.revision,
            created_at: row.created_at,
        })
    }
}

/// A line.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: LineId) -> Result<Option<Line>, Failure> {
    let row = select!("where id = $1", id.0).fetch_optional(conn).await?;
    row.map(Line::try_from).transpose()
}

/// A line, locked until the transaction ends. Clients are locked before lines.
///
/// # Errors
/// Those of the database.
pub async fn lock(conn: &mut PgConnection, id: LineId) -> Result<Option<Line>, Failure> {
    Ok(lock_all(conn, &[id]).await?.pop())
}

/// Lines, locked until the transaction ends, in ascending id. Clients are locked before lines.
///
/// # Errors
/// Those of the database.
pub async fn lock_all(conn: &mut PgConnection, ids: &[LineId]) -> Result<Vec<Line>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = select!("where id = any($1) order by id for update", &ids).fetch_all(conn).await?;
    rows.into_iter().map(Line::try_from).collect()
}

/// Lines as they stand, not locked.
///
/// # Errors
/// Those of the database.
pub async fn get_all(conn: &mut PgConnection, ids: &[LineId]) -> Result<Vec<Line>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = select!("where id = any($1)", &ids).fetch_all(conn).await?;
    rows.into_iter().map(Line::try_from).collect()
}

/// Stores what an act changed; the caller has locked the line. Answers the line as stored.
///
/// # Errors
/// Those of the database.
pub async fn save(conn: &mut PgConnection, line: Line) -> Result<Line, Failure> {
    save_all(conn, std::slice::from_ref(&line)).await?;
    Ok(Line { revision: line.revision + 1, ..line })
}

/// Stores what became of many lines; the caller has locked them.
///
/// # Errors
/// Those of the database.
pub async fn save_all(conn: &mut PgConnection, lines: &[Line]) -> Result<(), Failure> {
    let ids: Vec<Uuid> = lines.iter().map(|line| line.id.0).collect();
    let states: Vec<String> = lines.iter().map(|line| line.state.as_str().to_owned()).collect();
    let classes: Vec<String> = lines.iter().map(|line| line.class.clone()).collect();
    let allocated: Vec<Decimal> = lines.iter().map(|line| line.allocated.amount()).collect();
    let reasons: Vec<_> = lines.iter().map(|line| Json(&line.reasons)).collect();
    let proposals: Vec<_> = lines.iter().map(|line| Json(&line.proposals)).collect();
    sqlx::query!(
        "update lines set state = given.state, class = given.class, allocated = given.allocated,
             reasons = given.reasons, proposals = given.proposals, revision = revision + 1
         from unnest($1::uuid[], $2::text[], $3::text[], $4::numeric[], $5::jsonb[], $6::jsonb[])
             as given (id, state, class, allocated, reasons, proposals)
         where lines.id = given.id",
        &ids,
        &states,
        &classes,
        &allocated,
        &reasons as _,
        &proposals as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes who set a line aside and why.
///
/// # Errors
/// Those of the database.
pub async fn note_ignored(
    conn: &mut PgConnection,
    id: LineId,
    actor: &str,
    reason: &str,
) -> Result<(), Failure> {
    sqlx::query!(
        "update lines set ignored_by = $2, ignore_reason = $3 where id = $1",
        id.0,
        actor,
        reason
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Which lines a list holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Filter {
    /// Only this state.
    pub state: Option<&'static str>,
    /// Only of this file.
    pub statement: Option<StatementId>,
    /// Only with an allocation for this client that stands.
    pub client: Option<ClientId>,
    /// Only this direction.
    pub direction: Option<&'static str>,
}

/// A page of lines, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: Filter,
    after: Option<(NaiveDate, LineId)>,
    limit: i64,
) -> Result<Vec<Line>, Failure> {
    select!(
        "where ($1::text is null or state = $1)
           and ($2::uuid is null or statement_id = $2)
           and ($3::uuid is null or id in (
               select line_id from allocations where client_id = $3 and reversed_at is null))
           and ($4::text is null or direction = $4)
           and ($5::date is null or (booked_on, id) < ($5, $6::uuid))
         order by booked_on desc, id desc limit $7",
        filter.state,
        filter.statement.map(|id| id.0),
        filter.client.map(|id| id.0),
        filter.direction,
        after.map(|(day, _)| day),
        after.map(|(_, id)| id.0),
        limit
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Line::try_from)
    .collect()
}

/// How many lines a list holds, up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn count(conn: &mut PgConnection, filter: Filter, cap: i64) -> Result<i64, Failure> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
               select from lines
               where ($1::text is null or state = $1)
                 and ($2::uuid is null or statement_id = $2)
                 and ($3::uuid is null or id in (
                     select line_id from allocations where client_id = $3 and reversed_at is null))
                 and ($4::text is null or direction = $4)
               limit $5) counted"#,
        filter.state,
        filter.statement.map(|id| id.0),
        filter.client.map(|id| id.0),
        filter.direction,
        cap
    );
    Ok(count.fetch_one(conn).await?)
}

/// Lines that wait and may be of a client whose payers have become known.
///
/// # Errors
/// Those of the database.
pub async fn waiting_for_payers(
    conn: &mut PgConnection,
    client: ClientId,
) -> Result<Vec<LineId>, Failure> {
    let ids = sqlx::query_scalar!(
        r#"select id as "id!" from (
               select l.id, l.booked_on from lines l join payers p on p.tax_id = l.payer_tax_id
               where l.state in ('imported', 'review') and l.allocated = 0 and p.client_id = $1
               union
               select l.id, l.booked_on from lines l
               join payer_accounts a on a.account = l.payer_account
               join payers p using (legal_entity_id)
               where l.state in ('imported', 'review') and l.allocated = 0 and p.client_id = $1
           ) waiting order by booked_on, id limit 1000"#,
        client.0
    );
    Ok(ids.fetch_all(conn).await?.into_iter().map(LineId).collect())
}

/// Lines that wait and were paid from these accounts, or by who has these tax ids.
///
/// # Errors
/// Those of the database.
pub async fn waiting_of_payers(
    conn: &mut PgConnection,
    accounts: &[String],
    tax_ids: &[String],
) -> Result<Vec<LineId>, Failure> {
    let ids = sqlx::query_scalar!(
        r#"select id as "id!" from (
               select id, booked_on from lines
               where state in ('imported', 'review') and allocated = 0
                 and payer_account = any($1)
               union
               select id, booked_on from lines
               where state in ('imported', 'review') and allocated = 0
                 and payer_tax_id = any($2)
           ) waiting order by booked_on, id limit 1000"#,
        accounts,
        tax_ids
    );
    Ok(ids.fetch_all(conn).await?.into_iter().map(LineId).collect())
}

/// Lines that wait and may fit these new invoices: they name the number, or a payer of the client,
/// or somebody who pays for it, paid. Lines that the matcher is deciding about at this moment are
/// among them: it may have looked too early.
///
/// # Errors
/// Those of the database.
pub async fn waiting_for_issued(
    conn: &mut PgConnection,
    invoices: &[InvoiceId],
) -> Result<Vec<(InvoiceId, LineId)>, Failure> {
    let invoices: Vec<Uuid> = invoices.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select i.invoice_id, waiting.id as "id!"
           from invoices i cross join lateral (
               select id, booked_on from lines
               where state in ('imported', 'review') and allocated = 0
                 and number_keys && array[i.number_full, i.number_tail]
               union
               select l.id, l.booked_on from lines l join payers p on p.tax_id = l.payer_tax_id
               where l.state in ('imported', 'review') and l.allocated = 0
                 and p.client_id = i.client_id
               union
               select l.id, l.booked_on from lines l
               join payer_accounts a on a.account = l.payer_account
               join payers p using (legal_entity_id)
               where l.state in ('imported', 'review') and l.allocated = 0
                 and p.client_id = i.client_id
               union
               select l.id, l.booked_on from lines l
               join learned_rules r on r.key = l.payer_account and r.kind = 'payer_account'
               where l.state in ('imported', 'review') and l.allocated = 0
                 and r.client_id = i.client_id and r.state = 'active'
               union
               select l.id, l.booked_on from lines l
               join learned_rules r on r.key = l.payer_tax_id and r.kind = 'payer_tax_id'
               where l.state in ('imported', 'review') and l.allocated = 0
                 and r.client_id = i.client_id and r.state = 'active'
               order by booked_on, id limit 1000
           ) waiting
           where i.invoice_id = any($1) order by waiting.booked_on, waiting.id"#,
        &invoices
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (InvoiceId(row.invoice_id), LineId(row.id))).collect())
}

/// Lines that wait and name one of these invoices.
///
/// # Errors
/// Those of the database.
pub async fn waiting_for_changed(
    conn: &mut PgConnection,
    invoices: &[InvoiceId],
) -> Result<Vec<(InvoiceId, LineId)>, Failure> {
    let invoices: Vec<Uuid> = invoices.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select i.invoice_id, waiting.id as "id!"
           from invoices i cross join lateral (
               select id, booked_on from lines
               where state in ('imported', 'review') and allocated = 0
                 and number_keys && array[i.number_full, i.number_tail]
               order by booked_on, id limit 1000
           ) waiting
           where i.invoice_id = any($1) order by waiting.booked_on, waiting.id"#,
        &invoices
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (InvoiceId(row.invoice_id), LineId(row.id))).collect())
}
