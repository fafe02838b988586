//! Reads a body: the bytes of the wire, so many of them and no more, and not for ever.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use octany_entitlement::{BODY_LIMIT, BODY_TIMEOUT, Refusal};
use tokio::time::Sleep;

/// After so many chunks that were there at once, other tasks get their turn, and the clock is
/// looked at: a body of empty chunks would else never end.
const CHUNKS_PER_POLL: usize = 64;

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

/// Refuses what is announced to be too large before it is read.
pub(crate) fn check_announced(headers: &HeaderMap, limits: Limits) -> Result<(), Refusal> {
    let announced: u64 = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok())
        .unwrap_or(0);
    if usize::try_from(announced).map_or(true, |length| length > limits.bytes) {
        return Err(Refusal::TooLarge { limit: limits.bytes });
    }
    Ok(())
}

/// A body that is being read.
pub(crate) struct ReadBody {
    payload: Payload,
    limits: Limits,
    // There from the first time that the body lets us wait.
    deadline: Option<Pin<Box<Sleep>>>,
    read: Read,
}

/// What was read so far. Nothing is reserved for what was only announced.
enum Read {
    Nothing,
    /// One chunk, which is not copied.
    Chunk(Bytes),
    Chunks(BytesMut),
}

impl ReadBody {
    pub(crate) fn new(payload: Payload, limits: Limits) -> Self {
        Self { payload, limits, deadline: None, read: Read::Nothing }
    }

    /// What is left of the body.
    pub(crate) fn take_rest(&mut self) -> Payload {
        self.payload.take()
    }

    fn poll_deadline<T>(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, Refusal>> {
        let time = self.limits.time;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep(time)));
        deadline.as_mut().poll(cx).map(|()| Err(Refusal::TimedOut))
    }
}

impl Future for ReadBody {
    type Output = Result<Bytes, Refusal>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        for _ in 0..CHUNKS_PER_POLL {
            match Pin::new(&mut this.payload).poll_next(cx) {
                Poll::Ready(Some(Ok(chunk))) => {
                    if chunk.len() > this.limits.bytes - this.read.len() {
                        return Poll::Ready(Err(Refusal::TooLarge { limit: this.limits.bytes }));
                    }
                    this.read.push(chunk);
                }
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(Refusal::Interrupted)),
                Poll::Ready(None) => return Poll::Ready(Ok(this.read.take())),
                Poll::Pending => return this.poll_deadline(cx),
            }
        }
        cx.waker().wake_by_ref();
        this.poll_deadline(cx)
    }
}

impl Read {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Chunk(chunk) => chunk.len(),
            Self::Chunks(chunks) => chunks.len(),
        }
    }

    fn push(&mut self, chunk: Bytes) {
        match self {
            _ if chunk.is_empty() => {}
            Self::Nothing => *self = Self::Chunk(chunk),
            Self::Chunk(first) => {
                let mut chunks = BytesMut::with_capacity(first.len() + chunk.len());
                chunks.extend_from_slice(first);
                chunks.extend_from_slice(&chunk);
                *self = Self::Chunks(chunks);
            }
            Self::Chunks(chunks) => chunks.extend_from_slice(&chunk),
        }
    }

    fn take(&mut self) -> Bytes {
        match std::mem::replace(self, Self::Nothing) {
            Self::Nothing => Bytes::new(),
            Self::Chunk(chunk) => chunk,
            Self::Chunks(chunks) => chunks.freeze(),
        }
    }
}

/// The body of a refusal, with what is left of the request's.
///
/// As long as that is there, actix knows that the request was not read to its end, and closes the
/// connection after the answer. Else it would read on, of a chunked body for ever, in order to use
/// the connection again.
pub(crate) struct Unread {
    answer: BoxBody,
    _rest: Payload,
}

impl Unread {
    pub(crate) fn after(answer: BoxBody, rest: Payload) -> BoxBody {
        match rest {
            Payload::None => answer,
            rest => BoxBody::new(Self { answer, _rest: rest }),
        }
    }
}

impl MessageBody for Unread {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(cx)
    }
}
