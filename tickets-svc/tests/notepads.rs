//! Pages of one's own.

use crate::{World, fields, request_id};
use proto::tickets::v1::{
    GetNotepadRequest, Notepad, UpdateNotepadRequest, notepads_client::NotepadsClient,
};
use service::{Identity, PeerChannel, Role};
use testkit::harness::staff;
use tonic::{Code, Status};
use types::id::StaffId;

fn of(world: &World, who: &Identity) -> NotepadsClient<PeerChannel> {
    NotepadsClient::new(world.harness.acting("tickets", who.clone()))
}

async fn read(mut notepads: NotepadsClient<PeerChannel>) -> Notepad {
    notepads.get_notepad(GetNotepadRequest {}).await.unwrap().into_inner()
}

async fn write(
    mut notepads: NotepadsClient<PeerChannel>,
    text: &str,
    etag: &str,
) -> Result<Notepad, Status> {
    let notepad = Notepad { text: text.into(), etag: etag.into(), ..Default::default() };
    let request = UpdateNotepadRequest { notepad: Some(notepad), request_id: request_id() };
    notepads.update_notepad(request).await.map(tonic::Response::into_inner)
}

/// A1: a page is its owner's alone, administrators read no other one than theirs; what was written
/// in another window is not lost.
#[tokio::test]
async fn a_page_is_its_owners() {
    let world = World::bare().await;
    let me = Identity { actor: StaffId::generate().to_string(), ..staff(&[Role::Support]) };
    let boss = Identity { actor: StaffId::generate().to_string(), ..staff(&[Role::Admin]) };
    let empty = read(of(&world, &me)).await;
    assert_eq!((empty.text.as_str(), empty.update_time), ("", None));
    let text = "Пароль от кофеварки: спросить Алису\n\t— и фильтр";
    let first = write(of(&world, &me), &format!("{text} \r\n"), &empty.etag).await.unwrap();
    assert_eq!(first.text, text);
    assert_eq!(read(of(&world, &me)).await, first);
    assert_eq!(read(of(&world, &boss)).await.text, "");
    write(of(&world, &boss), "Своё", "").await.unwrap();

    let second = write(of(&world, &me), "", &first.etag).await.unwrap();
    assert_eq!(second.text, "");
    let stale = write(of(&world, &me), "Из другого окна", &first.etag).await;
    assert_eq!(stale.unwrap_err().code(), Code::Aborted);
    assert_eq!(fields(&write(of(&world, &me), "а\u{0}", "").await.unwrap_err()), ["notepad.text"]);
    let long = write(of(&world, &me), &"ы".repeat(20_001), "").await;
    assert_eq!(fields(&long.unwrap_err()), ["notepad.text"]);
    assert_eq!(read(of(&world, &me)).await, second);
    world.harness.finish().await;
}
