//! What must hold of tickets and letters, re-derived from first facts (tickets.md §5.4).

use crate::{
    jobs::outbox,
    store::audit::{self, Found},
};
use service::{Failure, Frame, audit::Check};
use types::id::{InboundLetterId, OutboundLetterId, TicketId};
use uuid::Uuid;

/// Every check of this service.
///
/// # Errors
/// Those of the database.
pub async fn checks(frame: Frame) -> Result<Vec<Check>, Failure> {
    let mut conn = frame.pool.acquire().await?;
    let inbound = |id| InboundLetterId::from(id).to_string();
    let outbound = |id| OutboundLetterId::from(id).to_string();
    let ticket = |id| TicketId::from(id).to_string();
    Ok(vec![
        check("LETTER_ONE_MESSAGE", audit::processed_letters(&mut conn).await?, inbound),
        check("LETTER_NO_MESSAGE", audit::unprocessed_letters(&mut conn).await?, inbound),
        check("LETTER_RAW_KEPT", audit::raw_letters(&mut conn).await?, inbound),
        check("MESSAGE_SEQUENCE", audit::sequences(&mut conn).await?, ticket),
        check("TICKET_HISTORY", audit::histories(&mut conn).await?, ticket),
        check("TICKET_CLOCK", audit::clocks(&mut conn).await?, ticket),
        check("OUTBOX_JOB", audit::outbox(&mut conn, outbox::KIND).await?, outbound),
    ])
}

fn check(name: &'static str, found: Found, subject: impl Fn(Uuid) -> String) -> Check {
    let mut check = Check::new(name, found.examined);
    for (id, expected, stored) in found.wrong {
        check.found(subject(id), expected, stored);
    }
    check
}
