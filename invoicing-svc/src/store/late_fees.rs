//! Late fees, the days that they charge, and money set against them.

mod list;
mod payments;

pub use list::{Filter, after, list, total};
pub use payments::{Payment, insert_payments, of_allocation, of_fee, reverse_payments};

use super::{money, period};
use crate::domain::late_fees::{ChargedDays, Debt, LateFee, Terms};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use service::Failure;
use sqlx::{PgConnection, postgres::types::PgRange};
use std::collections::HashMap;
use types::id::{ClientId, InvoiceId, LateFeeId, SellerId};
use uuid::Uuid;

/// A fee with what is stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateFeeRow {
    /// The fee.
    pub fee: LateFee,
    /// Human number of its invoice.
    pub invoice_number: String,
    /// Who gave it up, why and when.
    pub waiver: Option<Waiver>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Who gave a fee up, why and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    invoice_id: Uuid,
    invoice_number: String,
    client_id: Uuid,
    payer_id: Uuid,
    seller_id: Uuid,
    currency: String,
    amount: Decimal,
    paid: Decimal,
    waived_at: Option<DateTime<Utc>>,
    waived_by: String,
    waive_reason: String,
    created_at: DateTime<Utc>,
}

/// Rows with the days that they charge.
async fn with_days(conn: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<LateFeeRow>, Failure> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = rows.iter().map(|r| r.id).collect();
    let mut days = charged(conn, &ids).await?;
    rows.into_iter()
        .map(|r| {
            let fee = LateFee {
                id: r.id.into(),
                invoice: r.invoice_id.into(),
                client: r.client_id.into(),
                seller: r.seller_id.into(),
                legal_entity: r.payer_id.into(),
                charged: days.remove(&r.id).unwrap_or_default(),
                amount: money(r.amount, &r.currency)?,
                paid: money(r.paid, &r.currency)?,
                waived: r.waived_at.is_some(),
            };
            let (actor, reason) = (r.waived_by, r.waive_reason);
            let waiver = r.waived_at.map(|at| Waiver { actor, reason, at });
            let (invoice_number, created_at) = (r.invoice_number, r.created_at);
            Ok(LateFeeRow { fee, invoice_number, waiver, created_at })
        })
        .collect()
}

async fn charged(
    conn: &mut PgConnection,
    fees: &[Uuid],
) -> Result<HashMap<Uuid, Vec<ChargedDays>>, Failure> {
    let rows = sqlx::query!(
        r#"select d.late_fee_id, d.policy_id, d.days as "days!: PgRange<NaiveDate>",
            p.daily_percent, p.cap_percent
         from late_fee_days d join late_fee_policies p on p.id = d.policy_id
         where d.late_fee_id = any($1) order by d.late_fee_id, d.days"#,
        fees
    )
    .fetch_all(conn)
    .await?;
    let mut days: HashMap<Uuid, Vec<ChargedDays>> = HashMap::new();
    for r in rows {
        let terms = Terms {
            policy: r.policy_id.into(),
            daily_percent: r.daily_percent,
            cap_percent: r.cap_percent,
        };
        let charged = ChargedDays { terms, days: period(r.days)? };
        days.entry(r.late_fee_id).or_default().push(charged);
    }
    Ok(days)
}

/// The fee of an id.
///
/// # Errors
/// Those of the database.
pub async fn get(conn: &mut PgConnection, id: LateFeeId) -> Result<Option<LateFeeRow>, Failure> {
    let rows = sqlx::query_as!(
        Row,
        "select f.id, f.invoice_id, n.number as invoice_number, f.client_id, f.payer_id,
            f.seller_id, f.currency, f.amount, f.paid, f.waived_at, f.waived_by, f.waive_reason,
            f.created_at
         from late_fees f join invoice_numbers n on n.invoice_id = f.invoice_id where f.id = $1",
        id.0
    )
    .fetch_all(&mut *conn)
    .await?;
    Ok(with_days(conn, rows).await?.pop())
}

/// Fees of these invoices.
///
/// # Errors
/// Those of the database.
pub async fn of_invoices(
    conn: &mut PgConnection,
    invoices: &[InvoiceId],
) -> Result<Vec<LateFeeRow>, Failure> {
    let ids: Vec<Uuid> = invoices.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        "select f.id, f.invoice_id, n.number as invoice_number, f.client_id, f.payer_id,
            f.seller_id, f.currency, f.amount, f.paid, f.waived_at, f.waived_by, f.waive_reason,
            f.created_at
         from late_fees f join invoice_numbers n on n.invoice_id = f.invoice_id
         where f.invoice_id = any($1) order by f.id",
        &ids
    )
    .fetch_all(&mut *conn)
    .await?;
    with_days(conn, rows).await
}

