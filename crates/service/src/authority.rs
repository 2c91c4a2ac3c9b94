//! Who calls, and may they: signed identities and the roles that each method declares.
//!
//! An identity is made by the caller (the gateway for people and programs, a service for itself),
//! signed with the caller's Ed25519 key, lives 60 s and names the service it is meant for. A key of
//! a service can only speak for that service; only the gateway's may speak for people.

use crate::Failure;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use prost_reflect::{DescriptorPool, Value};
use proto::system::v1::Role;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};
use types::{Clock, id::ClientId};

/// Metadata key that carries the signed identity.
pub const HEADER: &str = "raschet-identity";
/// Seconds that a signed identity lives.
pub const LIFETIME_SECONDS: i64 = 60;
/// Seconds by which two machines' clocks may differ.
const SKEW_SECONDS: i64 = 5;
/// The caller whose key may speak for people.
pub const GATEWAY: &str = "gateway";
/// Longest token that is looked at.
const MAX_TOKEN: usize = 4096;

/// On whose behalf a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `staff/{uuid}`, `people/{uuid}`, `service/invoicing` or `operator`.
    pub actor: String,
    /// What the actor is.
    pub roles: Vec<Role>,
    /// The client for whom a customer acts; `None` for everybody else.
    pub client: Option<ClientId>,
}

impl Identity {
    /// A service, speaking for itself.
    #[must_use]
    pub fn service(name: &str) -> Self {
        Self { actor: format!("service/{name}"), roles: vec![Role::Service], client: None }
    }
}

/// The identity of the caller of the request at hand, as the layers verified it.
#[derive(Debug, Clone)]
pub struct Scope {
    /// See [`Identity::actor`].
    pub actor: String,
    /// What the actor is.
    pub roles: Vec<Role>,
    /// See [`Identity::client`].
    pub client: Option<ClientId>,
    /// Language of the caller.
    pub locale: crate::Locale,
    /// Whether the caller would rather read Ukrainian, where a text has it.
    pub ukrainian: bool,
}

impl Scope {
    /// The scope of a request.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when the request did not pass the layers (a public method).
    pub fn of<M>(request: &tonic::Request<M>) -> Result<Self, Failure> {
        let scope = request.extensions().get::<Self>().cloned();
        scope.ok_or_else(|| Failure::unauthenticated("IDENTITY_MISSING"))
    }

    /// True when the caller has this role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The client for whom a customer acts; what every store function behind the cabinet takes.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` when the caller acts for no client.
    pub fn client(&self) -> Result<ClientId, Failure> {
        self.client.ok_or_else(Failure::denied)
    }
}

/// What is signed. Field names are short: the token rides in every call.
#[derive(Serialize, Deserialize)]
struct Claims {
    aud: String,
    exp: i64,
    sub: String,
    roles: Vec<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<ClientId>,
}

/// Signs identities as one caller.
pub struct Signer {
    caller: String,
    kid: String,
    key: SigningKey,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl Signer {
    /// A signer for `caller` (a service's name or `gateway`).
    #[must_use]
    pub fn new(caller: &str, key: SigningKey) -> Self {
        let kid = kid(caller, &key.verifying_key());
        Self { caller: caller.into(), kid, key }
    }

    /// Name of the service, or `gateway`.
    #[must_use]
    pub fn caller(&self) -> &str {
        &self.caller
    }

    /// A token for the service `audience`, valid for 60 s of system time.
    #[must_use]
    pub fn sign(&self, identity: &Identity, audience: &str) -> String {
        self.sign_until(identity, audience, Clock::system_now().timestamp() + LIFETIME_SECONDS)
    }

    fn sign_until(&self, identity: &Identity, audience: &str, exp: i64) -> String {
        let claims = Claims {
            aud: audience.into(),
            exp,
            sub: identity.actor.clone(),
            roles: identity.roles.iter().map(|r| *r as i32).collect(),
            client: identity.client,
        };
        let claims = BASE64.encode(serde_json::to_vec(&claims).unwrap_or_default());
        // The key's id is signed too: a token cannot be moved to another key.
        let signed = format!("{}.{claims}", self.kid);
        let signature = BASE64.encode(self.key.sign(signed.as_bytes()).to_bytes());
        format!("{signed}.{signature}")
    }
}

/// Id of a public key: `invoicing-1a2b3c4d`. The caller is part of it.
pub(crate) fn kid(caller: &str, key: &VerifyingKey) -> String {
    let short: String = key.as_bytes()[..4].iter().map(|b| format!("{b:02x}")).collect();
    format!("{caller}-{short}")
}

/// Verifies identities that are meant for one service.
#[derive(Debug, Clone)]
pub struct Verifier {
    audience: String,
    keys: HashMap<String, VerifyingKey>,
}

impl Verifier {
    /// A verifier for the service `audience`, who trusts these public keys by kid.
    #[must_use]
    pub fn new(audience: &str, keys: HashMap<String, VerifyingKey>) -> Self {
        Self { audience: audience.into(), keys }
    }

