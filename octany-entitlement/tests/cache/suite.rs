//! A cached store is a store in every respect.

use std::sync::Arc;

use async_trait::async_trait;
use octany_core::{Applied, ReferenceId, Snapshot, SubscriptionId};
use octany_entitlement::{
    Cached, MemoryStore, StoreError, SubscriptionLinks, SubscriptionStore, conformance,
};

use crate::tools::{apply, looked_up, peeked, report};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cached_store_passes_the_suite() {
    let make = async || Cached::linked(Arc::new(MemoryStore::new()));
    assert_eq!(conformance::subscription_store(make).await, 14);
    assert_eq!(conformance::delivery_log(make).await, 7);
    assert_eq!(conformance::access_log(make).await, 5);
    assert_eq!(conformance::checkout_log(make).await, 15);
    assert_eq!(conformance::ledger(make).await, 5);
    assert_eq!(conformance::subscription_links(make).await, 4);
    assert_eq!(conformance::charge_intents(make).await, 21);
    let make = async || Cached::new(Arc::new(MemoryStore::new()));
    assert_eq!(conformance::subscription_store(make).await, 14);
    assert_eq!(conformance::subscription_links(make).await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cache_that_answers_from_copies_passes_the_suite() {
    // The suite asks `subscriptions`; this one answers it as a guard is answered.
    struct AsGuards(Cached<Arc<MemoryStore>>);

    #[async_trait]
    impl SubscriptionStore for AsGuards {
        async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
            self.0.apply(snapshot).await
        }

        async fn subscriptions(
            &self,
            reference: &ReferenceId,
        ) -> Result<Vec<Snapshot>, StoreError> {
            Ok(match self.0.peek(reference) {
                Some(known) => known.to_vec(),
                None => self.0.look_up(reference).await?.to_vec(),
            })
        }
    }

    #[async_trait]
    impl SubscriptionLinks for AsGuards {
        async fn link(
            &self,
            subscription: &SubscriptionId,
            reference: &ReferenceId,
        ) -> Result<(), StoreError> {
            self.0.link(subscription, reference).await
        }

        async fn owner(
            &self,
            subscription: &SubscriptionId,
        ) -> Result<Option<ReferenceId>, StoreError> {
            self.0.owner(subscription).await
        }
    }

    let make = async || AsGuards(Cached::linked(Arc::new(MemoryStore::new())));
    assert_eq!(conformance::subscription_store(make).await, 14);
    assert_eq!(conformance::subscription_links(make).await, 4);
    let make = async || AsGuards(Cached::new(Arc::new(MemoryStore::new())));
    assert_eq!(conformance::subscription_store(make).await, 14);
    assert_eq!(conformance::subscription_links(make).await, 4);
}

#[test]
fn the_store_behind_it_can_be_had() {
    let cached = Arc::new(Cached::linked(MemoryStore::new()));
    apply(&cached, report("1", Some("user"), 0));
    assert_eq!(peeked(cached.inner(), "user").unwrap(), ["1 active"]);
    assert!(cached.is_empty());
    looked_up(&cached, "user");
    assert_eq!(cached.len(), 1);
    let shown = format!("{cached:?}");
    assert!(!shown.contains("user"), "customers' data stays out of `Debug`: {shown}");
    let store = Arc::into_inner(cached).unwrap().into_inner();
    assert_eq!(peeked(&store, "user").unwrap(), ["1 active"]);
}
