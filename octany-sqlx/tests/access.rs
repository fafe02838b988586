//! A change of access is announced once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod common;

use common::{Place, at};
use octany_entitlement::AccessLog;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_word_is_remembered_and_no_change() {
    let place = Place::new();
    let store = place.store().await;
    for (reference, first) in [("a", true), ("b", false)] {
        assert!(!store.announce(&reference.into(), first, None, at(0)).await.unwrap().is_change());
        assert!(!store.announce(&reference.into(), first, None, at(1)).await.unwrap().is_change());
        assert!(store.announce(&reference.into(), !first, None, at(2)).await.unwrap().is_change());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_back_and_forth_is_one() {
    let place = Place::new();
    let store = place.store().await;
    store.announce(&"a".into(), false, None, at(0)).await.unwrap();
    for step in 0..6 {
        let granted = step % 2 == 0;
        assert!(store.announce(&"a".into(), granted, None, at(step)).await.unwrap().is_change());
        assert!(!store.announce(&"a".into(), granted, None, at(step)).await.unwrap().is_change());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_see_a_change_one_announces_it() {
    let place = Place::new();
    let (one, other) = (place.store().await, place.store().await);
    one.announce(&"a".into(), false, None, at(0)).await.unwrap();
    for granted in [true, false, true] {
        let tasks: Vec<_> = (0..32)
            .map(|task| {
                let store = if task % 2 == 0 { one.clone() } else { other.clone() };
                tokio::spawn(async move {
                    store.announce(&"a".into(), granted, None, at(0)).await.unwrap().is_change()
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
