//! Our own look at who sent a letter: DKIM, SPF and DMARC, as the sender's domain publishes them.
//!
//! What is found enters the letter as facts; what it is worth is decided by
//! [`crate::domain::trust`].
//! A name server that does not answer proves nothing and holds no letter up for long.

use crate::{
    domain::{
        letters::Envelope,
        trust::{AuthenticationResults, MethodResult},
    },
    readers::letters,
};
use anyhow::{Context, Result};
use bytes::Bytes;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcOutput, DmarcResult, Error,
    MessageAuthenticator, SpfOutput, SpfResult,
    dkim::DkimError,
    dmarc::{Policy, verify::DmarcParameters},
    hickory_resolver::config::{NameServerConfig, ResolverConfig, ResolverOpts},
    spf::verify::SpfParameters,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{runtime::Handle, task, time::timeout};

/// Longest wait for one answer of a name server.
const ANSWER_PATIENCE: Duration = Duration::from_secs(2);

/// Longest that one letter is looked at.
const PATIENCE: Duration = Duration::from_secs(6);

/// Most signatures of one letter that are looked at: each asks a name server of the sender's
/// choice.
const SIGNATURES_MAX: usize = 10;

/// Who says what we found.
const SERVER: &str = "raschet";

/// Looks up what senders' domains say.
#[derive(Clone)]
pub struct Prover(Option<Arc<MessageAuthenticator>>);

impl std::fmt::Debug for Prover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Prover").field(&self.0.is_some()).finish()
    }
}

impl Prover {
    /// One that asks a name server, or those of the system for `system`; nobody for `None`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn open(server: Option<&str>) -> Result<Self> {
        let authenticator = match server {
            None | Some("") => return Ok(Self(None)),
            Some("system") => MessageAuthenticator::new_system_conf()
                .context("--mail-dns: the system names no name server")?,
            Some(address) => {
                let address: SocketAddr = address.parse().with_context(|| {
                    format!("--mail-dns: {address:?} is neither `system` nor address:port")
                })?;
                MessageAuthenticator::new(config(address), options())
                    .context("--mail-dns: no resolver can be made")?
            }
        };
        Ok(Self(Some(Arc::new(authenticator))))
    }

    /// What is found of a letter; `None` when nobody is asked, or nobody answers.
    pub async fn results(&self, raw: Bytes, envelope: Envelope) -> Option<AuthenticationResults> {
        let authenticator = self.0.clone()?;
        // Hashing takes its time, and a panic of the library shall harm no other letter.
        let look = task::spawn_blocking(move || {
            let look = timeout(PATIENCE, look(&authenticator, &raw, &envelope));
            Handle::current().block_on(look)
        });
        look.await.ok()?.ok()?
    }
}

fn config(address: SocketAddr) -> ResolverConfig {
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    for connection in &mut server.connections {
        connection.port = address.port();
    }
    ResolverConfig::from_parts(None, Vec::new(), vec![server])
}

fn options() -> ResolverOpts {
    let mut options = ResolverOpts::default();
    options.timeout = ANSWER_PATIENCE;
    options.attempts = 1;
    options
}

async fn look(
    authenticator: &MessageAuthenticator,
    raw: &[u8],
    envelope: &Envelope,
) -> Option<AuthenticationResults> {
    let raw = letters::prepared(raw);
    // Reading them costs more memory than the proof is worth: nobody signs such a header.
    if letters::has_headers_beyond_limit(&raw) {
        return None;
    }
    let raw = with_crlf(&raw);
    let message = AuthenticatedMessage::parse(&raw)?;
    if message.dkim_headers.len() > SIGNATURES_MAX {
        return None;
    }
    let mut dkim = authenticator.verify_dkim(&message).await;
    // A signature over the beginning of the body alone lets anybody add the rest.
    dkim.retain(|one| one.signature().is_none_or(|signature| signature.l == 0));
    let domain = envelope.from.rsplit_once('@').map_or("", |(_, domain)| domain);
    let spf = match envelope.client {
        Some(client) => {
            let (helo, sender) = (envelope.helo.as_str(), envelope.from.as_str());
            let asked = SpfParameters::verify_mail_from(client, helo, SERVER, sender);
            authenticator.verify_spf(asked).await
        }
        None => SpfOutput::new(domain.to_owned()),
    };
    let asked = DmarcParameters::new(&message, &dkim, domain, &spf);
    let dmarc = authenticator.verify_dmarc(asked).await;
    let mut methods: Vec<MethodResult> = dkim.iter().map(signature).collect();
    methods.extend(envelope.client.map(|_| sender(&spf, domain)));
    let broken = |one: &MethodResult| {
        let signer = one.property("header.d").unwrap_or_default();
        let above = dmarc.domain().strip_suffix(signer);
        let own = !signer.is_empty() && above.is_some_and(|r| r.is_empty() || r.ends_with('.'));
        one.result == "fail" && own
    };
    let complete = envelope.client.is_some() || methods.iter().any(broken);
    methods.extend(policy(&dmarc, complete));
    Some(AuthenticationResults { server: SERVER.to_owned(), methods, of_last_hop: true })
}

/// Letters from files may end their lines by LF alone; signatures are over CR LF.
fn with_crlf(raw: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(raw.len() + raw.len() / 40);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(words) => {
                whole.extend_from_slice(words.strip_suffix(b"\r").unwrap_or(words));
                whole.extend_from_slice(b"\r\n");
            }
            None => whole.extend_from_slice(line),
        }
    }
    whole
}

fn found(method: &str, result: &str, property: &str, domain: &str) -> MethodResult {
    MethodResult {
        method: method.to_owned(),
        result: result.to_owned(),
        properties: vec![(property.to_owned(), domain.to_ascii_lowercase())],
        comment: String::new(),
    }
}

fn signature(output: &DkimOutput<'_>) -> MethodResult {
    let result = match output.result() {
        DkimResult::Pass => "pass",
        DkimResult::Fail(_) => "fail",
        // The body is not the one that was signed: RFC 8601 §2.7.1 calls that a failure.
        DkimResult::Neutral(Error::Dkim(DkimError::FailedBodyHashMatch)) => "fail",
        DkimResult::Neutral(_) => "neutral",
        DkimResult::PermError(_) => "permerror",
        DkimResult::TempError(_) => "temperror",
        DkimResult::None => "none",
    };
    let domain = output.signature().map_or("", |signature| signature.d.as_str());
    found("dkim", result, "header.d", domain)
}

fn sender(output: &SpfOutput, domain: &str) -> MethodResult {
    let result = match output.result() {
        SpfResult::Pass => "pass",
        SpfResult::Fail => "fail",
        SpfResult::SoftFail => "softfail",
        SpfResult::Neutral => "neutral",
        SpfResult::TempError => "temperror",
        SpfResult::PermError => "permerror",
        SpfResult::None => "none",
    };
    found("spf", result, "smtp.mailfrom", domain)
}

/// What the domain's policy comes to. Without the sending server's address half of it is unknown:
/// then a letter that bears no signature fails nothing.
fn policy(output: &DmarcOutput, complete: bool) -> Option<MethodResult> {
    let result = match output.result() {
        DmarcResult::Pass => "pass",
        DmarcResult::Fail(_) if complete => "fail",
        _ => return None,
    };
    let asked = match output.policy() {
        Policy::Reject => "reject",
        Policy::Quarantine => "quarantine",
        Policy::None | Policy::Unspecified => "none",
    };
    let mut one = found("dmarc", result, "header.from", output.domain());
    one.properties.push(("policy.p".to_owned(), asked.to_owned()));
    Some(one)
}
