//! A change of access is announced once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{Place, at};
use octany_entitlement::AccessLog;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_remembered_was_as_the_caller_says() {
    let place = Place::new();
    let store = place.store().await;
    assert!(store.announce(&"a".into(), false, true, at(0)).await.unwrap());
    assert!(!store.announce(&"b".into(), false, false, at(0)).await.unwrap());
    assert!(store.announce(&"c".into(), true, false, at(0)).await.unwrap());
    assert!(!store.announce(&"d".into(), true, true, at(0)).await.unwrap());
    // All four are remembered now, whatever the caller believes.
    assert!(!store.announce(&"a".into(), false, true, at(1)).await.unwrap());
    assert!(store.announce(&"b".into(), true, true, at(1)).await.unwrap());
    assert!(!store.announce(&"c".into(), true, false, at(1)).await.unwrap());
    assert!(store.announce(&"d".into(), false, false, at(1)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_back_and_forth_is_one() {
    let place = Place::new();
    let store = place.store().await;
    for step in 0..6 {
        let granted = step % 2 == 0;
        assert!(store.announce(&"a".into(), !granted, granted, at(step)).await.unwrap());
        assert!(!store.announce(&"a".into(), !granted, granted, at(step)).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_see_a_change_one_announces_it() {
    let place = Place::new();
    let (one, other) = (place.store().await, place.store().await);
    for granted in [true, false, true] {
        let tasks: Vec<_> = (0..32)
            .map(|task| {
                let store = if task % 2 == 0 { one.clone() } else { other.clone() };
                tokio::spawn(async move {
                    store.announce(&"a".into(), !granted, granted, at(0)).await.unwrap()
                })
            })
            .collect();
        let mut announced = 0;
        for task in tasks {
            announced += u32::from(task.await.unwrap());
        }
        assert_eq!(announced, 1);
    }
}
