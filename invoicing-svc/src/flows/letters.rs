//! The letters about invoices and quotes that invoicing-svc asks for.

use crate::{
    domain::invoices::Invoice,
    store::{quotes::QuoteRow, sellers::SellerRow},
};
use proto::invoicing::v1 as pb;
use service::Failure;
use std::collections::BTreeMap;
use types::{Money, print};

/// The request of a letter with the invoice attached; none when there is nothing to pay (a credit).
///
/// # Errors
/// `INTERNAL` when the sums do not fit.
pub fn issued(
    invoice: &Invoice,
    seller: &SellerRow,
    pay_token: Option<&str>,
    language: &str,
) -> Result<Option<pb::LetterRequested>, Failure> {
    let total = invoice.totals().map_err(Failure::internal)?.gross;
    Ok(about(invoice, "invoice_issued", "issued", ("total", total), seller, pay_token, language))
}

/// The request of a letter that reminds of an overdue invoice for the nth time (A48).
///
/// # Errors
/// `INTERNAL` when the sums do not fit.
pub fn overdue(
    invoice: &Invoice,
    seller: &SellerRow,
    pay_token: Option<&str>,
    language: &str,
    nth: i32,
) -> Result<Option<pb::LetterRequested>, Failure> {
    let rest = ("residual", invoice.residual().map_err(Failure::internal)?);
    let occasion = format!("overdue/{nth}");
    Ok(about(invoice, "invoice_overdue", &occasion, rest, seller, pay_token, language))
}

/// The request of a letter with a quote attached.
#[must_use]
pub fn quoted(
    row: &QuoteRow,
    total: Money,
    seller: &SellerRow,
    language: &str,
) -> pb::LetterRequested {
    let (english, quote) = (language == "en", &row.quote);
    let subject =
        if quote.subject.is_empty() { String::new() } else { format!(": {}", quote.subject) };
    let variables = BTreeMap::from([
        ("number".into(), row.number.to_string()),
        ("subject".into(), subject),
        ("seller".into(), seller.seller.name.clone()),
        ("total".into(), print::amount(total, english)),
        ("valid_until".into(), print::day(quote.valid_until, english)),
    ]);
    pb::LetterRequested {
        key: format!("{}/sent", quote.id),
        template: "quote_sent".into(),
        client: quote.client.to_string(),
        variables,
        documents: vec![quote.id.to_string()],
    }
}

fn about(
    invoice: &Invoice,
    template: &str,
    occasion: &str,
    (name, sum): (&str, Money),
    seller: &SellerRow,
    pay_token: Option<&str>,
    language: &str,
) -> Option<pb::LetterRequested> {
    let issued = invoice.issued.as_ref().filter(|_| sum.is_positive())?;
    let english = language == "en";
    let variables = BTreeMap::from([
        ("number".into(), issued.number.clone()),
        ("issue_date".into(), print::day(issued.date, english)),
        ("due_date".into(), print::day(issued.due, english)),
        ("seller".into(), seller.seller.name.clone()),
        (name.into(), print::amount(sum, english)),
        ("pay_token".into(), pay_token.unwrap_or_default().into()),
    ]);
    Some(pb::LetterRequested {
        key: format!("{}/{occasion}", invoice.id),
        template: template.into(),
        client: invoice.client.to_string(),
        variables,
        documents: vec![invoice.id.to_string()],
    })
}
