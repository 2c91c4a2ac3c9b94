//! Tickets: opened, answered, noted, handed over, closed.

mod commands;
pub(super) mod encode;

pub(super) use commands::{SUBJECT_MAX, department, is_line};

use super::parse;
use crate::{
    domain::{messages::Author, tickets::Ticket},
    jobs::post::Post,
    store::{self, tickets::Filter},
};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use proto::tickets::v1::{
    AddTicketNoteRequest, AssignTicketRequest, AttachmentPart, CloseTicketRequest,
    CountTicketsRequest, CreateTicketRequest, GetAttachmentRequest, GetTicketRequest,
    HoldTicketRequest, ListTicketsRequest, ListTicketsResponse, MarkTicketSpamRequest,
    MergeTicketRequest, ReplyTicketRequest, RestoreTicketRequest, SplitTicketRequest,
    Ticket as Wire, TicketCounts, tickets_server::Tickets,
};
use service::{
    Failure, Frame, Scope, Violations,
    blobs::{self, BlobId},
    page,
};
use tonic::{Request, Response, Status};
use types::id::{AttachmentId, TicketId};

/// Bytes of a part of a file.
const PART: usize = 256 * 1024;

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

    async fn get(&self, request: GetTicketRequest) -> Result<Wire, Failure> {
        let id = ticket_name(&request.name)?;
        let mut conn = self.frame.pool.acquire().await?;
        let ticket = store::tickets::get(&mut conn, id).await?;
        let ticket = ticket.ok_or_else(|| Failure::not_found(id.to_string()))?;
        let messages = store::messages::of_ticket(&mut conn, id).await?;
        let files = store::messages::files(&mut conn, id).await?;
        let mut wire = self.wire(&ticket);
        wire.messages = encode::messages(messages, files)?;
        let changes = store::tickets::changes::of(&mut conn, id).await?;
        wire.changes = changes.into_iter().map(encode::change).collect();
        let asked = store::confirmations::of(&mut conn, id).await?;
        wire.confirmations = asked.into_iter().map(encode::confirmation).collect();
        let into = store::tickets::joining::merged_into(&mut conn, id).await?;
        wire.merged_into = into.map(|into| into.to_string()).unwrap_or_default();
        Ok(wire)
    }

    async fn list(&self, request: ListTicketsRequest) -> Result<ListTicketsResponse, Failure> {
        let mut violations = Violations::default();
        let (client, assignee) = (&request.client, &request.assignee);
        let department = request.department;
        let mut filter = Filter {
            client: parse::optional_name(&mut violations, "client", client, "clients/{client}"),
            assignee: parse::optional_name(&mut violations, "assignee", assignee, "staff/{staff}"),
            department: commands::department(&mut violations, "department", department),
            ..Filter::default()
        };
        violations.finish()?;
        filter = filter.in_state(encode::state(request.state)?);
        filter.search(&request.query);
        let page = page::Page::read(request.page_size, &request.page_token, &filter)?;
        let mut conn = self.frame.pool.acquire().await?;
        let rows = store::tickets::list(&mut conn, &filter, page.after(), page.limit()).await?;
        let total = store::tickets::count(&mut conn, &filter, page::TOTAL_CAP).await?;
        let (rows, next_page_token) = page.finish(rows, |ticket: &Ticket| store::tickets::After {
            due: ticket.processing.due_while_running(),
            id: ticket.id.0,
        });
        Ok(ListTicketsResponse {
            tickets: rows.iter().map(|ticket| self.wire(ticket)).collect(),
            next_page_token,
            total_size: parse::total(total),
        })
    }

    async fn count(&self, request: CountTicketsRequest) -> Result<TicketCounts, Failure> {
        let mut violations = Violations::default();
        let client = &request.client;
        let client = parse::optional_name(&mut violations, "client", client, "clients/{client}");
        violations.finish()?;
        let now = self.frame.clock.now();
        let mut conn = self.frame.pool.acquire().await?;
        let counts = match client {
            Some(client) => {
                store::tickets::counts_of(&mut conn, client, now, page::TOTAL_CAP).await?
            }
            None => store::tickets::counts(&mut conn, now, page::TOTAL_CAP).await?,
        };
        Ok(TicketCounts {
            waiting: parse::total(counts.waiting),
            breached: parse::total(counts.breached),
            open: parse::total(counts.open),
            total: parse::total(counts.total),
        })
    }

    async fn attachment(&self, request: GetAttachmentRequest) -> Result<Vec<u8>, Failure> {
        let mut violations = Violations::default();
        let form = "attachments/{attachment}";
        let id: Option<AttachmentId> = parse::name(&mut violations, "name", &request.name, form);
        violations.finish()?;
        let id = id.ok_or_else(|| Failure::internal("a name without a violation"))?;
        let missing = || Failure::not_found(id.to_string());
        let mut conn = self.frame.pool.acquire().await?;
        let hash = store::messages::hash_of(&mut conn, id).await?.ok_or_else(missing)?;
        drop(conn);
        let blob = BlobId::from_slice(&hash);
        let blob = blob.ok_or_else(|| Failure::internal("attachments.sha256 is no hash"))?;
        let bytes = blobs::get(&self.frame.pool, blob).await?.ok_or_else(missing)?;
        Ok(bytes.to_vec())
    }

    fn wire(&self, ticket: &Ticket) -> Wire {
        encode::ticket(ticket, self.frame.clock.now())
    }
}

