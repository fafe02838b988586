//! Who is told when access begins or ends.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{
    AccessPolicy, DeliveryId, EventName, Reason, ReferenceId, SubscriptionId, evaluate,
};

use crate::store::{AccessLog, StoreError, SubscriptionLinks, SubscriptionStore};

/// Whether access is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// It is.
    Granted,
    /// It is not.
    Denied,
}

impl Access {
    fn of(granted: bool) -> Self {
        if granted { Self::Granted } else { Self::Denied }
    }
}

/// Somebody's access began or ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccessChanged {
    /// Whose.
    pub reference: ReferenceId,
    /// What it was.
    pub before: Access,
    /// What it is.
    pub after: Access,
    /// Why it is what it is.
    pub reason: Reason,
    /// What brought the change.
    pub cause: Cause,
}

/// What brought a change of access.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Cause {
    /// A webhook delivery.
    Delivery {
        /// Which one.
        id: DeliveryId,
        /// What it reported.
        name: EventName,
    },
    /// Somebody said whose a subscription is.
    Link {
        /// Which one.
        subscription: SubscriptionId,
    },
    /// Something before the report that brought it to light: time ended the access, or an earlier
    /// change could not be told.
    Earlier,
}

/// Is told of every change of access, once. Closures over [`AccessChanged`] are observers.
#[async_trait]
pub trait AccessObserver: Send + Sync {
    /// Somebody's access began or ended. It runs inside of the delivery's claim, and the handler
    /// waits for it.
    async fn access_changed(&self, change: AccessChanged);
}

#[async_trait]
impl<F: Fn(AccessChanged) + Send + Sync> AccessObserver for F {
    async fn access_changed(&self, change: AccessChanged) {
        self(change);
    }
}

/// Remembers what was announced, and knows whom a report is about. Every store of this family
/// does both.
pub trait AccessBook: AccessLog + SubscriptionLinks {}

impl<T: AccessLog + SubscriptionLinks> AccessBook for T {}

#[derive(Clone)]
pub(super) struct Announcer {
    pub(super) policy: AccessPolicy,
    pub(super) book: Arc<dyn AccessBook>,
    pub(super) observer: Arc<dyn AccessObserver>,
}

impl Announcer {
    /// Makes a write about a subscription that names this reference, if it names one, and tells
    /// what it changed: for its owner, and for whom it belonged to before.
    ///
    /// What was true before the write is written down before it. So if anything fails after it,
    /// the repeated delivery still finds a difference, and tells it.
    pub(super) async fn around<T>(
        &self,
        store: &dyn SubscriptionStore,
        subscription: &SubscriptionId,
        named: Option<&ReferenceId>,
        now: DateTime<Utc>,
        cause: Cause,
        write: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut concerned: Vec<ReferenceId> = named.cloned().into_iter().collect();
        if let Some(owner) = self.book.owner(subscription).await?
            && !concerned.contains(&owner)
        {
            concerned.push(owner);
        }
        for reference in &concerned {
            self.settle(store, reference, now, &Cause::Earlier).await?;
        }
        let written = write.await?;
        for reference in &concerned {
            self.settle(store, reference, now, &cause).await?;
        }
        Ok(written)
    }

    /// Tells whether access is granted, if that is not what was told last.
    ///
    /// Writes about one reference may come at once. What is true now may no longer be when it is
    /// announced, so whoever announced a change looks again, until what is announced is what is
    /// true. The last one told is the truth.
    async fn settle(
        &self,
        store: &dyn SubscriptionStore,
        reference: &ReferenceId,
        now: DateTime<Utc>,
        cause: &Cause,
    ) -> Result<(), StoreError> {
        loop {
            let known = store.subscriptions(reference).await?;
            let reason = evaluate(&self.policy, &known, now).reason;
            let granted = reason.grants();
            if !self.book.announce(reference, granted, now).await? {
                return Ok(());
            }
            let change = AccessChanged {
                reference: reference.clone(),
                before: Access::of(!granted),
                after: Access::of(granted),
                reason,
                cause: cause.clone(),
            };
            self.observer.access_changed(change).await;
        }
    }
}
