//! What one node takes in counts on the others.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{AccessPolicy, Snapshot, Source, Version};
use octany_entitlement::{
    Cached, Gate, Invalidation, ManualClock, OnOutage, SubscriptionLinks, SubscriptionStore,
};
use octany_redis::RedisStore;

use super::place::Place;

/// So long that only a message can make a change seen.
const FOR_EVER: Duration = Duration::from_hours(100);

/// A node of an app: a cache of its own, and a guard.
struct Node<S> {
    store: Arc<Cached<S>>,
    gate: Gate,
}

impl<S: SubscriptionStore + SubscriptionLinks + 'static> Node<S> {
    fn new(cached: Cached<S>) -> Self {
        let store = Arc::new(cached);
        let gate = Gate::new(Arc::clone(&store), AccessPolicy::new(), OnOutage::Deny);
        Self { store, gate }
    }

    async fn lets_in(&self, reference: &str) -> bool {
        self.gate.decide(&reference.into()).await.unwrap().is_allowed()
    }

    async fn report(&self, status: &str, seconds: i64) {
        let mut report = Snapshot::new(1, status, Version::new(at(seconds), Source::Api));
        report.reference = Some("user_42".into());
        self.store.apply(&report).await.unwrap();
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_500) + TimeDelta::seconds(seconds)
}

/// Waits until it is as expected, and gives how long that took.
async fn until<S>(node: &Node<S>, expected: bool) -> Duration
where
    S: SubscriptionStore + SubscriptionLinks + 'static,
{
    let started = Instant::now();
    while node.lets_in("user_42").await != expected {
        assert!(started.elapsed() < Duration::from_mins(1), "a change is never seen");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    started.elapsed()
}

/// Revokes and grants on one node, and watches the other.
async fn over_and_over<S, I>(what: &str, make: impl Fn() -> S, nodes: I)
where
    S: SubscriptionStore + SubscriptionLinks + 'static,
    I: Invalidation + Clone + 'static,
{
    let node = || {
        let cached = Cached::linked(make()).ttl(FOR_EVER).negative_ttl(FOR_EVER);
        Node::new(cached.invalidation(nodes.clone()))
    };
    let (one, other) = (node(), node());
    let mut seen_after = Vec::new();
    for round in 0..20 {
        let grants = round % 2 == 0;
        one.report(if grants { "active" } else { "unpaid" }, round).await;
        assert_eq!(
            one.lets_in("user_42").await,
            grants,
            "the node that took it in sees it at once"
        );
        seen_after.push(until(&other, grants).await);
    }
    seen_after.sort();
    eprintln!(
        "{what}: seen by another node after {:?}, at most {:?}",
        seen_after[10], seen_after[19]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_revocation_on_one_node_is_seen_on_another_over_postgresql() {
    let place = Place::new().await;
    let store = place.store().await;
    over_and_over("PostgreSQL", || store.clone(), store.invalidation()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_revocation_on_one_node_is_seen_on_another_over_redis() {
    let url = std::env::var("OCTANY_TEST_REDIS_URL");
    let url = url.unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
    let place = Place::new().await;
    let store = place.store().await;
    let prefix = format!("{}:", place.database());
    let redis = RedisStore::connect(&url).await.expect("a Redis server; see ./scripts/test");
    let nodes = redis.key_prefix(&prefix).unwrap().invalidation();
    over_and_over("PostgreSQL with messages over Redis", || store.clone(), nodes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_messages_a_revocation_is_seen_when_the_copy_has_lived() {
    let place = Place::new().await;
    let store = place.store().await;
    let clock = Arc::new(ManualClock::at(at(0)));
    let node = || {
        let cached = Cached::linked(store.clone()).ttl(Duration::from_mins(1));
        Node::new(cached.clock(Arc::clone(&clock)))
    };
    let (one, other) = (node(), node());
    one.report("active", 0).await;
    assert!(other.lets_in("user_42").await);
    one.report("unpaid", 1).await;
    assert!(!one.lets_in("user_42").await);
    clock.set(at(59));
    assert!(other.lets_in("user_42").await, "its copy lives");
    clock.set(at(60));
    assert!(!other.lets_in("user_42").await, "its copy has lived");
}
