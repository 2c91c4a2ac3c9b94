//! The audit finds what is wrong, each thing by its own check.

use crate::{World, letter, request_id};
use proto::tickets::v1::AssignTicketRequest;

/// What is done to the data, what undoes it, and the check that names it.
const DAMAGES: [(&str, &str, &str); 6] = [
    (
        "update messages set inbound_letter_id = null where msgid = '0@client.example'",
        "update messages m set inbound_letter_id = l.id
             from inbound_letters l where l.message_id = m.id",
        "LETTER_ONE_MESSAGE",
    ),
    (
        "update inbound_letters set size = size + 1 where msgid = '1@client.example'",
        "update inbound_letters set size = size - 1 where msgid = '1@client.example'",
        "LETTER_RAW_KEPT",
    ),
    (
        "update tickets set message_count = message_count + 1 where number = 1",
        "update tickets set message_count = message_count - 1 where number = 1",
        "MESSAGE_SEQUENCE",
    ),
    (
        "update tickets set assignee = id where number = 1",
        "update tickets set assignee = null where number = 1",
        "TICKET_HISTORY",
    ),
    (
        "update tickets set due_at = due_at + interval '1 hour' where number = 2",
        "update tickets set due_at = due_at - interval '1 hour' where number = 2",
        "TICKET_CLOCK",
    ),
    (
        "insert into outbound_letters (id, msgid, template, from_name, from_address, recipients,
                 subject, text, reference_ids, automatic, documents, state, response, created_at)
             select id, 'x@y', 'ticket_reply', '', 'a@b.example', '{}', '', '', '{}', false, '{}',
                 'queued', '', created_at from tickets limit 1",
        "delete from outbound_letters",
        "OUTBOX_JOB",
    ),
];

/// tickets.md §5.4 (1, 3): every kind of damage is named, and nothing else is.
#[tokio::test]
async fn damage_is_named() {
    let world = World::start().await;
    for n in 0..4 {
        world.ingest(letter(&n.to_string(), "", &n.to_string())).await;
    }
    world.ingest("From: who@x.example\r\n\r\nx").await;
    let taken = world.ingest(letter("taken", "", "x")).await.ticket;
    let take = AssignTicketRequest {
        name: taken,
        assignee: testkit::harness::staff(&[]).actor,
        request_id: request_id(),
        ..AssignTicketRequest::default()
    };
    world.tickets().assign_ticket(take).await.unwrap();
    world.harness.settle().await;
    let found = || async {
        let checks = tickets_svc::audit::checks(world.harness.frame().clone()).await.unwrap();
        let broken = checks.into_iter().filter(|check| !check.discrepancies.is_empty());
        broken.map(|check| check.name).collect::<Vec<_>>()
    };
    assert!(found().await.is_empty());
    let owner = world.harness.owner("tickets").await;
    for (damage, repair, named) in DAMAGES {
        sqlx::query(damage).execute(&owner).await.unwrap();
        assert_eq!(found().await, [named], "{damage}");
        sqlx::query(repair).execute(&owner).await.unwrap();
        assert!(found().await.is_empty(), "{repair}");
    }
    world.finish().await;
}
