//! The `secrets/` directory: made once by `raschet up` or `raschet init`, read by every process.
//!
//! ```text
//! secrets/                    0700, files 0600
//!   keys/invoicing.pem        private Ed25519 key of each caller; a process needs only its own
//!   public/invoicing-….pem    public keys by kid; a retired one stays for as long as it is trusted
//!   cookie.key                key of the gateway's cookies
//!   operator.token            what the operator's command line authenticates with
//!   database/invoicing_app    password of each database role, and of the administrator
//! ```

use crate::{
    authority::{Signer, Verifier, kid},
    run::SERVICES,
};
use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ed25519_dalek::{
    SigningKey, VerifyingKey,
    pkcs8::{
        DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey,
        spki::der::pem::LineEnding,
    },
};
use std::{
    collections::HashMap,
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

/// Role of the database administrator, who makes the services' roles and databases.
pub const DATABASE_ADMIN: &str = "admin";

/// Makes whatever is missing in `dir`; what is there stays, so that it may be run again.
///
/// # Errors
/// When the directory cannot be written, or holds a damaged key.
pub fn create(dir: &Path) -> Result<()> {
    for dir in [dir.to_owned(), dir.join("keys"), dir.join("public"), dir.join("database")] {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&dir)
            .with_context(|| format!("cannot make {}", dir.display()))?;
    }
    for caller in SERVICES.iter().copied().chain([crate::authority::GATEWAY]) {
        let path = dir.join("keys").join(format!("{caller}.pem"));
        let key = SigningKey::from_bytes(&rand::random());
        write_once(&path, key.to_pkcs8_pem(LineEnding::LF)?.as_bytes())?;
        let public = private_key(&path)?.verifying_key();
        let name = format!("{}.pem", kid(caller, &public));
        let pem = public.to_public_key_pem(LineEnding::LF)?;
        write_once(&dir.join("public").join(name), pem.as_bytes())?;
    }
    write_once(&dir.join("cookie.key"), random().as_bytes())?;
    write_once(&dir.join("operator.token"), random().as_bytes())?;
    write_once(&dir.join("database").join(DATABASE_ADMIN), random().as_bytes())?;
    for service in SERVICES {
        for role in ["owner", "app"] {
            let path = dir.join("database").join(format!("{service}_{role}"));
            write_once(&path, random().as_bytes())?;
        }
    }
    Ok(())
}

/// The signer of one caller.
///
/// # Errors
/// When its key is missing or damaged.
pub fn signer(dir: &Path, caller: &str) -> Result<Signer> {
    let key = private_key(&dir.join("keys").join(format!("{caller}.pem")))?;
    Ok(Signer::new(caller, key))
}

/// The verifier of one service: every public key that is trusted.
///
/// # Errors
/// When a public key is damaged or there is none.
pub fn verifier(dir: &Path, audience: &str) -> Result<Verifier> {
    let dir = dir.join("public");
    let mut keys = HashMap::new();
    for entry in fs::read_dir(&dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let path = entry?.path();
        let (Some(stem), Some("pem")) = (
            path.file_stem().and_then(|s| s.to_str()).map(str::to_owned),
            path.extension().and_then(|e| e.to_str()),
        ) else {
            continue;
        };
        let pem = fs::read_to_string(&path)?;
        let key = VerifyingKey::from_public_key_pem(&pem)
            .with_context(|| format!("{} holds no public key", path.display()))?;
        keys.insert(stem, key);
    }
    anyhow::ensure!(!keys.is_empty(), "{} holds no public key", dir.display());
    Ok(Verifier::new(audience, keys))
}

/// Password of a database role, such as `invoicing_app`; `None` when there is no such file (a
/// database that authenticates otherwise).
///
/// # Errors
/// When the file cannot be read.
pub fn database_password(dir: &Path, role: &str) -> Result<Option<String>> {
    let path = dir.join("database").join(role);
    match fs::read_to_string(&path) {
        Ok(password) => Ok(Some(password.trim().to_owned())),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// A secret that is one line of text: `cookie.key`, `operator.token`, a provider's key.
///
/// # Errors
/// When the file cannot be read.
pub fn text(dir: &Path, name: &str) -> Result<String> {
    let path = dir.join(name);
    let text = fs::read_to_string(&path);
    Ok(text.with_context(|| format!("cannot read {}", path.display()))?.trim().to_owned())
}

fn private_key(path: &Path) -> Result<SigningKey> {
    let pem = fs::read_to_string(path).with_context(|| {
        format!("cannot read {}; `raschet init` makes the secrets", path.display())
    })?;
    SigningKey::from_pkcs8_pem(&pem).with_context(|| format!("{} holds no key", path.display()))
}

/// 256 bits, as text that needs no quoting anywhere.
fn random() -> String {
    BASE64.encode(rand::random::<[u8; 32]>())
}

/// Writes a file unless it exists. It appears whole or not at all: a crash leaves no half key.
fn write_once(path: &Path, bytes: &[u8]) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let part = path.with_extension("part");
    let write = || -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn made_once_and_private() {
        let dir = std::env::temp_dir().join(format!("raschet-secrets-{}", uuid::Uuid::now_v7()));
        create(&dir).unwrap();
        let token = text(&dir, "operator.token").unwrap();
        create(&dir).unwrap();
        assert_eq!(text(&dir, "operator.token").unwrap(), token, "a second run changes nothing");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir), 0o700);
        assert_eq!(mode(&dir.join("keys/gateway.pem")), 0o600);
        assert!(database_password(&dir, "clients_app").unwrap().is_some());
        assert_eq!(database_password(&dir, "nobody").unwrap(), None);

        let signer = signer(&dir, "tickets").unwrap();
        let identity = crate::Identity::service("tickets");
        let verifier = verifier(&dir, "clients").unwrap();
        let token = signer.sign(&identity, "clients");
        assert_eq!(verifier.verify(&token).unwrap(), identity);
        fs::remove_dir_all(&dir).unwrap();
    }
}
