//! Follows invoicing-svc: sellers' accounts, issued invoices, and what became of our allocations.

mod news;

use crate::store;
use crate::store::bank_accounts::{BankAccount, Seller};
use chrono::NaiveDate;
use news::News;
use proto::convert::required;
use proto::google::r#type::{Date, Money as WireMoney};
use proto::invoicing::v1 as pb;
use service::Frame;
use service::feed::{Event, Handler as Follow, HandlerError};
use sqlx::PgConnection;
use types::Money;
use types::id::BankAccountId;

/// Handles the events of invoicing-svc.
#[derive(Debug, Clone)]
pub struct Handler {
    frame: Frame,
}

impl Handler {
    /// The handler of this frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }
}

impl Follow for Handler {
    type Prepared = ();

    const KINDS: &'static [&'static str] = &[
        "raschet.invoicing.v1.SellerChanged",
        "raschet.invoicing.v1.InvoiceIssued",
        "raschet.invoicing.v1.InvoiceResidualChanged",
        "raschet.invoicing.v1.PaymentApplied",
        "raschet.invoicing.v1.ApplicationReversed",
    ];

    async fn prepare(&self, _: &Event) -> Result<(), HandlerError> {
        Ok(())
    }

    async fn apply(
        &self,
        conn: &mut PgConnection,
        event: &Event,
        (): (),
    ) -> Result<(), HandlerError> {
        if event.is::<pb::SellerChanged>() {
            return seller_changed(conn, &event.decode()?).await;
        }
        News::read([event])?.keep(conn, &self.frame).await
    }

    async fn apply_batch(
        &self,
        conn: &mut PgConnection,
        batch: &[(&Event, &())],
    ) -> Result<bool, HandlerError> {
        if batch.iter().any(|(event, ())| event.is::<pb::SellerChanged>()) {
            return Ok(false);
        }
        News::read(batch.iter().map(|(event, ())| *event))?.keep(conn, &self.frame).await?;
        Ok(true)
    }
}

async fn seller_changed(
    conn: &mut PgConnection,
    changed: &pb::SellerChanged,
) -> Result<(), HandlerError> {
    let id = name(&changed.seller)?;
    let seller =
        Seller { id, title: changed.title.clone(), tax_id: changed.tax_id.trim().to_owned() };
    let account: String = changed.account.split_whitespace().collect();
    let currency = changed.currency.parse().map_err(|e| HandlerError::Park(format!("{e}")))?;
    let bank_account = BankAccount {
        id: BankAccountId::generate(),
        seller: id,
        account: account.to_uppercase(),
        bic: changed.bic.clone(),
        currency,
    };
    if !store::bank_accounts::save(conn, &seller, &bank_account).await? {
        let account = bank_account.account;
        return Err(HandlerError::Park(format!("{account} is the account of another seller")));
    }
    Ok(())
}

fn name<T: std::str::FromStr<Err = types::id::BadName>>(text: &str) -> Result<T, HandlerError> {
    text.parse().map_err(|error: types::id::BadName| HandlerError::Park(error.to_string()))
}

fn optional<T>(text: &str) -> Result<Option<T>, HandlerError>
where
    T: std::str::FromStr<Err = types::id::BadName>,
{
    if text.is_empty() { Ok(None) } else { name(text).map(Some) }
}

fn money(given: Option<&WireMoney>) -> Result<Money, HandlerError> {
    required(given).and_then(Money::try_from).map_err(|error| HandlerError::Park(error.to_string()))
}

fn amount(given: Option<&WireMoney>) -> Result<Option<Money>, HandlerError> {
    given.map(|given| money(Some(given))).transpose()
}

fn date(given: Option<&Date>) -> Result<NaiveDate, HandlerError> {
    required(given)
        .and_then(NaiveDate::try_from)
        .map_err(|error| HandlerError::Park(error.to_string()))
}
