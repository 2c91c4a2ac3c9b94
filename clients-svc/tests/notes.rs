//! Notes.

use crate::{company, create, fields, refused, request_id, start};
use proto::{
    clients::v1::{self as wire, notes_client::NotesClient},
    system::v1::Role,
};
use tonic::Code;

/// A38, A124–A128: notes are written, marked important, shown first, paged, changed and removed.
#[tokio::test]
async fn important_notes_come_first() {
    let harness = start().await;
    let client = create(&harness, company("a@x.example")).await.unwrap();
    let mut notes = NotesClient::new(harness.client_as(Role::Support));
    let write = |text: &str, important| wire::CreateNoteRequest {
        note: Some(wire::Note {
            client: client.name.clone(),
            text: text.into(),
            important,
            ..Default::default()
        }),
        request_id: request_id(),
    };
    for (text, important) in [("первая", false), ("старый КПП 770901001", true), ("третья", false)]
    {
        notes.create_note(write(text, important)).await.unwrap();
    }
    let mut texts = Vec::new();
    let mut page_token = String::new();
    loop {
        let client = client.name.clone();
        let list =
            wire::ListNotesRequest { client, page_size: 2, page_token, ..Default::default() };
        let page = notes.list_notes(list).await.unwrap().into_inner();
        texts.extend(page.notes.into_iter().map(|n| n.text));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(texts, ["старый КПП 770901001", "третья", "первая"]);

    let empty = notes.create_note(write("  ", false)).await;
    let status = refused(empty, Code::InvalidArgument, "INVALID_FIELDS");
    assert_eq!(fields(&status), ["note.text"]);
    harness.finish().await;
}

/// A126: a change moves the modified time; a removed note is gone.
#[tokio::test]
async fn notes_change_and_go() {
    let harness = start().await;
    let client = create(&harness, company("a@x.example")).await.unwrap();
    let mut notes = NotesClient::new(harness.client_as(Role::Treasury));
    let note = wire::Note { client: client.name, text: "было".into(), ..Default::default() };
    let request = wire::CreateNoteRequest { note: Some(note), request_id: request_id() };
    let note = notes.create_note(request).await.unwrap().into_inner();
    harness.advance("2019-02-09T09:00:00Z").await;
    let update = wire::UpdateNoteRequest {
        note: Some(wire::Note { text: "стало".into(), important: true, ..note.clone() }),
        update_mask: None,
        request_id: request_id(),
    };
    let changed = notes.update_note(update).await.unwrap().into_inner();
    assert_eq!((changed.text.as_str(), changed.important), ("стало", true));
    assert_eq!(changed.create_time, note.create_time);
    assert_ne!(changed.update_time, note.update_time);

    let delete = |etag: &str| wire::DeleteNoteRequest {
        name: note.name.clone(),
        etag: etag.into(),
        request_id: request_id(),
    };
    let stale = notes.delete_note(delete(&note.etag)).await;
    refused(stale, Code::Aborted, "STALE_ETAG");
    notes.delete_note(delete(&changed.etag)).await.unwrap();
    let gone = notes.delete_note(delete("")).await;
    refused(gone, Code::NotFound, "NOT_FOUND");
    harness.finish().await;
}
