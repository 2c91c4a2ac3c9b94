//! One connection: lines in, answers out, letters into the journal.

use super::{Dialogue, Reply, dialogue::TOO_LARGE};
use crate::{
    domain::{letters::Envelope, reply_addresses},
    jobs::intake::{self, Delivery},
    readers::letters::LETTER_BYTES_MAX,
    store,
};
use service::{Failure, Frame};
use smtp_proto::request::receiver::{DataReceiver, DummyDataReceiver};
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use types::EmailAddress;
use uuid::Uuid;

/// Longest silence of the other side.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longest command line, in bytes.
const LINE_BYTES_MAX: usize = 4_096;

/// From this size on a letter counts as large, in bytes.
const LARGE_BYTES: usize = 1024 * 1024;

/// One connection.
pub struct Session {
    frame: Frame,
    large: Arc<Semaphore>,
    stream: TcpStream,
    stop: CancellationToken,
    /// Bytes that came and were not looked at.
    input: Vec<u8>,
    /// Answers that were not sent.
    output: Vec<u8>,
}

impl Session {
    pub fn new(
        frame: Frame,
        large: Arc<Semaphore>,
        stream: TcpStream,
        stop: CancellationToken,
    ) -> Self {
        let (input, output) = (Vec::new(), Vec::new());
        Self { frame, large, stream, stop, input, output }
    }

    /// Talks until one side leaves.
    pub async fn run(mut self, seated: bool) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        if !seated {
            return self.leave("421 4.3.2 too many sessions\r\n").await;
        }
        self.say("220 raschet LMTP\r\n");
        let mut dialogue = Dialogue::default();
        while let Some(line) = self.line().await? {
            match dialogue.take(&line) {
                Reply::Say(text) => self.say(text),
                Reply::Leave(text) => return self.leave(text).await,
                Reply::Ask(address) => match self.is_ours(&address).await {
                    Ok(known) => self.say(dialogue.recipient(address, known)),
                    Err(_) => self.say("451 4.3.0 try again later\r\n"),
                },
                Reply::Read => {
                    self.say("354 go on\r\n");
                    let raw = self.letter().await?;
                    let (envelope, recipients) = dialogue.taken();
                    self.keep(raw, &envelope, recipients).await;
                }
            }
        }
        self.flush().await
    }

    fn say(&mut self, text: &str) {
        self.output.extend_from_slice(text.as_bytes());
    }

    async fn leave(mut self, text: &str) -> io::Result<()> {
        self.say(text);
        self.flush().await?;
        self.stream.shutdown().await
    }

    async fn flush(&mut self) -> io::Result<()> {
        let output = std::mem::take(&mut self.output);
        let written = timeout(PATIENCE, self.stream.write_all(&output)).await;
        written.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    /// More bytes; false at the end. Whatever was to be said is said before.
    async fn more(&mut self) -> io::Result<bool> {
        self.flush().await?;
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.input)).await;
        match read {
            Ok(read) => Ok(read? > 0),
            Err(_) => {
                self.say("421 4.4.2 nothing came for a minute\r\n");
                self.flush().await?;
                Ok(false)
            }
        }
    }

    /// The next command line; none at the end, or when the service ends.
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(end) = self.input.iter().position(|byte| *byte == b'\n') {
                return Ok(Some(self.input.drain(..=end).collect()));
            }
            if self.input.len() > LINE_BYTES_MAX {
                self.say("500 5.5.6 the line is too long\r\n");
                return Ok(None);
            }
            let stop = self.stop.clone();
            let more = tokio::select! {
                more = self.more() => more?,
                () = stop.cancelled() => {
                    self.say("421 4.3.2 closing\r\n");
                    false
                }
            };
            if !more {
                return Ok(None);
            }
        }
    }

    /// The letter up to its end, CR LF dot CR LF and nothing else; none when it is too large.
    async fn letter(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut receiver = DataReceiver::new();
        let mut raw = Vec::new();
        let mut seat: Option<OwnedSemaphorePermit> = None;
        loop {
            let mut bytes = self.input.iter();
            let ended = receiver.ingest(&mut bytes, &mut raw);
            let rest = bytes.as_slice().len();
            self.input.drain(..self.input.len() - rest);
            if raw.len() > LETTER_BYTES_MAX {
                if !ended {
                    drop(raw);
                    self.pass_over(&receiver).await?;
                }
                return Ok(None);
            }
            if ended {
                return Ok(Some(raw));
            }
            if seat.is_none() && raw.len() > LARGE_BYTES {
                seat = Arc::clone(&self.large).acquire_owned().await.ok();
            }
            if !self.more().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Reads the rest of a letter that is too large, and keeps nothing of it.
    async fn pass_over(&mut self, receiver: &DataReceiver) -> io::Result<()> {
        let mut rest = DummyDataReceiver::new_data(receiver);
        while self.more().await? {
            let mut bytes = self.input.iter();
            let ended = rest.ingest(&mut bytes);
            let left = bytes.as_slice().len();
            self.input.drain(..self.input.len() - left);
            if ended {
                return Ok(());
            }
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    async fn is_ours(&self, address: &str) -> Result<bool, Failure> {
        let Ok(address) = EmailAddress::parse(address) else { return Ok(false) };
        let mut conn = self.frame.pool.acquire().await?;
        if store::mailboxes::by_address(&mut conn, &address).await?.is_some() {
            return Ok(true);
        }
        let Some(base) = reply_addresses::split(&address).0 else { return Ok(false) };
        Ok(store::mailboxes::by_address(&mut conn, &base).await?.is_some())
    }

    /// Journals the letter once for each recipient, and answers for each.
    async fn keep(&mut self, raw: Option<Vec<u8>>, envelope: &Envelope, recipients: Vec<String>) {
        let Some(raw) = raw else {
            recipients.iter().for_each(|_| self.say(TOO_LARGE));
            return;
        };
        // What final delivery adds by RFC 5321 §4.4: by it robots are known.
        let sender: String = envelope.from.chars().filter(|c| !c.is_control()).collect();
        let whole = [format!("Return-Path: <{sender}>\r\n").as_bytes(), &raw].concat();
        drop(raw);
        for mailbox in recipients {
            let source_key = format!("lmtp {}", Uuid::now_v7());
            let delivery = Delivery { mailbox, envelope: envelope.clone(), source_key };
            match intake::journal(&self.frame, &whole, delivery).await {
                Ok(kept) => {
                    let id = kept.id.0.simple();
                    self.output.extend_from_slice(format!("250 2.0.0 {id} kept\r\n").as_bytes());
                }
                Err(error) => {
                    tracing::warn!(error = %error, "a letter could not be journalled");
                    self.say("451 4.3.0 try again later\r\n");
                }
            }
        }
        self.frame.wake();
    }
}
