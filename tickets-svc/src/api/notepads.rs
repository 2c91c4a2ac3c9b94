//! `Notepads`: a page of one's own for each member of staff (A1).

use crate::{
    domain::notepads::{Notepad, PageText},
    store,
};
use proto::{
    convert::timestamp,
    tickets::v1::{
        GetNotepadRequest, Notepad as Wire, UpdateNotepadRequest, notepads_server::Notepads,
    },
};
use service::{Failure, Frame, Scope, Text, check_etag, etag, idempotency};
use tonic::{Request, Response, Status};
use types::id::StaffId;

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

    async fn update(&self, request: Request<UpdateNotepadRequest>) -> Result<Wire, Failure> {
        let key = idempotency::Key::of(&request, &request.get_ref().request_id)?;
        let staff = owner(&request)?;
        let asked = request.into_inner().notepad.unwrap_or_default();
        let text = PageText::parse(&asked.text)
            .map_err(|e| Failure::invalid("notepad.text", Text::of(&e)))?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let before = store::notepads::get(&mut tx, staff).await?;
        let revision = before.map_or(0, |page| page.revision);
        check_etag(&asked.etag, revision)?;
        let page = Notepad { staff, text, revision: revision + 1, updated: self.frame.clock.now() };
        if !store::notepads::keep(&mut tx, &page).await? {
            // Written between the look and the write: as stale as any other etag.
            check_etag(&etag(revision), revision + 1)?;
        }
        let reply = idempotency::finish(&mut tx, key, wire(page)).await?;
        tx.commit().await?;
        Ok(reply)
    }
}

#[tonic::async_trait]
impl Notepads for Api {
    async fn get_notepad(
        &self,
        request: Request<GetNotepadRequest>,
    ) -> Result<Response<Wire>, Status> {
        let empty = || Wire { etag: etag(0), ..Default::default() };
        // A program has none.
        let Ok(staff) = owner(&request) else { return Ok(Response::new(empty())) };
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let page = store::notepads::get(&mut conn, staff).await?;
        Ok(Response::new(page.map_or_else(empty, wire)))
    }

    async fn update_notepad(
        &self,
        request: Request<UpdateNotepadRequest>,
    ) -> Result<Response<Wire>, Status> {
        Ok(Response::new(self.update(request).await?))
    }
}

/// Whose page it is: a program has none.
fn owner<T>(request: &Request<T>) -> Result<StaffId, Failure> {
    Scope::of(request)?.actor.parse().map_err(|_| Failure::denied())
}

fn wire(page: Notepad) -> Wire {
    Wire {
        text: page.text.as_str().to_owned(),
        etag: etag(page.revision),
        update_time: Some(timestamp(page.updated)),
    }
}
