//! Mailboxes: addresses that letters come to.

use super::parse;
use crate::{
    domain::{
        clocks::Promise,
        mailboxes::{self, Mailbox},
        working_hours::WorkingHours,
    },
    store::{self, mailboxes::Stored},
};
use proto::{
    convert,
    tickets::v1::{
        CreateMailboxRequest, ListMailboxesRequest, ListMailboxesResponse, Mailbox as Wire,
        UpdateMailboxRequest, mailboxes_server::Mailboxes,
    },
};
use service::{Failure, Frame, Text, Violations, check_etag, etag, idempotency, mask::Mask, page};
use tonic::{Request, Response, Status};
use types::{Bilingual, EmailAddress, id::MailboxId};
use uuid::Uuid;

/// Longest display name, in characters.
const DISPLAY_NAME_MAX: usize = 100;

/// Fields of a mailbox that may be changed.
const FIELDS: [&str; 9] = [
    "display_name",
    "department",
    "accept_unknown",
    "acknowledge",
    "processing_minutes",
    "first_response_minutes",
    "calendar_country",
    "working_hours",
    "time_zone",
];

/// The gRPC service.
#[derive(Debug, Clone)]
pub struct Api {
    frame: Frame,
}

impl Api {
    /// The service over a frame.
    #[must_use]
    pub fn new(frame: &Frame) -> Self {
        Self { frame: frame.clone() }
    }

    async fn create(&self, request: Request<CreateMailboxRequest>) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let mailbox = parsed(request.into_inner().mailbox.unwrap_or_default())?;
        let now = self.frame.clock.now();
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let taken = || {
            Failure::exists(
                "MAILBOX_EXISTS",
                mailbox.address.to_string(),
                Text::new(
                    format!("Ящик {} уже есть.", mailbox.address),
                    format!("There is a mailbox {} already.", mailbox.address),
                ),
            )
        };
        let inserted = store::mailboxes::insert(&mut tx, &mailbox, now).await;
        inserted.map_err(|e| e.on_constraint("mailboxes_address_key", taken))?;
        let reply = wire(Stored { mailbox, created: now });
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await?;
        Ok(reply)
    }

    async fn update(&self, request: Request<UpdateMailboxRequest>) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let request = request.into_inner();
        let asked = request.mailbox.unwrap_or_default();
        let form = "mailboxes/{mailbox}";
        let id: MailboxId = parse::only_name("mailbox.name", &asked.name, form)?;
        let mask = Mask::read(request.update_mask.as_ref(), &FIELDS)?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let stored = store::mailboxes::lock(&mut tx, id).await?;
        let stored = stored.ok_or_else(|| Failure::not_found(id.to_string()))?;
        let (revision, created) = (stored.mailbox.revision, stored.created);
        check_etag(&asked.etag, revision)?;
        let mailbox = parsed(changed(wire(stored), asked, &mask))?;
        let mailbox = Mailbox { id, revision: revision + 1, ..mailbox };
        store::mailboxes::update(&mut tx, &mailbox).await?;
        let reply = wire(Stored { mailbox, created });
        let reply = idempotency::finish(&mut tx, key, reply).await?;
        tx.commit().await?;
        Ok(reply)
    }

    async fn list(&self, request: ListMailboxesRequest) -> Result<ListMailboxesResponse, Failure> {
        let page = page::Page::<Uuid>::read(request.page_size, &request.page_token, &())?;
        let mut conn = self.frame.pool.acquire().await?;
        let after = page.after().copied().map(MailboxId::from);
        let rows = store::mailboxes::list(&mut conn, after, page.limit()).await?;
        let total = store::mailboxes::count(&mut conn, page::TOTAL_CAP).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.mailbox.id.0);
        Ok(ListMailboxesResponse {
            mailboxes: rows.into_iter().map(wire).collect(),
            next_page_token,
            total_size: parse::total(total),
        })
    }
}

#[tonic::async_trait]
impl Mailboxes for Api {
    async fn list_mailboxes(
        &self,
        request: Request<ListMailboxesRequest>,
    ) -> Result<Response<ListMailboxesResponse>, Status> {
        Ok(Response::new(self.list(request.into_inner()).await?))
    }

    async fn create_mailbox(
        &self,
        request: Request<CreateMailboxRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.create(request).await?))
    }

    async fn update_mailbox(
        &self,
        request: Request<UpdateMailboxRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.update(request).await?))
    }
}

