//! Logins and sessions, for the gateway alone.

use super::{Api, name};
use crate::{
    domain::passwords::Password,
    store::{
        self,
        people::Login,
        sessions::{Holder, NewSession, Session},
    },
};
use chrono::Duration;
use proto::{
    clients::v1::{self as wire, identities_server::Identities},
    convert::timestamp,
};
use rand::{Rng, distr::Alphanumeric};
use service::{Failure, Role, Text};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use types::{
    Clock,
    email::EmailAddress,
    id::{ClientId, PersonId, SessionId, StaffId},
};

/// Letters and digits of a token: 238 bits.
const TOKEN_LENGTH: usize = 40;
/// A session ends this long after it was opened.
const SESSION_HOURS: i64 = 12;
/// Failures after which a login is locked …
const FAILURES: i64 = 10;
/// … for this long.
const FAILURE_MINUTES: i64 = 15;
/// Longest text of a header that is kept.
const HEADER_LIMIT: usize = 300;

#[tonic::async_trait]
impl Identities for Api {
    async fn open_session(
        &self,
        request: Request<wire::OpenSessionRequest>,
    ) -> Result<Response<wire::Session>, Status> {
        Ok(Response::new(self.open(request.into_inner()).await?))
    }

    async fn check_session(
        &self,
        request: Request<wire::CheckSessionRequest>,
    ) -> Result<Response<wire::Session>, Status> {
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let session = find(&mut conn, &request.get_ref().token).await?;
        Ok(Response::new(session.into()))
    }

    async fn close_session(
        &self,
        request: Request<wire::CloseSessionRequest>,
    ) -> Result<Response<wire::Session>, Status> {
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let session = find(&mut conn, &request.get_ref().token).await?;
        let now = Clock::system_now();
        store::sessions::close(&mut conn, session.id, now).await.map_err(Failure::from)?;
        Ok(Response::new(session.into()))
    }

    async fn change_password(
        &self,
        request: Request<wire::ChangePasswordRequest>,
    ) -> Result<Response<wire::Session>, Status> {
        Ok(Response::new(self.set_password(request.into_inner()).await?))
    }

    async fn list_session_clients(
        &self,
        request: Request<wire::ListSessionClientsRequest>,
    ) -> Result<Response<wire::ListSessionClientsResponse>, Status> {
        let mut conn = self.frame.pool.acquire().await.map_err(Failure::from)?;
        let session = find(&mut conn, &request.get_ref().token).await?;
        let Holder::Person(person) = session.holder else {
            return Ok(Response::new(wire::ListSessionClientsResponse::default()));
        };
        let rows = store::sessions::clients_of(&mut conn, person).await.map_err(Failure::from)?;
        let clients = rows.into_iter().map(|c| wire::SessionClient {
            client: ClientId(c.id).to_string(),
            number: c.number,
            title: c.title,
        });
        Ok(Response::new(wire::ListSessionClientsResponse { clients: clients.collect() }))
    }

    async fn switch_session_client(
        &self,
        request: Request<wire::SwitchSessionClientRequest>,
    ) -> Result<Response<wire::Session>, Status> {
        Ok(Response::new(self.switch(request.get_ref()).await?))
    }
}

impl Api {
    async fn open(&self, msg: wire::OpenSessionRequest) -> Result<wire::Session, Failure> {
        let email = EmailAddress::parse(&msg.login).ok();
        let login_key = email.as_ref().map_or(msg.login.as_str(), EmailAddress::key);
        let login_hash = Sha256::digest(login_key.as_bytes());
        let _turn = self.hasher.turn().await?;
        let mut conn = self.frame.pool.acquire().await?;
        let now = Clock::system_now();
        let since = now - Duration::minutes(FAILURE_MINUTES);
        if store::sessions::failures(&mut conn, &login_hash, since).await? >= FAILURES {
            return Err(locked());
        }
        let holders = match &email {
            Some(email) => holders(&mut conn, email).await?,
            None => Vec::new(),
        };
        // Hashing takes its time; the connection is for others meanwhile.
        drop(conn);
        let holder = self.check(&msg.password, holders).await?;
        let mut tx = self.frame.begin().await?;
        let Some((holder, login)) = holder else {
            store::sessions::fail(&mut tx, &login_hash, now, since).await?;
            tx.commit().await?;
            return Err(failed());
        };
        store::sessions::forget_failures(&mut tx, &login_hash).await?;
        let session = self.store_session(&mut tx, holder, &login, &msg).await?;
        tx.commit().await?;
        Ok(session)
    }

    /// The first holder whose password it is. Nobody by this login costs the same time.
    async fn check(
        &self,
        password: &str,
        holders: Vec<(Holder, Login)>,
    ) -> Result<Option<(Holder, Login)>, Failure> {
        if holders.is_empty() {
            self.hasher.verify(password.to_owned(), None).await?;
        }
        for (holder, login) in holders {
            let hash = login.password_hash.clone();
            if self.hasher.verify(password.to_owned(), hash).await? {
                return Ok(Some((holder, login)));
            }
        }
        Ok(None)
    }

