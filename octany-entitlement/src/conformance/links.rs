//! What [`SubscriptionLinks`] promise.

use octany_core::{ReferenceId, Snapshot};

use super::reports::report;
use crate::{SubscriptionLinks, SubscriptionStore};

/// Proves [`SubscriptionLinks`]. Gives the number of cases.
///
/// # Panics
///
/// On the first promise that is broken.
pub async fn subscription_links<S: SubscriptionStore + SubscriptionLinks>(
    mut make: impl AsyncFnMut() -> S,
) -> usize {
    let mut cases = 0;
    let mut store = async || {
        cases += 1;
        make().await
    };
    an_orphan_is_found_by_its_link(&store().await).await;
    a_link_may_come_first(&store().await).await;
    a_second_link_replaces_the_first(&store().await).await;
    a_report_counts_more_than_a_link(&store().await).await;
    cases
}

fn orphan(subscription: &str, seconds: i64) -> Snapshot {
    let mut orphan = report(subscription, "unused", "active", seconds);
    orphan.reference = None;
    orphan
}

async fn apply<S: SubscriptionStore>(store: &S, report: &Snapshot) {
    store.apply(report).await.expect("apply failed");
}

async fn link<S: SubscriptionLinks>(store: &S, subscription: &str, reference: &str) {
    store.link(&subscription.into(), &reference.into()).await.expect("link failed");
}

async fn owner<S: SubscriptionLinks>(store: &S) -> Option<ReferenceId> {
    store.owner(&"sub".into()).await.expect("owner failed")
}

async fn found<S: SubscriptionStore>(store: &S, reference: &str) -> usize {
    let reference = ReferenceId::from(reference);
    let known = store.subscriptions(&reference).await.expect("subscriptions failed");
    for snapshot in &known {
        assert_eq!(snapshot.reference.as_ref(), Some(&reference), "a snapshot names its owner");
    }
    known.len()
}

async fn an_orphan_is_found_by_its_link<S: SubscriptionStore + SubscriptionLinks>(store: &S) {
    apply(store, &orphan("sub", 0)).await;
    assert_eq!(owner(store).await, None, "an orphan has no owner");
    link(store, "sub", "user").await;
    assert_eq!(owner(store).await, Some("user".into()), "a linked orphan has one");
    assert_eq!(found(store, "user").await, 1, "a linked orphan is found");
    apply(store, &orphan("sub", 1)).await;
    assert_eq!(found(store, "user").await, 1, "a link outlives the next report");
}

async fn a_link_may_come_first<S: SubscriptionStore + SubscriptionLinks>(store: &S) {
    link(store, "sub", "user").await;
    assert_eq!(found(store, "user").await, 0, "a link alone is no subscription");
    assert_eq!(owner(store).await, None, "what was never reported is nobody's");
    apply(store, &orphan("sub", 0)).await;
    assert_eq!(found(store, "user").await, 1, "a link that came first counts");
}

async fn a_second_link_replaces_the_first<S: SubscriptionStore + SubscriptionLinks>(store: &S) {
    apply(store, &orphan("sub", 0)).await;
    link(store, "sub", "user").await;
    link(store, "sub", "other").await;
    assert_eq!(found(store, "user").await, 0, "a replaced link no longer counts");
    assert_eq!(found(store, "other").await, 1, "the newest link counts");
}

async fn a_report_counts_more_than_a_link<S: SubscriptionStore + SubscriptionLinks>(store: &S) {
    apply(store, &orphan("sub", 0)).await;
    link(store, "sub", "linked").await;
    apply(store, &report("sub", "reported", "active", 1)).await;
    assert_eq!(found(store, "linked").await, 0, "a report's word counts more than a link");
    assert_eq!(found(store, "reported").await, 1, "a report's word counts");
    assert_eq!(owner(store).await, Some("reported".into()));
    apply(store, &orphan("sub", 2)).await;
    assert_eq!(found(store, "linked").await, 1, "the link counts again where reports are silent");
}
