//! A store that knows everybody and keeps nothing: what is measured around it is the cache's.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{Applied, ReferenceId, Snapshot, Source, Version};
use octany_entitlement::{StoreError, SubscriptionStore};

/// Knows everybody, with so many subscriptions each.
#[derive(Clone, Copy, Debug)]
pub struct Everybody {
    /// How many each has.
    pub subscriptions: usize,
}

#[async_trait]
impl SubscriptionStore for Everybody {
    async fn apply(&self, _: &Snapshot) -> Result<Applied, StoreError> {
        Ok(Applied::Unchanged)
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        Ok((0..self.subscriptions).map(|index| snapshot(reference, index)).collect())
    }
}

/// Somebody's subscription of an index; the last one granted access is that of index 0.
pub fn snapshot(reference: &ReferenceId, index: usize) -> Snapshot {
    let number = &reference.as_str()[5..];
    let id = if index == 0 { format!("7{number}") } else { format!("7{number}.{index}") };
    let mut snapshot = Snapshot::new(id, "active", Version::new(at(), Source::Api));
    snapshot.reference = Some(reference.clone());
    snapshot
}

/// The reference of a number.
pub fn reference(number: u64) -> ReferenceId {
    ReferenceId::from(format!("user_{number}"))
}

/// When all that was true.
pub fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap()
}
