//! Sessions and failed logins. Times here are system times: they go on while business time stands.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::id::{ClientId, PersonId, SessionId, StaffId};
use uuid::Uuid;

/// Whose session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A member of staff.
    Staff(StaffId),
    /// A customer.
    Person(PersonId),
}

impl Holder {
    fn ids(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Self::Staff(id) => (Some(id.0), None),
            Self::Person(id) => (None, Some(id.0)),
        }
    }
}

/// A session to be stored.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// Its id.
    pub id: SessionId,
    /// SHA-256 of the token.
    pub token_hash: &'a [u8],
    /// Whose it is.
    pub holder: Holder,
    /// Client that a customer acts for.
    pub client: Option<ClientId>,
    /// The password worked once.
    pub must_change_password: bool,
    /// Address of the caller.
    pub remote_address: &'a str,
    /// Program of the caller.
    pub user_agent: &'a str,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

/// Stores a session.
///
/// # Errors
/// Those of the database.
pub async fn insert(conn: &mut PgConnection, session: &NewSession<'_>) -> sqlx::Result<()> {
    let (staff, person) = session.holder.ids();
    sqlx::query!(
        "insert into sessions (id, token_hash, staff_id, person_id, client_id,
                               must_change_password, remote_address, user_agent, created_at,
                               expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        session.id.0,
        session.token_hash,
        staff,
        person,
        session.client.map(|c| c.0),
        session.must_change_password,
        session.remote_address,
        session.user_agent,
        session.created_at,
        session.expires_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A session that is open.
#[derive(Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub holder: Holder,
    /// Client that a customer acts for; none when the link has ended.
    pub client: Option<ClientId>,
    /// The password worked once.
    pub must_change_password: bool,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// Roles of a member of staff.
    pub roles: Vec<String>,
    /// Shown in the header.
    pub display_name: String,
}

/// The open session of a token: not closed, not expired, its holder not disabled.
///
/// # Errors
/// Those of the database.
pub async fn find(
    conn: &mut PgConnection,
    token_hash: &[u8],
    at: DateTime<Utc>,
) -> sqlx::Result<Option<Session>> {
    let row = sqlx::query!(
        "select s.id, s.staff_id, s.person_id, s.must_change_password, s.expires_at,
                (select k.client_id from contacts k
                 where k.client_id = s.client_id and k.person_id = s.person_id
                   and k.deleted_at is null and k.access <> 'NO_ACCESS') as client_id,
                coalesce(m.roles, '{}') as \"roles!\",
                coalesce(m.display_name, trim(p.given_name || ' ' || p.family_name), '')
                    as \"display_name!\"
         from sessions s
         left join staff m on m.id = s.staff_id
         left join people p on p.id = s.person_id
         where s.token_hash = $1 and s.closed_at is null and s.expires_at > $2
           and (m.id is null or not m.disabled)",
        token_hash,
        at,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(|r| {
        let holder = match (r.staff_id, r.person_id) {
            (Some(id), _) => Holder::Staff(StaffId(id)),
            (None, id) => Holder::Person(PersonId(id?)),
        };
        Some(Session {
            id: SessionId(r.id),
            holder,
            client: r.client_id.map(ClientId),
            must_change_password: r.must_change_password,
            expires_at: r.expires_at,
            roles: r.roles,
            display_name: r.display_name,
        })
    }))
}

/// Ends a session.
///
/// # Errors
/// Those of the database.
pub async fn close(conn: &mut PgConnection, id: SessionId, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "update sessions set closed_at = $2 where id = $1 and closed_at is null",
        id.0,
        at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends all sessions of a holder but one.
///
/// # Errors
/// Those of the database.
pub async fn close_others(
    conn: &mut PgConnection,
    holder: Holder,
    keep: Option<SessionId>,
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    let (staff, person) = holder.ids();
    sqlx::query!(
        "update sessions set closed_at = $4
         where (staff_id = $1 or person_id = $2) and closed_at is null
           and ($3::uuid is null or id <> $3)",
        staff,
        person,
        keep.map(|k| k.0),
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The password of a session was changed.
///
/// # Errors
/// Those of the database.
pub async fn password_changed(conn: &mut PgConnection, id: SessionId) -> sqlx::Result<()> {
    sqlx::query!("update sessions set must_change_password = false where id = $1", id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Makes a session act for a client.
///
/// # Errors
/// Those of the database.
pub async fn switch(conn: &mut PgConnection, id: SessionId, client: ClientId) -> sqlx::Result<()> {
    sqlx::query!("update sessions set client_id = $2 where id = $1", id.0, client.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// A client that a person may act for.
#[derive(Debug)]
pub struct SessionClient {
    /// Its id.
    pub id: Uuid,
    /// Human number.
    pub number: i64,
    /// Company or name.
    pub title: String,
}

/// Clients that a person may act for in the cabinet, by number; up to a thousand.
///
/// # Errors
/// Those of the database.
pub async fn clients_of(
    conn: &mut PgConnection,
    person: PersonId,
) -> sqlx::Result<Vec<SessionClient>> {
    sqlx::query_as!(
        SessionClient,
        "select c.id, c.number,
                case when c.company <> '' then c.company
                     else trim(p.given_name || ' ' || p.family_name) end as \"title!\"
         from contacts k
         join clients c on c.id = k.client_id
         join people p on p.id = c.main_person_id
         where k.person_id = $1 and k.deleted_at is null and k.access <> 'NO_ACCESS'
           and c.stage <> 'CLOSED'
         order by c.number
         limit 1000",
        person.0,
    )
    .fetch_all(conn)
    .await
}

/// Counts failed logins since a time, of one login.
///
/// # Errors
/// Those of the database.
pub async fn failures(
    conn: &mut PgConnection,
    login_hash: &[u8],
    since: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "select count(*) as \"count!\" from login_failures
         where login_hash = $1 and failed_at > $2",
        login_hash,
        since,
    )
    .fetch_one(conn)
    .await
}

/// Most expired failures that one new failure removes. It adds one itself, so a storm of logins,
/// each by another name, leaves no more behind than came while its failures still counted; and no
/// login waits for the removal of all that another storm has left.
pub const REMOVED_AT_ONCE: i64 = 100;

/// Remembers a failed login, and forgets failures from before `since`, which count no more.
///
/// # Errors
/// Those of the database.
pub async fn fail(
    conn: &mut PgConnection,
    login_hash: &[u8],
    at: DateTime<Utc>,
    since: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into login_failures (login_hash, failed_at) values ($1, $2)",
        login_hash,
        at,
    )
    .execute(&mut *conn)
    .await?;
    // Several logins that fail at a time take different rows, and wait for nobody.
    sqlx::query!(
        "delete from login_failures
         where ctid = any(array(
             select ctid from login_failures
             where failed_at <= $1
             order by failed_at
             limit $2
             for update skip locked))",
        since,
        REMOVED_AT_ONCE,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets failures of a login that succeeded.
///
/// # Errors
/// Those of the database.
pub async fn forget_failures(conn: &mut PgConnection, login_hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query!("delete from login_failures where login_hash = $1", login_hash)
        .execute(conn)
        .await?;
    Ok(())
}
