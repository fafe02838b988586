//! Which checkouts visitors were sent to.

use std::cmp::Reverse;
use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;

use super::{MemoryStore, lock};
use crate::store::{Checkout, CheckoutLog, StoreError};

/// Those of each user.
pub(super) type Checkouts = HashMap<ReferenceId, Vec<Checkout>>;

#[async_trait]
impl CheckoutLog for MemoryStore {
    async fn begin(&self, checkout: &Checkout) -> Result<(), StoreError> {
        let mut all = lock(&self.checkouts);
        let users = all.entry(checkout.user.clone()).or_default();
        users.retain(|known| known.reference != checkout.reference);
        users.push(checkout.clone());
        Ok(())
    }

    async fn returned(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<Option<Checkout>, StoreError> {
        let mut all = lock(&self.checkouts);
        let users = all.get_mut(user).into_iter().flatten();
        let newest = users.filter(|known| known.begun_at >= since).max_by_key(|c| c.begun_at);
        Ok(newest.map(|checkout| {
            checkout.returned_at.get_or_insert(at);
            checkout.clone()
        }))
    }

    async fn begun(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Checkout>, StoreError> {
        let mut begun = lock(&self.checkouts).get(user).cloned().unwrap_or_default();
        begun.retain(|checkout| checkout.begun_at >= since);
        begun.sort_by_key(|checkout| Reverse(checkout.begun_at));
        begun.truncate(limit);
        Ok(begun)
    }

    async fn forget_begun_before(&self, instant: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        lock(&self.checkouts).retain(|_, users| {
            let before = users.len();
            users.retain(|checkout| checkout.begun_at >= instant);
            forgotten += before - users.len();
            !users.is_empty()
        });
        Ok(forgotten as u64)
    }
}
