//! What clients are offered: a quote in every state but that of one that was let expire.

use super::{
    catalogue::{Catalogue, House},
    clients::{self, Customer},
    office::{Desk, Office, request_id},
};
use anyhow::Result;
use chrono::TimeDelta;
use proto::invoicing::v1::{
    AcceptQuoteRequest, CreateQuoteRequest, DeclineQuoteRequest, OrderLine, Quote,
    SendQuoteRequest, quotes_client::QuotesClient,
};

/// How a quote stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Draft,
    Sent,
    Accepted,
    Declined,
}

/// Which client, what it is about, what is offered once and how many of it, and how it ends.
type Offer = (usize, &'static str, &'static [(&'static str, i32)], Ends);

const OFFERS: [Offer; 4] = [
    (0, "Перенос почты и обучение", &[("setup", 1), ("lesson", 2)], Ends::Sent),
    (0, "Разбор старого архива", &[("hour", 3)], Ends::Declined),
    (5, "Обучение новых сотрудников", &[("lesson", 4)], Ends::Accepted),
    (8, "Настройка рабочих мест", &[("setup", 1), ("hour", 2)], Ends::Draft),
];

/// Makes them, each with a client that has a contract for such works.
///
/// # Errors
/// When one is refused.
pub async fn make(office: &Office, catalogue: &Catalogue, customers: &[Customer]) -> Result<()> {
    for (nth, subject, wishes, ends) in OFFERS {
        let known = customers.get(nth..).unwrap_or_default().iter();
        let Some((customer, contract)) =
            known.filter_map(|c| Some((c, c.contracts.get(&House::Works)?))).next()
        else {
            continue;
        };
        let lines = wishes.iter().map(|(code, quantity)| OrderLine {
            product: catalogue.product(code),
            quantity: *quantity,
            ..Default::default()
        });
        let quote = Quote {
            client: customer.client.clone(),
            contract: contract.clone(),
            lines: lines.collect(),
            valid_until: Some((office.today() + TimeDelta::days(14)).into()),
            subject: subject.into(),
            note: "Приедем в удобный вам день; дорога входит в цену.".into(),
            ..Default::default()
        };
        end(office, quote, ends).await?;
    }
    Ok(())
}

async fn end(office: &Office, quote: Quote, ends: Ends) -> Result<()> {
    let mut quotes = QuotesClient::new(office.at(Desk::Sales, "invoicing"));
    let request = CreateQuoteRequest { quote: Some(quote), request_id: request_id() };
    let Quote { name, etag, .. } = quotes.create_quote(request).await?.into_inner();
    if ends == Ends::Draft {
        return Ok(());
    }
    let send = SendQuoteRequest { name: name.clone(), etag, request_id: request_id() };
    quotes.send_quote(send).await?;
    if ends == Ends::Declined {
        let reason = "Пока не нужно".into();
        let decline =
            DeclineQuoteRequest { name, reason, request_id: request_id(), ..Default::default() };
        quotes.decline_quote(decline).await?;
    } else if ends == Ends::Accepted {
        let accept = AcceptQuoteRequest { name, request_id: request_id(), ..Default::default() };
        let made = quotes.accept_quote(accept).await?.into_inner();
        for invoice in made.invoices {
            clients::issue(office, &invoice).await?;
        }
    }
    Ok(())
}
