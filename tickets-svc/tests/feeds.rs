//! What this service learns of others, and tells them.

use crate::{World, client, letter, request_id};
use proto::{
    clients::v1::ClientChanged,
    tickets::v1::{AddTicketNoteRequest, ReplyTicketRequest, TicketChanged},
};
use service::feed::{Handler, HandlerError};
use testkit::event::event;
use tickets_svc::{jobs::clients_follower::ClientsFollower, store};
use types::{EmailAddress, id::ClientId};

async fn follow(world: &World, client: ClientId, revision: i64) -> Result<(), HandlerError> {
    let frame = world.harness.frame();
    let follower = ClientsFollower::new(frame);
    let event = event(client, &ClientChanged { client: client.to_string(), revision });
    let prepared = follower.prepare(&event).await?;
    let mut tx = frame.begin().await?;
    follower.apply(&mut tx, &event, prepared).await?;
    tx.commit().await?;
    Ok(())
}

async fn owners(world: &World, address: &str) -> Vec<ClientId> {
    let mut conn = world.harness.frame().pool.acquire().await.unwrap();
    let address = EmailAddress::parse(address).unwrap();
    let found = store::clients::in_turn(&mut conn, &address).await.unwrap();
    found.into_iter().map(|(client, _)| client).collect()
}

/// The newer revision of a profile wins; its addresses replace those before.
#[tokio::test]
async fn a_clients_new_address_is_recognised() {
    let world = World::start().await;
    let revision = world.fakes.client(client(), &["new@client.example"]);
    follow(&world, client(), revision).await.unwrap();
    follow(&world, client(), revision).await.unwrap();
    assert_eq!(owners(&world, "NEW@client.example").await, [client()]);
    assert!(owners(&world, "buh@client.example").await.is_empty());
    // An event of a revision that we have is passed without asking anybody.
    world.fakes.client(client(), &["later@client.example"]);
    follow(&world, client(), revision).await.unwrap();
    assert!(owners(&world, "later@client.example").await.is_empty());
    // A client that is gone again changes nothing.
    follow(&world, ClientId::generate(), 1).await.unwrap();
    world.finish().await;
}

/// Others are told of states, by id and without personal data, once per change.
#[tokio::test]
async fn changes_are_told_without_personal_data() {
    let world = World::start().await;
    let done = world.ingest(letter("1", "", "x")).await;
    let note = AddTicketNoteRequest {
        name: done.ticket.clone(),
        text: "никому".into(),
        request_id: request_id(),
    };
    world.tickets().add_ticket_note(note).await.unwrap();
    let reply = ReplyTicketRequest {
        name: done.ticket.clone(),
        text: "Готово".into(),
        request_id: request_id(),
        ..ReplyTicketRequest::default()
    };
    world.tickets().reply_ticket(reply).await.unwrap();
    world.sink.wait(1).await;
    world.harness.settle().await;
    let owner = world.harness.owner("tickets").await;
    let events: Vec<(String, Vec<u8>, Option<uuid::Uuid>)> =
        sqlx::query_as("select kind, payload, client_id from events order by seq")
            .fetch_all(&owner)
            .await
            .unwrap();
    let kinds: Vec<&str> =
        events.iter().map(|(kind, ..)| kind.rsplit('.').next().unwrap()).collect();
    assert_eq!(kinds, ["TicketChanged", "TicketChanged", "LetterSettled"]);
    assert!(events.iter().all(|(_, _, about)| *about == Some(client().0)));
    let states = events[..2].iter().map(|(_, payload, _)| {
        let changed: TicketChanged = prost::Message::decode(&payload[..]).unwrap();
        assert_eq!(changed.ticket, done.ticket);
        changed.state
    });
    assert_eq!(states.collect::<Vec<_>>(), ["OPEN", "ANSWERED"]);
    for (_, payload, _) in &events {
        assert!(!String::from_utf8_lossy(payload).contains('@'), "no address in an event");
    }
    world.finish().await;
}
