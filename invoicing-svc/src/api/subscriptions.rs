//! `Subscriptions`: what a client has, changes of its quantity, and when it is stopped.

use super::{parse, traces};
use crate::{
    domain::{changes::Preview, lines::Line, subscriptions::SubscriptionState},
    flows::{
        accept,
        change::{self, Wish},
        suspend::{self, Stop},
    },
    store::{self, subscriptions::SubscriptionRow, suspensions::Open},
};
use proto::{
    convert,
    invoicing::v1::{self as pb, subscriptions_server::Subscriptions},
};
use service::{
    Failure, Frame, Locale, Scope, Text, Violations, etag, idempotency,
    page::{Page, TOTAL_CAP},
};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::id::{ChangeId, ClientId, SubscriptionId};
use uuid::Uuid;

/// Longest reason, in characters.
const REASON: usize = 500;

/// The service.
#[derive(Debug, Clone)]
pub struct Api {
    frame: Frame,
}

impl Api {
    /// A service over this frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }
}

#[tonic::async_trait]
impl Subscriptions for Api {
    async fn get_subscription(
        &self,
        request: Request<pb::GetSubscriptionRequest>,
    ) -> Result<Response<pb::Subscription>, Status> {
        let id: SubscriptionId = parse::only_name("name", &request.get_ref().name)?;
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        Ok(Response::new(encoded(&mut conn, id).await?))
    }

