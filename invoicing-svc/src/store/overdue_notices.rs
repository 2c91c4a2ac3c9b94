//! Notices of overdue invoices: what is to be sent, and what was.

use crate::domain::overdue_notices::Notice;
use chrono::NaiveDate;
use service::Failure;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use types::id::{ClientId, InvoiceId};
use uuid::Uuid;

/// Open invoices that a notice is about, by client, of those who want to be reminded.
///
/// # Errors
/// Those of the database.
pub async fn wanted(
    conn: &mut PgConnection,
    notice: Notice,
) -> Result<BTreeMap<ClientId, Vec<InvoiceId>>, Failure> {
    let rows = sqlx::query!(
        r#"select i.client_id, i.id from invoices i
         left join profiles p on p.client_id = i.client_id
         where i.state = 'ISSUED' and i.payment_state in ('OPEN', 'PARTIALLY_PAID')
            and i.residual > 0 and i.due_date > $1 and i.due_date <= $2
            and not coalesce(p.no_overdue_notices, false)
            and not exists (
                select from overdue_notices n where n.invoice_id = i.id and n.nth >= $3)
         order by i.client_id, i.id"#,
        notice.after,
        notice.until,
        notice.nth
    )
    .fetch_all(conn)
    .await?;
    let mut wanted: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows {
        wanted.entry(ClientId(row.client_id)).or_default().push(InvoiceId(row.id));
    }
    Ok(wanted)
}

/// Notes that a client is reminded of these invoices; answers those that were not noted before and
/// still wait for money. The client's account is locked.
///
/// # Errors
/// Those of the database.
pub async fn note(
    conn: &mut PgConnection,
    invoices: &[InvoiceId],
    nth: i32,
    day: NaiveDate,
) -> Result<Vec<InvoiceId>, Failure> {
    let ids: Vec<Uuid> = invoices.iter().map(|id| id.0).collect();
    let noted = sqlx::query_scalar!(
        "insert into overdue_notices (invoice_id, nth, day)
         select id, $2, $3 from invoices
         where id = any($1) and state = 'ISSUED' and payment_state in ('OPEN', 'PARTIALLY_PAID')
            and residual > 0
         order by id on conflict do nothing returning invoice_id",
        &ids,
        nth,
        day
    )
    .fetch_all(conn)
    .await?;
    Ok(noted.into_iter().map(InvoiceId).collect())
}

/// The days on which the client was reminded of an invoice, in order.
///
/// # Errors
/// Those of the database.
pub async fn days(conn: &mut PgConnection, invoice: InvoiceId) -> Result<Vec<NaiveDate>, Failure> {
    let days = sqlx::query_scalar!(
        "select day from overdue_notices where invoice_id = $1 order by nth",
        invoice.0
    );
    Ok(days.fetch_all(conn).await?)
}
