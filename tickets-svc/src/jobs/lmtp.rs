//! Letters in by LMTP (RFC 2033): a mail server on the same machine or network hands them over.
//!
//! Each recipient is answered for itself, and with 250 only after the letter is in the journal:
//! whatever dies later, it is processed. Without a database the answer is 451, and the server keeps
//! the letter. Meant for one's own mail server; it listens where the settings say and nowhere else.

mod dialogue;
mod session;

use crate::config::Settings;
use service::{Failure, Frame};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

pub use dialogue::{Dialogue, Reply};

/// Most sessions at a time; the next is told to come again.
const SESSIONS_MAX: usize = 100;

/// Most large letters that are taken at a time: each is in memory as a whole.
const LARGE_MAX: usize = 4;

/// Longest that an ending service waits for letters that are being taken.
const ENDING: Duration = Duration::from_secs(5);

/// The listener.
#[derive(Debug, Clone)]
pub struct Lmtp {
    address: Option<SocketAddr>,
    large: Arc<Semaphore>,
}

impl Lmtp {
    /// The listener that the settings name, if any.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self { address: settings.lmtp, large: Arc::new(Semaphore::new(LARGE_MAX)) }
    }

    /// Listens until told to stop; at once done when there is no address.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn run(self, frame: Frame, stop: CancellationToken) -> Result<(), Failure> {
        let Some(address) = self.address else {
            stop.cancelled().await;
            return Ok(());
        };
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|e| Failure::internal(format!("--lmtp {address}: {e}")))?;
        tracing::info!(lmtp.address = %address, "letters are taken by LMTP");
        let mut sessions = JoinSet::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(_) = sessions.join_next() => {}
                accepted = listener.accept() => {
                    let Ok((stream, _)) = accepted else { continue };
                    let seated = sessions.len() < SESSIONS_MAX;
                    let (frame, stop) = (frame.clone(), stop.clone());
                    sessions.spawn(self.clone().session(frame, stream, seated, stop));
                }
            }
        }
        let rest = async { while sessions.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(ENDING, rest).await;
        Ok(())
    }

    async fn session(self, frame: Frame, stream: TcpStream, seated: bool, stop: CancellationToken) {
        let session = session::Session::new(frame, self.large, stream, stop);
        // A connection that breaks is the other side's to try again.
        if let Err(error) = session.run(seated).await {
            tracing::debug!(error = %error, "an LMTP session broke");
        }
    }
}
