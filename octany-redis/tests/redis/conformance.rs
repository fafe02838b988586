//! The store keeps what the traits promise.

use octany_entitlement::conformance;

use crate::place::Place;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_store_passes_the_suite() {
    let place = Place::new().await;
    let store = place.store().await;
    let make = async || place.empty(&store);
    assert_eq!(conformance::subscription_store(make).await, 14);
    assert_eq!(conformance::access_log(make).await, 5);
    assert_eq!(conformance::checkout_log(make).await, 15);
    assert_eq!(conformance::subscription_links(make).await, 4);
    assert_eq!(conformance::delivery_log(make).await, 7);
    assert_eq!(conformance::ledger(make).await, 5);
}
