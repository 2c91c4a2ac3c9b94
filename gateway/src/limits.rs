//! How much one caller may ask for. A refusal names the limit and says when to come back; a person
//! at a screen meets none of them.

use crate::{address::CallerAddress, door::TokenHash};
use axum::body::{Body, Bytes};
use http_body::Frame;
use ratelimit::{Ratelimiter, TryWaitError};
use service::{Failure, Text};
use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls of one session at a time.
const AT_A_TIME: usize = 128;
/// Logins, and other calls without a session, at a time: a storm of them leaves the places of all
/// other calls alone.
const ENTERING: usize = 64;
/// Pay pages, and parts of them, that are made at a time; rendering a PDF takes a core.
const READING: usize = 64;
/// Sessions of one address that clients-svc is asked about, a second; one that holds is asked
/// about every five seconds.
const ASKS_PER_SECOND: u32 = 100;
/// What is read of pay pages for each login that would be allowed: a page is read with its code,
/// and an accountant opens many.
const PAGES: u32 = 5;
/// Seconds' worth of calls that may come at once, after a pause.
const BURST: u32 = 4;
/// How often callers who have been quiet are forgotten.
const FORGET: Duration = Duration::from_secs(10);

/// What is counted, by whom it is counted.
pub(crate) struct Limits {
    logins: Rate<IpAddr>,
    pages: Rate<IpAddr>,
    asks: Rate<IpAddr>,
    calls: Rate<TokenHash>,
    entering: Arc<Semaphore>,
    reading: Arc<Semaphore>,
}

/// So many per key and time, and so many at once after a pause; 0 is no limit.
struct Rate<K> {
    most: u32,
    period: Duration,
    burst: u32,
    /// Callers, and when each was seen last.
    callers: Mutex<HashMap<K, (Ratelimiter, Instant)>>,
}

impl<K: Hash + Eq + Clone> Rate<K> {
    fn new(most: u32, period: Duration, burst: u32) -> Self {
        Self { most, period, burst, callers: Mutex::default() }
    }

    fn check(&self, key: &K, refuse: impl Fn(u32) -> Failure) -> Result<(), Failure> {
        if self.most == 0 {
            return Ok(());
        }
        let now = Instant::now();
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let (bucket, seen) = match callers.entry(key.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert((self.bucket()?, now)),
        };
        *seen = now;
        bucket.try_wait().map_err(|refusal| {
            let wait = match refusal {
                TryWaitError::Insufficient(wait) => wait,
                _ => self.period,
            };
            refuse(self.most).with("limit", self.most.to_string()).retry_after(wait)
        })
    }

    fn bucket(&self) -> Result<Ratelimiter, Failure> {
        Ratelimiter::builder(self.most.into())
            .period(self.period)
            .max_tokens(self.burst.into())
            .initial_available(self.burst.into())
            .build()
            .map_err(Failure::internal)
    }

    /// Forgets callers whose quota is whole again: to be new is the same.
    fn forget(&self) {
        let whole = self.period * (self.burst / self.most.max(1)).max(1);
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        callers.retain(|_, (_, seen)| seen.elapsed() < whole);
        callers.shrink_to_fit();
    }
}

impl Limits {
    pub(crate) fn new(logins_per_minute: u32, calls_per_second: u32) -> Self {
        let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
        let pages = logins_per_minute.saturating_mul(PAGES);
        let burst = calls_per_second.saturating_mul(BURST);
        Self {
            logins: Rate::new(logins_per_minute, minute, logins_per_minute),
            pages: Rate::new(pages, minute, pages),
            asks: Rate::new(ASKS_PER_SECOND, second, ASKS_PER_SECOND * BURST),
            calls: Rate::new(calls_per_second, second, burst),
            entering: Arc::new(Semaphore::new(ENTERING)),
            reading: Arc::new(Semaphore::new(READING)),
        }
    }

    /// Counts a login, or whatever else has a password hashed.
    pub(crate) fn login(&self, address: CallerAddress) -> Result<(), Failure> {
        self.logins.check(&address.network(), |most| {
            Failure::exhausted(
                "LOGIN_RATE",
                Text::new(
                    format!("С вашего адреса слишком много входов: не больше {most} в минуту."),
                    format!("Too many logins from your address: {most} a minute at most."),
                ),
            )
        })
    }

    /// Counts a pay page, or a part of one: whoever guesses at tokens is slowed down, whoever pays
    /// is not, and none of it is taken from logins.
    pub(crate) fn page(&self, address: CallerAddress) -> Result<(), Failure> {
        self.pages.check(&address.network(), |most| {
            Failure::exhausted(
                "PAGE_RATE",
                Text::new(
                    format!("С вашего адреса слишком много запросов: не больше {most} в минуту."),
                    format!("Too many requests from your address: {most} a minute at most."),
                ),
            )
        })
    }

    /// Counts a question to clients-svc about a session.
    pub(crate) fn ask(&self, address: CallerAddress) -> Result<(), Failure> {
        self.asks.check(&address.network(), |most| {
            Failure::exhausted(
                "SESSION_CHECK_RATE",
                Text::new(
                    format!("С вашего адреса слишком много сеансов: не больше {most} в секунду."),
                    format!("Too many sessions from your address: {most} a second at most."),
                ),
            )
        })
    }

