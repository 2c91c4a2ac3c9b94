//! The letter that an issued invoice asks for.

use crate::{domain::invoices::Invoice, store::sellers::SellerRow};
use chrono::NaiveDate;
use proto::invoicing::v1 as pb;
use service::Failure;
use std::collections::BTreeMap;
use types::{Currency, Money};

/// The request of a letter with the invoice attached; none when there is nothing to pay (a credit).
///
/// # Errors
/// `INTERNAL` when the sums do not fit.
pub(super) fn issued(
    invoice: &Invoice,
    seller: &SellerRow,
    language: &str,
) -> Result<Option<pb::LetterRequested>, Failure> {
    let total = invoice.totals().map_err(Failure::internal)?.gross;
    let Some(issued) = invoice.issued.as_ref().filter(|_| total.is_positive()) else {
        return Ok(None);
    };
    let variables = BTreeMap::from([
        ("number".into(), issued.number.clone()),
        ("issue_date".into(), date(issued.date, language)),
        ("due_date".into(), date(issued.due, language)),
        ("seller".into(), seller.seller.name.clone()),
        ("total".into(), amount(total, language)),
    ]);
    Ok(Some(pb::LetterRequested {
        key: format!("{}/issued", invoice.id),
        template: "invoice_issued".into(),
        client: invoice.client.to_string(),
        variables,
        documents: vec![invoice.id.to_string()],
    }))
}

fn date(day: NaiveDate, language: &str) -> String {
    let format = if language == "en" { "%d %B %Y" } else { "%d.%m.%Y" };
    day.format(format).to_string()
}

/// An amount as people write it: `12 860,00 ₽`, or `12,860.00 RUB` in English.
fn amount(money: Money, language: &str) -> String {
    let text = money.amount().to_string();
    let (units, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let (group, point) = if language == "en" { (',', '.') } else { ('\u{a0}', ',') };
    let mut grouped = String::new();
    for (i, digit) in units.chars().enumerate() {
        if i > 0 && (units.len() - i).is_multiple_of(3) {
            grouped.push(group);
        }
        grouped.push(digit);
    }
    let currency = match (money.currency(), language) {
        (Currency::Rub, "ru") => "₽",
        (currency, _) => currency.code(),
    };
    format!("{grouped}{point}{cents}\u{a0}{currency}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal_macros::dec;

    #[test]
    fn amounts_and_dates_as_people_write_them() {
        let money = Money::new(dec!(1048336.50), Currency::Rub).unwrap();
        assert_eq!(amount(money, "ru"), "1\u{a0}048\u{a0}336,50\u{a0}₽");
        assert_eq!(amount(money, "en"), "1,048,336.50\u{a0}RUB");
        let small = Money::new(dec!(860), Currency::Byn).unwrap();
        assert_eq!(amount(small, "ru"), "860,00\u{a0}BYN");
        let day = NaiveDate::from_ymd_opt(2019, 2, 9).unwrap();
        assert_eq!(date(day, "ru"), "09.02.2019");
        assert_eq!(date(day, "en"), "09 February 2019");
    }
}
