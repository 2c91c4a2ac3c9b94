//! Hashing of passwords: argon2id, off the async threads, few at a time, in queues with an end.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use rand::{Rng, distr::Alphanumeric};
use service::{Failure, Text};
use std::{thread::available_parallelism, time::Duration};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Logins that are worked on at a time: each takes a connection of the database now and then.
const AT_A_TIME: usize = 4;
/// Logins that wait for their turn; more are refused at once, which costs nothing.
const WAITING: usize = 64;
/// When to come back: a full queue is through by then.
const COME_BACK: Duration = Duration::from_secs(2);

/// Hashes and checks passwords. A hash takes 19 MiB and a core, so a storm of logins queues here:
/// it gets half of the cores and a few connections at most, and leaves the other calls alone, among
/// them those that set a password.
pub struct Hasher {
    /// Logins that are worked on or wait.
    places: Semaphore,
    turns: Semaphore,
    /// Cores for passwords that are checked, and for those that are set.
    checks: Semaphore,
    settings: Semaphore,
}

impl Default for Hasher {
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self {
            places: Semaphore::new(AT_A_TIME + WAITING),
            turns: Semaphore::new(AT_A_TIME),
            checks: Semaphore::new((cores / 2).max(1)),
            settings: Semaphore::new(1),
        }
    }
}

/// A turn at logging in, for as long as it is kept.
pub struct Turn<'a> {
    _place: SemaphorePermit<'a>,
    _turn: SemaphorePermit<'a>,
}

impl Hasher {
    /// Waits for a turn at logging in, before anything else is done for the caller; refuses when
    /// too many wait already.
    pub async fn turn(&self) -> Result<Turn<'_>, Failure> {
        let place = self.places.try_acquire().map_err(|_| busy())?;
        let turn = self.turns.acquire().await.map_err(Failure::internal)?;
        Ok(Turn { _place: place, _turn: turn })
    }

    /// The PHC string of a password that is set.
    pub async fn hash(&self, password: String) -> Result<String, Failure> {
        run(&self.settings, move || hash(&password)).await?.map_err(Failure::internal)
    }

    /// True when the password is the one of the hash. Without a hash the same work is done, so
    /// that the time of an answer does not tell which logins exist.
    pub async fn verify(&self, password: String, known: Option<String>) -> Result<bool, Failure> {
        run(&self.checks, move || match known {
            Some(known) => PasswordHash::new(&known).is_ok_and(|known| {
                Argon2::default().verify_password(password.as_bytes(), &known).is_ok()
            }),
            None => {
                let _ = hash(&password);
                false
            }
        })
        .await
    }
}

/// Does work that takes a core, off the async threads, when one is free for it.
async fn run<T: Send + 'static>(
    cores: &Semaphore,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let _core = cores.acquire().await.map_err(Failure::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Failure::internal)
}

fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
}

fn busy() -> Failure {
    Failure::exhausted(
        "LOGINS_BUSY",
        Text::new(
            format!("Слишком много входов сразу: ждут уже {WAITING}. Повторите чуть позже."),
            format!("Too many logins at once: {WAITING} are waiting. Try again a little later."),
        ),
    )
    .with("limit", WAITING.to_string())
    .retry_after(COME_BACK)
}

/// A password that works once: 20 letters and digits, 119 bits.
pub fn one_time() -> String {
    rand::rng().sample_iter(Alphanumeric).take(20).map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Issue 3, §5: a storm is bounded in what it does and in what waits, and leaves nothing.
    #[tokio::test]
    async fn a_storm_is_bounded() {
        let hasher = Hasher::default();
        let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let one = || async {
            let _turn = hasher.turn().await?;
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            running.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, Failure>(())
        };
        let storm = join_all((0..500).map(|_| one())).await;
        let done = storm.iter().filter(|result| result.is_ok()).count();
        assert_eq!(done, AT_A_TIME + WAITING, "the rest is refused at once");
        assert_eq!(most.load(Ordering::SeqCst), AT_A_TIME);
        let refused = storm.into_iter().find_map(Result::err).unwrap();
        assert_eq!(refused.reason(), "LOGINS_BUSY");
        one().await.unwrap();
    }

    #[tokio::test]
    async fn a_password_is_known_again() {
        let hasher = Hasher::default();
        let hash = hasher.hash("надёжный пароль".into()).await.unwrap();
        assert!(hasher.verify("надёжный пароль".into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("другой пароль".into(), Some(hash)).await.unwrap());
        assert!(!hasher.verify("надёжный пароль".into(), None).await.unwrap());
        assert!(!hasher.verify("x".into(), Some("no hash at all".into())).await.unwrap());
    }
}
