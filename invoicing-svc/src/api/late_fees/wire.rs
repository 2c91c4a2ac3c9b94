//! Late fees as callers see them, each with how its amount came about.

use crate::{
    domain::late_fees::{Debt, LateFee, Part, Price},
    store::{self, late_fees::LateFeeRow},
};
use proto::{convert, invoicing::v1 as pb};
use service::Failure;
use sqlx::PgConnection;
use std::collections::HashMap;
use types::id::InvoiceId;

/// One fee.
pub async fn encode(conn: &mut PgConnection, row: &LateFeeRow) -> Result<pb::LateFee, Failure> {
    let one = encode_all(conn, std::slice::from_ref(row)).await?.pop();
    one.ok_or_else(|| Failure::internal("a late fee got lost"))
}

/// Fees, in order.
pub async fn encode_all(
    conn: &mut PgConnection,
    rows: &[LateFeeRow],
) -> Result<Vec<pb::LateFee>, Failure> {
    let invoices: Vec<InvoiceId> = rows.iter().map(|row| row.fee.invoice).collect();
    let debts: HashMap<InvoiceId, Debt> = store::late_fees::debts(conn, &invoices).await?;
    let payers: Vec<_> = rows.iter().map(|row| (row.fee.legal_entity, None)).collect();
    let titles = store::profiles::titles(conn, &payers).await?;
    rows.iter()
        .zip(titles)
        .map(|(row, title)| {
            let debt = debts.get(&row.fee.invoice);
            let debt = debt.ok_or_else(|| Failure::internal("a late fee of no invoice"))?;
            let price = debt.price(&row.fee.charged).map_err(Failure::internal)?;
            let state = state(&row.fee, debt)?;
            one(row, price, state, title)
        })
        .collect()
}

fn state(fee: &LateFee, debt: &Debt) -> Result<pb::late_fee::State, Failure> {
    Ok(if fee.waived {
        pb::late_fee::State::Waived
    } else if debt.left().map_err(Failure::internal)?.is_positive() {
        pb::late_fee::State::Growing
    } else if fee.residual().map_err(Failure::internal)?.is_positive() {
        pb::late_fee::State::Open
    } else {
        pb::late_fee::State::Paid
    })
}

fn one(
    row: &LateFeeRow,
    price: Price,
    state: pb::late_fee::State,
    payer_title: String,
) -> Result<pb::LateFee, Failure> {
    let fee = &row.fee;
    let waiver = row.waiver.as_ref();
    Ok(pb::LateFee {
        name: fee.id.to_string(),
        client: fee.client.to_string(),
        payer_title,
        seller: fee.seller.to_string(),
        invoice: fee.invoice.to_string(),
        invoice_number: row.invoice_number.clone(),
        state: state.into(),
        amount: Some(fee.amount.into()),
        paid: Some(fee.paid.into()),
        residual: Some(fee.residual().map_err(Failure::internal)?.into()),
        parts: price.parts.iter().map(part).collect(),
        uncapped: Some(price.uncapped.into()),
        cap_percent: price.cap_percent.map(Into::into),
        waive_reason: waiver.map(|w| w.reason.clone()).unwrap_or_default(),
        waived_by: waiver.map(|w| w.actor.clone()).unwrap_or_default(),
        waive_time: waiver.map(|w| convert::timestamp(w.at)),
        create_time: Some(convert::timestamp(row.created_at)),
    })
}

fn part(part: &Part) -> pb::LateFeePart {
    pb::LateFeePart {
        first_day: Some(part.days.start().into()),
        last_day: Some(part.days.last().into()),
        days: i32::try_from(part.days.days()).unwrap_or(i32::MAX),
        debt: Some(part.debt.into()),
        daily_percent: Some(part.daily_percent.into()),
        price: Some(part.price.normalize().into()),
    }
}
