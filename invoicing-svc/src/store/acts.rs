//! Acts of what was rendered, and the lines that they are cut from.

use super::{code, money, period};
use crate::domain::{
    acts::ActLine,
    lines::Line,
    month_close::{Account, ActPlan, Closed, RenderedLine},
    tax::Taxed,
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::PgConnection;
use types::{
    Money, Period,
    id::{
        ActId, BillingRunId, ClientId, ContractId, InvoiceLineId, LegalEntityId, SellerId, SeriesId,
    },
};
use uuid::Uuid;

/// An act to insert.
#[derive(Debug, Clone)]
pub struct NewAct {
    /// Identity.
    pub id: ActId,
    /// What it says.
    pub plan: ActPlan,
    /// Revision of the payer's requisites that it prints.
    pub payer_revision: i64,
    /// Its series.
    pub series: SeriesId,
    /// Place in the series.
    pub sequence: i64,
    /// As printed.
    pub number: String,
    /// What of it was prepaid; the rest is receivable.
    pub from_advance: Money,
}

/// Clients with something rendered until the end of a month that no act holds, in ascending order.
///
/// What waits for its first payment was not rendered: subscriptions that never worked, and under
/// prepaid contracts unpaid lines without a subscription. Zero amounts are in no act.
///
/// # Errors
/// Those of the database.
pub async fn due_clients(
    conn: &mut PgConnection,
    last: NaiveDate,
) -> Result<Vec<ClientId>, Failure> {
    let ids = sqlx::query_scalar!(
        "select distinct i.client_id
         from invoice_lines l join invoices i on i.id = l.invoice_id
            join contracts c on c.id = i.contract_id
            left join subscriptions s on s.id = l.subscription_id
         where i.state = 'ISSUED' and lower(l.period) <= $1 and l.gross <> 0
            and case when s.id is not null then s.state <> 'PENDING'
                else c.terms = 'POSTPAID' or i.payment_state = 'PAID' end
            and (select count(distinct a.month) from act_lines a where a.invoice_line_id = l.id) <
                12 * (extract(year from least(upper(l.period) - 1, $1))
                    - extract(year from lower(l.period)))
                + extract(month from least(upper(l.period) - 1, $1))
                - extract(month from lower(l.period)) + 1
         order by i.client_id",
        last
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(ClientId).collect())
}

/// The lines of these clients that [`due_clients`] means.
///
/// # Errors
/// Those of the database.
pub async fn rendered(
    conn: &mut PgConnection,
    clients: &[ClientId],
    last: NaiveDate,
) -> Result<Vec<RenderedLine>, Failure> {
    let ids: Vec<Uuid> = clients.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select i.seller_id, i.client_id, i.payer_id, i.contract_id, i.currency, l.line
         from invoices i join invoice_lines l on l.invoice_id = i.id
            join contracts c on c.id = i.contract_id
            left join subscriptions s on s.id = l.subscription_id
         where i.client_id = any($1) and i.state = 'ISSUED' and lower(l.period) <= $2
            and l.gross <> 0
            and case when s.id is not null then s.state <> 'PENDING'
                else c.terms = 'POSTPAID' or i.payment_state = 'PAID' end
            and (select count(distinct a.month) from act_lines a where a.invoice_line_id = l.id) <
                12 * (extract(year from least(upper(l.period) - 1, $2))
                    - extract(year from lower(l.period)))
                + extract(month from least(upper(l.period) - 1, $2))
                - extract(month from lower(l.period)) + 1
         order by i.client_id, l.id",
        &ids,
        last
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            let account = Account {
                seller: r.seller_id.into(),
                client: r.client_id.into(),
                legal_entity: r.payer_id.into(),
                contract: r.contract_id.into(),
                currency: code(&r.currency)?,
            };
            let line: Line = serde_json::from_value(r.line).map_err(Failure::internal)?;
            Ok(RenderedLine { account, line })
        })
        .collect()
}

/// The pieces of these lines that acts hold.
///
/// # Errors
/// Those of the database.
pub async fn closed(conn: &mut PgConnection, lines: &[InvoiceLineId]) -> Result<Closed, Failure> {
    let ids: Vec<Uuid> = lines.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select distinct invoice_line_id, month from act_lines where invoice_line_id = any($1)",
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|r| (r.invoice_line_id.into(), r.month)).collect())
}

