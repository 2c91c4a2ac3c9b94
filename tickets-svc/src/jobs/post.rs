//! The way out: a real SMTP server, or a directory until one is set.

use super::gate::Gate;
use crate::{
    config::Settings,
    domain::{letters::Correspondent, outbound_letters::OutboundLetter},
};
use anyhow::{Context, Result};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor, address::Envelope,
    transport::smtp::authentication::Credentials,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use types::EmailAddress;

/// Longest wait for one answer of the server.
const PATIENCE: Duration = Duration::from_secs(30);

/// How letters leave, and from whom when no mailbox is there.
#[derive(Debug, Clone)]
pub struct Post {
    way: Way,
    fallback: EmailAddress,
    site: Option<String>,
    gate: Arc<Gate>,
}

#[derive(Debug, Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Directory(PathBuf),
    Nowhere,
}

/// Why a letter did not leave.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// It may leave later.
    #[error("{0}")]
    Transient(String),
    /// It never will.
    #[error("{0}")]
    Permanent(String),
}

impl Post {
    /// Opens the way that the settings name.
    ///
    /// # Errors
    /// When the server's URL is none, or the password cannot be read, or the directory not made.
    pub fn open(settings: &Settings) -> Result<Self> {
        let way = match &settings.smtp_url {
            _ if settings.withhold => Way::Nowhere,
            Some(url) => {
                let builder =
                    AsyncSmtpTransport::<Tokio1Executor>::from_url(url).with_context(|| {
                        format!("--smtp-url: {url:?} is no smtp:// or smtps:// URL")
                    })?;
                let mut builder = builder.timeout(Some(PATIENCE));
                if let (Some(user), Some(file)) =
                    (&settings.smtp_user, &settings.smtp_password_file)
                {
                    let password = fs::read_to_string(file)
                        .with_context(|| format!("cannot read {}", file.display()))?;
                    let password = password.trim().to_owned();
                    builder = builder.credentials(Credentials::new(user.clone(), password));
                }
                Way::Smtp(builder.build())
            }
            None => {
                for part in ["tmp", "new"] {
                    let dir = settings.mail_dir.join(part);
                    fs::create_dir_all(&dir)
                        .with_context(|| format!("cannot make {}", dir.display()))?;
                }
                tracing::warn!(
                    mail.dir = %settings.mail_dir.display(),
                    "no SMTP server is set: letters are written to a directory"
                );
                Way::Directory(settings.mail_dir.clone())
            }
        };
        let gate = Arc::new(Gate::open(settings)?);
        Ok(Self {
            way,
            fallback: settings.mail_from.clone(),
            site: settings.public_url.clone(),
            gate,
        })
    }

    /// What letters in are asked, and letters out are signed by.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// What the delivery log says of letters that nobody gets; `None` when they do leave.
    #[must_use]
    pub fn withheld(&self) -> Option<&'static str> {
        matches!(self.way, Way::Nowhere).then_some("withheld: the history of a demo")
    }

    /// Who sends while there is no mailbox.
    #[must_use]
    pub fn fallback(&self) -> Correspondent {
        Correspondent { name: String::new(), address: self.fallback.clone() }
    }

    /// Where customers reach us, if that is known.
    #[must_use]
    pub fn site(&self) -> Option<&str> {
        self.site.as_deref()
    }

    /// Sends the bytes of a letter, whose fate is told to an address; answers what the server said.
    ///
    /// # Errors
    /// [`PostError`].
    pub async fn send(
        &self,
        letter: &OutboundLetter,
        return_to: &EmailAddress,
        raw: &[u8],
    ) -> Result<String, PostError> {
        match &self.way {
            Way::Smtp(server) => {
                let sent = server.send_raw(&envelope(letter, return_to)?, raw).await;
                let response = sent.map_err(|error| {
                    // Nobody knows what became of a letter whose answer was lost: it is tried
                    // again with the same Message-ID, by which the receiver drops the second.
                    let text = chain(&error);
                    if error.is_permanent() {
                        PostError::Permanent(text)
                    } else {
                        PostError::Transient(text)
                    }
                })?;
                let said: Vec<&str> = response.message().collect();
                Ok(format!("{} {}", response.code(), said.join(" ")))
            }
            Way::Directory(dir) => {
                let (dir, name) = (dir.clone(), format!("{}.eml", letter.id.0));
                let raw = raw.to_vec();
                let kept = tokio::task::spawn_blocking(move || write(&dir, &name, &raw)).await;
                let kept = kept.map_err(|e| PostError::Transient(e.to_string()))?;
                kept.map_err(|e| PostError::Transient(e.to_string()))
            }
            Way::Nowhere => Ok(String::new()),
        }
    }
}

/// Writes a letter whole or not at all; the same letter again replaces itself.
fn write(dir: &Path, name: &str, raw: &[u8]) -> std::io::Result<String> {
    let (part, whole) = (dir.join("tmp").join(name), dir.join("new").join(name));
    fs::write(&part, raw)?;
    fs::rename(&part, &whole)?;
    Ok(format!("written to {}", whole.display()))
}

fn envelope(letter: &OutboundLetter, from: &EmailAddress) -> Result<Envelope, PostError> {
    let from = address(from)?;
    let to = letter.recipients.iter().map(address).collect::<Result<Vec<_>, _>>()?;
    Envelope::new(Some(from), to).map_err(|e| PostError::Permanent(e.to_string()))
}

/// An address as the wire wants it: the domain in punycode.
///
/// # Errors
/// [`PostError::Permanent`] when the mail library refuses it.
pub fn address(address: &EmailAddress) -> Result<Address, PostError> {
    Address::new(address.local(), address.domain())
        .map_err(|e| PostError::Permanent(format!("{address}: {e}")))
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}
