//! Hashing of passwords: argon2id, off the async threads, few at a time.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use rand::{Rng, distr::Alphanumeric};
use service::Failure;
use tokio::sync::Semaphore;

/// Hashes in flight: argon2 takes 19 MiB and a core each, so that a storm of logins queues here
/// and leaves the other calls alone.
const AT_A_TIME: usize = 2;

/// Hashes and checks passwords.
pub struct Hasher {
    permits: Semaphore,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { permits: Semaphore::new(AT_A_TIME) }
    }
}

impl Hasher {
    /// The PHC string of a password.
    pub async fn hash(&self, password: String) -> Result<String, Failure> {
        let _permit = self.permits.acquire().await.map_err(Failure::internal)?;
        tokio::task::spawn_blocking(move || {
            Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
        })
        .await
        .map_err(Failure::internal)?
        .map_err(Failure::internal)
    }

    /// True when the password is the one of the hash. Without a hash the same work is done, so
    /// that the time of an answer does not tell which logins exist.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Failure> {
        let Some(hash) = hash else {
            self.hash(password).await?;
            return Ok(false);
        };
        let _permit = self.permits.acquire().await.map_err(Failure::internal)?;
        tokio::task::spawn_blocking(move || {
            PasswordHash::new(&hash)
                .is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
        })
        .await
        .map_err(Failure::internal)
    }
}

/// A password that works once: 20 letters and digits, 119 bits.
pub fn one_time() -> String {
    rand::rng().sample_iter(Alphanumeric).take(20).map(char::from).collect()
}