/// Inserts acts with their lines for good.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    conn: &mut PgConnection,
    acts: &[NewAct],
    run: BillingRunId,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let accounts = || acts.iter().map(|a| &a.plan.account);
    let amounts = || acts.iter().map(|a| &a.plan.amounts);
    let ids: Vec<Uuid> = acts.iter().map(|a| a.id.0).collect();
    let clients: Vec<Uuid> = accounts().map(|a| a.client.0).collect();
    let contracts: Vec<Uuid> = accounts().map(|a| a.contract.0).collect();
    let payers: Vec<Uuid> = accounts().map(|a| a.legal_entity.0).collect();
    let sellers: Vec<Uuid> = accounts().map(|a| a.seller.0).collect();
    let currencies: Vec<String> = accounts().map(|a| a.currency.code().into()).collect();
    let revisions: Vec<i64> = acts.iter().map(|a| a.payer_revision).collect();
    let months: Vec<NaiveDate> = acts.iter().map(|a| a.plan.month).collect();
    let dates: Vec<NaiveDate> = acts.iter().map(|a| a.plan.date).collect();
    let series: Vec<Uuid> = acts.iter().map(|a| a.series.0).collect();
    let sequences: Vec<i64> = acts.iter().map(|a| a.sequence).collect();
    let numbers: Vec<String> = acts.iter().map(|a| a.number.clone()).collect();
    let nets: Vec<Decimal> = amounts().map(|t| t.net.amount()).collect();
    let taxes: Vec<Decimal> = amounts().map(|t| t.tax.amount()).collect();
    let totals: Vec<Decimal> = amounts().map(|t| t.gross.amount()).collect();
    let advances: Vec<Decimal> = acts.iter().map(|a| a.from_advance.amount()).collect();
    sqlx::query!(
        "insert into acts (id, client_id, contract_id, payer_id, seller_id, currency,
            payer_revision, month, date, series_id, sequence, number, net, tax, total,
            from_advance, to_receivable, run_id, created_at)
         select id, client, contract, payer, seller, currency, revision, month, date, series,
            sequence, number, net, tax, total, advance, total - advance, $17, $18
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[],
            $7::bigint[], $8::date[], $9::date[], $10::uuid[], $11::bigint[], $12::text[],
            $13::numeric[], $14::numeric[], $15::numeric[], $16::numeric[])
            as t (id, client, contract, payer, seller, currency, revision, month, date, series,
                sequence, number, net, tax, total, advance)",
        &ids,
        &clients,
        &contracts,
        &payers,
        &sellers,
        &currencies,
        &revisions,
        &months,
        &dates,
        &series,
        &sequences,
        &numbers,
        &nets,
        &taxes,
        &totals,
        &advances,
        run.0,
        now
    )
    .execute(&mut *conn)
    .await?;
    insert_lines(conn, acts).await
}

async fn insert_lines(conn: &mut PgConnection, acts: &[NewAct]) -> Result<(), Failure> {
    let lines =
        || acts.iter().flat_map(|a| a.plan.lines.iter().enumerate().map(move |(n, l)| (a, n, l)));
    let ids: Vec<Uuid> = lines().map(|(a, _, _)| a.id.0).collect();
    let positions: Vec<i32> =
        lines().map(|(_, n, _)| i32::try_from(n).unwrap_or(i32::MAX)).collect();
    let invoice_lines: Vec<Uuid> = lines().map(|(_, _, l)| l.line.0).collect();
    let months: Vec<NaiveDate> = lines().map(|(_, _, l)| l.month).collect();
    let texts: Vec<String> = lines().map(|(_, _, l)| printed(l)).collect();
    let starts: Vec<NaiveDate> = lines().map(|(_, _, l)| l.period.start()).collect();
    let ends: Vec<NaiveDate> = lines().map(|(_, _, l)| l.period.end()).collect();
    let rates: Vec<Option<i32>> =
        lines().map(|(_, _, l)| l.decision.rate.percent().map(i32::from)).collect();
    let nets: Vec<Decimal> = lines().map(|(_, _, l)| l.amounts.net.amount()).collect();
    let taxes: Vec<Decimal> = lines().map(|(_, _, l)| l.amounts.tax.amount()).collect();
    let grosses: Vec<Decimal> = lines().map(|(_, _, l)| l.amounts.gross.amount()).collect();
    sqlx::query!(
        "insert into act_lines (act_id, position, invoice_line_id, month, text, period, rate, net,
            tax, gross)
         select act, position, line, month, text, daterange(starts, ends), rate, net, tax, gross
         from unnest($1::uuid[], $2::int[], $3::uuid[], $4::date[], $5::text[], $6::date[],
            $7::date[], $8::int[], $9::numeric[], $10::numeric[], $11::numeric[])
            as t (act, position, line, month, text, starts, ends, rate, net, tax, gross)",
        &ids,
        &positions,
        &invoice_lines,
        &months,
        &texts,
        &starts,
        &ends,
        &rates as &[Option<i32>],
        &nets,
        &taxes,
        &grosses
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The text of a line as an act prints it.
#[must_use]
pub fn printed(line: &ActLine) -> String {
    format!("{} ({})", line.name.ru, line.period)
}

/// An act as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActRow {
    /// Identity.
    pub id: ActId,
    /// As printed.
    pub number: String,
    /// Place in its series.
    pub sequence: i64,
    /// Whose.
    pub client: ClientId,
    /// Contract.
    pub contract: ContractId,
    /// Payer.
    pub payer: LegalEntityId,
    /// Seller.
    pub seller: SellerId,
    /// First day of the month.
    pub month: NaiveDate,
    /// Date of the act.
    pub date: NaiveDate,
    /// Sums.
    pub amounts: Taxed,
    /// Lines; none where a list leaves them out.
    pub lines: Vec<ActLineRow>,
}

