//! What is said to each command: without a socket and without a database, so that any bytes can be
//! tried on it.

use crate::{domain::letters::Envelope, readers::letters::LETTER_BYTES_MAX};
use smtp_proto::{Error, Request};
use std::borrow::Cow;

/// Most recipients of one letter.
const RECIPIENTS_MAX: usize = 100;

/// Most mistakes of one session.
const MISTAKES_MAX: usize = 20;

/// What to do about a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Say this.
    Say(&'static str),
    /// Look whether there is such a mailbox, and tell [`Dialogue::recipient`].
    Ask(String),
    /// Say 354 and read the letter.
    Read,
    /// Say this and go.
    Leave(&'static str),
}

/// A session as far as it has come.
#[derive(Debug, Default)]
pub struct Dialogue {
    greeted: bool,
    sender: Option<String>,
    recipients: Vec<String>,
    forwarded: Envelope,
    mistakes: usize,
}

const GREETING: &str = concat!(
    "250-raschet\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n",
    "250-ENHANCEDSTATUSCODES\r\n250-XFORWARD ADDR HELO\r\n250 SIZE 33554432\r\n"
);
const OK: &str = "250 2.0.0 ok\r\n";
const ORDER: &str = "503 5.5.1 not now\r\n";

impl Dialogue {
    /// Takes one line, with its end.
    pub fn take(&mut self, line: &[u8]) -> Reply {
        if let Some(given) = forwarded(line) {
            return self.forward(given);
        }
        let reply = match Request::parse(&mut line.iter()) {
            Ok(request) => self.answer(request),
            Err(Error::InvalidSenderAddress) => Reply::Say("501 5.1.7 no such sender address\r\n"),
            Err(Error::InvalidRecipientAddress) => {
                Reply::Say("501 5.1.3 no such recipient address\r\n")
            }
            Err(Error::UnknownCommand) => Reply::Say("500 5.5.1 no such command\r\n"),
            Err(Error::ResponseTooLong | Error::NeedsMoreData { .. }) => {
                Reply::Say("500 5.5.6 the line is too long\r\n")
            }
            Err(_) => Reply::Say("501 5.5.4 not understood\r\n"),
        };
        self.mistakes += usize::from(matches!(reply, Reply::Say(text) if text.starts_with('5')));
        if self.mistakes > MISTAKES_MAX {
            return Reply::Leave("421 4.7.0 too many mistakes\r\n");
        }
        reply
    }

    fn answer(&mut self, request: Request<Cow<'_, str>>) -> Reply {
        match request {
            Request::Lhlo { .. } => {
                self.greeted = true;
                self.reset();
                Reply::Say(GREETING)
            }
            Request::Ehlo { .. } | Request::Helo { .. } => {
                Reply::Say("500 5.5.1 this is LMTP: say LHLO\r\n")
            }
            Request::Mail { from } => self.mail(from.address.into_owned(), from.size),
            Request::Rcpt { to } => match self.sender {
                None => Reply::Say(ORDER),
                Some(_) if self.recipients.len() >= RECIPIENTS_MAX => {
                    Reply::Say("452 4.5.3 too many recipients\r\n")
                }
                Some(_) => Reply::Ask(to.address.into_owned()),
            },
            Request::Data if self.recipients.is_empty() => Reply::Say(ORDER),
            Request::Data => Reply::Read,
            Request::Rset => {
                self.reset();
                Reply::Say(OK)
            }
            Request::Noop { .. } => Reply::Say(OK),
            Request::Vrfy { .. } => Reply::Say("252 2.5.0 try to send\r\n"),
            Request::Quit => Reply::Leave("221 2.0.0 bye\r\n"),
            _ => Reply::Say("502 5.5.1 not offered\r\n"),
        }
    }

    fn mail(&mut self, sender: String, size: usize) -> Reply {
        if !self.greeted || self.sender.is_some() {
            return Reply::Say(ORDER);
        }
        if size > LETTER_BYTES_MAX {
            return Reply::Say(TOO_LARGE);
        }
        self.sender = Some(sender);
        Reply::Say("250 2.1.0 ok\r\n")
    }

    /// The recipient that was asked about is there, or is not.
    pub fn recipient(&mut self, address: String, known: bool) -> &'static str {
        if !known {
            return "550 5.1.1 no such mailbox\r\n";
        }
        self.recipients.push(address);
        "250 2.1.5 ok\r\n"
    }

    /// The letter was read: who sent it how, and to whom; the session is ready for the next.
    pub fn taken(&mut self) -> (Envelope, Vec<String>) {
        let recipients = std::mem::take(&mut self.recipients);
        let from = self.sender.take().unwrap_or_default();
        (Envelope { from, ..std::mem::take(&mut self.forwarded) }, recipients)
    }

    fn reset(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }

    /// XFORWARD of Postfix: whom the letter came from. Only our own mail server speaks here.
    fn forward(&mut self, given: &str) -> Reply {
        if !self.greeted || self.sender.is_some() {
            return Reply::Say(ORDER);
        }
        for pair in given.split_ascii_whitespace() {
            match pair.split_once('=') {
                Some((name, value)) if name.eq_ignore_ascii_case("ADDR") => {
                    let plain = value.strip_prefix("IPV6:").unwrap_or(value);
                    self.forwarded.client = plain.parse().ok();
                }
                Some((name, value)) if name.eq_ignore_ascii_case("HELO") => {
                    let known = value != "[UNAVAILABLE]" && value.len() <= 255;
                    self.forwarded.helo = if known { value.to_owned() } else { String::new() };
                }
                _ => {}
            }
        }
        Reply::Say(OK)
    }
}