/// What invoices asked for, and when money came for them.
///
/// # Errors
/// Those of the database.
pub async fn debts(
    conn: &mut PgConnection,
    invoices: &[InvoiceId],
) -> Result<HashMap<InvoiceId, Debt>, Failure> {
    let ids: Vec<Uuid> = invoices.iter().map(|id| id.0).collect();
    let asked = sqlx::query!(
        r#"select id, currency,
            case when state = 'ISSUED' then greatest(total - credited, 0) else 0 end as "asked!"
         from invoices where id = any($1)"#,
        &ids
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut debts = HashMap::new();
    for r in asked {
        let asked = money(r.asked, &r.currency)?;
        debts.insert(InvoiceId(r.id), Debt { asked, payments: Vec::new() });
    }
    let payments = sqlx::query!(
        r#"select invoice_id, currency, date, sum(amount) as "amount!" from applications
         where invoice_id = any($1) and reversed_at is null
         group by invoice_id, currency, date order by date"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    for r in payments {
        if let Some(debt) = debts.get_mut(&InvoiceId(r.invoice_id)) {
            debt.payments.push((r.date, money(r.amount, &r.currency)?));
        }
    }
    Ok(debts)
}

/// An invoice that is a debt, and since which due day.
#[derive(Debug, Clone, Copy)]
pub struct Overdue {
    /// The invoice.
    pub invoice: InvoiceId,
    /// Who owes it.
    pub client: ClientId,
    /// To whom.
    pub seller: SellerId,
    /// Last day to pay.
    pub due: NaiveDate,
}

/// Open invoices of these sellers that were due by a day and are debts: of contracts that are paid
/// afterwards. A prepaid one is not, it lapses. Clients who are not to be charged are left out, and
/// what was waived.
///
/// # Errors
/// Those of the database.
pub async fn overdue(
    conn: &mut PgConnection,
    sellers: &[SellerId],
    due: NaiveDate,
) -> Result<Vec<Overdue>, Failure> {
    let sellers: Vec<Uuid> = sellers.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select i.id, i.client_id, i.seller_id, i.due_date as "due!" from invoices i
         join contracts c on c.id = i.contract_id
         left join profiles p on p.client_id = i.client_id
         left join late_fees f on f.invoice_id = i.id
         where i.state = 'ISSUED' and i.payment_state in ('OPEN', 'PARTIALLY_PAID')
            and i.residual > 0 and i.due_date <= $2 and i.seller_id = any($1)
            and c.terms = 'POSTPAID' and f.waived_at is null
            and not coalesce(p.no_late_fees, false)
         order by i.client_id, i.id"#,
        &sellers,
        due
    )
    .fetch_all(conn)
    .await?;
    let overdue = rows.into_iter().map(|r| Overdue {
        invoice: r.id.into(),
        client: r.client_id.into(),
        seller: r.seller_id.into(),
        due: r.due,
    });
    Ok(overdue.collect())
}

/// Makes the fees of these invoices that have none yet; they cost nothing so far.
///
/// # Errors
/// Those of the database.
pub async fn make(
    conn: &mut PgConnection,
    invoices: &[InvoiceId],
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let ids: Vec<Uuid> = invoices.iter().map(|_| LateFeeId::generate().0).collect();
    let invoices: Vec<Uuid> = invoices.iter().map(|id| id.0).collect();
    sqlx::query!(
        "insert into late_fees (id, invoice_id, client_id, payer_id, seller_id, currency,
            created_at)
         select new.id, i.id, i.client_id, i.payer_id, i.seller_id, i.currency, $3
         from unnest($1::uuid[], $2::uuid[]) as new (id, invoice)
         join invoices i on i.id = new.invoice on conflict (invoice_id) do nothing",
        &ids,
        &invoices,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Charges days of a fee that were not charged before: those that go on where a stored range ends
/// lengthen it.
///
/// # Errors
/// Those of the database.
pub async fn charge(
    conn: &mut PgConnection,
    fee: LateFeeId,
    charged: &ChargedDays,
) -> Result<(), Failure> {
    let ChargedDays { terms, days } = charged;
    let range = PgRange::from(days.start()..days.end());
    let longer = sqlx::query!(
        "update late_fee_days set days = daterange(lower(days), $4)
         where late_fee_id = $1 and policy_id = $2 and upper(days) = $3",
        fee.0,
        terms.policy.0,
        days.start(),
        days.end()
    )
    .execute(&mut *conn)
    .await?;
    if longer.rows_affected() == 0 {
        sqlx::query!(
            "insert into late_fee_days (late_fee_id, policy_id, days) values ($1, $2, $3)",
            fee.0,
            terms.policy.0,
            range
        )
        .execute(conn)
        .await?;
    }
    Ok(())
}

/// Saves what a fee costs, what of it is paid, and that it was given up.
///
/// # Errors
/// Those of the database.
pub async fn save(conn: &mut PgConnection, row: &LateFeeRow) -> Result<(), Failure> {
    let waiver = row.waiver.as_ref();
    sqlx::query!(
        "update late_fees set amount = $2, paid = $3, waived_at = $4, waived_by = $5,
            waive_reason = $6
         where id = $1",
        row.fee.id.0,
        row.fee.amount.amount(),
        row.fee.paid.amount(),
        waiver.map(|w| w.at),
        waiver.map_or("", |w| w.actor.as_str()),
        waiver.map_or("", |w| w.reason.as_str())
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The first day that was not looked at for charging yet.
///
/// # Errors
/// Those of the database.
pub async fn charged_until(conn: &mut PgConnection) -> Result<Option<NaiveDate>, Failure> {
    let until = sqlx::query_scalar!("select until from late_fees_charged");
    Ok(until.fetch_optional(conn).await?)
}

/// Notes that every day before this one was looked at.
///
/// # Errors
/// Those of the database.
pub async fn note_charged(conn: &mut PgConnection, until: NaiveDate) -> Result<(), Failure> {
    sqlx::query!(
        "insert into late_fees_charged (until) values ($1)
         on conflict (one) do update set until = greatest(late_fees_charged.until, $1)",
        until
    )
    .execute(conn)
    .await?;
    Ok(())
}
