//! Who has a letter, and for how long.

use super::{bury, claim, done, extend, given_out, letter, only, postpone, put, put_all, retry};
use crate::conformance::reports::at;
use crate::{ClaimToken, InboxStore};

pub(super) async fn a_claimed_letter_is_not_given_out_before_its_lease_ends<S: InboxStore>(
    store: &S,
) {
    put(store, &letter("d", "k", 0)).await;
    let first = only(store, "d", 0).await;
    assert!(given_out(store, 0, 9).await.is_empty(), "what runs is not given out");
    assert!(given_out(store, 59, 9).await.is_empty(), "as long as the lease lasts");
    let second = only(store, "d", 60).await;
    assert_ne!(first.token, second.token, "another claim has another token");
    assert_eq!((first.attempts, second.attempts), (0, 1), "a lease that ended is an attempt");
    assert!(given_out(store, 119, 9).await.is_empty(), "it has a lease of its own");
    assert!(done(store, "d", second.token, 61).await, "the holder is heard");
    assert!(given_out(store, 999, 9).await.is_empty(), "what is done is never given out");
}

pub(super) async fn an_extended_lease_lasts_longer<S: InboxStore>(store: &S) {
    put(store, &letter("d", "k", 0)).await;
    let first = only(store, "d", 0).await;
    assert!(extend(store, "d", first.token, 100).await);
    assert!(given_out(store, 99, 9).await.is_empty());
    let second = only(store, "d", 100).await;
    assert!(!extend(store, "d", first.token, 500).await, "a lost lease is not extended");
    assert!(done(store, "d", second.token, 101).await);
    assert!(!extend(store, "d", second.token, 500).await, "what is done does not run");
    assert!(given_out(store, 999, 9).await.is_empty());
}

pub(super) async fn a_lost_claim_can_do_nothing<S: InboxStore>(store: &S) {
    put(store, &letter("d", "k", 0)).await;
    let nobodys = ClaimToken::random();
    assert!(!done(store, "d", nobodys, 0).await, "what waits is nobody's");
    let lost = only(store, "d", 0).await.token;
    let held = only(store, "d", 60).await.token;
    for token in [lost, nobodys] {
        assert!(!done(store, "d", token, 61).await);
        assert!(!retry(store, "d", token, 61).await);
        assert!(!postpone(store, "d", token, 61).await);
        assert!(!bury(store, "d", token, 61).await);
        assert!(!extend(store, "d", token, 500).await);
    }
    assert!(!done(store, "unheard of", held, 61).await);
    assert!(given_out(store, 61, 9).await.is_empty(), "it still runs");
    assert!(retry(store, "d", held, 62).await, "for its holder");
    for token in [lost, held] {
        assert!(!done(store, "d", token, 62).await, "what was given back is nobody's");
        assert!(!retry(store, "d", token, 999).await);
        assert!(!bury(store, "d", token, 62).await);
    }
    let next = only(store, "d", 62).await;
    assert_eq!(next.attempts, 2, "one that ended with its lease, and one that failed");
    assert!(bury(store, "d", next.token, 63).await);
    assert!(!done(store, "d", next.token, 64).await, "what is dead is nobody's");
    assert!(!retry(store, "d", next.token, 64).await);
}

pub(super) async fn a_late_holder_is_heard_if_nobody_came_in_between<S: InboxStore>(store: &S) {
    put(store, &letter("d", "k", 0)).await;
    let token = only(store, "d", 0).await.token;
    assert!(done(store, "d", token, 600).await);
    assert!(given_out(store, 601, 9).await.is_empty());
}

pub(super) async fn a_failed_letter_waits_and_its_attempts_are_counted<S: InboxStore>(store: &S) {
    put(store, &letter("d", "k", 0)).await;
    for failures in 0..3 {
        let now = i64::from(failures) * 100;
        let claimed = only(store, "d", now).await;
        assert_eq!(claimed.attempts, failures);
        assert!(retry(store, "d", claimed.token, now + 100).await);
        assert!(given_out(store, now + 99, 9).await.is_empty(), "not before its time");
    }
    assert_eq!(only(store, "d", 300).await.attempts, 3);
}

pub(super) async fn a_postponed_letter_waits_and_no_attempt_is_counted<S: InboxStore>(store: &S) {
    put(store, &letter("d", "k", 0)).await;
    let claimed = only(store, "d", 0).await;
    assert!(postpone(store, "d", claimed.token, 10).await);
    assert!(given_out(store, 9, 9).await.is_empty(), "not before its time");
    let claimed = only(store, "d", 10).await;
    assert_eq!(claimed.attempts, 0);
    assert!(retry(store, "d", claimed.token, 20).await);
    let claimed = only(store, "d", 20).await;
    assert!(postpone(store, "d", claimed.token, 20).await);
    assert_eq!(only(store, "d", 20).await.attempts, 1, "and none is forgotten");
}

pub(super) async fn as_many_as_asked_for_and_the_first_first<S: InboxStore>(store: &S) {
    put_all(store, &[("a", "a", 9), ("b", "b", 5), ("c", "c", 1)]).await;
    let mut late = letter("late", "late", 0);
    late.received_at = at(3);
    put(store, &late).await;
    assert!(given_out(store, 0, 0).await.is_empty(), "none of none");
    assert_eq!(given_out(store, 0, 2).await, ["a", "b"], "who came first");
    let claimed = claim(store, 1, 2).await;
    assert_eq!(claimed.len(), 1, "no more than there are that may run by now");
    assert!(retry(store, "c", claimed[0].token, 5).await);
    assert_eq!(given_out(store, 5, 1).await, ["late"], "who has waited longest");
    assert_eq!(given_out(store, 5, 1).await, ["c"]);
}
