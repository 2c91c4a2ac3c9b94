//! Follows invoicing-svc: letters that shall leave, and work that shall be done.
//!
//! While an invoice is held there is no such event, so there is no letter: none can leave early,
//! in no retry and no restart (G51).

use super::{events, outbox, post::Post, profiles};
use crate::{
    domain::{
        clocks::Promise,
        letters::Correspondent,
        messages::{Author, Body},
        outbound_letters::OutboundLetter,
        profiles::Profile,
        templates::{self, Language},
        tickets::{Opening, Origin, Trust},
        work_orders::{self, WorkOrder},
    },
    store::{self, outbound_letters::Cause, tickets::Source},
};
use proto::invoicing::v1::{LetterRequested, WorkRequested};
use service::{
    Failure, Frame,
    feed::{Event, Handler, HandlerError},
};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use types::id::ClientId;

/// Department whose mailbox letters about money come from.
pub const BILLING: &str = "billing";

/// Queues letters and opens work orders.
#[derive(Debug)]
pub struct InvoicingFollower {
    frame: Frame,
    post: Post,
}

impl InvoicingFollower {
    /// A follower.
    #[must_use]
    pub fn new(frame: &Frame, post: Post) -> Self {
        Self { frame: frame.clone(), post }
    }

    async fn letter(
        &self,
        conn: &mut PgConnection,
        wanted: LetterRequested,
    ) -> Result<(), HandlerError> {
        let client = client(&wanted.client)?;
        store::clients::lock(conn, client).await?;
        let values = wanted.variables.into_iter().collect();
        let letter = composed(conn, &self.post, client, &wanted.template, &values).await?;
        let cause = Cause {
            request_key: Some(wanted.key),
            client: Some(client),
            documents: wanted.documents,
            ..Cause::default()
        };
        outbox::queue(conn, &self.frame, &letter, &cause).await?;
        Ok(())
    }

    async fn work(
        &self,
        conn: &mut PgConnection,
        wanted: WorkRequested,
    ) -> Result<(), HandlerError> {
        let client = client(&wanted.client)?;
        store::clients::lock(conn, client).await?;
        if store::tickets::of_work(conn, &wanted.key).await?.is_some() {
            return Ok(());
        }
        let order = WorkOrder {
            resource: wanted.resource,
            before: wanted.quantity_before,
            after: wanted.quantity_after,
        };
        let opening = Opening {
            clients: vec![client],
            subject: order.subject().to_owned(),
            department: work_orders::DEPARTMENT.to_owned(),
            requester: None,
            trust: Trust::Unknown,
            origin: Origin::WorkOrder,
            regarding: wanted.subscription,
            author: Author::System,
            body: Body::System { text: order.text() },
        };
        let mut step = opening.open(&Promise::regulation(), self.frame.clock.now());
        let source = Source { work_key: Some(&wanted.key), ..Source::default() };
        store::tickets::insert(conn, &mut step, source, "service/invoicing").await?;
        events::ticket_changed(conn, &self.frame, &step).await?;
        Ok(())
    }
}

impl Handler for InvoicingFollower {
    type Prepared = Option<Profile>;

    const KINDS: &'static [&'static str] =
        &["raschet.invoicing.v1.LetterRequested", "raschet.invoicing.v1.WorkRequested"];

    async fn prepare(&self, event: &Event) -> Result<Option<Profile>, HandlerError> {
        let name = if event.is::<LetterRequested>() {
            event.decode::<LetterRequested>()?.client
        } else {
            event.decode::<WorkRequested>()?.client
        };
        let client = client(&name)?;
        let mut conn = self.frame.pool.acquire().await?;
        let known = store::clients::revision(&mut conn, client).await?;
        drop(conn);
        if known.is_some() {
            return Ok(None);
        }
        let fetched = profiles::fetch(&self.frame, client).await?;
        let unknown = || HandlerError::Park(format!("clients-svc does not know {client}"));
        fetched.map(Some).ok_or_else(unknown)
    }

    async fn apply(
        &self,
        conn: &mut PgConnection,
        event: &Event,
        profile: Option<Profile>,
    ) -> Result<(), HandlerError> {
        if let Some(profile) = profile {
            store::clients::keep(conn, &profile).await?;
        }
        if event.is::<LetterRequested>() {
            self.letter(conn, event.decode()?).await
        } else {
            self.work(conn, event.decode()?).await
        }
    }
}

/// A letter of a template to a client, as it would leave now. Previews and letters are one thing.
///
/// # Errors
/// `INVALID_ARGUMENT` when there is no such template or it needs a value that is not given.
pub async fn composed(
    conn: &mut PgConnection,
    post: &Post,
    client: ClientId,
    template: &str,
    values: &BTreeMap<String, String>,
) -> Result<OutboundLetter, Failure> {
    let Some(template) = templates::template(template) else {
        let known = templates::names().collect::<Vec<_>>().join(", ");
        return Err(Failure::invalid(
            "template",
            service::Text::new(
                format!("Нет шаблона «{template}». Есть: {known}."),
                format!("There is no template {template:?}. There are: {known}."),
            ),
        ));
    };
    let manner = store::clients::manner(conn, client).await?;
    let language = manner.map_or(Language::Ru, |(language, _)| Language::of(&language));
    let mut values = values.clone();
    let token = values.get("pay_token").map(String::as_str).unwrap_or_default();
    let pay = templates::pay_paragraph(language, post.site(), token);
    values.insert("pay".to_owned(), pay);
    values.insert("accept".to_owned(), templates::quote_paragraph(language, post.site()));
    let recipients = store::clients::recipients(conn, client, template.audience).await?;
    let boxes = store::mailboxes::all(conn).await?.into_iter().map(|stored| stored.mailbox);
    let mailbox = boxes.min_by_key(|mailbox| (mailbox.department != BILLING, mailbox.id));
    let from = mailbox.map_or_else(
        || post.fallback(),
        |mailbox| Correspondent { name: mailbox.display_name, address: mailbox.address },
    );
    OutboundLetter::of_template(template, language, &values, from, recipients).map_err(|missing| {
        Failure::invalid(
            format!("variables.{}", missing.variable),
            service::Text::new(
                format!("Шаблону {} нужно значение {}.", missing.template, missing.variable),
                missing.to_string(),
            ),
        )
    })
}

fn client(name: &str) -> Result<ClientId, HandlerError> {
    name.parse().map_err(|e| HandlerError::Park(format!("the event names no client: {e}")))
}