    async fn list_subscriptions(
        &self,
        request: Request<pb::ListSubscriptionsRequest>,
    ) -> Result<Response<pb::ListSubscriptionsResponse>, Status> {
        let msg = request.get_ref();
        let mut v = Violations::default();
        let client: Option<ClientId> = parse::optional_name(&mut v, "client", &msg.client);
        let state = pb::subscription::State::try_from(msg.state).map(|s| s.as_str_name());
        let state: Option<SubscriptionState> =
            if msg.state == 0 { None } else { parse::choice(&mut v, "state", state, None) };
        let renewal = parse::date(&mut v, "renewal_date", msg.renewal_date.as_ref());
        v.finish()?;
        let state = state.map(SubscriptionState::code);
        let bound = ("subscriptions", client, state, renewal);
        let page = Page::<Uuid>::read(msg.page_size, &msg.page_token, &bound)?;
        let filter = store::subscriptions::Filter { client, state, renewal };
        let before = page.after().map(|id| SubscriptionId(*id));
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let rows = store::subscriptions::list(&mut conn, filter, before, page.limit()).await?;
        let (rows, next_page_token) = page.finish(rows, |r| r.subscription.id.0);
        let total = store::subscriptions::total(&mut conn, filter, TOTAL_CAP).await?;
        let ids: Vec<SubscriptionId> = rows.iter().map(|r| r.subscription.id).collect();
        let stopped = store::suspensions::open(&mut conn, &ids).await?;
        let told = rows.iter().map(|row| encode(row, stopped.get(&row.subscription.id)));
        Ok(Response::new(pb::ListSubscriptionsResponse {
            subscriptions: told.collect(),
            next_page_token,
            total_size: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn preview_quantity_change(
        &self,
        request: Request<pb::PreviewQuantityChangeRequest>,
    ) -> Result<Response<pb::ChangePreview>, Status> {
        let locale = Scope::of(&request)?.locale;
        let msg = request.get_ref();
        let id: SubscriptionId = parse::only_name("name", &msg.name)?;
        let mut v = Violations::default();
        let quantity = parse::number(&mut v, "quantity", msg.quantity, (1, 1_000_000), None);
        let day = parse::date(&mut v, "effective_date", msg.effective_date.as_ref());
        v.finish()?;
        // One snapshot of all that the preview is computed from; nothing is written.
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        let row = found(&mut tx, id).await?;
        let zone = accept::zone(&mut tx, row.subscription.client).await?;
        let day = day.unwrap_or_else(|| self.frame.clock.today(zone));
        let wish = Wish { quantity, day };
        let preview = change::preview(&mut tx, &row, wish, ChangeId::generate()).await?;
        Ok(Response::new(pb::ChangePreview {
            token: wish.token(&preview),
            quantity_before: count(preview.before),
            quantity_after: count(preview.after),
            lines: preview.lines.iter().map(line).collect(),
            total: Some(preview.total().into()),
            downgrade: preview.is_downgrade(),
            explanation: explanation(&preview, &row.title, locale),
        }))
    }

    async fn confirm_quantity_change(
        &self,
        request: Request<pb::ConfirmQuantityChangeRequest>,
    ) -> Result<Response<pb::Change>, Status> {
        let actor = Scope::of(&request)?.actor;
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let id: SubscriptionId = parse::only_name("name", &msg.name)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.locked(&mut tx, id).await?;
        let downgrade = msg.confirm_downgrade;
        let (change, invoice, preview) =
            change::confirm(&mut tx, &self.frame, row, &msg.token, downgrade, &actor).await?;
        let reply = pb::Change {
            name: change.to_string(),
            subscription: id.to_string(),
            quantity_before: count(preview.before),
            quantity_after: count(preview.after),
            effective_date: Some(preview.day.into()),
            invoice: invoice.map(|id| id.to_string()).unwrap_or_default(),
            lines: preview.lines.iter().map(line).collect(),
            total: Some(preview.total().into()),
        };
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        self.frame.wake();
        Ok(Response::new(reply))
    }

    async fn suspend_subscription(
        &self,
        request: Request<pb::SuspendSubscriptionRequest>,
    ) -> Result<Response<pb::Subscription>, Status> {
        let actor = Scope::of(&request)?.actor;
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let mut v = Violations::default();
        let id: Option<SubscriptionId> = parse::name(&mut v, "name", &msg.name);
        let reason = parse::required_text(&mut v, "reason", &msg.reason, REASON);
        v.finish()?;
        let id = id.ok_or_else(|| Failure::internal("a name without violations is none"))?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.locked(&mut tx, id).await?;
        let stop = Stop { reason, actor, anyway: msg.anyway };
        suspend::suspend(&mut tx, &self.frame, row, stop).await?;
        let reply = encoded(&mut tx, id).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        self.frame.wake();
        Ok(Response::new(reply))
    }

    async fn protect_subscription(
        &self,
        request: Request<pb::ProtectSubscriptionRequest>,
    ) -> Result<Response<pb::Subscription>, Status> {
        Ok(Response::new(self.protect(&request).await?))
    }

    async fn resume_subscription(
        &self,
        request: Request<pb::ResumeSubscriptionRequest>,
    ) -> Result<Response<pb::Subscription>, Status> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(&request, &msg.request_id)?;
        let id: SubscriptionId = parse::only_name("name", &msg.name)?;
        let mut tx = self.frame.begin().await.map_err(Failure::from)?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(Response::new(saved));
        }
        let row = self.locked(&mut tx, id).await?;
        suspend::resume(&mut tx, &self.frame, row.subscription).await?;
        let reply = encoded(&mut tx, id).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await.map_err(Failure::from)?;
        self.frame.wake();
        Ok(Response::new(reply))
    }
}

impl Api {
    /// Says until when a service is not to be suspended (A145).
    async fn protect(
        &self,
        request: &Request<pb::ProtectSubscriptionRequest>,
    ) -> Result<pb::Subscription, Failure> {
        let msg = request.get_ref();
        let key = idempotency::Key::of(request, &msg.request_id)?;
        let mut v = Violations::default();
        let id: Option<SubscriptionId> = parse::name(&mut v, "name", &msg.name);
        let until = parse::date(&mut v, "until", msg.until.as_ref());
        v.finish()?;
        let id = id.ok_or_else(|| Failure::internal("a name without violations is none"))?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let row = self.locked(&mut tx, id).await?;
        let today = self.frame.clock.today(accept::zone(&mut tx, row.subscription.client).await?);
        if until.is_some_and(|day| day <= today) {
            let text = Text::new("Укажите день после сегодняшнего.", "Give a day after today.");
            return Err(Failure::invalid("until", text));
        }
        row.subscription.protect().map_err(suspend::refused)?;
        store::subscriptions::protect(&mut tx, id, until).await?;
        let reply = encoded(&mut tx, id).await?;
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await?;
        Ok(reply)
    }

    /// A subscription whose client's account is locked.
    async fn locked(
        &self,
        conn: &mut PgConnection,
        id: SubscriptionId,
    ) -> Result<SubscriptionRow, Failure> {
        let client = found(conn, id).await?.subscription.client;
        store::accounts::lock(conn, client, self.frame.clock.now()).await?;
        found(conn, id).await
    }
}

async fn found(conn: &mut PgConnection, id: SubscriptionId) -> Result<SubscriptionRow, Failure> {
    let row = store::subscriptions::get(conn, id).await?;
    row.ok_or_else(|| Failure::not_found(id.to_string()))
}

/// A subscription as it is now.
async fn encoded(conn: &mut PgConnection, id: SubscriptionId) -> Result<pb::Subscription, Failure> {
    let row = found(conn, id).await?;
    let stopped = store::suspensions::open(conn, &[id]).await?;
    Ok(encode(&row, stopped.get(&id)))
}

fn count(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// The whole in one sentence.
fn explanation(preview: &Preview, title: &str, locale: Locale) -> String {
    let Preview { before, after, day, .. } = preview;
    let total = preview.total();
    match (locale, total.is_negative(), preview.lines.is_empty()) {
        (Locale::Ru, _, true) => format!(
            "{title}: {before} → {after} с {}; вперёд ничего не выставлено, доплаты нет.",
            day.format("%d.%m.%Y")
        ),
        (Locale::Ru, false, _) => {
            format!("{title}: {before} → {after} с {}, к оплате {total}.", day.format("%d.%m.%Y"))
        }
        (Locale::Ru, true, _) => format!(
            "{title}: {before} → {after} с {}, к возврату на баланс {}.",
            day.format("%d.%m.%Y"),
            total.negated()
        ),
        (Locale::En, _, true) => {
            format!("{title}: {before} → {after} from {day}; nothing ahead is billed, no charge.")
        }
        (Locale::En, false, _) => {
            format!("{title}: {before} → {after} from {day}, {total} to pay.")
        }
        (Locale::En, true, _) => {
            format!("{title}: {before} → {after} from {day}, {} to the credit.", total.negated())
        }
    }
}

fn line(l: &Line) -> pb::ChangeLine {
    pb::ChangeLine {
        text: l.title().ru,
        start_date: Some(l.period.start().into()),
        last_day: Some(l.period.last().into()),
        quantity: count(l.quantity),
        amount: Some(l.amounts.gross.into()),
        tax: Some(l.amounts.tax.into()),
        trace: traces::of_line(l),
    }
}

fn encode(row: &SubscriptionRow, stopped: Option<&Open>) -> pb::Subscription {
    let s = &row.subscription;
    let unpaid = stopped.and_then(|o| o.unpaid);
    let state = pb::subscription::State::from_str_name(s.state.code()).unwrap_or_default();
    pb::Subscription {
        name: s.id.to_string(),
        client: s.client.to_string(),
        contract: s.contract.to_string(),
        payer: s.legal_entity.to_string(),
        product: s.product.to_string(),
        order: row.order.map(|id| id.to_string()).unwrap_or_default(),
        state: state.into(),
        quantity: count(s.quantity),
        cycle_months: s.schedule.map_or(0, |g| count(g.months())),
        unit_price: Some(s.price.unit_price.amount().into()),
        anchor_day: s.schedule.map_or(0, |g| count(g.anchor())),
        start_date: Some(s.start.into()),
        billed_through: Some(s.billed_through.into()),
        paid_through: Some(s.paid_through.into()),
        main_subscription: s.main.map(|id| id.to_string()).unwrap_or_default(),
        title: row.title.clone(),
        etag: etag(row.revision),
        create_time: Some(convert::timestamp(row.created_at)),
        price_months: s.price.cycle.recurring().map_or(0, count),
        currency: s.price.unit_price.currency().code().into(),
        suspended_since: stopped.map(|o| o.suspension.first_day.into()),
        suspension_reason: stopped.map(|o| o.suspension.reason.clone()).unwrap_or_default(),
        no_suspend_until: row.no_suspend_until.map(Into::into),
        unpaid_invoice: unpaid.map(|id| id.to_string()).unwrap_or_default(),
    }
}
