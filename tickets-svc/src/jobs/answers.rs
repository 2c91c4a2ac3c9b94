//! Letters that belong to a ticket: answers of staff and acknowledgements, threaded.

use super::{outbox, post::Post};
use crate::{
    domain::{
        letters::Correspondent,
        mailboxes::Mailbox,
        messages::{Body, Message},
        msgids::MsgId,
        outbound_letters::{OutboundLetter, Thread},
        step_up::{self, Danger},
        templates::{self, Language},
        tickets::Ticket,
        walls,
    },
    store::{self, outbound_letters::Cause},
};
use chrono_tz::Tz;
use service::{Failure, Frame};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use types::{EmailAddress, id::ClientId};

/// What the letters of a ticket have in common.
struct Ground {
    from: Correspondent,
    language: Language,
    zone: Tz,
}

async fn ground(conn: &mut PgConnection, post: &Post, ticket: &Ticket) -> Result<Ground, Failure> {
    let mailbox = store::tickets::mailbox(conn, ticket.id, &ticket.department).await?;
    let from = mailbox.map_or_else(
        || post.fallback(),
        |mailbox| Correspondent { name: mailbox.display_name, address: mailbox.address },
    );
    let manner = match ticket.client {
        Some(client) => store::clients::manner(conn, client).await?,
        None => None,
    };
    let (language, zone) = manner.unwrap_or_default();
    let zone = zone.parse().unwrap_or(chrono_tz::Europe::Moscow);
    Ok(Ground { from, language: Language::of(&language), zone })
}

fn thread<'a>(ground: &'a Ground, ticket: &'a Ticket, letters: Vec<MsgId>) -> Thread<'a> {
    let due = ticket.processing.due.with_timezone(&ground.zone);
    Thread {
        ticket,
        letters,
        language: ground.language,
        due_time: due.format("%d.%m.%Y %H:%M %Z").to_string(),
        from: &ground.from,
    }
}

/// Queues what staff wrote: to whoever wrote last, and to the requester if that is another. Does
/// nothing for a message that never leaves.
///
/// # Errors
/// Those of the database.
pub async fn send(
    conn: &mut PgConnection,
    frame: &Frame,
    post: &Post,
    ticket: &Ticket,
    message: &Message,
    closing: bool,
) -> Result<(), Failure> {
    let Body::Staff(words) = &message.body else { return Ok(()) };
    let ground = ground(conn, post, ticket).await?;
    let letters = store::messages::thread(conn, ticket.id).await?;
    let last = store::messages::last_writer(conn, ticket.id).await?;
    let mut to: Vec<EmailAddress> =
        last.and_then(|author| EmailAddress::parse(&author).ok()).into_iter().collect();
    to.extend(ticket.requester.clone().filter(|requester| !to.contains(requester)));
    let letter = OutboundLetter::answer(&thread(&ground, ticket, letters), to, words, closing)
        .map_err(Failure::internal)?;
    store::messages::leaves_by(conn, message.id, &letter.msgid).await?;
    let cause = Cause {
        client: ticket.client,
        ticket: Some(ticket.id),
        message: Some(message.id),
        ..Cause::default()
    };
    outbox::queue(conn, frame, &letter, &cause).await?;
    Ok(())
}

/// Queues the acknowledgement of a new ticket, or the question which client it is for, unless a
/// wall against robots stands before it.
///
/// # Errors
/// Those of the database.
pub async fn acknowledge(
    conn: &mut PgConnection,
    frame: &Frame,
    post: &Post,
    ticket: &Ticket,
    to: &EmailAddress,
) -> Result<(), Failure> {
    let now = frame.clock.now();
    let sent = store::outbound_letters::automatic(conn, to, Some(ticket.id), now).await?;
    if !walls::may_write(&sent, now) {
        return Ok(());
    }
    let ground = ground(conn, post, ticket).await?;
    let letters = store::messages::thread(conn, ticket.id).await?;
    let thread = thread(&ground, ticket, letters);
    let letter = if ticket.candidates.is_empty() {
        OutboundLetter::acknowledgement(&thread, to.clone())
    } else {
        let titles = store::clients::titles(conn, &ticket.candidates).await?;
        OutboundLetter::which_client(&thread, to.clone(), &titles)
    };
    let letter = letter.map_err(Failure::internal)?;
    let cause = Cause {
        client: ticket.client,
        ticket: Some(ticket.id),
        answered: Some(to.clone()),
        ..Cause::default()
    };
    outbox::queue(conn, frame, &letter, &cause).await?;
    Ok(())
}

/// Queues the question whether a dangerous request is meant, to the address in the profile; answers
/// the id of the letter that asks, unless a wall against robots stands before it.
///
/// # Errors
/// Those of the database.
pub async fn confirm(
    conn: &mut PgConnection,
    frame: &Frame,
    post: &Post,
    ticket: &Ticket,
    to: &EmailAddress,
    request: (Danger, &str, &str),
) -> Result<Option<MsgId>, Failure> {
    let now = frame.clock.now();
    let sent = store::outbound_letters::automatic(conn, to, Some(ticket.id), now).await?;
    if !walls::may_ask(&sent, now) {
        return Ok(None);
    }
    let ground = ground(conn, post, ticket).await?;
    let letters = store::messages::thread(conn, ticket.id).await?;
    let thread = thread(&ground, ticket, letters);
    let (danger, asked_by, words) = request;
    let words = step_up::request(danger, asked_by, words, ground.language);
    let letter = OutboundLetter::confirmation(&thread, to.clone(), &words);
    let letter = letter.map_err(Failure::internal)?;
    let cause = Cause {
        client: ticket.client,
        ticket: Some(ticket.id),
        answered: Some(to.clone()),
        ..Cause::default()
    };
    outbox::queue(conn, frame, &letter, &cause).await?;
    Ok(Some(letter.msgid))
}

/// Tells the address in the profile of a client that somebody wrote in the client's name and was
/// not believed (tickets.md §5.2, F).
///
/// # Errors
/// Those of the database.
pub async fn doubted(
    conn: &mut PgConnection,
    frame: &Frame,
    mailbox: &Mailbox,
    client: ClientId,
    letter: (&EmailAddress, &str),
) -> Result<(), Failure> {
    let now = frame.clock.now();
    let Some(to) = store::clients::main_address(conn, client).await? else { return Ok(()) };
    let sent = store::outbound_letters::automatic(conn, &to, None, now).await?;
    if !walls::may_write(&sent, now) {
        return Ok(());
    }
    let manner = store::clients::manner(conn, client).await?.unwrap_or_default();
    let from =
        Correspondent { name: mailbox.display_name.clone(), address: mailbox.address.clone() };
    let signature = if from.name.is_empty() { from.address.to_string() } else { from.name.clone() };
    let values: BTreeMap<String, String> = [
        ("mailbox", mailbox.address.to_string()),
        ("address", letter.0.to_string()),
        ("subject", letter.1.to_owned()),
        ("signature", signature),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let missing = || Failure::internal("there is no such template");
    let template = templates::template(templates::SENDER_DOUBTED).ok_or_else(missing)?;
    let language = Language::of(&manner.0);
    let letter = OutboundLetter::of_template(template, language, &values, from, vec![to.clone()]);
    let letter = letter.map_err(Failure::internal)?;
    let cause = Cause { client: Some(client), answered: Some(to), ..Cause::default() };
    outbox::queue(conn, frame, &letter, &cause).await?;
    Ok(())
}
