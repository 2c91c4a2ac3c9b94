//! Settings of tickets-svc beyond the common ones.

use clap::Args;
use std::path::PathBuf;
use types::EmailAddress;

/// How letters leave.
#[derive(Debug, Clone, Args)]
#[group(skip)] // several Settings stand on one command line
pub struct Settings {
    /// Server that takes our letters, such as `smtp://mail.example.com:587?tls=required` or
    /// `smtps://mail.example.com`. Until it is set, letters are written to `--mail-dir`.
    #[arg(long, env = "RASCHET_SMTP_URL")]
    pub smtp_url: Option<String>,
    /// Name to log in with at that server; the password comes from `--smtp-password-file`.
    #[arg(long, env = "RASCHET_SMTP_USER", requires = "smtp_password_file")]
    pub smtp_user: Option<String>,
    /// File that holds the password for that server.
    #[arg(long, env = "RASCHET_SMTP_PASSWORD_FILE", requires = "smtp_user")]
    pub smtp_password_file: Option<PathBuf>,
    /// Directory that letters are written to while no server is set: one `.eml` file each, in
    /// `new/`, as in a maildir.
    #[arg(long, env = "RASCHET_MAIL_DIR", default_value = "mail")]
    pub mail_dir: PathBuf,
    /// Address that letters come from while there is no mailbox.
    #[arg(long, env = "RASCHET_MAIL_FROM", default_value = "raschet@localhost.localdomain")]
    pub mail_from: EmailAddress,
    /// Letters count as sent and go nowhere, and no document is rendered for them: while the demo
    /// lives through its history. For programs that start the service within themselves.
    #[arg(skip)]
    pub withhold: bool,
    /// Where customers reach the gateway, such as `https://billing.example.com`: letters with an
    /// invoice link to its page there. Until it is set, they do not.
    #[arg(long, env = "RASCHET_PUBLIC_URL")]
    pub public_url: Option<String>,
}
