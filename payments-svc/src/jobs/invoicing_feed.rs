//! Follows invoicing-svc: sellers' accounts, issued invoices, and what became of our allocations.

use super::matching;
use crate::domain::matching::numbers::NumberKey;
use crate::store;
use crate::store::bank_accounts::{BankAccount, Seller};
use crate::store::invoices::Issued;
use chrono::NaiveDate;
use proto::convert::required;
use proto::google::r#type::{Date, Money as WireMoney};
use proto::invoicing::v1 as pb;
use service::Frame;
use service::feed::{Event, Handler as Follow, HandlerError};
use sqlx::PgConnection;
use types::Money;
use types::id::{AllocationId, BankAccountId, ClientId, InvoiceId};

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
        if let Some(client) = event.client {
            store::accounts::lock(&mut *conn, &[client]).await?;
        }
        if event.is::<pb::SellerChanged>() {
            seller_changed(conn, &event.decode()?).await
        } else if event.is::<pb::InvoiceIssued>() {
            self.invoice_issued(conn, event, &event.decode()?).await
        } else if event.is::<pb::InvoiceResidualChanged>() {
            self.residual_changed(conn, event, &event.decode()?).await
        } else if event.is::<pb::PaymentApplied>() {
            let answer: pb::PaymentApplied = event.decode()?;
            settled(&mut *conn, &answer.allocation, answer.applied, answer.credit, false).await?;
            let Some(invoice) = optional(&answer.invoice)? else { return Ok(()) };
            let keys = store::invoices::number_keys(&mut *conn, invoice).await?;
            self.look_again(conn, event, keys).await
        } else {
            let answer: pb::ApplicationReversed = event.decode()?;
            settled(conn, &answer.allocation, answer.applied, answer.credit, true).await
        }
    }
}

impl Handler {
    async fn invoice_issued(
        &self,
        conn: &mut PgConnection,
        event: &Event,
        issued: &pb::InvoiceIssued,
    ) -> Result<(), HandlerError> {
        let client: ClientId = name(&issued.client)?;
        if event.client != Some(client) {
            store::accounts::lock(&mut *conn, &[client]).await?;
        }
        let invoice = Issued {
            id: name(&issued.invoice)?,
            number: issued.number.clone(),
            sequence: issued.sequence,
            client,
            payer: optional(&issued.payer)?,
            contract: optional(&issued.contract)?,
            seller: name(&issued.seller)?,
            total: money(issued.total.as_ref())?,
            residual: money(issued.residual.as_ref())?,
            issued_on: date(issued.issue_date.as_ref())?,
            due_on: issued.due_date.as_ref().map(|day| date(Some(day))).transpose()?,
        };
        if !store::invoices::insert(&mut *conn, &invoice).await? {
            return Ok(());
        }
        let key = NumberKey::of(&invoice.number);
        let keys = [key.full, key.tail];
        let waiting = store::lines::waiting_for_invoice(&mut *conn, client, &keys).await?;
        matching::push(conn, &self.frame, event.id, waiting).await?;
        Ok(())
    }

    async fn residual_changed(
        &self,
        conn: &mut PgConnection,
        event: &Event,
        changed: &pb::InvoiceResidualChanged,
    ) -> Result<(), HandlerError> {
        let id: InvoiceId = name(&changed.invoice)?;
        let residual = money(changed.residual.as_ref())?;
        let (state, payment_state) = (&changed.state, &changed.payment_state);
        // A draft that is cancelled was never issued, and so was never told here.
        let keys = store::invoices::update(&mut *conn, id, residual, state, payment_state).await?;
        self.look_again(conn, event, keys).await
    }

    /// What is left to pay on an invoice has changed: lines that name it may fit now. Both events
    /// of one payment come here, since only after the second nothing of it is in flight.
    async fn look_again(
        &self,
        conn: &mut PgConnection,
        event: &Event,
        keys: Option<[String; 2]>,
    ) -> Result<(), HandlerError> {
        let Some(keys) = keys else { return Ok(()) };
        let waiting = store::lines::waiting_for_number(&mut *conn, &keys).await?;
        matching::push(conn, &self.frame, event.id, waiting).await?;
        Ok(())
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

async fn settled(
    conn: &mut PgConnection,
    allocation: &str,
    applied: Option<WireMoney>,
    credit: Option<WireMoney>,
    of_reversal: bool,
) -> Result<(), HandlerError> {
    // Credit that is applied later has no allocation of its own.
    let Some(id) = optional::<AllocationId>(allocation)? else { return Ok(()) };
    let applied = amount(applied.as_ref())?;
    let credit = amount(credit.as_ref())?;
    let currency = applied.or(credit).map(Money::currency);
    let currency =
        currency.ok_or_else(|| HandlerError::Park("an answer without amounts".into()))?;
    let zero = Money::zero(currency);
    // After a reversal nothing of the allocation stands anywhere.
    let (applied, credit) =
        if of_reversal { (zero, zero) } else { (applied.unwrap_or(zero), credit.unwrap_or(zero)) };
    if !store::allocations::settle(conn, id, applied, credit, of_reversal).await? {
        return Err(HandlerError::Park(format!("{id} was never made here")));
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
