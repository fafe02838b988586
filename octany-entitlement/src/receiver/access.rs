//! Who is told when access begins or ends.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{
    AccessPolicy, DeliveryId, EventName, Reason, ReferenceId, SubscriptionId, evaluate,
};

use crate::store::{AccessLog, StoreError, SubscriptionStore};

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

#[derive(Clone)]
pub(super) struct Announcer {
    pub(super) policy: AccessPolicy,
    pub(super) log: Arc<dyn AccessLog>,
    pub(super) observer: Arc<dyn AccessObserver>,
}

impl Announcer {
    /// Makes a write and tells what it changed.
    ///
    /// Writes about one reference may come at once. What is true after this one may no longer be
    /// when it is announced, so whoever announced a change looks again, until what is announced is
    /// what is true. Changes are thus told in an order in which they could have happened, and the
    /// last one told is the truth.
    pub(super) async fn around<T>(
        &self,
        store: &dyn SubscriptionStore,
        reference: &ReferenceId,
        now: DateTime<Utc>,
        cause: Cause,
        write: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut before = self.reason(store, reference, now).await?.grants();
        let written = write.await?;
        loop {
            let reason = self.reason(store, reference, now).await?;
            let after = reason.grants();
            if !self.log.announce(reference, before, after, now).await? {
                return Ok(written);
            }
            let change = AccessChanged {
                reference: reference.clone(),
                before: Access::of(!after),
                after: Access::of(after),
                reason,
                cause: cause.clone(),
            };
            self.observer.access_changed(change).await;
            before = after;
        }
    }

    async fn reason(
        &self,
        store: &dyn SubscriptionStore,
        reference: &ReferenceId,
        now: DateTime<Utc>,
    ) -> Result<Reason, StoreError> {
        let known = store.subscriptions(reference).await?;
        Ok(evaluate(&self.policy, &known, now).reason)
    }
}