/// What is said of a letter beyond the limit.
pub const TOO_LARGE: &str = "552 5.3.4 the letter is larger than 32 MiB\r\n";

fn forwarded(line: &[u8]) -> Option<&str> {
    let word = line.get(..9).filter(|word| word.eq_ignore_ascii_case(b"XFORWARD "))?;
    let rest = std::str::from_utf8(&line[word.len()..]).ok()?;
    Some(rest.trim_end()).filter(|rest| rest.bytes().all(|b| b.is_ascii_graphic() || b == b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(dialogue: &mut Dialogue, line: &str) -> String {
        match dialogue.take(format!("{line}\r\n").as_bytes()) {
            Reply::Say(text) | Reply::Leave(text) => text.chars().take(3).collect(),
            Reply::Ask(address) => dialogue.recipient(address, true).chars().take(3).collect(),
            Reply::Read => "354".to_owned(),
        }
    }

    /// tickets.md §5.5 (18): commands in any order, and those of other protocols.
    #[test]
    fn commands_have_their_order() {
        let mut dialogue = Dialogue::default();
        for (line, code) in [
            ("MAIL FROM:<a@b.test>", "503"),
            ("EHLO x", "500"),
            ("LHLO x", "250"),
            ("RCPT TO:<ok@c.test>", "503"),
            ("DATA", "503"),
            ("STARTTLS", "502"),
            ("XFORWARD ADDR=192.0.2.1 HELO=mx.b.test", "250"),
            ("MAIL FROM:<> SIZE=1000", "250"),
            ("MAIL FROM:<a@b.test>", "503"),
            ("DATA", "503"),
            ("RCPT TO:<ok@c.test>", "250"),
            ("RSET", "250"),
            ("RCPT TO:<ok@c.test>", "503"),
            ("MAIL FROM:<a@b.test> SIZE=99999999", "552"),
            ("MAIL FROM:<a@b.test>", "250"),
            ("RCPT TO:<ok@c.test>", "250"),
            ("DATA", "354"),
        ] {
            assert_eq!(say(&mut dialogue, line), code, "{line}");
        }
        let (envelope, recipients) = dialogue.taken();
        assert_eq!((envelope.from.as_str(), envelope.helo.as_str()), ("a@b.test", "mx.b.test"));
        assert_eq!(envelope.client, "192.0.2.1".parse().ok());
        assert_eq!(recipients, ["ok@c.test"]);
        assert_eq!(say(&mut dialogue, "DATA"), "503");
        assert_eq!(say(&mut dialogue, "QUIT"), "221");
        let mistaken = (0..=MISTAKES_MAX).map(|_| say(&mut dialogue, "WHAT"));
        assert_eq!(mistaken.last().as_deref(), Some("421"));
    }

    #[test]
    fn recipients_have_an_end() {
        let mut dialogue = Dialogue::default();
        assert_eq!(say(&mut dialogue, "LHLO x"), "250");
        assert_eq!(say(&mut dialogue, "MAIL FROM:<a@b.test>"), "250");
        for _ in 0..RECIPIENTS_MAX {
            assert_eq!(say(&mut dialogue, "RCPT TO:<ok@c.test>"), "250");
        }
        assert_eq!(say(&mut dialogue, "RCPT TO:<ok@c.test>"), "452");
    }

    proptest::proptest! {
        /// No line makes it panic, and none but DATA opens a letter.
        #[test]
        fn any_line_is_answered(lines in proptest::collection::vec("\\PC{0,60}", 0..30)) {
            let mut dialogue = Dialogue::default();
            for line in lines {
                let reply = dialogue.take(format!("{line}\r\n").as_bytes());
                proptest::prop_assert_ne!(reply, Reply::Read);
            }
        }
    }
}
