//! What the audit compares. Each check is one statement, hence one snapshot.

use service::Failure;
use sqlx::PgConnection;
use uuid::Uuid;

/// How many rows a check looked at, and those for which it does not hold: id, expected, found.
pub struct Found {
    /// Rows looked at.
    pub examined: i64,
    /// Rows for which it does not hold.
    pub wrong: Vec<(Uuid, String, String)>,
}

/// Every processed letter is one message of its own ticket.
///
/// # Errors
/// Those of the database.
pub async fn processed_letters(conn: &mut PgConnection) -> Result<Found, Failure> {
    let rows = sqlx::query!(
        r#"select l.id, count(m.id) as "messages!",
             bool_and(m.id is null or (m.id = l.message_id and m.ticket_id = l.ticket_id))
                 as "own!"
           from inbound_letters l left join messages m on m.inbound_letter_id = l.id
           where l.state = 'processed' group by l.id"#,
    )
    .fetch_all(conn)
    .await?;
    let wrong = rows.iter().filter(|row| row.messages != 1 || !row.own);
    let wrong = wrong.map(|row| {
        let place = if row.own { "" } else { " elsewhere" };
        (row.id, "1 message in its ticket".into(), format!("{} messages{place}", row.messages))
    });
    Ok(Found { examined: count(rows.len()), wrong: wrong.collect() })
}

/// No letter that ended otherwise has a message.
///
/// # Errors
/// Those of the database.
pub async fn unprocessed_letters(conn: &mut PgConnection) -> Result<Found, Failure> {
    let rows = sqlx::query!(
        r#"select l.id as "id!", l.state as "state!", m.id is not null as "message!"
           from inbound_letters l left join messages m on m.inbound_letter_id = l.id
           where l.state <> 'processed'"#,
    )
    .fetch_all(conn)
    .await?;
    let wrong = rows.iter().filter(|row| row.message);
    let wrong = wrong.map(|row| (row.id, "no message".into(), format!("one, {}", row.state)));
    Ok(Found { examined: count(rows.len()), wrong: wrong.collect() })
}

/// Every journalled letter's bytes are kept.
///
/// # Errors
/// Those of the database.
pub async fn raw_letters(conn: &mut PgConnection) -> Result<Found, Failure> {
    let rows = sqlx::query!(
        r#"select l.id, l.size, coalesce(sum(length(b.bytes)), 0) as "kept!"
           from inbound_letters l left join blobs b on b.sha256 = l.sha256
           group by l.id, l.size"#,
    )
    .fetch_all(conn)
    .await?;
    let wrong = rows.iter().filter(|row| row.size != row.kept);
    let wrong = wrong.map(|row| (row.id, row.size.to_string(), row.kept.to_string()));
    Ok(Found { examined: count(rows.len()), wrong: wrong.collect() })
}

/// Messages of every ticket are numbered from 1 without gap, as many as the ticket counts.
///
/// # Errors
/// Those of the database.
pub async fn sequences(conn: &mut PgConnection) -> Result<Found, Failure> {
    let rows = sqlx::query!(
        r#"select t.id, t.message_count, count(m.id) as "messages!",
             coalesce(max(m.sequence), 0) as "last!"
           from tickets t left join messages m on m.ticket_id = t.id group by t.id"#,
    )
    .fetch_all(conn)
    .await?;
    let wrong = rows.iter().filter(|row| {
        row.messages != i64::from(row.message_count) || row.last != row.message_count
    });
    let wrong = wrong.map(|row| {
        let found = format!("{} messages, the last is {}", row.messages, row.last);
        (row.id, format!("1..={}", row.message_count), found)
    });
    Ok(Found { examined: count(rows.len()), wrong: wrong.collect() })
}

/// The history of every ticket replays to its state and assignee.
///
/// # Errors
/// Those of the database.
pub async fn histories(conn: &mut PgConnection) -> Result<Found, Failure> {
    let rows = sqlx::query!(
        r#"select t.id, t.state,
             case when t.assignee is null then '' else 'staff/' || t.assignee end as "assignee!",
             coalesce((select c.to_value from ticket_changes c
                 where c.ticket_id = t.id and c.field = 'state'
                 order by c.revision desc, c.place desc limit 1), '') as "replayed_state!",
             coalesce((select c.to_value from ticket_changes c
                 where c.ticket_id = t.id and c.field = 'assignee'
                 order by c.revision desc, c.place desc limit 1), '') as "replayed_assignee!"
           from tickets t"#,
    )
    .fetch_all(conn)
    .await?;
    let wrong = rows
        .iter()
        .filter(|row| row.state != row.replayed_state || row.assignee != row.replayed_assignee);
    let wrong = wrong.map(|row| {
        let replayed = format!("{} {}", row.replayed_state, row.replayed_assignee);
        (row.id, replayed, format!("{} {}", row.state, row.assignee))
    });
    Ok(Found { examined: count(rows.len()), wrong: wrong.collect() })
}

/// The two-hour clock of a ticket runs exactly while it waits for us, and lists sort by it.
///
/// # Errors
/// Those of the database.
pub async fn clocks(conn: &mut PgConnection) -> Result<Found, Failure> {
    let rows = sqlx::query!(
        r#"select t.id, t.state, t.due_at,
             case when c.stopped_at is null then c.due_at end as running_due
           from tickets t join ticket_clocks c
             on c.ticket_id = t.id and c.kind = 'processing' and c.run = t.processing_run"#,
    )
    .fetch_all(conn)
    .await?;
    let wrong = rows.iter().filter(|row| {
        let waits = row.state == "open" || row.state == "in_progress";
        row.due_at != row.running_due || waits != row.due_at.is_some()
    });
    let wrong = wrong.map(|row| {
        (row.id, format!("{} due {:?}", row.state, row.running_due), format!("{:?}", row.due_at))
    });
    Ok(Found { examined: count(rows.len()), wrong: wrong.collect() })
}

/// Every letter that waits has a job that is not done: one that will send it, or one that staff
/// look at or have given up.
///
/// # Errors
/// Those of the database.
pub async fn outbox(conn: &mut PgConnection, kind: &str) -> Result<Found, Failure> {
    let rows = sqlx::query!(
        r#"select l.id, l.state,
             exists (select from jobs j where j.kind = $1 and j.key = l.id::text
                 and j.state <> 'DONE') as "job!"
           from outbound_letters l"#,
        kind,
    )
    .fetch_all(conn)
    .await?;
    let wrong = rows.iter().filter(|row| row.state == "queued" && !row.job);
    let wrong = wrong.map(|row| (row.id, "a job".into(), "queued without a job".into()));
    Ok(Found { examined: count(rows.len()), wrong: wrong.collect() })
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
