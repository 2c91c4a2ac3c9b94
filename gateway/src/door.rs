//! Who calls: a session, or the operator's token, becomes a signed identity.

use crate::{
    address::CallerAddress,
    entrance,
    limits::{Held, Limits, Places},
    presence::Presence,
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderValue, header};
use proto::{
    clients::v1::{self as clients, identities_client::IdentitiesClient},
    system::v1::Role,
};
use service::{
    Failure, Identity, Peers, Text,
    authority::{self, GATEWAY, HEADER},
    layers,
    peers::PeerChannel,
};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};
use tokio::sync::{Mutex as Turn, OwnedSemaphorePermit};
use tonic::Status;
use types::Clock;

/// Name of the session cookie.
pub const COOKIE: &str = "raschet_session";
/// How long a session is believed without asking clients-svc again. One that is closed through this
/// gateway is closed at once; closed elsewhere (another gateway, a changed password, a person's
/// access taken away), it lives this long at most.
const BELIEVED: Duration = Duration::from_secs(5);
/// Sessions that are remembered at a time.
const REMEMBERED: usize = 10_000;

/// What is remembered of a token.
pub(crate) type TokenHash = [u8; 32];

/// A caller whose session or token holds.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What the services are told.
    pub identity: Identity,
    /// Nothing but ChangePassword is allowed.
    pub must_change_password: bool,
    /// What is counted; nothing is of the operator, whose machine it is.
    session: Option<(TokenHash, Places)>,
}

/// What the door knows.
pub struct Door {
    peers: Peers,
    operator: TokenHash,
    /// Cookies are sent over encrypted connections only.
    pub(crate) secure_cookies: bool,
    limits: Limits,
    presence: Presence,
    sessions: Mutex<Sessions>,
    /// Sessions that clients-svc is asked about just now.
    asking: Mutex<HashMap<TokenHash, Weak<Turn<()>>>>,
}

/// What is remembered of sessions.
#[derive(Default)]
struct Sessions {
    /// Callers, and until when they are believed.
    known: HashMap<TokenHash, (Caller, Instant)>,
    /// How often one was forgotten: an answer from before that may be of a session closed since.
    forgotten: u64,
}

impl Door {
    /// A door that asks clients-svc about sessions.
    #[must_use]
    pub(crate) fn new(
        peers: Peers,
        operator_token: &str,
        secure_cookies: bool,
        limits: Limits,
    ) -> Self {
        let operator = hash(operator_token);
        Self {
            peers,
            operator,
            secure_cookies,
            limits,
            presence: Presence::default(),
            sessions: Mutex::default(),
            asking: Mutex::default(),
        }
    }

    /// How much one caller may ask for.
    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Who called lately.
    pub(crate) const fn presence(&self) -> &Presence {
        &self.presence
    }

    /// The other services.
    #[must_use]
    pub const fn peers(&self) -> &Peers {
        &self.peers
    }

    /// clients-svc's logins and sessions.
    pub(crate) fn identities(&self) -> IdentitiesClient<PeerChannel> {
        IdentitiesClient::new(self.peers.channel("clients"))
    }

    /// Lets a request in that is no call itself but does what a method does: by the method's roles,
    /// and counted like a call of it.
    pub(crate) async fn admit(
        &self,
        token: Option<String>,
        address: CallerAddress,
        method: &str,
    ) -> Result<(Identity, Option<OwnedSemaphorePermit>), Status> {
        let caller = self.caller(token, address).await?;
        let roles = authority::method(method).map(|method| method.roles.clone());
        allowed(&caller, &roles.unwrap_or_default())?;
        let place = self.place(&caller)?;
        Ok((caller.identity, place))
    }

    /// The caller of a request.
    async fn caller(
        &self,
        token: Option<String>,
        address: CallerAddress,
    ) -> Result<Caller, Status> {
        let missing = || Status::from(Failure::unauthenticated("SESSION_MISSING"));
        let token = token.ok_or_else(missing)?;
        let hashed = hash(&token);
        // Hashes are compared: how long that takes tells nothing about the token.
        if hashed == self.operator {
            let identity =
                Identity { actor: "operator".into(), roles: vec![Role::Operator], client: None };
            return Ok(Caller { identity, must_change_password: false, session: None });
        }
        if let Some(caller) = self.remembered(&hashed) {
            return Ok(caller);
        }
        // A screen makes many calls at once: one of them asks, and the others wait for its answer.
        let turn = self.turn(hashed);
        let _asking = turn.lock().await;
        if let Some(caller) = self.remembered(&hashed) {
            return Ok(caller);
        }
        self.limits.ask(address)?;
        let forgotten = self.sessions().forgotten;
        let request = clients::CheckSessionRequest { token };
        let session = self.identities().check_session(request).await?.into_inner();
        Ok(self.remember(hashed, &session, forgotten)?)
    }

