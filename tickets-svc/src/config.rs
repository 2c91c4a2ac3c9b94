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
    /// Mail system whose `Authentication-Results` on letters in are believed: its name, or the end
    /// of it, such as `mx.example.ru` or `*.yandex.net`. That of our own mail provider; may be
    /// given several times.
    #[arg(long, env = "RASCHET_MAIL_TRUST", value_delimiter = ',')]
    pub mail_trust: Vec<String>,
    /// Name server that is asked for DKIM, SPF and DMARC of letters in: `system`, or
    /// address:port. Until it is set, nobody is asked.
    #[arg(long, env = "RASCHET_MAIL_DNS")]
    pub mail_dns: Option<String>,
    /// Answers come to addresses such as `ok+t.123.…@company.ru`, each signed for one writer: for a
    /// mail server that delivers what stands after a plus.
    #[arg(long, env = "RASCHET_REPLY_ADDRESSES")]
    pub reply_addresses: bool,
    /// Address that letters are taken on by LMTP, such as `127.0.0.1:2424`, from one's own mail
    /// server alone: whoever reaches it hands in letters. Until it is set, nothing listens.
    #[arg(long, env = "RASCHET_LMTP")]
    pub lmtp: Option<std::net::SocketAddr>,
    /// Folder of an IMAP server that letters are read from: `imaps://mail.example.com/INBOX`;
    /// `imap://` on this machine alone. Nothing in it is changed.
    #[arg(long, env = "RASCHET_IMAP_URL", requires = "imap_password_file", requires = "imap_user")]
    pub imap_url: Option<String>,
    /// Name to log in with at the IMAP server.
    #[arg(long, env = "RASCHET_IMAP_USER")]
    pub imap_user: Option<String>,
    /// File that holds the password for the IMAP server.
    #[arg(long, env = "RASCHET_IMAP_PASSWORD_FILE")]
    pub imap_password_file: Option<PathBuf>,
    /// File of certificates that vouch for the IMAP server, where no public authority does.
    #[arg(long, env = "RASCHET_IMAP_CA_FILE")]
    pub imap_ca_file: Option<PathBuf>,
    /// Letters that are in the folder at the very first start stay unread.
    #[arg(long, env = "RASCHET_IMAP_FROM_NOW")]
    pub imap_from_now: bool,
    /// Letters count as sent and go nowhere, and no document is rendered for them: while the demo
    /// lives through its history. For programs that start the service within themselves.
    #[arg(skip)]
    pub withhold: bool,
    /// Where customers reach the gateway, such as `https://billing.example.com`: letters with an
    /// invoice link to its page there. Until it is set, they do not.
    #[arg(long, env = "RASCHET_PUBLIC_URL")]
    pub public_url: Option<String>,
}
