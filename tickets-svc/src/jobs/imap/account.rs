//! Which folder of which server is read, and how it is reached.

use anyhow::{Context, Result, bail, ensure};
use std::{fmt::Debug, fs, path::Path, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

/// A connection, with or without TLS.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send + Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Debug> Wire for T {}

/// A session with the server.
pub type Session = async_imap::Session<Box<dyn Wire>>;

/// A folder of a server.
#[derive(Clone)]
pub struct Account {
    /// What its letters are told apart by: who, where, which folder.
    pub name: String,
    /// The folder.
    pub folder: String,
    /// Letters that are there at the first start stay unread.
    pub from_now: bool,
    host: String,
    port: u16,
    secure: bool,
    user: String,
    password: String,
    /// Who vouches for the server.
    roots: Arc<RootCertStore>,
}

/// How a folder is reached, besides its URL.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// Name to log in with.
    pub user: &'a str,
    /// File that holds the password.
    pub password: Option<&'a Path>,
    /// File of the certificates that vouch for the server, where no public one does.
    pub ca: Option<&'a Path>,
    /// Letters that are there at the first start stay unread.
    pub from_now: bool,
}

impl Debug for Account {
    /// A password is shown to nobody.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Account").field(&self.name).finish()
    }
}

impl Account {
    /// The folder of a URL: `imaps://host[:port]/folder`, or `imap://` on this machine.
    ///
    /// # Errors
    /// When the URL is none, or the password or the certificates cannot be read.
    pub fn open(url: &str, access: Access<'_>) -> Result<Self> {
        let Access { user, password, ca, from_now } = access;
        let (scheme, rest) = url.split_once("://").with_context(|| wrong(url))?;
        let secure = match scheme {
            "imaps" => true,
            "imap" => false,
            _ => bail!(wrong(url)),
        };
        let (authority, folder) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().with_context(|| wrong(url))?),
            None => (authority, if secure { 993 } else { 143 }),
        };
        ensure!(!host.is_empty(), wrong(url));
        let local = matches!(host, "127.0.0.1" | "localhost");
        ensure!(secure || local, "--imap-url: without TLS only on this machine; say imaps://");
        let file = password.context("--imap-password-file is missing")?;
        let password = fs::read_to_string(file);
        let password = password.with_context(|| format!("cannot read {}", file.display()))?;
        let folder = if folder.is_empty() { "INBOX" } else { folder }.to_owned();
        Ok(Self {
            name: format!("{user} {host}:{port} {folder}"),
            folder,
            from_now,
            host: host.to_owned(),
            port,
            secure,
            user: user.to_owned(),
            password: password.trim_end_matches(['\r', '\n']).to_owned(),
            roots: Arc::new(roots(ca)?),
        })
    }

    /// Logs in.
    ///
    /// # Errors
    /// When the server cannot be reached, or refuses.
    pub async fn connect(&self) -> Result<Session> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        let wire: Box<dyn Wire> = if self.secure {
            let name = ServerName::try_from(self.host.clone())?;
            Box::new(connector(&self.roots).connect(name, stream).await?)
        } else {
            Box::new(stream)
        };
        let mut client = async_imap::Client::new(wire);
        client.read_response().await?.context("the server hung up")?;
        let login = client.login(&self.user, &self.password).await;
        login.map_err(|(error, _)| anyhow::Error::from(error).context("the login is refused"))
    }
}

fn wrong(url: &str) -> String {
    format!("--imap-url: {url:?} is no imaps://host/folder")
}

fn connector(roots: &Arc<RootCertStore>) -> TlsConnector {
    let config = ClientConfig::builder().with_root_certificates(Arc::clone(roots));
    TlsConnector::from(Arc::new(config.with_no_client_auth()))
}

/// The certificates of a file; without one, those that browsers know.
fn roots(file: Option<&Path>) -> Result<RootCertStore> {
    let Some(file) = file else {
        return Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    };
    let wrong = || format!("--imap-ca-file: no certificate can be read in {}", file.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).with_context(wrong)? {
        roots.add(certificate.with_context(wrong)?).with_context(wrong)?;
    }
    ensure!(!roots.is_empty(), wrong());
    Ok(roots)
}

/// A letter of a header alone, whose body was too large to be taken.
pub fn without_body(header: &[u8], size: u32) -> Vec<u8> {
    // Fields about the body would have the words below read as what they are not.
    let mut kept = Vec::with_capacity(header.len());
    let mut dropping = false;
    for line in header.split_inclusive(|byte| *byte == b'\n') {
        if line.trim_ascii().is_empty() {
            break;
        }
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            let lower = line.to_ascii_lowercase();
            dropping = lower.starts_with(b"content-") || lower.starts_with(b"mime-version");
        }
        if !dropping {
            kept.extend_from_slice(line);
        }
    }
    let words = format!(
        "Content-Type: text/plain; charset=utf-8\r\n\r\n\
         [Письмо больше 32 МиБ ({size} байт) и осталось в почтовом ящике. / The letter is larger \
         than 32 MiB ({size} bytes) and was left in the mailbox.]\r\n"
    );
    kept.extend_from_slice(words.as_bytes());
    kept
}

/// What stands for a letter that the server lists and cannot give.
pub fn unfetched(uid: u32) -> Vec<u8> {
    format!(
        "Subject: UID {uid}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         [Почтовый сервер не отдал письмо с номером UID {uid}; оно осталось в почтовом ящике. / \
         The mail server did not give the letter with UID {uid}; it was left in the mailbox.]\r\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::letters;

    #[test]
    fn folders_are_named_by_url() {
        let file = std::env::temp_dir().join(format!("imap-{}", uuid::Uuid::new_v4()));
        fs::write(&file, "secret\n").expect("a file");
        let access = Access { user: "ok@c.test", password: Some(&file), ca: None, from_now: false };
        let open = |url: &str| Account::open(url, access);
        let account = open("imaps://mx.c.test/Support/New").expect("an account");
        assert_eq!((account.port, account.folder.as_str()), (993, "Support/New"));
        assert_eq!(account.password, "secret");
        let local = open("imap://127.0.0.1:14143").expect("an account");
        assert_eq!((local.port, local.folder.as_str()), (14_143, "INBOX"));
        assert!(!format!("{account:?}").contains("secret"));
        for bad in
            ["mx.c.test", "http://c.test", "imap://c.test/INBOX", "imaps://:x/y", "imaps:///"]
        {
            assert!(open(bad).is_err(), "{bad}");
        }
        let nameless = Access { password: None, ..access };
        assert!(Account::open("imaps://c.test", nameless).is_err());
        // A password is no certificate.
        let wrong = Access { ca: Some(&file), ..access };
        assert!(Account::open("imaps://c.test", wrong).is_err());
        fs::remove_file(file).expect("removed");
    }

    #[test]
    fn what_is_too_large_is_told_of() {
        let header = b"From: a@b.test\r\nContent-Type: multipart/mixed;\r\n boundary=b\r\n\
                       Subject: x\r\n\r\n";
        let letter = letters::read(&without_body(header, 99)).expect("a letter");
        assert_eq!(letter.subject, "x");
        assert!(letter.text.contains("99 bytes"), "{}", letter.text);
    }
}