/// Who acts, as the author of a message.
fn author(scope: &Scope) -> Author {
    scope.actor.parse().map_or_else(|_| Author::Program(scope.actor.clone()), Author::Staff)
}

fn ticket_name(name: &str) -> Result<TicketId, Failure> {
    let mut violations = Violations::default();
    let id = parse::name(&mut violations, "name", name, "tickets/{ticket}");
    violations.finish()?;
    id.ok_or_else(|| Failure::internal("a name without a violation"))
}

#[tonic::async_trait]
impl Tickets for Api {
    type GetAttachmentStream = BoxStream<'static, Result<AttachmentPart, Status>>;

    async fn get_attachment(
        &self,
        request: Request<GetAttachmentRequest>,
    ) -> Result<Response<Self::GetAttachmentStream>, Status> {
        let all = self.attachment(request.into_inner()).await?;
        let parts: Vec<Vec<u8>> = all.chunks(PART).map(<[u8]>::to_vec).collect();
        let parts = parts.into_iter().map(|content| Ok(AttachmentPart { content }));
        Ok(Response::new(stream::iter(parts).boxed()))
    }

    async fn get_ticket(
        &self,
        request: Request<GetTicketRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.get(request.into_inner()).await?))
    }

    async fn list_tickets(
        &self,
        request: Request<ListTicketsRequest>,
    ) -> Result<Response<ListTicketsResponse>, Status> {
        Ok(Response::new(self.list(request.into_inner()).await?))
    }

    async fn count_tickets(
        &self,
        request: Request<CountTicketsRequest>,
    ) -> Result<Response<TicketCounts>, Status> {
        Ok(Response::new(self.count(request.into_inner()).await?))
    }

    async fn create_ticket(
        &self,
        request: Request<CreateTicketRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.create(request).await?))
    }

    async fn reply_ticket(
        &self,
        request: Request<ReplyTicketRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.reply(request).await?))
    }

    async fn add_ticket_note(
        &self,
        request: Request<AddTicketNoteRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.note(request).await?))
    }

    async fn assign_ticket(
        &self,
        request: Request<AssignTicketRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.assign(request).await?))
    }

    async fn close_ticket(
        &self,
        request: Request<CloseTicketRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.close(request).await?))
    }

    async fn hold_ticket(
        &self,
        request: Request<HoldTicketRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.hold(request).await?))
    }

    async fn mark_ticket_spam(
        &self,
        request: Request<MarkTicketSpamRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.spam(request).await?))
    }

    async fn restore_ticket(
        &self,
        request: Request<RestoreTicketRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.restore(request).await?))
    }

    async fn merge_ticket(
        &self,
        request: Request<MergeTicketRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.merge(request).await?))
    }

    async fn split_ticket(
        &self,
        request: Request<SplitTicketRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.split(request).await?))
    }
}
