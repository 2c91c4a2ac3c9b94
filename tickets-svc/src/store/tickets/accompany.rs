//! What goes with a transition of a ticket: its clocks, its history, its message, and whoever is
//! new on it. One statement: each is a way to the database and back.

use crate::domain::{
    msgids::MsgId,
    tickets::{Change, Step},
};
use chrono::{DateTime, Utc};
use service::Failure;
use sqlx::PgConnection;
use types::{EmailAddress, id::InboundLetterId};

/// The letter that brought a message, and why it joined the ticket.
#[derive(Debug, Clone, Copy)]
pub struct Brought<'a> {
    /// Its row in the journal.
    pub letter: InboundLetterId,
    /// Its Message-ID.
    pub msgid: Option<&'a MsgId>,
    /// Why it joined; empty for what opened the ticket.
    pub evidence: &'a str,
}

/// The rows of a message; every column is null where there is none.
#[derive(Default)]
struct Message<'s> {
    id: Option<uuid::Uuid>,
    sequence: Option<i32>,
    kind: Option<&'s str>,
    author: Option<String>,
    text: Option<&'s str>,
    html: Option<&'s str>,
    created: Option<DateTime<Utc>>,
}

impl<'s> Message<'s> {
    fn of(step: &'s Step) -> Self {
        step.message.as_ref().map_or_else(Self::default, |message| Self {
            id: Some(message.id.0),
            sequence: Some(message.sequence),
            kind: Some(message.body.kind()),
            author: Some(message.author.label()),
            text: Some(message.body.text()),
            html: message.body.html(),
            created: Some(message.created),
        })
    }
}

/// What a transition changed, by columns: which field, before, after.
fn columns(step: &Step) -> [Vec<String>; 3] {
    let of = |take: fn(&Change) -> String| step.changes.iter().map(take).collect();
    [of(|change| change.field.to_owned()), of(|change| change.from.clone()), of(|c| c.to.clone())]
}

/// Stores it.
///
/// # Errors
/// Those of the database.
pub(super) async fn accompany(
    conn: &mut PgConnection,
    step: &Step,
    actor: &str,
    participant: Option<&EmailAddress>,
    brought: Option<Brought<'_>>,
) -> Result<(), Failure> {
    let (ticket, message) = (&step.ticket, Message::of(step));
    let clocks = [&ticket.processing, &ticket.first_response];
    let [fields, from, to] = columns(step);
    sqlx::query!(
        "with clocks as (
             insert into ticket_clocks (ticket_id, kind, run, started_at, due_at, stopped_at)
             select $1, given.* from unnest($2::text[], $3::int[], $4::timestamptz[],
                 $5::timestamptz[], $6::timestamptz[]) as given
             on conflict (ticket_id, kind, run) do update
             set stopped_at = coalesce(ticket_clocks.stopped_at, excluded.stopped_at)
         ), history as (
             insert into ticket_changes
                 (ticket_id, revision, place, actor, field, from_value, to_value, created_at)
             select $1, $7::bigint, place::int, $8::text, field, was, now, $9::timestamptz
             from unnest($10::text[], $11::text[], $12::text[]) with ordinality
                 as given (field, was, now, place)
         ), participant as (
             insert into ticket_participants (ticket_id, address_key, address)
             select $1, $13::text, $14::text where $13 is not null on conflict do nothing
         )
         insert into messages (id, ticket_id, sequence, kind, author, text, html, created_at,
             inbound_letter_id, msgid, evidence)
         select $15::uuid, $1, $16::int, $17::text, $18::text, $19::text, $20::text,
             $21::timestamptz, $22::uuid, $23::text, $24::text where $15 is not null",
        ticket.id.0,
        &clocks.map(|clock| clock.kind.as_str().to_owned()),
        &clocks.map(|clock| clock.run),
        &clocks.map(|clock| clock.started),
        &clocks.map(|clock| clock.due),
        &clocks.map(|clock| clock.stopped) as _,
        ticket.revision,
        actor,
        ticket.updated,
        &fields,
        &from,
        &to,
        participant.map(EmailAddress::key),
        participant.map(EmailAddress::as_str),
        message.id,
        message.sequence,
        message.kind,
        message.author,
        message.text,
        message.html,
        message.created,
        brought.map(|brought| brought.letter.0),
        brought.and_then(|brought| brought.msgid).map(MsgId::as_str),
        brought.map_or("", |brought| brought.evidence),
    )
    .execute(conn)
    .await?;
    Ok(())
}
