//! What is about one thing is given out one after the other.

use super::{claim, done, given_out, ids, letter, only, put, put_all, retry};
use crate::InboxStore;

pub(super) async fn one_of_a_key_runs_at_a_time<S: InboxStore>(store: &S) {
    put_all(store, &[("a1", "a", 1), ("a2", "a", 2), ("b1", "b", 1), ("a3", "a", 3)]).await;
    let claimed = claim(store, 0, 9).await;
    assert_eq!(ids(&claimed), ["a1", "b1"], "one of each key");
    assert!(given_out(store, 0, 9).await.is_empty(), "the others wait for it");
    assert!(done(store, "a1", claimed[0].token, 1).await);
    let a2 = only(store, "a2", 1).await;
    assert!(done(store, "a2", a2.token, 2).await);
    only(store, "a3", 2).await;
}

pub(super) async fn the_order_is_that_of_the_events_and_then_of_arrival<S: InboxStore>(store: &S) {
    let letters = [("fifth", 9), ("third", 5), ("first", 1), ("fourth", 5), ("second", 2)];
    for (id, seconds) in letters {
        put(store, &letter(id, "k", seconds)).await;
    }
    for id in ["first", "second", "third", "fourth", "fifth"] {
        let claimed = only(store, id, 0).await;
        assert!(done(store, id, claimed.token, 0).await);
    }
}

pub(super) async fn what_waits_for_another_attempt_holds_up_its_key<S: InboxStore>(store: &S) {
    put_all(store, &[("a1", "a", 1), ("a2", "a", 2), ("b1", "b", 9)]).await;
    let claimed = claim(store, 0, 9).await;
    assert_eq!(ids(&claimed), ["a1", "b1"]);
    assert!(retry(store, "a1", claimed[0].token, 50).await);
    assert!(given_out(store, 49, 9).await.is_empty(), "the second waits for the first");
    put(store, &letter("c1", "c", 1)).await;
    only(store, "c1", 49).await;
    let first = only(store, "a1", 50).await;
    assert!(done(store, "a1", first.token, 51).await);
    only(store, "a2", 51).await;
}

pub(super) async fn a_latecomer_goes_first_but_not_at_the_same_time<S: InboxStore>(store: &S) {
    put_all(store, &[("second", "k", 2), ("third", "k", 3)]).await;
    let second = only(store, "second", 0).await;
    put(store, &letter("first", "k", 1)).await;
    assert!(given_out(store, 1, 9).await.is_empty(), "one of a key at a time");
    assert!(retry(store, "second", second.token, 2).await);
    for id in ["first", "second", "third"] {
        let claimed = only(store, id, 2).await;
        assert!(done(store, id, claimed.token, 2).await);
    }
}

pub(super) async fn what_was_begun_goes_before_what_waits<S: InboxStore>(store: &S) {
    put(store, &letter("second", "k", 2)).await;
    only(store, "second", 0).await;
    put(store, &letter("first", "k", 1)).await;
    let second = only(store, "second", 60).await;
    assert!(done(store, "second", second.token, 61).await);
    only(store, "first", 61).await;
}
