//! What is asked about a letter before it is judged: who vouches for its sender, and whose key its
//! address was signed by.

use super::proving::Prover;
use crate::{config::Settings, domain::reply_addresses::LetterKey, store};
use anyhow::Result;
use service::Failure;
use sqlx::PgConnection;
use std::sync::OnceLock;

/// The gate that letters come through.
#[derive(Debug)]
pub struct Gate {
    /// Looks up what senders' domains say.
    pub prover: Prover,
    /// Mail systems whose word on senders we take.
    pub trusted: Vec<String>,
    /// Answers come to addresses that are signed for one writer.
    pub signed_addresses: bool,
    key: OnceLock<LetterKey>,
}

impl Gate {
    /// The gate that the settings describe.
    ///
    /// # Errors
    /// When the name server that they name is none.
    pub fn open(settings: &Settings) -> Result<Self> {
        Ok(Self {
            prover: Prover::open(settings.mail_dns.as_deref())?,
            trusted: settings.mail_trust.clone(),
            signed_addresses: settings.reply_addresses,
            key: OnceLock::new(),
        })
    }

    /// The key of this instance, read once.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn key(&self, conn: &mut PgConnection) -> Result<LetterKey, Failure> {
        if let Some(key) = self.key.get() {
            return Ok(key.clone());
        }
        let key = store::mail_keys::read(conn).await?;
        Ok(self.key.get_or_init(|| key).clone())
    }
}
