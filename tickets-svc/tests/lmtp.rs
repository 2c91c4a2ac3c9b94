//! Letters by LMTP: in the journal before they are acknowledged, each recipient for itself.

use crate::{World, client, letter};
use proto::tickets::v1::{InboundLetter, ListInboundLettersRequest, inbound_letter::State};
use std::{collections::HashSet, net::TcpListener, path::Path, process::Command, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// A mail server that hands letters over.
struct Server {
    stream: BufReader<TcpStream>,
}

impl Server {
    async fn connect(address: &str) -> Self {
        for _ in 0..200 {
            if let Ok(stream) = TcpStream::connect(address).await {
                let mut server = Self { stream: BufReader::new(stream) };
                assert_eq!(server.heard().await, "220");
                return server;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nothing listens on {address}");
    }

    /// Says lines and gives the code of the last answer.
    async fn say(&mut self, lines: &str) -> String {
        self.write(lines).await;
        self.heard().await
    }

    async fn write(&mut self, lines: &str) {
        self.stream.write_all(lines.as_bytes()).await.unwrap();
    }

    /// The code of the next answer; empty when the other side is gone.
    async fn heard(&mut self) -> String {
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await.unwrap_or_default() == 0 {
                return String::new();
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.chars().take(3).collect();
            }
        }
    }

    /// Hands a letter over; the code for each recipient.
    async fn hand(&mut self, from: &str, to: &[&str], raw: &str) -> Vec<String> {
        assert_eq!(self.say(&format!("MAIL FROM:<{from}>\r\n")).await, "250");
        for recipient in to {
            assert_eq!(self.say(&format!("RCPT TO:<{recipient}>\r\n")).await, "250");
        }
        assert_eq!(self.say("DATA\r\n").await, "354");
        let stuffed = raw.replace("\r\n.", "\r\n..");
        self.write(&format!("{stuffed}\r\n.\r\n")).await;
        let mut codes = Vec::new();
        for _ in to {
            codes.push(self.heard().await);
        }
        codes
    }
}

fn free() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

async fn world(address: &str) -> World {
    let world = World::with(&["--lmtp", address]).await;
    world.mailbox("ok@company.example", |_| {}).await;
    world.mailbox("sales@company.example", |mailbox| mailbox.department = "sales".into()).await;
    world
}

/// The journal, oldest first, once everything in it is processed.
async fn journal(world: &World, count: usize) -> Vec<InboundLetter> {
    for _ in 0..200 {
        let request = ListInboundLettersRequest { page_size: 500, ..Default::default() };
        let listed = world.letters().list_inbound_letters(request).await.unwrap().into_inner();
        let mut letters = listed.letters;
        if letters.len() == count && letters.iter().all(|l| l.state() != State::Received) {
            letters.reverse();
            return letters;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{count} letters did not come");
}

/// Issue 7 (3): durable before it is acknowledged; each recipient is answered for itself.
#[tokio::test]
async fn letters_come_by_lmtp() {
    let address = free();
    let world = world(&address).await;
    let mut server = Server::connect(&address).await;
    assert_eq!(server.say("LHLO mx.test\r\n").await, "250");
    let raw = letter("1", "", "текст\r\n.\r\n..точки\r\n.");
    let to = ["ok@company.example", "sales+x@company.example"];
    assert_eq!(server.hand("buh@client.example", &to, &raw).await, ["250", "250"]);
    let letters = journal(&world, 2).await;
    let ticket = world.ticket(&letters[0].ticket).await;
    assert_eq!(ticket.client, client().to_string());
    assert_eq!(ticket.messages[0].text.trim(), "текст\n.\n..точки\n.");
    // One letter to two of our mailboxes is one ticket, which says so.
    assert_eq!(letters[1].ticket, letters[0].ticket);
    assert!(ticket.messages[1].text.starts_with("Копия"), "{ticket:?}");

    // A robot's empty sender is seen; who is not there is told at once.
    assert_eq!(server.say("MAIL FROM:<>\r\n").await, "250");
    assert_eq!(server.say("RCPT TO:<who@company.example>\r\n").await, "550");
    assert_eq!(server.say("RSET\r\n").await, "250");
    let away = letter("2", "", "меня нет");
    assert_eq!(server.hand("", &["ok@company.example"], &away).await, ["250"]);
    assert_eq!(journal(&world, 3).await[2].reason, "AUTOMATIC_REPLY");

    // The same letter again, as after a lost answer, is a duplicate.
    let again = server.hand("buh@client.example", &["ok@company.example"], &raw).await;
    assert_eq!(again, ["250"]);
    assert_eq!(journal(&world, 4).await[3].state(), State::Duplicate);
    assert_eq!(server.say("QUIT\r\n").await, "221");
    world.finish().await;
}

/// Issue 7 (3), tickets.md §5.5 (1): Postfix's own generator hands over 300 letters of one client
/// in eight sessions. Each is acknowledged and in the journal once; twenty open tickets of theirs,
/// and another sender's letter is a ticket as ever.
#[tokio::test]
async fn a_flood_of_postfix_is_taken_and_walled() {
    let address = free();
    let world = world(&address).await;
    drop(Server::connect(&address).await);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/smtp-source");
    let flood = ["-L", "-s", "8", "-m", "300", "-l", "5000", "-f", "buh@client.example"];
    let mut generator = Command::new(script);
    generator.args(flood).args(["-t", "ok@company.example", &address]);
    let done = tokio::task::spawn_blocking(move || generator.output()).await.unwrap().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

    let letters = journal(&world, 300).await;
    let ids: HashSet<&str> = letters.iter().map(|one| one.message_id.as_str()).collect();
    assert_eq!(ids.len(), 300);
    let opened = letters.iter().filter(|one| one.state() == State::Processed).count();
    let walled = letters.iter().filter(|one| one.reason == "TOO_MANY_LETTERS").count();
    assert_eq!((opened, walled), (20, 280));

    let mut server = Server::connect(&address).await;
    assert_eq!(server.say("LHLO mx.test\r\n").await, "250");
    let other = letter("1", "", "я не с ними").replace("buh@client.example", "tech@client.example");
    assert_eq!(server.hand("tech@client.example", &["ok@company.example"], &other).await, ["250"]);
    assert_eq!(journal(&world, 301).await[300].state(), State::Processed);
    world.finish().await;
}

/// tickets.md §5.5 (18, 20): what smuggles, floods, or breaks off leaves nothing half done.
#[tokio::test]
async fn hostile_sessions_do_no_harm() {
    let address = free();
    let world = world(&address).await;
    // A dot between bare line ends ends no letter: what follows it is a part of it.
    let mut server = Server::connect(&address).await;
    assert_eq!(server.say("LHLO x\r\n").await, "250");
    let smuggled = letter("1", "", "a\n.\nMAIL FROM:<evil@x.example>\r\n.\rRCPT TO:<ok@x>");
    assert_eq!(server.hand("a@b.example", &["ok@company.example"], &smuggled).await, ["250"]);
    let letters = journal(&world, 1).await;
    let text = &world.ticket(&letters[0].ticket).await.messages[0].text;
    assert!(text.contains("MAIL FROM:<evil@x.example>"), "{text}");

    // Commands in one piece, in order.
    server
        .write("NOOP\r\nRSET\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<ok@company.example>\r\n")
        .await;
    for code in ["250", "250", "250", "250"] {
        assert_eq!(server.heard().await, code);
    }
    // Broken off within the letter: nothing is kept.
    assert_eq!(server.say("DATA\r\n").await, "354");
    server.write("From: a@b.example\r\n\r\nhalf").await;
    drop(server);

    let mut server = Server::connect(&address).await;
    assert_eq!(server.say(&"x".repeat(100_000)).await, "500");
    let mut server = Server::connect(&address).await;
    assert_eq!(server.say("EHLO x\r\n").await, "500");
    assert_eq!(server.say("LHLO x\r\n").await, "250");
    assert_eq!(server.say("MAIL FROM:<a@b.example>\r\n").await, "250");
    assert_eq!(server.say("RCPT TO:<ok@company.example>\r\n").await, "250");
    assert_eq!(server.say("DATA\r\n").await, "354");
    let line = format!("{}\r\n", "x".repeat(998));
    for _ in 0..34_000 {
        server.write(&line).await;
    }
    assert_eq!(server.say("\r\n.\r\n").await, "552");
    assert_eq!(server.say("NOOP\r\n").await, "250");
    assert_eq!(journal(&world, 1).await.len(), 1);
    world.finish().await;
}

/// A client that others wrote: Python's, one letter and very many at once.
#[tokio::test]
async fn clients_of_others_hand_letters_in() {
    let address = free();
    let world = world(&address).await;
    drop(Server::connect(&address).await);
    let (host, port) = address.split_once(':').unwrap();
    let script = format!(
        "import smtplib\nc = smtplib.LMTP('{host}', {port})\n\
         r = c.sendmail('buh@client.example', ['ok@company.example', 'who@company.example'], \
         b'From: buh@client.example\\r\\nSubject: python\\r\\n\\r\\n.dot\\r\\n')\n\
         assert list(r) == ['who@company.example'] and r['who@company.example'][0] == 550, r\n\
         c.quit()\n"
    );
    let python = tokio::process::Command::new("/usr/bin/python3").args(["-c", &script]).status();
    assert!(python.await.unwrap().success());
    let letters = journal(&world, 1).await;
    assert_eq!(world.ticket(&letters[0].ticket).await.messages[0].text.trim(), ".dot");

    // A generator: eight sessions at once, as many letters as a busy server brings.
    let script = format!(
        "import smtplib, threading\n\
         def lane(k):\n    \
             c = smtplib.LMTP('{host}', {port})\n    \
             for n in range(k, 100, 8):\n        \
                 c.sendmail('buh@client.example', ['ok@company.example'], \
                 ('From: buh@client.example\\r\\nMessage-ID: <%d@g>\\r\\n\\r\\n%d\\r\\n' % (n, n)\
                  + 'x' * 70 + '\\r\\n').encode())\n    \
             c.quit()\n\
         lanes = [threading.Thread(target=lane, args=(k,)) for k in range(8)]\n\
         [l.start() for l in lanes]\n[l.join() for l in lanes]\n"
    );
    let python = tokio::process::Command::new("/usr/bin/python3").args(["-c", &script]).status();
    assert!(python.await.unwrap().success());
    // Twenty become tickets, the others meet the wall; none is lost.
    let letters = journal(&world, 101).await;
    let processed = letters.iter().filter(|letter| letter.state() == State::Processed).count();
    assert_eq!(processed, 20, "{letters:?}");
    assert!(letters.iter().all(|letter| letter.state() != State::Failed));
    world.finish().await;
}

/// tickets.md §5.5 (21): while the database takes nothing, the mail server keeps its letters; what
/// it brings again is there afterwards, once.
#[tokio::test]
async fn what_cannot_be_kept_stays_with_the_mail_server() {
    let address = free();
    let world = world(&address).await;
    let owner = world.harness.owner("tickets").await;
    let full = "alter table inbound_letters add constraint disk_full check (false) not valid";
    sqlx::query(full).execute(&owner).await.unwrap();
    let mut server = Server::connect(&address).await;
    assert_eq!(server.say("LHLO mx.test\r\n").await, "250");
    let raw = letter("1", "", "важное");
    let to = ["ok@company.example"];
    for _ in 0..3 {
        assert_eq!(server.hand("buh@client.example", &to, &raw).await, ["451"]);
    }
    sqlx::query("alter table inbound_letters drop constraint disk_full")
        .execute(&owner)
        .await
        .unwrap();
    assert_eq!(server.hand("buh@client.example", &to, &raw).await, ["250"]);
    assert_eq!(journal(&world, 1).await[0].state(), State::Processed);
    world.finish().await;
}
