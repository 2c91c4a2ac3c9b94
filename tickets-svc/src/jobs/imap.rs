//! Letters in from a folder of an IMAP server: by UIDVALIDITY and UID, whatever other programs do
//! to the flags.
//!
//! The place up to which the folder was read moves in the transaction that journals a letter, so
//! neither a crash nor an outage loses one. Nothing in the folder is changed. A server that numbers
//! its letters anew has all of them read again; the copies are known by their content.

mod account;
mod stuck;

pub use account::{Access, Account};

use super::intake::{self, Delivery};
use crate::{
    config::Settings, domain::letters::Envelope, readers::letters::LETTER_BYTES_MAX, store,
};
use account::Session;
use anyhow::{Context, Result, bail};
use futures::TryStreamExt;
use service::{Failure, Frame};
use std::{convert::Infallible, future::Future, time::Duration};
use stuck::Stuck;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Longest wait for an answer of the server.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long the server may be silent about new letters before it is asked.
const SILENCE: Duration = Duration::from_secs(60);

/// Pause before the next try after a failure, and the longest one.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(60)];

/// The poller.
#[derive(Debug, Clone)]
pub struct Imap {
    account: Option<Account>,
}

impl Imap {
    /// The poller that the settings name, if any.
    ///
    /// # Errors
    /// When the URL is none, or the password cannot be read.
    pub fn open(settings: &Settings) -> Result<Self> {
        let account = settings.imap_url.as_deref().map(|url| {
            let access = Access {
                user: settings.imap_user.as_deref().unwrap_or_default(),
                password: settings.imap_password_file.as_deref(),
                ca: settings.imap_ca_file.as_deref(),
                from_now: settings.imap_from_now,
            };
            Account::open(url, access)
        });
        Ok(Self { account: account.transpose()? })
    }

    /// Reads the folder until told to stop; at once done when there is none.
    ///
    /// # Errors
    /// None: what fails is tried again.
    pub async fn run(self, frame: Frame, stop: CancellationToken) -> Result<(), Failure> {
        let Some(account) = self.account else {
            stop.cancelled().await;
            return Ok(());
        };
        let (mut pause, mut stuck) = (PAUSES[0], Stuck::default());
        loop {
            let mut read = 0;
            let ended = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                ended = watch(&frame, &account, &mut read, &mut stuck) => ended,
            };
            let Err(error) = ended;
            tracing::warn!(error = %format!("{error:#}"), "the IMAP folder cannot be read");
            pause = if read > 0 { PAUSES[0] } else { (pause * 2).min(PAUSES[1]) };
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = sleep(pause) => {}
            }
        }
    }
}

/// An answer that comes in time.
async fn soon<T, E>(answer: impl Future<Output = Result<T, E>>) -> Result<T>
where
    E: Into<anyhow::Error>,
{
    let answered = timeout(PATIENCE, answer).await.context("the server does not answer")?;
    answered.map_err(Into::into)
}

/// One session: what is new is read, and then what the server tells of.
async fn watch(
    frame: &Frame,
    account: &Account,
    read: &mut usize,
    stuck: &mut Stuck,
) -> Result<Infallible> {
    let mut session = soon(account.connect()).await?;
    let folder = soon(session.examine(&account.folder)).await?;
    let validity = folder.uid_validity.context("the server gives no UIDVALIDITY")?;
    if account.from_now {
        let last = folder.uid_next.unwrap_or(1).saturating_sub(1);
        let mut conn = frame.pool.acquire().await?;
        store::imap_cursors::begin(&mut conn, &account.name, validity, last).await?;
    }
    loop {
        *read += catch_up(frame, account, &mut session, validity, stuck).await?;
        let mut idle = session.idle();
        soon(idle.init()).await?;
        let (news, _interrupt) = idle.wait_with_timeout(SILENCE);
        news.await?;
        session = soon(idle.done()).await?;
    }
}

/// Reads every letter after the last one that is journalled, in order; how many there were.
async fn catch_up(
    frame: &Frame,
    account: &Account,
    session: &mut Session,
    validity: u32,
    stuck: &mut Stuck,
) -> Result<usize> {
    let mut conn = frame.pool.acquire().await?;
    let last = store::imap_cursors::last(&mut conn, &account.name, validity).await?;
    drop(conn);
    // `N:*` names the last letter even when its number is below N.
    let found = soon(session.uid_search(format!("UID {}:*", last.saturating_add(1)))).await?;
    let mut uids: Vec<u32> = found.into_iter().filter(|uid| *uid > last).collect();
    uids.sort_unstable();
    for uid in &uids {
        let raw = match letter(session, *uid).await {
            // One that was taken away meanwhile is none.
            Ok(None) => continue,
            Ok(Some(raw)) => raw,
            // One letter that the server cannot give shall not keep the others back for ever.
            Err(error) if !stuck.gives_up(*uid) => return Err(error),
            Err(error) => {
                tracing::warn!(uid, error = %format!("{error:#}"), "a letter is left there");
                account::unfetched(*uid)
            }
        };
        journal(frame, account, &raw, (validity, *uid)).await?;
    }
    Ok(uids.len())
}

/// The bytes of a letter; none when it is no longer there.
///
/// A server that answers without it while it still lists it would have it lost.
async fn letter(session: &mut Session, uid: u32) -> Result<Option<Vec<u8>>> {
    if let Some(raw) = given(session, uid).await? {
        return Ok(Some(raw));
    }
    let listed = soon(session.uid_search(format!("UID {uid}"))).await?;
    if listed.contains(&uid) {
        bail!("the server lists letter {uid} and does not give it");
    }
    Ok(None)
}

/// The bytes of a letter as the server gives them; of one that is too large its header, and a word
/// about the rest.
async fn given(session: &mut Session, uid: u32) -> Result<Option<Vec<u8>>> {
    let size = fetched(session, uid, "(UID RFC822.SIZE)", |fetch| fetch.size).await?;
    let Some(size) = size else { return Ok(None) };
    if usize::try_from(size).unwrap_or(usize::MAX) <= LETTER_BYTES_MAX {
        return fetched(session, uid, "(UID BODY.PEEK[])", |f| f.body().map(<[u8]>::to_vec)).await;
    }
    let header =
        fetched(session, uid, "(UID BODY.PEEK[HEADER])", |f| f.header().map(<[u8]>::to_vec));
    Ok(header.await?.map(|header| account::without_body(&header, size)))
}

async fn fetched<T>(
    session: &mut Session,
    uid: u32,
    what: &str,
    take: impl Fn(&async_imap::types::Fetch) -> Option<T>,
) -> Result<Option<T>> {
    soon(async {
        let mut answers = session.uid_fetch(uid.to_string(), what).await?;
        let mut found = None;
        while let Some(fetch) = answers.try_next().await? {
            if fetch.uid == Some(uid) {
                found = take(&fetch).or(found);
            }
        }
        Ok::<_, async_imap::error::Error>(found)
    })
    .await
}

/// Journals a letter, and moves the place up to which the folder was read, in one transaction.
async fn journal(
    frame: &Frame,
    account: &Account,
    raw: &[u8],
    (validity, uid): (u32, u32),
) -> Result<()> {
    let source_key = format!("imap {} {validity} {uid}", account.name);
    let mailbox = String::new();
    let delivery = Delivery { mailbox, envelope: Envelope::default(), source_key };
    let mut tx = frame.begin().await?;
    intake::enter(&mut tx, frame, raw, delivery).await?;
    store::imap_cursors::advance(&mut tx, &account.name, validity, uid).await?;
    tx.commit().await?;
    frame.wake();
    Ok(())
}