    /// The identity that a token proves.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` with reason `IDENTITY_FORGED`, `IDENTITY_EXPIRED` or `IDENTITY_AUDIENCE`.
    pub fn verify(&self, token: &str) -> Result<Identity, Failure> {
        let (kid, claims) =
            self.signed(token).ok_or_else(|| Failure::unauthenticated("IDENTITY_FORGED"))?;
        let now = Clock::system_now().timestamp();
        // A token that claims to live longer than ours do was not made by this code.
        if claims.exp <= now || claims.exp > now + LIFETIME_SECONDS + SKEW_SECONDS {
            return Err(Failure::unauthenticated("IDENTITY_EXPIRED"));
        }
        if claims.aud != self.audience {
            return Err(Failure::unauthenticated("IDENTITY_AUDIENCE"));
        }
        let identity = Identity {
            actor: claims.sub,
            roles: claims.roles.iter().filter_map(|r| Role::try_from(*r).ok()).collect(),
            client: claims.client,
        };
        let caller = kid.rsplit_once('-').map_or(kid, |(caller, _)| caller);
        if caller != GATEWAY && identity != Identity::service(caller) {
            return Err(Failure::unauthenticated("IDENTITY_FORGED"));
        }
        Ok(identity)
    }

    /// The claims of a token whose signature holds.
    fn signed<'t>(&self, token: &'t str) -> Option<(&'t str, Claims)> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (kid, claims) = signed.split_once('.')?;
        let key = self.keys.get(kid)?;
        let signature = Signature::from_slice(&BASE64.decode(signature).ok()?).ok()?;
        key.verify_strict(signed.as_bytes(), &signature).ok()?;
        Some((kid, serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()?))
    }
}

/// What the contracts say about a method.
#[derive(Debug)]
pub struct Method {
    /// Roles that may call it. One that declares none does not pass the build of `proto`.
    pub roles: Vec<Role>,
    /// True when it answers with a stream.
    pub server_streaming: bool,
}

/// Methods by path.
static METHODS: LazyLock<HashMap<String, Method>> = LazyLock::new(|| {
    let pool = DescriptorPool::decode(proto::DESCRIPTORS).unwrap_or_default();
    let Some(extension) = pool.get_extension_by_name("raschet.system.v1.roles") else {
        return HashMap::new();
    };
    pool.services()
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .map(|method| {
            let options = method.options();
            let roles = match options.get_extension(&extension).as_ref() {
                Value::List(roles) => roles
                    .iter()
                    .filter_map(Value::as_enum_number)
                    .filter_map(|r| Role::try_from(r).ok())
                    .collect(),
                _ => Vec::new(),
            };
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            (path, Method { roles, server_streaming: method.is_server_streaming() })
        })
        .collect()
});

/// The method at a path such as `/raschet.invoicing.v1.Invoices/GetInvoice`; `None` when the
/// contracts know no such method.
#[must_use]
pub fn method(path: &str) -> Option<&'static Method> {
    METHODS.get(path)
}

/// Names of every service of the contracts, such as `raschet.invoicing.v1.Invoices`.
#[must_use]
pub fn services() -> BTreeSet<&'static str> {
    let service = |path: &'static String| path.strip_prefix('/')?.split('/').next();
    METHODS.keys().filter_map(service).collect()
}

