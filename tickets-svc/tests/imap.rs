//! Letters from a folder of Debian's Dovecot, which the tests start without root.

use crate::{World, client, letter};
use proto::tickets::v1::{InboundLetter, ListInboundLettersRequest, inbound_letter::State};
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::sleep;

/// A Dovecot with the account `ok@company.example`, password `secret`; it ends with this.
struct Dovecot {
    child: Child,
    root: TempDir,
    port: u16,
    /// Port of TLS from the first byte on, by a certificate that no public authority knows.
    secure: u16,
}

const USER: &str = "ok@company.example";

impl Dovecot {
    /// None, and a word about it, where Dovecot is not installed.
    fn start() -> Option<Self> {
        let program = Path::new("/usr/sbin/dovecot");
        if !program.exists() {
            eprintln!("SKIPPED: no Dovecot; tools/need test installs it");
            return None;
        }
        let root = TempDir::new().unwrap();
        // Both at once: the second cannot be the first.
        let free = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [port, secure] = free.map(|free| free.local_addr().unwrap().port());
        certify(root.path());
        let (user, group) = (id("-un"), id("-gn"));
        let (user, group) =
            if user == "root" { ("nobody".into(), "nogroup".into()) } else { (user, group) };
        fs::write(root.path().join("users"), format!("{USER}:{{PLAIN}}secret\n")).unwrap();
        let config = CONFIG
            .replace("ROOT", root.path().to_str().unwrap())
            .replace("SECURE", &secure.to_string())
            .replace("PORT", &port.to_string())
            .replace("USER", &user)
            .replace("GROUP", &group);
        let file = root.path().join("dovecot.conf");
        fs::write(&file, config).unwrap();
        for dir in ["run", "state", "mail"] {
            fs::create_dir(root.path().join(dir)).unwrap();
        }
        let mut command = Command::new(program);
        if id("-un") == "root" {
            let owner = format!("{user}:{group}");
            assert!(
                Command::new("chown")
                    .args(["-R", &owner])
                    .arg(root.path())
                    .status()
                    .unwrap()
                    .success()
            );
            command = Command::new("setpriv");
            command.args([&format!("--reuid={user}"), &format!("--regid={group}")]);
            command.args(["--clear-groups"]).arg(program);
        }
        let child = command.arg("-F").arg("-c").arg(&file).stderr(Stdio::null()).spawn().unwrap();
        Some(Self { child, root, port, secure })
    }

    fn url(&self) -> String {
        format!("imap://127.0.0.1:{}/INBOX", self.port)
    }

    fn password(&self) -> PathBuf {
        let file = self.root.path().with_extension("password");
        fs::write(&file, "secret\n").unwrap();
        file
    }

    /// Puts a letter into the folder, as a mail server would.
    async fn append(&self, raw: &str) {
        let mut session = None;
        for _ in 0..100 {
            let Ok(stream) = tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await else {
                sleep(Duration::from_millis(50)).await;
                continue;
            };
            let mut client = async_imap::Client::new(stream);
            client.read_response().await.unwrap();
            session = client.login(USER, "secret").await.ok();
            if session.is_some() {
                break;
            }
        }
        let mut session = session.unwrap();
        session.append("INBOX", None, None, raw).await.unwrap();
        session.logout().await.unwrap();
    }

    /// Forgets how the letters were numbered: they get another UIDVALIDITY.
    fn renumber(&self) {
        let folder = self.root.path().join("mail").join(USER).join("Maildir");
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = entry.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("dovecot") {
                fs::remove_file(entry).unwrap();
            }
        }
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(self.root.path().with_extension("password"));
    }
}

/// A certificate for `localhost` and its key.
fn certify(root: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(root.join("key.pem"))
        .arg("-out")
        .arg(root.join("cert.pem"))
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
}

fn id(what: &str) -> String {
    let output = Command::new("id").arg(what).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// All of it runs as one user, without chroot, on one high port.
const CONFIG: &str = "
protocols = imap
listen = 127.0.0.1
base_dir = ROOT/run
state_dir = ROOT/state
default_internal_user = USER
default_internal_group = GROUP
default_login_user = USER
mail_home = ROOT/mail/%u
mail_location = maildir:~/Maildir
mail_uid = USER
mail_gid = GROUP
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u ROOT/users
}
userdb {
  driver = static
  args = uid=USER gid=GROUP home=ROOT/mail/%u
}
ssl = yes
ssl_cert = <ROOT/cert.pem
ssl_key = <ROOT/key.pem
log_path = ROOT/dovecot.log
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
  chroot =
}
service stats {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = PORT
  }
  inet_listener imaps {
    port = SECURE
    ssl = yes
  }
}
service imap-urlauth-login {
  chroot =
}
namespace inbox {
  inbox = yes
}
";

