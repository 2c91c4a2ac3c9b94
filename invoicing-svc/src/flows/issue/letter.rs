//! The letter that an issued invoice asks for.

use crate::{domain::invoices::Invoice, store::sellers::SellerRow};
use proto::invoicing::v1 as pb;
use service::Failure;
use std::collections::BTreeMap;
use types::print;

/// The request of a letter with the invoice attached; none when there is nothing to pay (a credit).
///
/// # Errors
/// `INTERNAL` when the sums do not fit.
pub(super) fn issued(
    invoice: &Invoice,
    seller: &SellerRow,
    pay_token: Option<&str>,
    language: &str,
) -> Result<Option<pb::LetterRequested>, Failure> {
    let total = invoice.totals().map_err(Failure::internal)?.gross;
    let Some(issued) = invoice.issued.as_ref().filter(|_| total.is_positive()) else {
        return Ok(None);
    };
    let english = language == "en";
    let variables = BTreeMap::from([
        ("number".into(), issued.number.clone()),
        ("issue_date".into(), print::day(issued.date, english)),
        ("due_date".into(), print::day(issued.due, english)),
        ("seller".into(), seller.seller.name.clone()),
        ("total".into(), print::amount(total, english)),
        ("pay_token".into(), pay_token.unwrap_or_default().into()),
    ]);
    Ok(Some(pb::LetterRequested {
        key: format!("{}/issued", invoice.id),
        template: "invoice_issued".into(),
        client: invoice.client.to_string(),
        variables,
        documents: vec![invoice.id.to_string()],
    }))
}
