//! Identities as a forger would make them: the same format, written a second time.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ed25519_dalek::{Signer, SigningKey, pkcs8::DecodePrivateKey};
use proto::system::v1::Role;
use serde_json::{Value, json};
use std::{fs, path::Path};
use types::Clock;

/// A key and the name that it goes by.
#[derive(Clone)]
pub struct Forge {
    pub kid: String,
    pub key: SigningKey,
}

impl Forge {
    /// The real key of a caller.
    pub fn of(secrets: &Path, caller: &str) -> Self {
        let pem = fs::read_to_string(secrets.join("keys").join(format!("{caller}.pem"))).unwrap();
        let key = SigningKey::from_pkcs8_pem(&pem).unwrap();
        let names = fs::read_dir(secrets.join("public")).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names = names.filter(|name| name.starts_with(&format!("{caller}-")));
        let kid = names.next().unwrap().trim_end_matches(".pem").to_owned();
        Self { kid, key }
    }

    /// A token with these claims and a signature that holds.
    pub fn token(&self, claims: &Value) -> String {
        let signed = format!("{}.{}", self.kid, BASE64.encode(claims.to_string()));
        let signature = BASE64.encode(self.key.sign(signed.as_bytes()).to_bytes());
        format!("{signed}.{signature}")
    }
}

/// Claims of somebody for a service, which end so many seconds from now.
pub fn claims(audience: &str, actor: &str, role: Role, seconds: i64) -> Value {
    let end = Clock::system_now().timestamp() + seconds;
    json!({ "aud": audience, "exp": end, "sub": actor, "roles": [role as i32] })
}

/// Tokens that prove nothing to a service, each with the reason that it is refused for.
pub fn worthless(secrets: &Path, audience: &str) -> Vec<(&'static str, String, &'static str)> {
    let gateway = Forge::of(secrets, "gateway");
    let payments = Forge::of(secrets, "payments");
    let admin = |seconds| claims(audience, "staff/forged", Role::Admin, seconds);
    let other = if audience == "tickets" { "clients" } else { "tickets" };
    let for_other = claims(other, "staff/forged", Role::Admin, 50);
    let stranger = Forge { key: SigningKey::from_bytes(&[7; 32]), ..gateway.clone() };
    let unknown = Forge { kid: "gateway-00000000".into(), ..gateway.clone() };
    let support = gateway.token(&claims(audience, "staff/forged", Role::Support, 50));
    let changed = {
        let (kid, rest) = support.split_once('.').unwrap();
        let (_, signature) = rest.split_once('.').unwrap();
        format!("{kid}.{}.{signature}", BASE64.encode(admin(50).to_string()))
    };
    let renamed = support.replacen("gateway-", "clients-", 1);
    let as_service = |name: &str| claims(audience, &format!("service/{name}"), Role::Service, 50);
    vec![
        ("expired", gateway.token(&admin(-1)), "IDENTITY_EXPIRED"),
        ("without end", gateway.token(&admin(3600)), "IDENTITY_EXPIRED"),
        ("of another audience", gateway.token(&for_other), "IDENTITY_AUDIENCE"),
        ("of another key", stranger.token(&admin(50)), "IDENTITY_FORGED"),
        ("with changed claims", changed, "IDENTITY_FORGED"),
        ("of an unknown kid", unknown.token(&admin(50)), "IDENTITY_FORGED"),
        ("under another kid", renamed, "IDENTITY_FORGED"),
        ("of a service for a person", payments.token(&admin(50)), "IDENTITY_FORGED"),
        ("of a service for another", payments.token(&as_service("gateway")), "IDENTITY_FORGED"),
        ("without signature", support.rsplit_once('.').unwrap().0.to_owned(), "IDENTITY_FORGED"),
        ("empty", String::new(), "IDENTITY_FORGED"),
        ("without sense", "a.b.c".into(), "IDENTITY_FORGED"),
        ("too long", format!("{support}{}", "A".repeat(5000)), "IDENTITY_FORGED"),
    ]
}
