//! How long a connection may wait: for the head of a request that has begun, and between two requests.

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::Notify,
    time::Instant,
};

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// The rest of a request's head; of a new connection, all of it.
    Head { since: Instant },
    /// The next request.
    Idle { since: Instant },
    /// Us.
    Answer,
}

/// Why a connection is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expired {
    /// In the middle of a request's head.
    Head,
    /// Between two requests.
    Idle,
}

/// The times of one connection.
#[derive(Debug)]
pub(super) struct Pace {
    waits: Mutex<Waits>,
    changed: Notify,
    head: Duration,
    idle: Duration,
}

impl Pace {
    pub(super) fn new(head: Duration, idle: Duration) -> Arc<Self> {
        let waits = Mutex::new(Waits::Head { since: Instant::now() });
        Arc::new(Self { waits, changed: Notify::new(), head, idle })
    }

    fn set(&self, waits: Waits) {
        *self.waits.lock().unwrap_or_else(PoisonError::into_inner) = waits;
        self.changed.notify_one();
    }

    fn get(&self) -> Waits {
        *self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes came: after an idle time they begin a request.
    fn has_read(&self) {
        if let Waits::Idle { .. } = self.get() {
            self.set(Waits::Head { since: Instant::now() });
        }
    }

    /// A request's head is complete. The connection is idle again when the answer's body, or the guard, is dropped.
    pub(super) fn request(self: &Arc<Self>) -> Answering {
        self.set(Waits::Answer);
        Answering(Arc::clone(self))
    }

    /// Resolves when one of the times is over.
    pub(super) async fn expired(&self) -> Expired {
        loop {
            let (until, expired) = match self.get() {
                Waits::Head { since } => (since + self.head, Expired::Head),
                Waits::Idle { since } => (since + self.idle, Expired::Idle),
                Waits::Answer => {
                    self.changed.notified().await;
                    continue;
                }
            };
            tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep_until(until) => return expired,
            }
        }
    }
}

/// A request is being answered.
#[derive(Debug)]
pub(super) struct Answering(Arc<Pace>);

impl Answering {
    /// The answer's body, with which the answer ends.
    pub(super) fn until_sent(self, body: Body) -> Body {
        Body::new(Answer { body, _answering: self })
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.set(Waits::Idle { since: Instant::now() });
    }
}

struct Answer {
    body: Body,
    _answering: Answering,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that tells its pace when bytes come.
pub(super) struct Paced<S> {
    pub(super) stream: S,
    pub(super) pace: Arc<Pace>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let filled = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > filled {
            self.pace.has_read();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
