//! The services that `raschet up` runs in one process, each over a socket of its own.

use anyhow::{Context, Result};
use clap::Args;
use service::{Config, Running, Service};
use std::path::{Path, PathBuf};

/// Settings of the services beyond the common ones, as `raschet up` takes them.
#[derive(Debug, Clone, Args)]
#[group(skip)] // several Settings stand on one command line
pub struct Settings {
    /// Of payments-svc.
    #[command(flatten)]
    pub payments: payments_svc::config::Settings,
    /// Of tickets-svc.
    #[command(flatten)]
    pub tickets: tickets_svc::config::Settings,
}

impl Settings {
    /// Letters that are not sent go where all data goes, unless another directory is named; they
    /// link to the pages of this machine.
    pub fn keep_letters_in(&mut self, dir: PathBuf, site: Option<String>) {
        if self.tickets.smtp_url.is_none() {
            self.tickets.public_url = self.tickets.public_url.take().or(site);
        }
        if self.tickets.mail_dir == Path::new("mail") {
            self.tickets.mail_dir = dir;
        }
    }
}

/// The services that run.
#[derive(Debug)]
pub struct Services(Vec<(&'static str, Running)>);

impl Services {
    /// Starts all of them. If one cannot start, those that did are stopped.
    ///
    /// # Errors
    /// Which one did not start, and why.
    pub async fn start(config: &Config, settings: Settings) -> Result<Self> {
        let mut all = Self(Vec::new());
        match all.start_all(config, settings).await {
            Ok(()) => Ok(all),
            Err(error) => {
                // The reason why it did not start matters more than what a stop says.
                let _ = all.stop().await;
                Err(error)
            }
        }
    }

    async fn start_all(&mut self, config: &Config, settings: Settings) -> Result<()> {
        self.add::<clients_svc::Service>(config, clients_svc::Settings {}).await?;
        let invoicing = invoicing_svc::config::Settings::default();
        self.add::<invoicing_svc::Service>(config, invoicing).await?;
        self.add::<payments_svc::Service>(config, settings.payments).await?;
        self.add::<tickets_svc::Service>(config, settings.tickets).await
    }

    async fn add<S: Service>(&mut self, config: &Config, settings: S::Settings) -> Result<()> {
        let running = service::start::<S>(config, settings).await;
        self.0.push((S::NAME, running.with_context(|| format!("{} cannot start", S::NAME))?));
        Ok(())
    }

    /// Waits until one of them ends, which none should.
    ///
    /// # Errors
    /// Always: which one it was, and why.
    pub async fn wait(&mut self) -> Result<()> {
        let waits = self
            .0
            .iter_mut()
            .map(|(name, running)| Box::pin(async move { (*name, running.wait().await) }));
        let ((name, ended), _, _) = futures::future::select_all(waits).await;
        ended.with_context(|| format!("{name} failed"))?;
        anyhow::bail!("{name} ended by itself")
    }

    /// Stops all at once; each finishes what is at hand.
    ///
    /// # Errors
    /// The first of those that did not stop well.
    pub async fn stop(self) -> Result<()> {
        let stops = self.0.into_iter().map(|(name, running)| async move {
            running.stop().await.with_context(|| format!("{name} did not stop well"))
        });
        futures::future::join_all(stops).await.into_iter().collect()
    }
}