    async fn store_session(
        &self,
        tx: &mut PgConnection,
        holder: Holder,
        login: &Login,
        msg: &wire::OpenSessionRequest,
    ) -> Result<wire::Session, Failure> {
        let client = match holder {
            Holder::Staff(_) => None,
            Holder::Person(person) => {
                let clients = store::sessions::clients_of(tx, person).await?;
                // A person who acts for nobody any more has nothing to log in to.
                Some(ClientId(clients.first().ok_or_else(failed)?.id))
            }
        };
        let token: String =
            rand::rng().sample_iter(Alphanumeric).take(TOKEN_LENGTH).map(char::from).collect();
        let created_at = Clock::system_now();
        let short = |text: &str| text.chars().take(HEADER_LIMIT).collect::<String>();
        let new = NewSession {
            id: SessionId::generate(),
            token_hash: &Sha256::digest(token.as_bytes()),
            holder,
            client,
            must_change_password: login.must_change_password,
            remote_address: &short(&msg.remote_address),
            user_agent: &short(&msg.user_agent),
            created_at,
            expires_at: created_at + Duration::hours(SESSION_HOURS),
        };
        store::sessions::insert(tx, &new).await?;
        let session = find(tx, &token).await?;
        Ok(wire::Session { token, ..session.into() })
    }

    async fn set_password(
        &self,
        msg: wire::ChangePasswordRequest,
    ) -> Result<wire::Session, Failure> {
        let new = Password::parse(&msg.new_password)
            .map_err(|e| Failure::invalid("new_password", Text::of(&e)))?;
        let _turn = self.hasher.turn().await?;
        let mut conn = self.frame.pool.acquire().await?;
        let session = find(&mut conn, &msg.token).await?;
        let login = match session.holder {
            Holder::Staff(id) => store::staff::login_by_id(&mut conn, id).await?,
            Holder::Person(id) => store::people::login_by_id(&mut conn, id).await?,
        };
        drop(conn);
        let hash = login.and_then(|l| l.password_hash);
        if !self.hasher.verify(msg.old_password, hash).await? {
            return Err(Failure::invalid(
                "old_password",
                Text::new("Прежний пароль неверен.", "The password until now is wrong."),
            ));
        }
        let hash = self.hasher.hash(new.expose().into()).await?;
        let mut tx = self.frame.begin().await?;
        match session.holder {
            Holder::Staff(id) => store::staff::set_password(&mut tx, id, &hash, false).await?,
            Holder::Person(id) => store::people::set_password(&mut tx, id, &hash, false).await?,
        }
        let now = Clock::system_now();
        let keep = Some(session.id);
        store::sessions::close_others(&mut tx, session.holder, keep, now).await?;
        store::sessions::password_changed(&mut tx, session.id).await?;
        let actor = actor(session.holder);
        let at = self.frame.clock.now();
        store::history::append(&mut tx, &actor, &["password".into()], &actor, at).await?;
        tx.commit().await?;
        Ok(Session { must_change_password: false, ..session }.into())
    }

    async fn switch(
        &self,
        msg: &wire::SwitchSessionClientRequest,
    ) -> Result<wire::Session, Failure> {
        let client: ClientId = name("client", &msg.client)?;
        let mut conn = self.frame.pool.acquire().await?;
        let session = find(&mut conn, &msg.token).await?;
        let mine = match session.holder {
            Holder::Person(person) => store::sessions::clients_of(&mut conn, person).await?,
            Holder::Staff(_) => Vec::new(),
        };
        if !mine.iter().any(|c| c.id == client.0) {
            return Err(Failure::not_found(client.to_string()));
        }
        store::sessions::switch(&mut conn, session.id, client).await?;
        Ok(Session { client: Some(client), ..session }.into())
    }
}

/// Who may log in with an address: a member of staff before a customer.
async fn holders(
    conn: &mut PgConnection,
    email: &EmailAddress,
) -> Result<Vec<(Holder, Login)>, Failure> {
    let staff = store::staff::login(conn, email.key()).await?;
    let person = store::people::login(conn, email.key()).await?;
    let staff = staff.map(|l| (Holder::Staff(StaffId(l.id)), l));
    let person = person.map(|l| (Holder::Person(PersonId(l.id)), l));
    Ok(staff.into_iter().chain(person).collect())
}

async fn find(conn: &mut PgConnection, token: &str) -> Result<Session, Failure> {
    let hash = Sha256::digest(token.as_bytes());
    let session = store::sessions::find(conn, &hash, Clock::system_now()).await?;
    session.ok_or_else(|| Failure::unauthenticated("SESSION_UNKNOWN"))
}

fn failed() -> Failure {
    Failure::unproved(
        "LOGIN_FAILED",
        Text::new("Неверный адрес или пароль.", "The address or the password is wrong."),
    )
}

fn locked() -> Failure {
    Failure::exhausted(
        "LOGIN_LOCKED",
        Text::new(
            format!("Слишком много неудачных попыток. Повторите через {FAILURE_MINUTES} минут."),
            format!("Too many failed attempts. Try again in {FAILURE_MINUTES} minutes."),
        ),
    )
    .retry_after(std::time::Duration::from_secs(FAILURE_MINUTES.unsigned_abs() * 60))
}

fn actor(holder: Holder) -> String {
    match holder {
        Holder::Staff(id) => id.to_string(),
        Holder::Person(id) => id.to_string(),
    }
}

impl From<Session> for wire::Session {
    fn from(session: Session) -> Self {
        let roles = match session.holder {
            Holder::Staff(_) => session
                .roles
                .iter()
                .filter_map(|r| Role::from_str_name(r))
                .map(Into::into)
                .collect(),
            Holder::Person(_) => vec![Role::Customer.into()],
        };
        Self {
            name: session.id.to_string(),
            token: String::new(),
            actor: actor(session.holder),
            roles,
            client: session.client.map(|c| c.to_string()).unwrap_or_default(),
            must_change_password: session.must_change_password,
            expire_time: Some(timestamp(session.expires_at)),
            display_name: session.display_name,
        }
    }
}
