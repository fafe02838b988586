//! Which checkouts visitors were sent to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::ReferenceId;

use super::{MemoryStore, lock};
use crate::clock::to_the_microsecond;
use crate::store::{Checkout, CheckoutLog, StoreError};

/// How many are remembered; those that began first make room.
const CAPACITY: usize = 100_000;

#[derive(Default)]
pub(super) struct Checkouts {
    /// Those of each user, by their references.
    of_users: HashMap<ReferenceId, BTreeMap<ReferenceId, Checkout>>,
    /// All of them, as they began: user and reference.
    order: BTreeSet<(DateTime<Utc>, ReferenceId, ReferenceId)>,
}

#[async_trait]
impl CheckoutLog for MemoryStore {
    async fn begin(&self, checkout: &Checkout) -> Result<(), StoreError> {
        lock(&self.checkouts).begin(checkout);
        Ok(())
    }

    async fn returned(
        &self,
        user: &ReferenceId,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<Option<Checkout>, StoreError> {
        let (since, at) = (to_the_microsecond(since), to_the_microsecond(at));
        let mut all = lock(&self.checkouts);
        let users = all.of_users.get_mut(user).into_iter().flat_map(BTreeMap::values_mut);
        let newest = users.filter(|known| known.begun_at >= since).max_by_key(|it| it.begun_at);
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
        let since = to_the_microsecond(since);
        let all = lock(&self.checkouts);
        let users = all.of_users.get(user).into_iter().flat_map(BTreeMap::values);
        let mut begun: Vec<_> = users.filter(|known| known.begun_at >= since).cloned().collect();
        // Stable: of one instant, in the order of their references.
        begun.sort_by_key(|checkout| checkout.begun_at);
        begun.reverse();
        begun.truncate(limit);
        Ok(begun)
    }

    async fn forget_begun_before(&self, instant: DateTime<Utc>) -> Result<u64, StoreError> {
        let instant = to_the_microsecond(instant);
        let mut all = lock(&self.checkouts);
        let mut forgotten = 0;
        while all.order.first().is_some_and(|(begun_at, ..)| *begun_at < instant) {
            all.forget_first();
            forgotten += 1;
        }
        Ok(forgotten)
    }
}

impl Checkouts {
    fn begin(&mut self, checkout: &Checkout) {
        let user = checkout.user.clone().into_owned();
        let reference = checkout.reference.clone().into_owned();
        let begun_at = to_the_microsecond(checkout.begun_at);
        let of_user = self.of_users.entry(user.clone()).or_default();
        let mut returned_at = None;
        if let Some(known) = of_user.get(&reference) {
            if known.begun_at > begun_at {
                return;
            }
            returned_at = known.returned_at.filter(|_| known.begun_at == begun_at);
            self.order.remove(&(known.begun_at, user.clone(), reference.clone()));
        }
        let product = checkout.product.clone().into_owned();
        let (of, by) = (user.clone(), reference.clone());
        let checkout = Checkout { reference: by, user: of, product, begun_at, returned_at };
        of_user.insert(reference.clone(), checkout);
        self.order.insert((begun_at, user, reference));
        if self.order.len() > CAPACITY {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        let Some((_, user, reference)) = self.order.pop_first() else { return };
        let Some(of_user) = self.of_users.get_mut(&user) else { return };
        of_user.remove(&reference);
        if of_user.is_empty() {
            self.of_users.remove(&user);
        }
    }
}