    /// Counts a call of a session.
    pub(crate) fn call(&self, session: &TokenHash) -> Result<(), Failure> {
        self.calls.check(session, |most| {
            Failure::exhausted(
                "CALL_RATE",
                Text::new(
                    format!("Слишком много запросов в одном сеансе: не больше {most} в секунду."),
                    format!("Too many calls of one session: {most} a second at most."),
                ),
            )
        })
    }

    /// A place for a call without a session.
    pub(crate) fn enter(&self) -> Result<OwnedSemaphorePermit, Failure> {
        Arc::clone(&self.entering).try_acquire_owned().map_err(|_| {
            Failure::exhausted(
                "TOO_MANY_ENTERING",
                Text::new(
                    format!("Слишком много входов одновременно: не больше {ENTERING}."),
                    format!("Too many logins at once: {ENTERING} at most."),
                ),
            )
            .with("limit", ENTERING.to_string())
        })
    }

    /// A place for a pay page: whoever reads many takes none from logins.
    pub(crate) fn read(&self) -> Result<OwnedSemaphorePermit, Failure> {
        Arc::clone(&self.reading).try_acquire_owned().map_err(|_| {
            Failure::exhausted(
                "TOO_MANY_PAGES",
                Text::new(
                    format!("Слишком много страниц одновременно: не больше {READING}."),
                    format!("Too many pages at once: {READING} at most."),
                ),
            )
            .with("limit", READING.to_string())
        })
    }

    /// Forgets callers who have been quiet, again and again.
    pub(crate) async fn forget(&self) {
        loop {
            tokio::time::sleep(FORGET).await;
            self.logins.forget();
            self.pages.forget();
            self.asks.forget();
            self.calls.forget();
        }
    }
}

/// Calls of one session that may be made at a time.
#[derive(Debug, Clone)]
pub(crate) struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_A_TIME)))
    }
}

impl Places {
    pub(crate) fn take(&self) -> Result<OwnedSemaphorePermit, Failure> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| {
            Failure::exhausted(
                "TOO_MANY_CALLS_OF_SESSION",
                Text::new(
                    format!("Слишком много одновременных запросов в сеансе: до {AT_A_TIME}."),
                    format!("Too many calls of one session at once: {AT_A_TIME} at most."),
                ),
            )
            .with("limit", AT_A_TIME.to_string())
        })
    }
}

/// A reply that keeps its call's place until it has been read, or given up: who does not read his
/// replies cannot ask for ever more of them.
pub(crate) struct Held {
    body: Body,
    _place: OwnedSemaphorePermit,
}

impl Held {
    pub(crate) fn body(body: Body, place: OwnedSemaphorePermit) -> Body {
        Body::new(Self { body, _place: place })
    }
}

impl http_body::Body for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ip: &str) -> CallerAddress {
        CallerAddress(ip.parse().unwrap())
    }

    /// Issue 3, §5: one address has its quota, others theirs; a refusal says which and until when.
    #[test]
    fn logins_are_counted_by_address() {
        let limits = Limits::new(3, 1);
        for _ in 0..3 {
            limits.login(at("203.0.113.7")).unwrap();
        }
        let refused = limits.login(at("203.0.113.7")).unwrap_err();
        assert_eq!(refused.reason(), "LOGIN_RATE");
        assert!(refused.text().en.contains("3 a minute"), "{}", refused.text().en);
        limits.login(at("203.0.113.8")).unwrap();
        limits.logins.forget();
        limits.login(at("203.0.113.7")).unwrap_err();
    }

    /// Pay pages have a quota of their own: whoever has used it up may still log in.
    #[test]
    fn pages_are_counted_by_address() {
        let limits = Limits::new(1, 1);
        let taken = (0..100).take_while(|_| limits.page(at("203.0.113.7")).is_ok()).count();
        assert_eq!(taken, 5);
        limits.page(at("203.0.113.8")).unwrap();
        limits.login(at("203.0.113.7")).unwrap();
    }

    #[test]
    fn calls_are_counted_by_session() {
        let limits = Limits::new(3, 2);
        let taken = (0..100).take_while(|_| limits.call(&[1; 32]).is_ok()).count();
        assert_eq!(taken, 8, "four seconds' worth at once");
        limits.call(&[2; 32]).unwrap();
    }

    #[test]
    fn nothing_is_counted_without_a_limit() {
        let limits = Limits::new(0, 0);
        for _ in 0..10_000 {
            limits.login(at("203.0.113.7")).unwrap();
            limits.call(&[1; 32]).unwrap();
        }
    }

    #[test]
    fn places_are_given_back() {
        let places = Places::default();
        let taken: Vec<_> = (0..AT_A_TIME).map(|_| places.take().unwrap()).collect();
        assert_eq!(places.take().unwrap_err().reason(), "TOO_MANY_CALLS_OF_SESSION");
        drop(taken);
        drop(places.take().unwrap());
    }
}
