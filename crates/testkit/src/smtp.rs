//! A real SMTP server (aiosmtpd) on a free loopback port, which keeps the letters it gets.

use serde::Deserialize;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};
use tokio::sync::Notify;
use uuid::Uuid;

const PROGRAM: &str = include_str!("smtp_sink.py");

/// A letter as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkLetter {
    /// Envelope sender.
    pub from: String,
    /// Envelope recipients.
    pub to: Vec<String>,
    /// The bytes of DATA.
    pub raw: Vec<u8>,
    /// Its sender was left without an answer.
    pub cut: bool,
    /// When it came.
    pub at: Instant,
}

/// What the Python program says of a letter.
#[derive(Deserialize)]
struct Told {
    from: Option<String>,
    to: Vec<String>,
    path: PathBuf,
    cut: bool,
}

#[derive(Debug, Default)]
struct Kept {
    letters: Mutex<Vec<SinkLetter>>,
    more: Notify,
}

/// The running server. Dropping it stops it. Recipients named `reject@…` are refused for good,
/// `tempfail@…` for now; a letter to `drop@…` is kept, but its sender is left without an answer.
#[derive(Debug)]
pub struct SmtpSink {
    child: Child,
    /// While it is open the server runs, so it dies with us even after kill -9.
    _lifeline: ChildStdin,
    port: u16,
    dir: PathBuf,
    kept: Arc<Kept>,
}

impl SmtpSink {
    /// Starts one and waits until it listens.
    ///
    /// # Panics
    /// When Python 3 or its aiosmtpd is missing; says what to install.
    #[must_use]
    pub fn start() -> Self {
        Self::run(None)
    }

    /// Starts one that serves by the chance of a seed: one letter in four is refused for now, or
    /// kept without an answer, or answered late.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    #[must_use]
    pub fn faulty(seed: u64) -> Self {
        Self::run(Some(seed))
    }

    fn run(chance: Option<u64>) -> Self {
        let dir = std::env::temp_dir().join(format!("raschet-smtp-{}", Uuid::now_v7().simple()));
        fs::create_dir(&dir).expect("makes a directory for letters");
        let (mut child, mut lines) = ["/usr/bin/python3", "python3"]
            .into_iter()
            .find_map(|python| spawn(python, &dir, chance))
            .expect("an SMTP server for tests: apt-get install python3-aiosmtpd");
        let port = lines
            .next()
            .and_then(Result::ok)
            .and_then(|line| line.strip_prefix("port ")?.parse().ok())
            .expect("aiosmtpd says its port");
        let lifeline = child.stdin.take().expect("standard input is a pipe");
        let kept = Arc::new(Kept::default());
        let theirs = Arc::clone(&kept);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let told: Told = serde_json::from_str(&line).expect("the sink writes JSON");
                let raw = fs::read(&told.path).expect("the sink kept the letter");
                let letter = SinkLetter {
                    from: told.from.unwrap_or_default(),
                    to: told.to,
                    raw,
                    cut: told.cut,
                    at: Instant::now(),
                };
                theirs.letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
                theirs.more.notify_waiters();
            }
        });
        Self { child, _lifeline: lifeline, port, dir, kept }
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The letters so far, in order of arrival.
    #[must_use]
    pub fn letters(&self) -> Vec<SinkLetter> {
        self.kept.letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until there are at least `count` letters.
    ///
    /// # Panics
    /// When they do not come within 30 seconds.
    pub async fn wait(&self, count: usize) -> Vec<SinkLetter> {
        let waited = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                let more = self.kept.more.notified(); // before looking, so that none is missed
                tokio::pin!(more);
                more.as_mut().enable();
                let letters = self.letters();
                if letters.len() >= count {
                    return letters;
                }
                more.await;
            }
        });
        let seen = || format!("{count} letters in 30 s, but there are {}", self.letters().len());
        waited.await.unwrap_or_else(|_| panic!("{}", seen()))
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        let _ = self.child.kill(); // by its pid; an error means that it has ended already
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

type Lines = std::iter::Peekable<std::io::Lines<BufReader<std::process::ChildStdout>>>;

/// Starts the server with one Python, if that has aiosmtpd.
fn spawn(python: &str, dir: &PathBuf, chance: Option<u64>) -> Option<(Child, Lines)> {
    let mut child = Command::new(python)
        .args(["-c", PROGRAM])
        .arg(dir)
        .args(chance.map(|seed| seed.to_string()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut lines = BufReader::new(child.stdout.take()?).lines().peekable();
    if lines.peek().is_none() {
        let _ = child.wait();
        return None;
    }
    Some((child, lines))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    fn talk(port: u16, to: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let lines = [
            "HELO test",
            "MAIL FROM:<a@primer.example>",
            &format!("RCPT TO:<{to}>"),
            "DATA",
            "Subject: x\r\n\r\ny\r\n.",
            "QUIT",
        ];
        let mut answers = BufReader::new(stream.try_clone().unwrap());
        let mut last = String::new();
        for line in lines {
            let mut answer = String::new();
            answers.read_line(&mut answer).unwrap();
            last.push_str(&answer);
            if stream.write_all(format!("{line}\r\n").as_bytes()).is_err() {
                break;
            }
        }
        let _ = answers.read_to_string(&mut last);
        last
    }

    #[tokio::test]
    async fn letters_are_kept_and_recipients_steer() {
        let sink = SmtpSink::start();
        let port = sink.port();
        let said = tokio::task::spawn_blocking(move || {
            [talk(port, "b@primer.example"), talk(port, "reject@primer.example")]
        });
        let [good, refused] = said.await.unwrap();
        assert!(good.contains("250 2.0.0 kept"), "{good}");
        assert!(refused.contains("550 5.1.1"), "{refused}");
        let letters = sink.wait(1).await;
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].to, ["b@primer.example"]);
        assert_eq!(letters[0].raw, b"Subject: x\r\n\r\ny\r\n");
    }
}
