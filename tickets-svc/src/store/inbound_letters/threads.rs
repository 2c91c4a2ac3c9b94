//! Tickets that a letter may belong to.

use crate::{
    domain::{
        letters::{Class, Letter},
        reply_addresses::{self, LetterKey, Tag},
        threading::{self, Candidate, Evidence, Signed},
    },
    store::{outbound_letters::Reported, rows},
};
use service::Failure;
use sqlx::PgConnection;
use types::{
    EmailAddress,
    id::{ClientId, TicketId},
};
use uuid::Uuid;

/// Most signed addresses of one letter that are looked at.
const TAGS_MAX: usize = 5;

/// Every ticket for which the letter holds evidence. `given` is the address that it came to, as far
/// as its source says; `copied` is the ticket of a letter with the same id, if any.
///
/// # Errors
/// Those of the database.
pub async fn candidates(
    conn: &mut PgConnection,
    letter: &Letter,
    given: &str,
    key: &LetterKey,
    copied: Option<TicketId>,
) -> Result<Vec<Candidate>, Failure> {
    let answered: Vec<String> =
        letter.answered().into_iter().map(|id| id.as_str().to_owned()).collect();
    let mut found = if answered.is_empty() { Vec::new() } else { by_ids(conn, &answered).await? };
    if let Some(number) = threading::tagged(&letter.subject) {
        let ticket = sqlx::query_scalar!("select id from tickets where number = $1", number)
            .fetch_optional(&mut *conn)
            .await?;
        found.extend(ticket.map(|id| (TicketId::from(id), Evidence::SubjectTag, 0)));
    }
    let mut candidates = Vec::with_capacity(found.len());
    for (ticket, evidence, distance) in found {
        candidates.push(candidate(conn, ticket, evidence, distance).await?);
    }
    if let Some(ticket) = copied {
        candidates.push(candidate(conn, ticket, Evidence::SameLetter, 0).await?);
    }
    let given = EmailAddress::parse(given).ok();
    if letter.class == Class::Bounce {
        for ticket in Reported::of(letter, given.as_ref(), key).tickets(conn).await? {
            candidates.push(candidate(conn, ticket, Evidence::Returned, 0).await?);
        }
    }
    let named = letter.to.iter().chain(&letter.cc).map(|one| &one.address);
    let tags = given.iter().chain(named).filter_map(|address| reply_addresses::split(address).1);
    for tag in tags.take(TAGS_MAX) {
        candidates.extend(by_tag(conn, letter, &tag, key).await?);
    }
    Ok(candidates)
}

/// The ticket of a signed address, when it was signed by us for anybody on it.
async fn by_tag(
    conn: &mut PgConnection,
    letter: &Letter,
    tag: &Tag,
    key: &LetterKey,
) -> Result<Option<Candidate>, Failure> {
    let ticket = sqlx::query_scalar!("select id from tickets where number = $1", tag.number)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(ticket) = ticket else { return Ok(None) };
    let mut found = candidate(conn, ticket.into(), Evidence::ReplyAddress, 0).await?;
    let writer = letter.from.as_ref().map(|from| &from.address);
    found.signed = if writer.is_some_and(|writer| key.signed_for(tag, writer)) {
        Signed::Writer
    } else if found.participants.iter().any(|other| key.signed_for(tag, other)) {
        Signed::Other
    } else {
        return Ok(None);
    };
    Ok(Some(found))
}

/// Tickets whose letters, ours or theirs, carry one of the ids. Ours count only by our own log:
/// anybody can write an id into a letter to us.
async fn by_ids(
    conn: &mut PgConnection,
    ids: &[String],
) -> Result<Vec<(TicketId, Evidence, usize)>, Failure> {
    let ours = sqlx::query!(
        r#"select ticket_id as "ticket_id!", msgid from outbound_letters
           where msgid = any($1) and ticket_id is not null"#,
        ids,
    )
    .fetch_all(&mut *conn)
    .await?;
    let theirs = sqlx::query!(
        r#"select ticket_id, msgid as "msgid!" from messages
           where msgid = any($1) and inbound_letter_id is not null"#,
        ids,
    )
    .fetch_all(&mut *conn)
    .await?;
    let distance = |id: &str| ids.iter().position(|given| given == id).unwrap_or(usize::MAX);
    let ours = ours
        .iter()
        .map(|row| (TicketId::from(row.ticket_id), Evidence::AnswersOurs, distance(&row.msgid)));
    let theirs = theirs
        .iter()
        .map(|row| (TicketId::from(row.ticket_id), Evidence::AnswersTheirs, distance(&row.msgid)));
    Ok(ours.chain(theirs).collect())
}

async fn candidate(
    conn: &mut PgConnection,
    ticket: TicketId,
    evidence: Evidence,
    distance: usize,
) -> Result<Candidate, Failure> {
    // One that was merged leads to another.
    let row = sqlx::query!(
        "select t.id, t.client_id, t.candidate_clients
         from tickets given join tickets t on t.id = coalesce(given.merged_into, given.id)
         where given.id = $1",
        Uuid::from(ticket),
    )
    .fetch_one(&mut *conn)
    .await?;
    let addresses = sqlx::query_scalar!(
        "select address from ticket_participants where ticket_id = $1 order by address_key",
        row.id,
    )
    .fetch_all(&mut *conn)
    .await?;
    let participants = addresses
        .iter()
        .map(|address| rows::address("ticket_participants.address", address))
        .collect::<Result<_, _>>()?;
    Ok(Candidate {
        ticket: row.id.into(),
        client: row.client_id.map(ClientId::from),
        candidates: row.candidate_clients.into_iter().map(ClientId::from).collect(),
        participants,
        evidence,
        signed: Signed::Nobody,
        distance,
    })
}
