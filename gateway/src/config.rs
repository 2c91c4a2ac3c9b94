//! Settings of the gateway.

use anyhow::{Context, Result, ensure};
use clap::Args;
use std::{fs, net::ToSocketAddrs, path::PathBuf};

/// An office behind one address logs in at nine.
pub const LOGINS_PER_MINUTE: u32 = 60;
/// More than any screen asks for, and than a program needs that waits for its answers.
pub const CALLS_PER_SECOND: u32 = 500;

/// What the gateway has to know. `raschet up` fills it in itself.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Where to listen: `host:port`. Anything but the machine itself needs a certificate, or
    /// `--behind-proxy`.
    #[arg(long, env = "RASCHET_GATEWAY_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Where the services listen: `unix:/path` or `host:port`, with `{service}` in it.
    #[arg(long, env = "RASCHET_PEERS", default_value = "unix:run/{service}.sock")]
    pub peers: String,
    /// Directory of keys and passwords.
    #[arg(long, env = "RASCHET_SECRETS", default_value = "secrets")]
    pub secrets: PathBuf,
    /// A proxy in front encrypts: plain HTTP may be served on any address, cookies are secure, and
    /// callers are told apart by the last address in the proxy's `x-forwarded-for`.
    #[arg(long, env = "RASCHET_BEHIND_PROXY")]
    pub behind_proxy: bool,
    /// Certificate chain, PEM.
    #[arg(long, env = "RASCHET_TLS_CERTIFICATE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// Private key of the certificate, PEM.
    #[arg(long, env = "RASCHET_TLS_KEY", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
    /// Logins from one address a minute (of IPv6: from one /64); 0 is no limit.
    #[arg(long, env = "RASCHET_LOGINS_PER_MINUTE", default_value_t = LOGINS_PER_MINUTE)]
    pub logins_per_minute: u32,
    /// Calls of one session a second, four times as many at once; 0 is no limit.
    #[arg(long, env = "RASCHET_CALLS_PER_SECOND", default_value_t = CALLS_PER_SECOND)]
    pub calls_per_second: u32,
}

impl Config {
    /// True when whoever calls from outside does so encrypted.
    #[must_use]
    pub const fn is_encrypted(&self) -> bool {
        self.behind_proxy || self.tls_certificate.is_some()
    }

    /// Refuses to serve passwords in clear to the world.
    pub(crate) fn check(&self) -> Result<()> {
        let mut addresses = self
            .listen
            .to_socket_addrs()
            .with_context(|| format!("{:?} is no address; give host:port", self.listen))?;
        ensure!(
            self.is_encrypted() || addresses.all(|a| a.ip().is_loopback()),
            "{} can be reached from outside: give --tls-certificate and --tls-key, or \
             --behind-proxy when a proxy in front encrypts",
            self.listen
        );
        Ok(())
    }

    /// Certificate and key, when given.
    pub(crate) fn certificate(&self) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
        let (Some(certificate), Some(key)) = (&self.tls_certificate, &self.tls_key) else {
            return Ok(None);
        };
        let read = |path: &PathBuf| {
            fs::read(path).with_context(|| format!("cannot read {}", path.display()))
        };
        Ok(Some((read(certificate)?, read(key)?)))
    }
}
