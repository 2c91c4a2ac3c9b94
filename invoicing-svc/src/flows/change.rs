//! Changing the quantity of a subscription: the preview and the confirmation are one computation.

use crate::{
    domain::{
        changes::{self, ChangeError, Preview, QuantityChange},
        invoices::{Invoice, InvoiceKind},
        subscriptions::Subscription,
    },
    flows::terms::Terms,
    store::{self, changes::NewChange, invoices::NewInvoice, subscriptions::SubscriptionRow},
};
use chrono::NaiveDate;
use service::{Failure, Frame, Text};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use types::id::{ChangeId, InvoiceId, InvoiceLineId};

/// What is asked for, as the token of a preview carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// The new total.
    pub quantity: u32,
    /// First day of it.
    pub day: NaiveDate,
}

impl Wish {
    /// The token that confirms exactly this preview: the wish, and a hash of all that was shown.
    #[must_use]
    pub fn token(self, preview: &Preview) -> String {
        format!("{}.{}.{}", self.quantity, self.day.format("%Y%m%d"), hash(&preview.canonical()))
    }

    /// The wish and the hash of a token.
    #[must_use]
    pub fn of_token(token: &str) -> Option<(Self, &str)> {
        let mut parts = token.splitn(3, '.');
        let quantity = parts.next()?.parse().ok()?;
        let day = NaiveDate::parse_from_str(parts.next()?, "%Y%m%d").ok()?;
        Some((Self { quantity, day }, parts.next()?))
    }
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Computes what a change would make; nothing is written.
///
/// # Errors
/// Why the rules refuse; those of the database.
pub async fn preview(
    conn: &mut PgConnection,
    row: &SubscriptionRow,
    wish: Wish,
    id: ChangeId,
) -> Result<Preview, Failure> {
    let subscription = &row.subscription;
    let terms = Terms::of_subscriptions(conn, std::iter::once(subscription)).await?;
    let ids = [subscription.id];
    let steps = store::changes::standing(conn, &ids).await?.remove(&subscription.id);
    let billed = store::invoices::standing(conn, &ids).await?.remove(&subscription.id);
    let change = QuantityChange {
        id,
        subscription,
        product: &terms.product(subscription.product)?.product,
        convention: terms.convention(subscription)?,
        reason: &row.override_reason,
        quantity: wish.quantity,
        day: wish.day,
        steps: &steps.unwrap_or_default(),
        billed: &billed.unwrap_or_default(),
        tax: terms.tax(subscription)?,
    };
    changes::preview(&change, InvoiceLineId::generate).map_err(|e| refused(&e))
}

/// Does exactly what a preview showed; the caller has locked the client's account.
///
/// # Errors
/// `FAILED_PRECONDITION` when anything has changed since, or a downgrade is not confirmed.
pub async fn confirm(
    conn: &mut PgConnection,
    frame: &Frame,
    row: SubscriptionRow,
    token: &str,
    downgrade: bool,
    actor: &str,
) -> Result<(ChangeId, Option<InvoiceId>, Preview), Failure> {
    let (wish, shown) = Wish::of_token(token).ok_or_else(bad_token)?;
    let id = ChangeId::generate();
    // A change that became impossible since its preview is stale for the same reason.
    let preview = preview(conn, &row, wish, id).await?;
    let subscription = row.subscription;
    let preview = preview.confirm(shown, hash, downgrade).map_err(|e| refused(&e))?;
    let invoice = match preview.lines.is_empty() {
        true => None,
        false => Some(InvoiceId::generate()),
    };
    let client = subscription.client;
    let change = NewChange { id, client, preview: &preview, invoice, actor };
    store::changes::insert(conn, &change, frame.clock.now()).await?;
    if let Some(invoice) = invoice {
        let contract = store::contracts::get(conn, subscription.contract).await?;
        let contract =
            contract.ok_or_else(|| Failure::internal("a subscription of no contract"))?;
        let lines = preview.lines.clone();
        let invoice = Invoice::draft(invoice, InvoiceKind::Extra, &contract.contract, lines)
            .and_then(|draft| draft.hold(None))
            .map_err(Failure::internal)?;
        let new =
            NewInvoice { invoice, order: None, run: None, payer_revision: None, paid_at: None };
        store::invoices::insert(conn, &[new], frame.clock.now()).await?;
    }
    let changed = Subscription { quantity: preview.after, ..subscription };
    store::subscriptions::save(conn, &[changed]).await?;
    Ok((id, invoice, preview))
}

fn bad_token() -> Failure {
    Failure::invalid(
        "token",
        Text::new(
            "Это не токен предпросмотра. Рассчитайте изменение ещё раз.",
            "This is not the token of a preview. Preview the change again.",
        ),
    )
}

fn refused(e: &ChangeError) -> Failure {
    let text = Text::of(e);
    match e {
        ChangeError::Quantity(_) | ChangeError::Same(_) => Failure::invalid("quantity", text),
        ChangeError::Day(_) => Failure::invalid("effective_date", text),
        ChangeError::ConfirmDowngrade { .. } => Failure::precondition("CONFIRM_DOWNGRADE", text),
        ChangeError::State(_) => Failure::precondition("SUBSCRIPTION_STATE", text),
        ChangeError::NotRecurring => Failure::precondition("NOT_RECURRING", text),
        ChangeError::Stale => Failure::precondition("PREVIEW_STALE", text),
        ChangeError::Billing(_) => Failure::precondition("NOT_PRICED", text),
        ChangeError::Money(_) => Failure::internal(e),
    }
}
