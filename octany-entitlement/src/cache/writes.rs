//! What is written through a cache.

use std::pin::Pin;

use octany_core::{ReferenceId, Snapshot, SubscriptionId};

use super::{Cached, Change};
use crate::store::{StoreError, SubscriptionLinks};

/// How a store is asked whose a subscription is.
pub(super) type AskOwner<S> = for<'a> fn(&'a S, &'a SubscriptionId) -> Answer<'a>;
type Answer<'a> =
    Pin<Box<dyn Future<Output = Result<Option<ReferenceId>, StoreError>> + Send + 'a>>;

pub(super) fn ask_owner<S: SubscriptionLinks>() -> AskOwner<S> {
    |store, subscription| store.owner(subscription)
}

/// A write that is being made. Whatever becomes of it, in the end the copies that it may have made
/// old are stamped: it may have been done even if it failed or nobody waited for it.
struct Write<'a, S> {
    cached: &'a Cached<S>,
    subscription: &'a SubscriptionId,
    /// Who may have got the subscription.
    gains: Gains<'a>,
}

/// Who may have got a subscription by a write. Whoever lost it has it in their copy.
enum Gains<'a> {
    Named(&'a ReferenceId),
    Found(ReferenceId),
    Nobody,
    /// A link may have given it to anybody.
    Anybody,
}

impl<S> Drop for Write<'_, S> {
    fn drop(&mut self) {
        let reference = match &self.gains {
            Gains::Anybody => return self.cached.changed(&Change::Everything),
            Gains::Named(reference) => Some(*reference),
            Gains::Found(reference) => Some(reference),
            Gains::Nobody => None,
        };
        self.cached.changed(&Change::Of { subscription: Some(self.subscription), reference });
    }
}

impl<S: Send + Sync> Cached<S> {
    /// Makes a write about a report, and stamps what it is about. What the write gives says whether
    /// the report was applied by it.
    pub(super) async fn write_report<T>(
        &self,
        report: &Snapshot,
        write: impl Future<Output = Result<T, StoreError>>,
        was_applied: impl FnOnce(&T) -> bool,
    ) -> Result<T, StoreError> {
        self.start();
        let subscription = &report.subscription;
        let gains = report.reference.as_ref().map_or(Gains::Anybody, Gains::Named);
        let mut stamping = Write { cached: self, subscription, gains };
        let written = write.await?;
        if !was_applied(&written) {
            stamping.gains = report.reference.as_ref().map_or(Gains::Nobody, Gains::Named);
        } else if report.reference.is_none() {
            stamping.gains = self.who_gains(subscription).await;
        }
        Ok(written)
    }

    /// Who may have got a subscription by a report that names nobody.
    /// Asked even if it changed nothing: what it repeats may not have returned yet.
    async fn who_gains(&self, subscription: &SubscriptionId) -> Gains<'static> {
        let Some(ask) = self.ask_owner else { return Gains::Anybody };
        match ask(&self.store, subscription).await {
            Ok(owner) => owner.map_or(Gains::Nobody, Gains::Found),
            // The report was taken in, and that is what was asked for.
            Err(_) => Gains::Anybody,
        }
    }
}

impl<S: SubscriptionLinks> Cached<S> {
    pub(super) async fn write_link(
        &self,
        subscription: &SubscriptionId,
        reference: &ReferenceId,
    ) -> Result<(), StoreError> {
        self.start();
        let _stamping = Write { cached: self, subscription, gains: Gains::Named(reference) };
        self.store.link(subscription, reference).await
    }
}
