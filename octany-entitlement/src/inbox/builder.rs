//! How an inbox is put together.

use std::fmt::Display;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use octany_core::Event;
use tokio::sync::Notify;

use super::backoff::Backoff;
use super::text::short;
use super::{Inbox, InboxStore};
use crate::{Clock, Receiver, SystemClock};

/// What handles an event, and the text of its error.
pub(super) type Handler = Arc<
    dyn Fn(Arc<Event>) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync,
>;

/// All that an inbox knows.
pub(super) struct Inner {
    pub(super) store: Arc<dyn InboxStore>,
    pub(super) receiver: Receiver,
    pub(super) handler: Handler,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) workers: usize,
    pub(super) lease: Duration,
    pub(super) attempts: u32,
    pub(super) backoff: Backoff,
    pub(super) poll: Duration,
    pub(super) retention: Duration,
    pub(super) finish: Option<Duration>,
    /// Somebody put something.
    pub(super) wake: Notify,
    /// How often in a row the receiver's store was away.
    pub(super) outages: AtomicU32,
}

/// Puts an [`Inbox`] together.
#[must_use]
pub struct InboxBuilder {
    inner: Inner,
}

impl InboxBuilder {
    pub(super) fn new<F, Fut, E>(
        store: impl InboxStore + 'static,
        receiver: Receiver,
        handler: F,
    ) -> Self
    where
        F: Fn(Arc<Event>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Display,
    {
        let handler: Handler = Arc::new(move |event| {
            let work = handler(event);
            Box::pin(async move { work.await.map_err(|error| short(&error.to_string())) })
        });
        let inner = Inner {
            store: Arc::new(store),
            receiver: receiver.into_builder().without_inbox().build(),
            handler,
            clock: Arc::new(SystemClock),
            workers: 8,
            lease: Duration::from_mins(1),
            attempts: 12,
            backoff: Backoff { base: Duration::from_secs(1), longest: Duration::from_hours(1) },
            poll: Duration::from_secs(1),
            retention: Duration::from_hours(30 * 24),
            finish: None,
            wake: Notify::new(),
            outages: AtomicU32::new(0),
        };
        Self { inner }
    }

    /// How many letters are handled at the same time by one [`run`](Inbox::run); 8 unless set, and
    /// at least one.
    pub fn workers(mut self, workers: usize) -> Self {
        self.inner.workers = workers.max(1);
        self
    }

    /// How long a letter is left to a worker that says nothing; 60 seconds unless set. A worker that
    /// lives extends it, so a handler may take longer; after a crash, it is that long until somebody
    /// else tries. A worker that could not extend it in time, since the store was away, drops its
    /// handler: somebody else may have the letter by then.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.inner.lease = lease;
        self
    }

    /// How often a letter is tried before it is dead; 12 times unless set, and at least once. Where
    /// the process dies in all of them, once more, and five times at least.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.inner.attempts = attempts.max(1);
        self
    }

    /// How long to wait after a failure: a random time of at most `base`, doubled with every attempt,
    /// up to `longest`. One second and one hour unless set.
    pub fn backoff(mut self, base: Duration, longest: Duration) -> Self {
        self.inner.backoff = Backoff { base, longest };
        self
    }

    /// How often the store is asked for letters that other nodes put, that wait for another attempt,
    /// or whose lease has ended; every second unless set. What this process puts is taken up at once.
    pub fn poll(mut self, every: Duration) -> Self {
        self.inner.poll = every;
        self
    }

    /// How long letters that are done are kept, so that a repeated delivery is known; 30 days unless
    /// set. Dead letters are kept until they are replayed or discarded.
    pub fn retention(mut self, retention: Duration) -> Self {
        self.inner.retention = retention;
        self
    }

    /// How long [`run`](Inbox::run) waits, once it is to stop, for what is being handled; as long as
    /// that takes unless set. What has not ended by then is dropped, and its letters are given back
    /// before `run` returns, for which it waits another 5 seconds at most.
    pub fn finish_within(mut self, limit: Duration) -> Self {
        self.inner.finish = Some(limit);
        self
    }

    /// The clock for leases and waits; the system's unless set.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.inner.clock = Arc::new(clock);
        self
    }

    /// The inbox.
    pub fn build(self) -> Inbox {
        Inbox { inner: Arc::new(self.inner) }
    }
}

impl std::fmt::Debug for InboxBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InboxBuilder").finish_non_exhaustive()
    }
}