/// The mailbox with those fields of the request that are to be changed. Hours and zone belong to
/// their country: another one brings its own.
fn changed(stored: Wire, asked: Wire, mask: &Mask) -> Wire {
    let text = |field: &str, asked: String, stored: String| {
        if mask.has(field, !asked.is_empty()) { asked } else { stored }
    };
    let minutes = |field: &str, asked: i32, stored: i32| {
        if mask.has(field, asked != 0) { asked } else { stored }
    };
    let flag = |field: &str, asked: bool, stored: bool| {
        if mask.has(field, asked) { asked } else { stored }
    };
    let country = text("calendar_country", asked.calendar_country, stored.calendar_country.clone());
    let same = country == stored.calendar_country;
    let kept = |stored: String| if same { stored } else { String::new() };
    Wire {
        display_name: text("display_name", asked.display_name, stored.display_name),
        department: text("department", asked.department, stored.department),
        accept_unknown: flag("accept_unknown", asked.accept_unknown, stored.accept_unknown),
        acknowledge: flag("acknowledge", asked.acknowledge, stored.acknowledge),
        processing_minutes: minutes(
            "processing_minutes",
            asked.processing_minutes,
            stored.processing_minutes,
        ),
        first_response_minutes: minutes(
            "first_response_minutes",
            asked.first_response_minutes,
            stored.first_response_minutes,
        ),
        calendar_country: country,
        working_hours: text("working_hours", asked.working_hours, kept(stored.working_hours)),
        time_zone: text("time_zone", asked.time_zone, kept(stored.time_zone)),
        ..stored
    }
}

fn parsed(wire: Wire) -> Result<Mailbox, Failure> {
    let mut violations = Violations::default();
    let address: Option<EmailAddress> =
        parse::address(&mut violations, "mailbox.address", &wire.address);
    let named = wire.display_name.chars().count() <= DISPLAY_NAME_MAX
        && !wire.display_name.chars().any(char::is_control);
    if !named {
        violations.field(
            "mailbox.display_name",
            Text::new("Одна строка до 100 знаков.", "One line of at most 100 characters."),
        );
    }
    department(&mut violations, &wire.department);
    let regulation = Promise::regulation();
    let mut minutes = |field: &str, given: i32, usual: i32| {
        let value = if given == 0 { usual } else { given };
        if !(1..=mailboxes::MINUTES_MAX).contains(&value) {
            violations.field(
                field,
                Text::new(
                    "От 1 до 40320 минут (четыре недели).",
                    "1 to 40320 minutes (four weeks).",
                ),
            );
        }
        value
    };
    let processing_minutes = minutes(
        "mailbox.processing_minutes",
        wire.processing_minutes,
        regulation.processing_minutes,
    );
    let first_response_minutes = minutes(
        "mailbox.first_response_minutes",
        wire.first_response_minutes,
        regulation.first_response_minutes,
    );
    let working = working(&mut violations, &wire);
    violations.finish()?;
    let address = address.ok_or_else(|| Failure::internal("an address without a violation"))?;
    Ok(Mailbox {
        id: MailboxId::generate(),
        address,
        display_name: wire.display_name.trim().to_owned(),
        department: wire.department,
        accept_unknown: wire.accept_unknown,
        acknowledge: wire.acknowledge,
        processing_minutes,
        first_response_minutes,
        working,
        revision: 1,
    })
}

fn department(violations: &mut Violations, given: &str) {
    if !mailboxes::is_department(given) {
        violations.field(
            "mailbox.department",
            Text::new(
                "Слово из строчных латинских букв, цифр и _, например support.",
                "A word of lower-case letters, digits and _, such as support.",
            ),
        );
    }
}

fn working(violations: &mut Violations, wire: &Wire) -> Option<WorkingHours> {
    let working = WorkingHours::parse(&wire.calendar_country, &wire.working_hours, &wire.time_zone);
    working.unwrap_or_else(|bad| {
        violations.field(format!("mailbox.{}", bad.field()), Text::new(bad.ru(), bad.to_string()));
        None
    })
}

fn wire(stored: Stored) -> Wire {
    let Stored { mailbox, created } = stored;
    let working = mailbox.working.as_ref();
    Wire {
        name: mailbox.id.to_string(),
        address: mailbox.address.to_string(),
        display_name: mailbox.display_name,
        department: mailbox.department,
        accept_unknown: mailbox.accept_unknown,
        acknowledge: mailbox.acknowledge,
        processing_minutes: mailbox.processing_minutes,
        first_response_minutes: mailbox.first_response_minutes,
        calendar_country: working.map_or("", WorkingHours::country).to_owned(),
        working_hours: working.map(WorkingHours::hours).unwrap_or_default(),
        time_zone: working.map_or("", WorkingHours::zone).to_owned(),
        create_time: Some(convert::timestamp(created)),
        etag: etag(mailbox.revision),
    }
}
