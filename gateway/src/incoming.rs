//! Connections, before anybody knows who they are: so many at a time, and none that says nothing.

use futures::{Stream, StreamExt, stream};
use service::telemetry;
use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Sleep,
};
use tonic::transport::server::{Connected, TcpConnectInfo, TcpIncoming};

/// How long a connection may take to say what it speaks.
pub(crate) const GREETING: Duration = Duration::from_secs(10);
/// Bytes that say it: the preface of HTTP/2 has 24, every request of HTTP/1.1 has more.
const GREETING_BYTES: usize = 24;
/// The other end is asked whether it lives after such a silence, and again, and a third time.
const SILENCE: Duration = Duration::from_secs(60);
const ASK_AGAIN: Duration = Duration::from_secs(15);
/// Descriptors that are kept for everything but connections: databases, peers, files.
const RESERVE: u64 = 256;
/// More connections than this are not taken, however many descriptors there are.
const MOST: u64 = 50_000;
/// Wait before the next try when the machine gives no descriptor.
const BREATH: Duration = Duration::from_millis(100);

/// How many connections are taken at a time: what the descriptors of this process allow, whose
/// limit is raised as far as the system permits.
pub(crate) fn most() -> usize {
    // Where the limit cannot be told, the least that systems give is what there is.
    let has = rlimit::increase_nofile_limit(MOST + RESERVE).unwrap_or(1024);
    usize::try_from(has.saturating_sub(RESERVE).clamp(64, MOST)).unwrap_or(usize::MAX)
}

/// The connections of a listener, at most so many at a time; one more is closed at once, and so is
/// one that has not said in time what it speaks.
pub(crate) fn of(
    listener: TcpListener,
    most: usize,
    greeting: Duration,
) -> impl Stream<Item = io::Result<Connection>> {
    // Without `nodelay` a reply of two packets waits 40 ms for the caller's acknowledgement.
    let accepted = TcpIncoming::from(listener)
        .with_nodelay(Some(true))
        .with_keepalive(Some(SILENCE))
        .with_keepalive_interval(Some(ASK_AGAIN))
        .with_keepalive_retries(Some(3));
    let places = Arc::new(Semaphore::new(most));
    stream::unfold((accepted, places), move |(mut accepted, places)| async move {
        let (stream, place) = next(&mut accepted, &places).await?;
        Some((Ok(Connection::new(stream, place, greeting)), (accepted, places)))
    })
}

async fn next(
    accepted: &mut TcpIncoming,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    loop {
        match accepted.next().await? {
            Ok(stream) => match Arc::clone(places).try_acquire_owned() {
                Ok(place) => return Some((stream, place)),
                Err(_) => telemetry::count("gateway.connections_refused", 1),
            },
            Err(error) => {
                // Without a wait this would be a loop that eats a core and takes nothing.
                tracing::warn!("cannot take a connection: {error}");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

/// A connection that has a place, and has to greet in time.
pub(crate) struct Connection {
    stream: TcpStream,
    /// Bytes that it has still to say, and until when.
    greeting: Option<(usize, Pin<Box<Sleep>>)>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    fn new(stream: TcpStream, place: OwnedSemaphorePermit, greeting: Duration) -> Self {
        let until = Box::pin(tokio::time::sleep(greeting));
        Self { stream, greeting: Some((GREETING_BYTES, until)), _place: place }
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        let Some((missing, until)) = &mut self.greeting else { return read };
        if read.is_pending() {
            ready!(until.as_mut().poll(cx));
            telemetry::count("gateway.connections_silent", 1);
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        *missing = missing.saturating_sub(buf.filled().len() - before);
        if *missing == 0 {
            self.greeting = None;
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// How long a caller of these tests may take to greet.
    const SOON: Duration = Duration::from_millis(200);

    async fn listening(
        most: usize,
    ) -> (String, Pin<Box<impl Stream<Item = io::Result<Connection>>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        (address, Box::pin(of(listener, most, SOON)))
    }

    /// Issue 3, §5: one connection too many is closed at once, and one that ends makes room.
    #[tokio::test]
    async fn connections_have_places() {
        let (address, mut incoming) = listening(1).await;
        let mut first = TcpStream::connect(&address).await.unwrap();
        first.write_all(b"hello").await.unwrap();
        let taken = incoming.next().await.unwrap().unwrap();
        let mut second = TcpStream::connect(&address).await.unwrap();
        let closed = async { second.read(&mut [0; 8]).await.map_or(0, |read| read) };
        let (third, read) = tokio::join!(tokio::time::timeout(SOON, incoming.next()), closed);
        assert!(third.is_err() && read == 0, "there was no place");
        drop(taken);
        let _fourth = TcpStream::connect(&address).await.unwrap();
        incoming.next().await.unwrap().unwrap();
    }

    /// Issue 3, §5: half a greeting is none; a whole one is not asked for again.
    #[tokio::test]
    async fn who_says_nothing_is_cut_off() {
        let (address, mut incoming) = listening(2).await;
        let mut caller = TcpStream::connect(&address).await.unwrap();
        let mut taken = incoming.next().await.unwrap().unwrap();
        caller.write_all(b"PRI * HTTP/2").await.unwrap();
        let mut buffer = [0; GREETING_BYTES];
        taken.read_exact(&mut buffer[..12]).await.unwrap();
        let error = taken.read(&mut buffer).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);

        let mut caller = TcpStream::connect(&address).await.unwrap();
        let mut taken = incoming.next().await.unwrap().unwrap();
        caller.write_all(&[b'x'; GREETING_BYTES]).await.unwrap();
        taken.read_exact(&mut buffer).await.unwrap();
        let later = tokio::time::timeout(SOON * 3, taken.read(&mut buffer)).await;
        assert!(later.is_err(), "it may be silent now");
    }
}
