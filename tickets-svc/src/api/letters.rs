//! Letters in and out.

mod encode;

use super::parse;
use crate::{
    domain::{intake::State as InState, letters::Envelope, outbound_letters::State as OutState},
    jobs::{
        intake::{self, Delivery, Journalled, Reading},
        invoicing_follower,
        post::Post,
        profiles,
    },
    readers::letters::LETTER_BYTES_MAX,
    store::{self, outbound_letters::Filter},
};
use proto::tickets::v1::{
    InboundLetter, IngestLetterRequest, LetterPreview, ListInboundLettersRequest,
    ListInboundLettersResponse, ListOutboundLettersRequest, ListOutboundLettersResponse,
    PreviewLetterRequest, ReprocessLetterRequest, letters_server::Letters,
};
use service::{Failure, Frame, Scope, Text, Violations, idempotency, page};
use std::net::IpAddr;
use tonic::{Request, Response, Status};
use types::id::{ClientId, InboundLetterId};
use uuid::Uuid;

/// Longest source key, in bytes.
const SOURCE_KEY_MAX: usize = 500;

/// The gRPC service.
#[derive(Debug, Clone)]
pub struct Api {
    frame: Frame,
    post: Post,
}

impl Api {
    /// The service over a frame, sending by a post.
    #[must_use]
    pub fn new(frame: &Frame, post: Post) -> Self {
        Self { frame: frame.clone(), post }
    }

    /// The reply saved for this request id, if the same call was answered before. Nothing is
    /// claimed yet: a letter is journalled first, in a transaction of its own.
    async fn answered(&self, key: &idempotency::Key) -> Result<Option<InboundLetter>, Failure> {
        let mut conn = self.frame.pool.acquire().await?;
        idempotency::find(&mut conn, key).await
    }

    /// Ends a journalled letter and the call in one transaction.
    async fn end(
        &self,
        key: idempotency::Key,
        id: InboundLetterId,
        reading: Reading,
        released: bool,
    ) -> Result<InboundLetter, Failure> {
        let mut tx = self.frame.begin().await?;
        let (frame, post) = (&self.frame, &self.post);
        // The lock of the letter keeps another call of the same id away until this one has ended.
        let entry = intake::process(&mut tx, frame, post, id, reading, released).await?;
        intake::relieve(&mut tx, id).await?;
        let reply = encode::inbound(entry.clone());
        let (reply, first) = idempotency::answer(&mut tx, &key, reply).await?;
        if first {
            tx.commit().await?;
            intake::ended(frame, &entry);
        }
        Ok(reply)
    }