/// True when one of the `held` roles may call a method that declares `declared`. An administrator
/// may do whatever any member of staff may.
#[must_use]
pub fn allows(declared: &[Role], held: &[Role]) -> bool {
    held.iter().any(|role| {
        declared.contains(role)
            || (*role == Role::Admin && declared.iter().any(|declared| is_staff(*declared)))
    })
}

/// True for the roles that people of the company have.
#[must_use]
pub const fn is_staff(role: Role) -> bool {
    match role {
        Role::Admin
        | Role::Sales
        | Role::AccountManager
        | Role::Support
        | Role::Technician
        | Role::Treasury
        | Role::Accountant
        | Role::Auditor => true,
        Role::Unspecified | Role::Public | Role::Service | Role::Customer | Role::Operator => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(caller: &str) -> (Signer, Verifier) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let keys = HashMap::from([(kid(caller, &key.verifying_key()), key.verifying_key())]);
        (Signer::new(caller, key), Verifier::new("invoicing", keys))
    }

    fn person() -> Identity {
        Identity {
            actor: "people/0".into(),
            roles: vec![Role::Customer],
            client: Some(ClientId::generate()),
        }
    }

    fn reason(result: Result<Identity, Failure>) -> &'static str {
        result.expect_err("must be refused").reason()
    }

    #[test]
    fn a_signed_identity_is_read_back() {
        let (signer, verifier) = pair(GATEWAY);
        let identity = person();
        assert_eq!(verifier.verify(&signer.sign(&identity, "invoicing")).unwrap(), identity);
    }

    #[test]
    fn what_does_not_hold_is_refused() {
        let (signer, verifier) = pair(GATEWAY);
        let now = Clock::system_now().timestamp();
        assert_eq!(
            reason(verifier.verify(&signer.sign(&person(), "tickets"))),
            "IDENTITY_AUDIENCE"
        );
        for exp in [now, now - 1, now + LIFETIME_SECONDS + SKEW_SECONDS + 2] {
            let token = signer.sign_until(&person(), "invoicing", exp);
            assert_eq!(reason(verifier.verify(&token)), "IDENTITY_EXPIRED");
        }
        let other = Signer::new(GATEWAY, SigningKey::from_bytes(&[8; 32]));
        assert_eq!(reason(verifier.verify(&other.sign(&person(), "invoicing"))), "IDENTITY_FORGED");
        let token = signer.sign(&person(), "invoicing");
        for forged in ["", "a", "a.b.c", &token[1..], &token[..token.len() - 4]] {
            assert_eq!(reason(verifier.verify(forged)), "IDENTITY_FORGED", "{forged}");
        }
    }

    #[test]
    fn a_service_speaks_only_for_itself() {
        let (signer, verifier) = pair("tickets");
        let own = Identity::service("tickets");
        assert_eq!(verifier.verify(&signer.sign(&own, "invoicing")).unwrap(), own);
        for stolen in [person(), Identity::service("payments")] {
            let token = signer.sign(&stolen, "invoicing");
            assert_eq!(reason(verifier.verify(&token)), "IDENTITY_FORGED");
        }
    }

    #[test]
    fn the_contracts_declare_roles() {
        let follow = method("/raschet.system.v1.Feed/Follow").unwrap();
        assert_eq!(follow.roles, [Role::Service]);
        assert!(follow.server_streaming);
        assert!(method("/raschet.system.v1.Feed/Nothing").is_none());
    }

    #[test]
    fn an_administrator_is_staff_and_nothing_else() {
        assert!(allows(&[Role::Sales], &[Role::Admin]));
        assert!(allows(&[Role::Sales], &[Role::Support, Role::Sales]));
        assert!(!allows(&[Role::Sales], &[Role::Support]));
        assert!(!allows(&[Role::Service], &[Role::Admin]));
        assert!(!allows(&[Role::Customer], &[Role::Admin]));
        assert!(!allows(&[], &[Role::Admin, Role::Service]));
    }
}
