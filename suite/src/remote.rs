//! The connection of the operator's commands to a running suite.

use crate::{console::Console, home::Home};
use anyhow::{Context, Result};
use clap::Args;
use service::{Locale, secrets};
use std::{fs, path::PathBuf, time::Duration};
use tonic::{
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

/// Where the suite runs, and as whom to call it.
#[derive(Debug, Clone, Args)]
pub struct Server {
    /// Address of the gateway, such as `http://127.0.0.1:8080`; by default that of the suite that
    /// runs on the data directory.
    #[arg(long, env = "RASCHET_URL", global = true)]
    pub url: Option<String>,
    /// Data directory of `raschet up`: its operator's token is used.
    #[arg(long, env = "RASCHET_DATA", global = true)]
    pub data: Option<PathBuf>,
    /// File that holds a token, instead of the data directory's.
    #[arg(long, env = "RASCHET_TOKEN_FILE", global = true)]
    pub token_file: Option<PathBuf>,
}

/// A channel on which every call carries a token and a language.
pub type Remote = InterceptedService<Channel, Credentials>;

/// What every call carries.
#[derive(Clone)]
pub struct Credentials {
    token: Option<MetadataValue<Ascii>>,
    language: MetadataValue<Ascii>,
}

impl Interceptor for Credentials {
    fn call(
        &mut self,
        mut request: tonic::Request<()>,
    ) -> Result<tonic::Request<()>, tonic::Status> {
        let metadata = request.metadata_mut();
        if let Some(token) = &self.token {
            metadata.insert("authorization", token.clone());
        }
        metadata.insert("accept-language", self.language.clone());
        Ok(request)
    }
}

impl Server {
    /// Connects.
    ///
    /// # Errors
    /// When no suite runs there, or the token cannot be read: says what to do.
    pub async fn connect(&self, console: &Console) -> Result<Remote> {
        let home = Home::existing(self.data.as_deref());
        let url = match &self.url {
            Some(url) => url.clone(),
            None => fs::read_to_string(home.address_file()).with_context(|| {
                format!(
                    "no suite runs on {}: start `raschet up`, or give --url or --data",
                    home.dir().display()
                )
            })?,
        };
        let token = match &self.token_file {
            Some(path) => fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?
                .trim()
                .to_owned(),
            None => secrets::text(&home.secrets(), "operator.token")?,
        };
        connect(url.trim(), &token, console.locale()).await
    }
}

/// Connects to a gateway with a token; with an empty one as nobody.
///
/// # Errors
/// When nobody answers there.
pub async fn connect(url: &str, token: &str, locale: Locale) -> Result<Remote> {
    let mut bearer: MetadataValue<Ascii> =
        format!("Bearer {token}").parse().context("the token holds what no token may hold")?;
    bearer.set_sensitive(true);
    let token = (!token.is_empty()).then_some(bearer);
    let endpoint = Endpoint::from_shared(url.to_owned())
        .with_context(|| format!("{url:?} is not an address such as http://127.0.0.1:8080"))?
        .connect_timeout(Duration::from_secs(5));
    let channel = endpoint
        .connect()
        .await
        .with_context(|| format!("nobody answers at {url}: is `raschet up` running?"))?;
    let language = MetadataValue::from_static(locale.tag());
    Ok(InterceptedService::new(channel, Credentials { token, language }))
}