    async fn ingest(
        &self,
        request: Request<IngestLetterRequest>,
    ) -> Result<InboundLetter, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let actor = Scope::of(&request)?.actor;
        let request = request.into_inner();
        self.check(&request).await?;
        if let Some(saved) = self.answered(&key).await? {
            return Ok(saved);
        }
        let source_key = if request.source_key.is_empty() {
            format!("request {actor} {}", request.request_id)
        } else {
            format!("source {actor} {} {}", request.mailbox, request.source_key)
        };
        let envelope = Envelope {
            from: request.envelope_from,
            client: request.client_address.parse().ok(),
            helo: request.helo,
        };
        let delivery =
            Delivery { mailbox: request.mailbox, envelope: envelope.clone(), source_key };
        let Journalled { id, new } = intake::journal(&self.frame, &request.raw, delivery).await?;
        let reading = if new {
            intake::read(request.raw.into(), &self.post, envelope).await
        } else {
            intake::read_stored(&self.frame, &self.post, id).await?
        };
        self.end(key, id, reading, false).await
    }

    async fn check(&self, request: &IngestLetterRequest) -> Result<(), Failure> {
        let mut violations = Violations::default();
        if request.raw.is_empty() {
            violations.field("raw", Text::new("Письмо пустое.", "The letter is empty."));
        }
        if request.raw.len() > LETTER_BYTES_MAX {
            violations.field(
                "raw",
                Text::new("Письмо больше 32 МиБ.", "The letter is larger than 32 MiB."),
            );
        }
        let line = |text: &str| text.len() <= SOURCE_KEY_MAX && !text.chars().any(char::is_control);
        for (field, text) in [
            ("source_key", &request.source_key),
            ("envelope_from", &request.envelope_from),
            ("helo", &request.helo),
        ] {
            if !line(text) {
                let text = Text::new("Одна строка до 500 байт.", "One line of at most 500 bytes.");
                violations.field(field, text);
            }
        }
        let client = &request.client_address;
        if !client.is_empty() && client.parse::<IpAddr>().is_err() {
            let text = Text::new("Нужен адрес IP.", "An IP address is wanted.");
            violations.field("client_address", text);
        }
        let mailbox = match request.mailbox.as_str() {
            "" => None,
            given => parse::address(&mut violations, "mailbox", given),
        };
        violations.finish()?;
        let Some(mailbox) = mailbox else { return Ok(()) };
        let mut conn = self.frame.pool.acquire().await?;
        match store::mailboxes::by_address(&mut conn, &mailbox).await? {
            Some(_) => Ok(()),
            None => Err(Failure::not_found(mailbox.to_string())),
        }
    }

    async fn reprocess(
        &self,
        request: Request<ReprocessLetterRequest>,
    ) -> Result<InboundLetter, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let mut violations = Violations::default();
        let form = "inboundLetters/{letter}";
        let name = &request.get_ref().name;
        let id: Option<InboundLetterId> = parse::name(&mut violations, "name", name, form);
        violations.finish()?;
        let id = id.ok_or_else(|| Failure::internal("a name without a violation"))?;
        if let Some(saved) = self.answered(&key).await? {
            return Ok(saved);
        }
        let mut conn = self.frame.pool.acquire().await?;
        let entry = store::inbound_letters::get(&mut conn, id).await?;
        drop(conn);
        let entry = entry.ok_or_else(|| Failure::not_found(id.to_string()))?;
        if !entry.state.may_be_reprocessed() {
            return Err(Failure::precondition(
                "LETTER_SETTLED",
                Text::new(
                    "Повторно обрабатываются только отложенные и необработанные письма.",
                    "Only quarantined and failed letters are processed again.",
                ),
            ));
        }
        let reading = intake::read_stored(&self.frame, &self.post, id).await?;
        self.end(key, id, reading, true).await
    }

    async fn list_inbound(
        &self,
        request: ListInboundLettersRequest,
    ) -> Result<ListInboundLettersResponse, Failure> {
        let state = encode::inbound_state(request.state)?;
        let filter = state.map(InState::as_str);
        let page = page::Page::<Uuid>::read(request.page_size, &request.page_token, &filter)?;
        let mut conn = self.frame.pool.acquire().await?;
        let after = page.after().copied();
        let rows = store::inbound_letters::list(&mut conn, state, after, page.limit()).await?;
        let total = store::inbound_letters::count(&mut conn, state, page::TOTAL_CAP).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.id.0);
        Ok(ListInboundLettersResponse {
            letters: rows.into_iter().map(encode::inbound).collect(),
            next_page_token,
            total_size: parse::total(total),
        })
    }

    async fn list_outbound(
        &self,
        request: ListOutboundLettersRequest,
    ) -> Result<ListOutboundLettersResponse, Failure> {
        let state = encode::outbound_state(request.state)?;
        let mut violations = Violations::default();
        let (client, ticket) = (&request.client, &request.ticket);
        let filter = Filter {
            client: parse::optional_name(&mut violations, "client", client, "clients/{client}"),
            ticket: parse::optional_name(&mut violations, "ticket", ticket, "tickets/{ticket}"),
            state: state.map(OutState::as_str),
        };
        violations.finish()?;
        let page = page::Page::<Uuid>::read(request.page_size, &request.page_token, &filter)?;
        let mut conn = self.frame.pool.acquire().await?;
        let after = page.after().copied();
        let rows = store::outbound_letters::list(&mut conn, &filter, after, page.limit()).await?;
        let total = store::outbound_letters::count(&mut conn, &filter, page::TOTAL_CAP).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.id.0);
        Ok(ListOutboundLettersResponse {
            letters: rows.into_iter().map(encode::outbound).collect(),
            next_page_token,
            total_size: parse::total(total),
        })
    }

    async fn preview(&self, request: PreviewLetterRequest) -> Result<LetterPreview, Failure> {
        let mut violations = Violations::default();
        let form = "clients/{client}";
        let client: Option<ClientId> =
            parse::name(&mut violations, "client", &request.client, form);
        violations.finish()?;
        let client = client.ok_or_else(|| Failure::internal("a name without a violation"))?;
        if !profiles::ensure(&self.frame, client).await? {
            return Err(Failure::not_found(client.to_string()));
        }
        let values = request.variables.into_iter().collect();
        let mut conn = self.frame.pool.acquire().await?;
        let template = &request.template;
        let letter =
            invoicing_follower::composed(&mut conn, &self.post, client, template, &values).await?;
        Ok(LetterPreview {
            recipients: letter.recipients.iter().map(ToString::to_string).collect(),
            subject: letter.subject,
            text: letter.text,
            // Our letters are plain text.
            html: String::new(),
        })
    }
}

#[tonic::async_trait]
impl Letters for Api {
    async fn ingest_letter(
        &self,
        request: Request<IngestLetterRequest>,
    ) -> Result<Response<InboundLetter>, Status> {
        Ok(Response::new(self.ingest(request).await?))
    }

    async fn list_inbound_letters(
        &self,
        request: Request<ListInboundLettersRequest>,
    ) -> Result<Response<ListInboundLettersResponse>, Status> {
        Ok(Response::new(self.list_inbound(request.into_inner()).await?))
    }

    async fn reprocess_letter(
        &self,
        request: Request<ReprocessLetterRequest>,
    ) -> Result<Response<InboundLetter>, Status> {
        Ok(Response::new(self.reprocess(request).await?))
    }

    async fn list_outbound_letters(
        &self,
        request: Request<ListOutboundLettersRequest>,
    ) -> Result<Response<ListOutboundLettersResponse>, Status> {
        Ok(Response::new(self.list_outbound(request.into_inner()).await?))
    }

    async fn preview_letter(
        &self,
        request: Request<PreviewLetterRequest>,
    ) -> Result<Response<LetterPreview>, Status> {
        Ok(Response::new(self.preview(request.into_inner()).await?))
    }
}