    /// The turn to ask about a session; it is kept for as long as somebody waits for it.
    fn turn(&self, token: TokenHash) -> Arc<Turn<()>> {
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = asking.get(&token).and_then(Weak::upgrade) {
            return turn;
        }
        asking.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        asking.insert(token, Arc::downgrade(&turn));
        turn
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembered(&self, token: &TokenHash) -> Option<Caller> {
        let sessions = self.sessions();
        let known = sessions.known.get(token).filter(|(_, until)| Instant::now() < *until);
        known.map(|(caller, _)| caller.clone())
    }

    /// Believes a session for a while, but not beyond its end; not at all when one was `forgotten`
    /// since clients-svc was asked.
    fn remember(
        &self,
        token: TokenHash,
        session: &clients::Session,
        forgotten: u64,
    ) -> Result<Caller, Failure> {
        let (identity, now) = (identity_of(session)?, Instant::now());
        let left = session.expire_time.map_or(0, |t| t.seconds - Clock::system_now().timestamp());
        let left = Duration::from_secs(u64::try_from(left).unwrap_or_default());
        let mut sessions = self.sessions();
        let current = sessions.forgotten == forgotten;
        let sessions = &mut sessions.known;
        if sessions.len() >= REMEMBERED {
            sessions.retain(|_, (_, until)| now < *until);
        }
        // Whoever is asked about again goes on with the places that its calls hold.
        let known = sessions.get(&token).and_then(|(caller, _)| caller.session.clone());
        let session_places = known.unwrap_or_else(|| (token, Places::default()));
        let must_change_password = session.must_change_password;
        let caller = Caller { identity, must_change_password, session: Some(session_places) };
        if current && (sessions.len() < REMEMBERED || sessions.contains_key(&token)) {
            sessions.insert(token, (caller.clone(), now + left.min(BELIEVED)));
        }
        Ok(caller)
    }

    /// Counts a call, and gives it a place among its caller's.
    fn place(&self, caller: &Caller) -> Result<Option<OwnedSemaphorePermit>, Failure> {
        let Some((token, places)) = &caller.session else { return Ok(None) };
        self.limits.call(token)?;
        places.take().map(Some)
    }

    /// Forgets a session that has changed or ended.
    pub(crate) fn forget(&self, token: &str) {
        let mut sessions = self.sessions();
        sessions.forgotten += 1;
        sessions.known.remove(&hash(token));
    }
}

fn identity_of(session: &clients::Session) -> Result<Identity, Failure> {
    let client = match session.client.as_str() {
        "" => None,
        name => Some(name.parse().map_err(Failure::internal)?),
    };
    let roles: Vec<Role> = session.roles().collect();
    if client.is_none() && roles.contains(&Role::Customer) {
        return Err(no_client());
    }
    Ok(Identity { actor: session.actor.clone(), roles, client })
}

fn no_client() -> Failure {
    Failure::precondition(
        "CLIENT_NOT_CHOSEN",
        Text::new(
            "Вы больше не действуете за этого клиента. Выберите другого.",
            "You do not act for this client any more. Choose another one.",
        ),
    )
}

/// Checks session and roles of every call that needs them, and puts a signed identity in place of
/// whatever the caller claims to be.
pub async fn authenticate(
    State(door): State<Arc<Door>>,
    mut request: Request,
    next: Next,
) -> Response {
    request.headers_mut().remove(HEADER);
    let path = request.uri().path().to_owned();
    let Some(audience) = audience(&path) else { return next.run(request).await };
    let Some(method) = authority::method(&path) else {
        return layers::refuse(layers::no_method(&path));
    };
    if method.roles.contains(&Role::Public) {
        return match entrance::enter(&door.limits, request).await {
            Ok((request, _place)) => next.run(request).await,
            Err(failure) => layers::refuse(failure),
        };
    }
    let (token, address) = (token(request.headers()), CallerAddress::of(request.extensions()));
    let caller = match door.caller(token, address).await {
        Ok(caller) => caller,
        Err(status) => return status.into_http(),
    };
    door.presence.note(&caller.identity.actor);
    let place = match allowed(&caller, &method.roles).and_then(|()| door.place(&caller)) {
        Ok(place) => place,
        Err(failure) => return layers::refuse(failure),
    };
    if let Err(failure) = speak_for(&door, &caller, audience, request.headers_mut()) {
        return layers::refuse(failure);
    }
    let response = next.run(request).await;
    match place {
        Some(place) => response.map(|body| Held::body(body, place)),
        None => response,
    }
}

/// Puts the signed identity in place of the token, which is the gateway's business: no service
/// sees it.
fn speak_for(
    door: &Door,
    caller: &Caller,
    audience: &str,
    headers: &mut HeaderMap,
) -> Result<(), Failure> {
    let signed = door.peers.signer().sign(&caller.identity, audience);
    let mut value = HeaderValue::from_str(&signed).map_err(Failure::internal)?;
    value.set_sensitive(true);
    headers.insert(HEADER, value);
    headers.remove(header::AUTHORIZATION);
    headers.remove(header::COOKIE);
    Ok(())
}

fn allowed(caller: &Caller, declared: &[Role]) -> Result<(), Failure> {
    if caller.must_change_password {
        return Err(Failure::precondition(
            "PASSWORD_MUST_CHANGE",
            Text::new(
                "Сначала задайте постоянный пароль (ChangePassword).",
                "Set a lasting password first (ChangePassword).",
            ),
        ));
    }
    if authority::allows(declared, &caller.identity.roles) {
        Ok(())
    } else {
        Err(Failure::denied())
    }
}

/// Service that a path belongs to, such as `invoicing` for `/raschet.invoicing.v1.Invoices/…`.
/// What is not a contract of ours (health, reflection, pages) belongs to nobody.
#[must_use]
pub fn audience(path: &str) -> Option<&'static str> {
    let package = path.strip_prefix("/raschet.")?.split('.').next()?;
    let known = crate::PASSED.iter().copied().chain([GATEWAY]);
    known.into_iter().find(|service| *service == package)
}

/// The bearer token, or the cookie of a page of ours.
#[must_use]
pub fn token(headers: &HeaderMap) -> Option<String> {
    if headers.contains_key(header::AUTHORIZATION) {
        return bearer(headers);
    }
    // A form or image of a foreign page can carry the cookie, but not this header.
    headers.get("x-grpc-web")?;
    cookie(headers)
}

/// The bearer token.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let authorization = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The session cookie.
#[must_use]
pub fn cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('=').map(str::to_owned))
}

fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests;