async fn world(dovecot: &Dovecot, more: &[&str]) -> World {
    let (url, password) = (dovecot.url(), dovecot.password());
    let mut options = vec!["--imap-url", url.as_str(), "--imap-user", USER];
    options.extend(["--imap-password-file", password.to_str().unwrap()]);
    options.extend(more);
    let world = World::with(&options).await;
    world.mailbox(USER, |_| {}).await;
    world
}

/// The journal, oldest first, once it holds so many letters and all are processed.
async fn journal(world: &World, count: usize) -> Vec<InboundLetter> {
    for _ in 0..600 {
        let request = ListInboundLettersRequest::default();
        let listed = world.letters().list_inbound_letters(request).await.unwrap().into_inner();
        let mut letters = listed.letters;
        if letters.len() >= count && letters.iter().all(|l| l.state() != State::Received) {
            letters.reverse();
            return letters;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{count} letters did not come");
}

/// Issue 7 (3); tickets.md §1.6 (1, 2), §5.5 (15): what is there and what comes is read once, and a
/// folder that numbers its letters anew makes no ticket twice.
#[tokio::test]
async fn letters_come_from_a_folder() {
    let Some(dovecot) = Dovecot::start() else { return };
    dovecot.append(&letter("1", "", "первое")).await;
    dovecot.append(&letter("2", "", "второе")).await;
    let world = world(&dovecot, &[]).await;
    let letters = journal(&world, 2).await;
    assert!(letters.iter().all(|letter| letter.state() == State::Processed), "{letters:?}");
    assert_eq!(world.ticket(&letters[0].ticket).await.client, client().to_string());
    // While it listens.
    dovecot.append(&letter("3", "", "третье")).await;
    assert_eq!(journal(&world, 3).await[2].state(), State::Processed);
    dovecot.renumber();
    // The session is cut when the index is gone, or learns of it at the next one.
    for n in 4..40 {
        dovecot.append(&letter(&n.to_string(), "", &format!("письмо {n}"))).await;
        sleep(Duration::from_millis(500)).await;
        let all = journal(&world, 3).await;
        if all.iter().any(|letter| letter.state() == State::Duplicate) {
            break;
        }
    }
    sleep(Duration::from_secs(2)).await;
    let all = journal(&world, 4).await;
    let mut tickets: Vec<_> = all.iter().filter(|l| l.state() == State::Processed).collect();
    let ids: std::collections::HashSet<_> = tickets.iter().map(|l| &l.message_id).collect();
    assert_eq!(ids.len(), tickets.len(), "{all:?}");
    tickets.retain(|letter| letter.message_id.starts_with("1@"));
    assert_eq!(tickets.len(), 1);
    world.finish().await;
}

/// zammad/zammad #539: a first start floods nobody with what was there before.
#[tokio::test]
async fn a_folder_may_begin_from_now() {
    let Some(dovecot) = Dovecot::start() else { return };
    dovecot.append(&letter("1", "", "старое")).await;
    let world = world(&dovecot, &["--imap-from-now"]).await;
    // Until the folder is watched, a letter would count as there before.
    sleep(Duration::from_secs(2)).await;
    dovecot.append(&letter("2", "", "новое")).await;
    let letters = journal(&world, 1).await;
    assert_eq!(letters[0].message_id, "2@client.example", "{letters:?}");
    assert_eq!(letters.len(), 1);
    world.finish().await;
}

/// By TLS: of a server that the certificates of the settings vouch for, and of no other.
#[tokio::test]
async fn letters_come_by_tls() {
    let Some(dovecot) = Dovecot::start() else { return };
    let url = format!("imaps://localhost:{}/INBOX", dovecot.secure);
    let (password, ca) = (dovecot.password(), dovecot.root.path().join("cert.pem"));
    let mut options = vec!["--imap-url", url.as_str(), "--imap-user", USER];
    options.extend(["--imap-password-file", password.to_str().unwrap()]);
    let stranger = World::with(&options).await;
    stranger.mailbox(USER, |_| {}).await;
    options.extend(["--imap-ca-file", ca.to_str().unwrap()]);
    let world = World::with(&options).await;
    world.mailbox(USER, |_| {}).await;
    dovecot.append(&letter("1", "", "тайное")).await;
    let letters = journal(&world, 1).await;
    assert_eq!(letters[0].state(), State::Processed, "{letters:?}");
    // As long as the one took that is trusted, and nothing came.
    let request = ListInboundLettersRequest::default();
    let none = stranger.letters().list_inbound_letters(request).await.unwrap().into_inner();
    assert_eq!(none.letters, []);
    stranger.finish().await;
    world.finish().await;
}
