//! Letters that belong to a ticket: answers of staff and acknowledgements, threaded.

use super::{outbox, post::Post};
use crate::{
    domain::{
        letters::Correspondent,
        messages::{Body, Message},
        outbound_letters::{OutboundLetter, Thread},
        templates::Language,
        tickets::Ticket,
        walls,
    },
    store::{self, outbound_letters::Cause},
};
use chrono_tz::Tz;
use service::{Failure, Frame};
use sqlx::PgConnection;
use types::EmailAddress;

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

fn thread<'a>(
    ground: &'a Ground,
    ticket: &'a Ticket,
    letters: Vec<crate::domain::msgids::MsgId>,
) -> Thread<'a> {
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
    let sent = store::outbound_letters::automatic(conn, to, ticket.id, now).await?;
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
