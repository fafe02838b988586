//! Stores that fail, a clock that follows tokio's, and something to wait for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::signature::VerifiedBody;
use octany_core::{DeliveryId, Event};
use octany_entitlement::{
    ClaimToken, Claimed, Clock, DeadLetter, Depth, Inbox, InboxStore, KeptLetter, Letter,
    MemoryStore, Put, Receiver, StoreError,
};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::common::at;

/// Shows the time that tokio shows, which tests can pause.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokioClock(Instant);

impl TokioClock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for TokioClock {
    fn now(&self) -> DateTime<Utc> {
        at(0) + self.0.elapsed()
    }
}

/// How often a handler was called.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<AtomicUsize>);

impl Calls {
    pub(crate) fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// What puts into an inbox.
pub(crate) fn front(inbox: &Inbox) -> Receiver {
    Receiver::builder().inbox(inbox.clone()).build()
}

/// Puts events into an inbox.
pub(crate) async fn put(inbox: &Inbox, events: &[Event]) {
    for event in events {
        assert_eq!(inbox.put(event).await.unwrap(), Put::Stored);
    }
}

/// Works until nothing waits or runs any more.
pub(crate) async fn work_off(inbox: &Inbox) {
    let looking = inbox.clone();
    let worked_off = async move {
        while looking.depth().await.map_or(true, |depth| depth.waiting + depth.running > 0) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    inbox.clone().run(worked_off).await;
}

/// Works until it is aborted.
pub(crate) fn spawn(inbox: &Inbox) -> JoinHandle<()> {
    tokio::spawn(inbox.clone().run(std::future::pending()))
}

/// Waits until something is so.
pub(crate) async fn until(so: impl Fn() -> bool) {
    while !so() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// An inbox that can be taken away: wholly, or only where letters are settled.
#[derive(Default)]
pub(crate) struct FragileInbox {
    pub(crate) inner: Arc<MemoryStore>,
    pub(crate) away: AtomicBool,
    pub(crate) unsettled: AtomicBool,
    /// Calls get no answer any more.
    pub(crate) silent: AtomicBool,
    /// It takes a second to settle a letter.
    pub(crate) slow: AtomicBool,
}

impl FragileInbox {
    async fn check(&self) -> Result<(), StoreError> {
        if self.silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("taken away"));
        }
        Ok(())
    }

    async fn settle(&self) -> Result<(), StoreError> {
        if self.slow.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        if self.unsettled.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("taken away"));
        }
        self.check().await
    }
}

#[async_trait]
impl InboxStore for FragileInbox {
    async fn put(&self, letter: &Letter) -> Result<Put, StoreError> {
        self.check().await?;
        self.inner.put(letter).await
    }

    async fn claim(
        &self,
        now: DateTime<Utc>,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Claimed>, StoreError> {
        self.check().await?;
        InboxStore::claim(&self.inner, now, lease, limit).await
    }

    async fn extend(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.settle().await?;
        self.inner.extend(id, token, until).await
    }

    async fn done(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.settle().await?;
        self.inner.done(id, token, now).await
    }

    async fn retry(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        at: DateTime<Utc>,
        error: &str,
    ) -> Result<bool, StoreError> {
        self.settle().await?;
        self.inner.retry(id, token, at, error).await
    }

    async fn postpone(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.settle().await?;
        self.inner.postpone(id, token, at).await
    }

    async fn bury(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        error: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.settle().await?;
        self.inner.bury(id, token, error, now).await
    }

    async fn dead(&self, after: i64, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        self.inner.dead(after, limit).await
    }

    async fn letters(&self, after: i64, limit: usize) -> Result<Vec<KeptLetter>, StoreError> {
        self.inner.letters(after, limit).await
    }

    async fn letter(
        &self,
        id: &DeliveryId,
    ) -> Result<Option<(KeptLetter, VerifiedBody)>, StoreError> {
        self.inner.letter(id).await
    }

    async fn replay(&self, id: &DeliveryId) -> Result<bool, StoreError> {
        self.inner.replay(id).await
    }

    async fn replay_all(&self) -> Result<u64, StoreError> {
        self.inner.replay_all().await
    }

    async fn discard(&self, id: &DeliveryId) -> Result<bool, StoreError> {
        self.inner.discard(id).await
    }

    async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        self.inner.prune(before).await
    }

    async fn depth(&self) -> Result<Depth, StoreError> {
        self.inner.depth().await
    }
}
