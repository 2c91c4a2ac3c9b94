//! Notes about clients (A38, A124–A128).

use super::{Api, name, total};
use crate::{
    domain::notes::{Note, NoteText},
    store::{self, notes::Filter},
};
use proto::{
    clients::v1::{self as wire, notes_server::Notes},
    convert::timestamp,
};
use service::{Failure, Text, check_etag, etag, idempotency, mask::Mask, page, page::Page};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::id::{ClientId, NoteId};
use uuid::Uuid;

#[tonic::async_trait]
impl Notes for Api {
    async fn list_notes(
        &self,
        request: Request<wire::ListNotesRequest>,
    ) -> Result<Response<wire::ListNotesResponse>, Status> {
        Ok(Response::new(self.list_notes_of(request.get_ref()).await?))
    }

    async fn create_note(
        &self,
        request: Request<wire::CreateNoteRequest>,
    ) -> Result<Response<wire::Note>, Status> {
        Ok(Response::new(self.write_note(&request).await?))
    }

    async fn update_note(
        &self,
        request: Request<wire::UpdateNoteRequest>,
    ) -> Result<Response<wire::Note>, Status> {
        Ok(Response::new(self.change_note(&request).await?))
    }

    async fn delete_note(
        &self,
        request: Request<wire::DeleteNoteRequest>,
    ) -> Result<Response<wire::Note>, Status> {
        Ok(Response::new(self.remove_note(&request).await?))
    }
}

impl Api {
    async fn list_notes_of(
        &self,
        msg: &wire::ListNotesRequest,
    ) -> Result<wire::ListNotesResponse, Failure> {
        let filter = Filter { client: name("client", &msg.client)?, important: msg.important };
        let bound = (&msg.client, msg.important);
        let page: Page<(bool, Uuid)> = Page::read(msg.page_size, &msg.page_token, &bound)?;
        let mut conn = self.frame.pool.acquire().await?;
        let after = page.after().copied();
        let rows = store::notes::list(&mut conn, &filter, after, page.limit()).await?;
        let count = store::notes::count(&mut conn, &filter, page::TOTAL_CAP).await?;
        let (rows, next_page_token) = page.finish(rows, |n| (n.important, n.id.0));
        Ok(wire::ListNotesResponse {
            notes: rows.into_iter().map(Into::into).collect(),
            next_page_token,
            total_size: total(count),
        })
    }

    async fn write_note(
        &self,
        request: &Request<wire::CreateNoteRequest>,
    ) -> Result<wire::Note, Failure> {
        let msg = request.get_ref();
        let (author, key) = self.caller(request, &msg.request_id)?;
        let given = msg.note.clone().unwrap_or_default();
        let client: ClientId = name("note.client", &given.client)?;
        let text = parse(&given.text)?;
        let now = self.frame.clock.now();
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let found = store::clients::get(&mut tx, client).await?;
        found.ok_or_else(|| Failure::not_found(client.to_string()))?;
        let note = Note {
            id: NoteId::generate(),
            client,
            text,
            important: given.important,
            author,
            revision: 1,
            created_at: now,
            updated_at: now,
        };
        store::notes::insert(&mut tx, &note).await?;
        let reply = idempotency::finish(&mut tx, key, note.into()).await?;
        tx.commit().await?;
        Ok(reply)
    }

    async fn change_note(
        &self,
        request: &Request<wire::UpdateNoteRequest>,
    ) -> Result<wire::Note, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let given = msg.note.clone().unwrap_or_default();
        let id: NoteId = name("note.name", &given.name)?;
        let mask = Mask::read(msg.update_mask.as_ref(), &["text", "important"])?;
        let now = self.frame.clock.now();
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let mut note = locked(&mut tx, id).await?;
        check_etag(&given.etag, note.revision)?;
        let mut changed = Vec::new();
        if mask.has("text", !given.text.is_empty()) {
            note.text = parse(&given.text)?;
            changed.push("text".to_owned());
        }
        if mask.has("important", given.important) {
            note.important = given.important;
            changed.push("important".to_owned());
        }
        let note = Note { revision: note.revision + 1, updated_at: now, ..note };
        store::notes::update(&mut tx, &note).await?;
        store::history::append(&mut tx, &id.to_string(), &changed, &actor, now).await?;
        let reply = idempotency::finish(&mut tx, key, note.into()).await?;
        tx.commit().await?;
        Ok(reply)
    }

    async fn remove_note(
        &self,
        request: &Request<wire::DeleteNoteRequest>,
    ) -> Result<wire::Note, Failure> {
        let msg = request.get_ref();
        let (actor, key) = self.caller(request, &msg.request_id)?;
        let id: NoteId = name("name", &msg.name)?;
        let mut tx = self.frame.begin().await?;
        if let Some(saved) = idempotency::claim(&mut tx, &key).await? {
            return Ok(saved);
        }
        let note = locked(&mut tx, id).await?;
        check_etag(&msg.etag, note.revision)?;
        store::notes::delete(&mut tx, id).await?;
        let now = self.frame.clock.now();
        store::history::append(&mut tx, &id.to_string(), &["deleted".into()], &actor, now).await?;
        let reply = idempotency::finish(&mut tx, key, note.into()).await?;
        tx.commit().await?;
        Ok(reply)
    }
}

async fn locked(conn: &mut PgConnection, id: NoteId) -> Result<Note, Failure> {
    let note = store::notes::lock(conn, id).await?;
    note.ok_or_else(|| Failure::not_found(id.to_string()))
}

fn parse(text: &str) -> Result<NoteText, Failure> {
    NoteText::parse(text).map_err(|e| Failure::invalid("note.text", Text::of(&e)))
}

impl From<Note> for wire::Note {
    fn from(note: Note) -> Self {
        Self {
            name: note.id.to_string(),
            client: note.client.to_string(),
            text: note.text.as_str().into(),
            important: note.important,
            author: note.author,
            etag: etag(note.revision),
            create_time: Some(timestamp(note.created_at)),
            update_time: Some(timestamp(note.updated_at)),
        }
    }
}
