//! A store that stops before and after everything it does, so that a test decides what comes
//! between.

use std::future::poll_fn;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use async_trait::async_trait;
use octany_core::{Applied, ReferenceId, Snapshot, SubscriptionId};
use octany_entitlement::{MemoryStore, StoreError, SubscriptionLinks, SubscriptionStore};

/// Which call is to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Before it was done.
    Undone,
    /// After it was done: nobody knows that it was.
    Done,
}

#[derive(Default)]
pub(crate) struct Staged {
    pub(crate) inner: MemoryStore,
    pub(crate) reads: AtomicUsize,
    pub(crate) next_fault: Mutex<Option<Fault>>,
    /// Called when a write was done.
    pub(crate) on_write: Mutex<Option<Box<dyn FnMut() + Send>>>,
}

impl Staged {
    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    pub(crate) fn fail(&self, fault: Fault) {
        *self.next_fault.lock().unwrap() = Some(fault);
    }

    fn fault(&self, due: Fault) -> Result<(), StoreError> {
        let mut next = self.next_fault.lock().unwrap();
        match next.take_if(|fault| *fault == due) {
            Some(_) => Err(StoreError::unavailable("as the test wants it")),
            None => Ok(()),
        }
    }

    fn written(&self) {
        if let Some(on_write) = &mut *self.on_write.lock().unwrap() {
            on_write();
        }
    }
}

/// Is ready when it is polled for the second time.
async fn pause() {
    let mut polled = false;
    poll_fn(|context| {
        if std::mem::replace(&mut polled, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[async_trait]
impl SubscriptionStore for Staged {
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        pause().await;
        self.fault(Fault::Undone)?;
        let applied = self.inner.apply(snapshot).await?;
        self.written();
        pause().await;
        self.fault(Fault::Done)?;
        Ok(applied)
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        pause().await;
        self.fault(Fault::Undone)?;
        let known = self.inner.subscriptions(reference).await?;
        pause().await;
        self.fault(Fault::Done)?;
        Ok(known)
    }
}

#[async_trait]
impl SubscriptionLinks for Staged {
    async fn link(
        &self,
        subscription: &SubscriptionId,
        reference: &ReferenceId,
    ) -> Result<(), StoreError> {
        pause().await;
        self.fault(Fault::Undone)?;
        self.inner.link(subscription, reference).await?;
        self.written();
        pause().await;
        self.fault(Fault::Done)
    }

    async fn owner(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<Option<ReferenceId>, StoreError> {
        pause().await;
        self.fault(Fault::Undone)?;
        let owner = self.inner.owner(subscription).await?;
        pause().await;
        self.fault(Fault::Done)?;
        Ok(owner)
    }
}
