//! A store in memory.

mod announced;
mod charges;
mod checkouts;
mod deliveries;
mod inbox;
mod shards;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{Applied, ReferenceId, Snapshot, SubscriptionId};

use self::announced::Announcements;
use self::charges::Charges;
use self::checkouts::Checkouts;
use self::deliveries::Deliveries;
use self::inbox::Letters;
use self::shards::Shards;
use super::{
    AccessLog, Announced, Known, Ledger, StoreError, SubscriptionLinks, SubscriptionStore,
};

/// Everything in memory: for tests, for trying things out, and for whoever rebuilds the state from
/// the API at every start. What it holds is gone with the process.
///
/// Of deliveries that were dealt with it remembers the newest 100,000, or as many as
/// [`with_delivery_capacity`](Self::with_delivery_capacity) says, and of checkouts the 100,000 that
/// began last.
///
/// ```
/// use octany_core::{Applied, Snapshot, Source, Version};
/// use octany_entitlement::{MemoryStore, SubscriptionStore};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new();
/// let now = chrono::DateTime::UNIX_EPOCH;
/// let mut report = Snapshot::new(1, "active", Version::new(now, Source::Api));
/// report.reference = Some("user_42".into());
///
/// assert_eq!(store.apply(&report).await?, Applied::Inserted);
/// assert_eq!(store.apply(&report).await?, Applied::Unchanged);
/// assert_eq!(store.subscriptions(&"user_42".into()).await?.len(), 1);
/// assert!(store.subscriptions(&"user_43".into()).await?.is_empty());
/// # Ok::<(), octany_entitlement::StoreError>(()) }).unwrap();
/// ```
pub struct MemoryStore {
    /// Taken for every write.
    subscriptions: Mutex<Subscriptions>,
    /// What a guard reads: no reader waits for a writer longer than it takes to swap a pointer.
    by_reference: Shards,
    deliveries: Mutex<Deliveries>,
    announced: Mutex<Announcements>,
    checkouts: Mutex<Checkouts>,
    charges: Box<Mutex<Charges>>,
    letters: Box<Mutex<Letters>>,
}

#[derive(Default)]
struct Subscriptions {
    /// Each record as it was reported.
    records: HashMap<SubscriptionId, Snapshot>,
    links: HashMap<SubscriptionId, ReferenceId>,
    members: HashMap<ReferenceId, Vec<SubscriptionId>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::with_delivery_capacity(100_000)
    }

    /// An empty store that remembers so many deliveries.
    pub fn with_delivery_capacity(capacity: usize) -> Self {
        Self {
            subscriptions: Mutex::default(),
            by_reference: Shards::new(),
            deliveries: Mutex::new(Deliveries::with_capacity(capacity)),
            announced: Mutex::default(),
            checkouts: Mutex::default(),
            charges: Box::default(),
            letters: Box::default(),
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("subscriptions", &lock(&self.subscriptions).records.len())
            .field("deliveries", &lock(&self.deliveries).len())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl SubscriptionStore for MemoryStore {
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        let mut state = lock(&self.subscriptions);
        let known = state.records.get(&snapshot.subscription);
        let applied = match known {
            None => Applied::Inserted,
            Some(known) if known.version < snapshot.version => Applied::Updated,
            Some(known) if known.version > snapshot.version => Applied::Stale,
            Some(known) if known.agrees_with(snapshot) => Applied::Unchanged,
            Some(_) => Applied::Contested,
        };
        if applied.changed() {
            let mut record = snapshot.clone().into_owned();
            record.contested |= applied == Applied::Contested;
            let id = record.subscription.clone();
            let before = state.owner(&id);
            state.records.insert(id.clone(), record);
            state.move_member(&id, before, &self.by_reference);
        }
        Ok(applied)
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        Ok(self.by_reference.get(reference).map(|known| known.to_vec()).unwrap_or_default())
    }

    fn peek(&self, reference: &ReferenceId) -> Option<Known> {
        Some(self.by_reference.get(reference).map(Known::from).unwrap_or_default())
    }
}

#[async_trait]
impl SubscriptionLinks for MemoryStore {
    async fn link(
        &self,
        subscription: &SubscriptionId,
        reference: &ReferenceId,
    ) -> Result<(), StoreError> {
        let mut state = lock(&self.subscriptions);
        let before = state.owner(subscription);
        state.links.insert(subscription.clone().into_owned(), reference.clone().into_owned());
        state.move_member(subscription, before, &self.by_reference);
        Ok(())
    }

    async fn owner(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<Option<ReferenceId>, StoreError> {
        Ok(lock(&self.subscriptions).owner(subscription))
    }
}

impl Subscriptions {
    /// Whose a subscription is: its report's word first, then the link's.
    fn owner(&self, id: &SubscriptionId) -> Option<ReferenceId> {
        let reported = self.records.get(id)?.reference.as_ref();
        reported.or_else(|| self.links.get(id)).cloned()
    }

    /// Publishes a record that changed, and takes it from whom it belonged to before.
    fn move_member(&mut self, id: &SubscriptionId, before: Option<ReferenceId>, readers: &Shards) {
        let now = self.owner(id);
        if let Some(before) = before.filter(|before| now.as_ref() != Some(before)) {
            if let Some(members) = self.members.get_mut(&before) {
                members.retain(|member| member != id);
                if members.is_empty() {
                    self.members.remove(&before);
                }
            }
            self.publish(&before, readers);
        }
        if let Some(now) = now {
            let members = self.members.entry(now.clone()).or_default();
            if !members.contains(id) {
                members.push(id.clone().into_owned());
            }
            self.publish(&now, readers);
        }
    }

    fn publish(&self, reference: &ReferenceId, readers: &Shards) {
        let members = self.members.get(reference).map(Vec::as_slice).unwrap_or_default();
        let records = members.iter().filter_map(|id| self.records.get(id)).map(|record| {
            let mut record = record.clone();
            record.reference = Some(reference.clone());
            record
        });
        readers.set(reference, records.collect());
    }
}

impl Ledger for MemoryStore {}

#[async_trait]
impl AccessLog for MemoryStore {
    async fn announce(
        &self,
        reference: &ReferenceId,
        granted: bool,
        until: Option<DateTime<Utc>>,
        _at: DateTime<Utc>,
    ) -> Result<Announced, StoreError> {
        let until = until.filter(|_| granted);
        Ok(lock(&self.announced).announce(reference, granted, until))
    }

    async fn due(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<ReferenceId>, StoreError> {
        Ok(lock(&self.announced).due(now, limit))
    }
}

/// Every critical section here leaves the data whole, so a panic in another one does not matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use octany_core::{Source, Version};

    use super::*;

    #[tokio::test]
    async fn who_has_nothing_any_more_takes_no_memory() {
        let store = MemoryStore::new();
        for (second, reference) in ["user_42", "user_43"].into_iter().enumerate() {
            let at = DateTime::from_timestamp(i64::try_from(second).unwrap(), 0).unwrap();
            let mut report = Snapshot::new(1, "active", Version::new(at, Source::Api));
            report.reference = Some(reference.into());
            assert!(store.apply(&report).await.unwrap().changed());
        }
        let state = lock(&store.subscriptions);
        assert_eq!(state.members.keys().collect::<Vec<_>>(), [&ReferenceId::from("user_43")]);
    }
}
