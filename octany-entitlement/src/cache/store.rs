//! A cache is a store.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{Applied, DeliveryId, ReferenceId, Snapshot, SubscriptionId};
use quick_cache::sync::{EntryAction, EntryResult};

use super::Cached;
use super::copies::{Asked, Key};
use super::copy::Copy;
use crate::clock::Time;
use crate::store::{Entered, Known, Ledger, StoreError, SubscriptionLinks, SubscriptionStore};

#[async_trait]
impl<S: SubscriptionStore> SubscriptionStore for Cached<S> {
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        self.write_report(snapshot, self.store.apply(snapshot), |_| true).await
    }

    /// Asks the store.
    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        self.store.subscriptions(reference).await
    }

    /// Serves a copy, or asks the store: all who wait for one reference share one read. If it
    /// fails, the others try for themselves.
    async fn look_up(&self, reference: &ReferenceId) -> Result<Known, StoreError> {
        self.start();
        if let Some(known) = self.peek(reference) {
            return Ok(known);
        }
        let began = self.stamps.ticket();
        let key = Key(reference.clone().into_owned());
        // A read that began later will do, whatever happened since: this call began before it.
        let found = self.copies.entry_async(&key, |_, copy| {
            if copy.ticket() > began || self.is_current(copy, self.time.now()) {
                EntryAction::Retain(copy.known().clone())
            } else {
                EntryAction::<Known>::ReplaceWithGuard
            }
        });
        let guard = match found.await {
            EntryResult::Retained(known) => return Ok(known),
            EntryResult::Vacant(guard) | EntryResult::Replaced(guard, _) => Some(guard),
            // Neither is asked for.
            EntryResult::Removed(..) | EntryResult::Timeout => None,
        };
        let copy = self.read(reference).await?;
        let known = copy.known().clone();
        if let Some(guard) = guard {
            // There may be no room for it.
            let _ = guard.insert(copy);
        }
        Ok(known)
    }

    fn peek(&self, reference: &ReferenceId) -> Option<Known> {
        self.copy(reference, self.time.now())
    }

    fn peek_at(&self, reference: &ReferenceId, now: DateTime<Utc>) -> Option<Known> {
        match self.time {
            Time::System => self.copy(reference, now),
            Time::Set(_) => self.peek(reference),
        }
    }
}

impl<S> Cached<S> {
    /// Judged each time a copy is used. So there is no instant between the read and the keeping of
    /// its answer in which a write could be missed.
    fn is_current(&self, copy: &Copy, now: DateTime<Utc>) -> bool {
        copy.is_newest(&self.stamps) && copy.is_alive(now, self.lifetimes)
    }

    fn copy(&self, reference: &ReferenceId, now: DateTime<Utc>) -> Option<Known> {
        let copy = self.copies.get(&Asked(reference))?;
        self.is_current(&copy, now).then(|| copy.into_known())
    }
}

impl<S: SubscriptionStore> Cached<S> {
    async fn read(&self, reference: &ReferenceId) -> Result<Copy, StoreError> {
        let (ticket, asked_at) = (self.stamps.ticket(), self.time.now());
        let known = self.store.subscriptions(reference).await?.into();
        Ok(Copy::new(reference, known, ticket, asked_at, &self.stamps, self.lifetimes))
    }
}

#[async_trait]
impl<S: Ledger> Ledger for Cached<S> {
    async fn enter(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
        snapshot: &Snapshot,
    ) -> Result<Entered, StoreError> {
        let entering = self.store.enter(delivery, now, lease, snapshot);
        self.write_report(snapshot, entering, |entered| entered.applied.is_some()).await
    }
}

#[async_trait]
impl<S: SubscriptionLinks> SubscriptionLinks for Cached<S> {
    async fn link(
        &self,
        subscription: &SubscriptionId,
        reference: &ReferenceId,
    ) -> Result<(), StoreError> {
        self.write_link(subscription, reference).await
    }

    async fn owner(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<Option<ReferenceId>, StoreError> {
        self.store.owner(subscription).await
    }
}
