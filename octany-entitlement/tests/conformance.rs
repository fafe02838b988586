//! `MemoryStore` keeps what the traits promise.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

use octany_entitlement::{Checkout, CheckoutLog, MemoryStore, conformance};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_store_passes_the_suite() {
    let make = async || MemoryStore::new();
    assert_eq!(conformance::subscription_store(make).await, 14);
    assert_eq!(conformance::delivery_log(make).await, 7);
    assert_eq!(conformance::ledger(make).await, 5);
    assert_eq!(conformance::access_log(make).await, 5);
    assert_eq!(conformance::checkout_log(make).await, 15);
    assert_eq!(conformance::subscription_links(make).await, 4);
    assert_eq!(conformance::inbox_store(make).await, 28);
    assert_eq!(conformance::charge_intents(make).await, 21);
}

#[tokio::test]
async fn the_checkouts_that_began_first_make_room() {
    let store = MemoryStore::new();
    let at = |number: i64| chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(number);
    for number in 0..100_002 {
        let user = format!("user_{number}");
        store.begin(&Checkout::new("text", user, "42", at(number))).await.unwrap();
    }
    for (number, remembered) in [(0, 0), (1, 0), (2, 1), (100_001, 1)] {
        let begun = store.begun(&format!("user_{number}").into(), at(0), 9).await.unwrap();
        assert_eq!(begun.len(), remembered, "{number}");
    }
    assert_eq!(store.forget_begun_before(at(i64::from(u32::MAX))).await.unwrap(), 100_000);
}