/// A line of an act as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActLineRow {
    /// As printed.
    pub text: String,
    /// The invoice line that was cut.
    pub line: InvoiceLineId,
    /// Days.
    pub period: Period,
    /// Amounts.
    pub amounts: Taxed,
}

/// Which acts a list has.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Only of this client.
    pub client: Option<ClientId>,
    /// Only of this month.
    pub month: Option<NaiveDate>,
}

/// Acts without lines, newest month first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    conn: &mut PgConnection,
    filter: Filter,
    after: Option<(NaiveDate, Uuid)>,
    limit: i64,
) -> Result<Vec<ActRow>, Failure> {
    let ids = sqlx::query_scalar!(
        "select id from acts
         where ($1::uuid is null or client_id = $1) and ($2::date is null or month = $2)
            and ($3::date is null or month < $3 or (month = $3 and id > $4))
         order by month desc, id limit $5",
        filter.client.map(|id| id.0),
        filter.month,
        after.map(|(month, _)| month),
        after.map(|(_, id)| id),
        limit
    )
    .fetch_all(&mut *conn)
    .await?;
    heads(conn, &ids).await
}

/// How many acts a list has, counted up to `cap`.
///
/// # Errors
/// Those of the database.
pub async fn total(conn: &mut PgConnection, filter: Filter, cap: i64) -> Result<i64, Failure> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (
            select from acts
            where ($1::uuid is null or client_id = $1) and ($2::date is null or month = $2)
            limit $3) as t"#,
        filter.client.map(|id| id.0),
        filter.month,
        cap
    )
    .fetch_one(conn)
    .await?;
    Ok(total)
}

/// The act of an id with its lines.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: ActId) -> Result<Option<ActRow>, Failure> {
    let Some(mut act) = heads(&mut *conn, &[id.0]).await?.pop() else { return Ok(None) };
    let currency = act.amounts.gross.currency().code();
    let rows = sqlx::query!(
        "select text, invoice_line_id, period, net, tax, gross from act_lines
         where act_id = $1 order by position",
        id.0
    )
    .fetch_all(conn)
    .await?;
    let lines = rows.into_iter().map(|r| {
        Ok(ActLineRow {
            text: r.text,
            line: r.invoice_line_id.into(),
            period: period(r.period)?,
            amounts: taxed(r.net, r.tax, r.gross, currency)?,
        })
    });
    act.lines = lines.collect::<Result<_, Failure>>()?;
    Ok(Some(act))
}

fn taxed(net: Decimal, tax: Decimal, gross: Decimal, currency: &str) -> Result<Taxed, Failure> {
    Ok(Taxed {
        net: money(net, currency)?,
        tax: money(tax, currency)?,
        gross: money(gross, currency)?,
    })
}

async fn heads(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<ActRow>, Failure> {
    let rows = sqlx::query!(
        "select id, number, sequence, client_id, contract_id, payer_id, seller_id, month, date,
            currency, net, tax, total
         from acts where id = any($1) order by month desc, id",
        ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|r| {
            Ok(ActRow {
                id: r.id.into(),
                number: r.number,
                sequence: r.sequence,
                client: r.client_id.into(),
                contract: r.contract_id.into(),
                payer: r.payer_id.into(),
                seller: r.seller_id.into(),
                month: r.month,
                date: r.date,
                amounts: taxed(r.net, r.tax, r.total, &r.currency)?,
                lines: Vec::new(),
            })
        })
        .collect()
}
