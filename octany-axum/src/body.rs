//! Reads a body: the bytes of the wire, so many of them and no more, and not for ever.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body::Body;
use octany_entitlement::{BODY_LIMIT, BODY_TIMEOUT, Refusal};
use pin_project_lite::pin_project;
use tokio::time::Sleep;

/// After so many frames that were there at once, other tasks get their turn, and the clock is
/// looked at: a body of empty frames would else never end.
const FRAMES_PER_POLL: usize = 64;

/// How much of a body is read, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: BODY_LIMIT, time: BODY_TIMEOUT }
    }
}

pin_project! {
    /// A body that is being read.
    pub(crate) struct ReadBody<B> {
        #[pin]
        body: B,
        limits: Limits,
        // There from the first time that the body lets us wait: most never do.
        #[pin]
        deadline: Option<Sleep>,
        read: Read,
    }
}

/// What was read so far. Nothing is reserved for what was only announced.
enum Read {
    Nothing,
    /// One frame, which is not copied.
    Frame(Bytes),
    Frames(BytesMut),
}

impl<B: Body> ReadBody<B> {
    /// Refuses what is announced to be too large before it is read.
    pub(crate) fn new(headers: &HeaderMap, body: B, limits: Limits) -> Result<Self, Refusal> {
        let announced =
            headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let at_least = body.size_hint().lower().max(announced.unwrap_or(0));
        if usize::try_from(at_least).map_or(true, |length| length > limits.bytes) {
            return Err(Refusal::TooLarge { limit: limits.bytes });
        }
        Ok(Self { body, limits, deadline: None, read: Read::Nothing })
    }
}

impl<B: Body> Future for ReadBody<B> {
    type Output = Result<Bytes, Refusal>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        for _ in 0..FRAMES_PER_POLL {
            match this.body.as_mut().poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    // The other kind is trailers, which nobody signed.
                    let Ok(data) = frame.into_data() else { continue };
                    if data.remaining() > this.limits.bytes - this.read.len() {
                        return Poll::Ready(Err(Refusal::TooLarge { limit: this.limits.bytes }));
                    }
                    this.read.push(data);
                }
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(Refusal::Interrupted)),
                Poll::Ready(None) => return Poll::Ready(Ok(this.read.take())),
                Poll::Pending => {
                    return poll_deadline(this.deadline, this.limits.time, cx);
                }
            }
        }
        cx.waker().wake_by_ref();
        poll_deadline(this.deadline, this.limits.time, cx)
    }
}

fn poll_deadline<T>(
    mut deadline: Pin<&mut Option<Sleep>>,
    time: Duration,
    cx: &mut Context<'_>,
) -> Poll<Result<T, Refusal>> {
    if deadline.is_none() {
        deadline.set(Some(tokio::time::sleep(time)));
    }
    match deadline.as_pin_mut() {
        Some(deadline) => deadline.poll(cx).map(|()| Err(Refusal::TimedOut)),
        None => Poll::Pending,
    }
}

impl Read {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Frame(frame) => frame.len(),
            Self::Frames(frames) => frames.len(),
        }
    }

    fn push(&mut self, mut data: impl Buf) {
        match self {
            _ if !data.has_remaining() => {}
            // Of `Bytes`, this is a share and no copy.
            Self::Nothing => *self = Self::Frame(data.copy_to_bytes(data.remaining())),
            Self::Frame(first) => {
                let mut frames = BytesMut::with_capacity(first.len() + data.remaining());
                frames.put(first);
                frames.put(data);
                *self = Self::Frames(frames);
            }
            Self::Frames(frames) => frames.put(data),
        }
    }

    fn take(&mut self) -> Bytes {
        match std::mem::replace(self, Self::Nothing) {
            Self::Nothing => Bytes::new(),
            Self::Frame(frame) => frame,
            Self::Frames(frames) => frames.freeze(),
        }
    }
}
