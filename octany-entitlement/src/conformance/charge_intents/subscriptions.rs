//! One intent at a time on a subscription.

use super::{busy, charge, created, doubted, fresh, intent, known, refused, sending, sent};
use crate::{ChargeIntents, ChargeState};

pub(super) async fn an_open_intent_keeps_its_subscription_busy<S: ChargeIntents>(store: &S) {
    let (one, other) = (charge("sub", 1), charge("sub", 2));
    let token = fresh(store, "a", &one, 0).await;
    assert_eq!(busy(store, "b", &other, 59).await, "a", "what is prepared is in the way");
    assert!(sending(store, "a", token, 59).await);
    assert_eq!(busy(store, "b", &other, 60).await, "a", "what is sent is in the way");
    fresh(store, "c", &charge("elsewhere", 1), 60).await;
    assert!(doubted(store, "a", token, 61).await);
    for seconds in [61, 200, 1_000_000] {
        assert_eq!(busy(store, "b", &one, seconds).await, "a", "what is unknown is in the way");
    }
    assert!(store.intent("b").await.expect("intent failed").is_none(), "b was never begun");
    assert!(created(store, "a", "ord_9").await);
    let token = sent(store, "b", &one, 62).await;
    assert!(refused(store, "b", token).await);
    fresh(store, "d", &other, 63).await;
}

pub(super) async fn what_was_never_sent_gives_way_to_another_id<S: ChargeIntents>(store: &S) {
    let charge = charge("sub", 1);
    let late = fresh(store, "a", &charge, 0).await;
    assert_eq!(busy(store, "b", &charge, 59).await, "a");
    let token = fresh(store, "b", &charge, 60).await;
    assert!(!sending(store, "a", late, 61).await, "what gave way is not sent");
    assert_eq!(intent(store, "a").await.state, ChargeState::Refused, "nothing was charged");
    assert_eq!(busy(store, "a", &charge, 61).await, "b", "it may try again after the other");
    assert!(sending(store, "b", token, 61).await);
    assert!(created(store, "b", "ord_9").await);
    sent(store, "a", &charge, 62).await;
}

pub(super) async fn a_refused_intent_waits_for_the_one_that_is_open<S: ChargeIntents>(store: &S) {
    let charge = charge("sub", 1);
    let token = fresh(store, "a", &charge, 0).await;
    assert!(refused(store, "a", token).await);
    let token = sent(store, "b", &charge, 0).await;
    assert_eq!(busy(store, "a", &charge, 1).await, "b");
    assert_eq!(intent(store, "a").await.state, ChargeState::Refused, "nothing happened to it");
    assert!(doubted(store, "b", token, 2).await);
    assert_eq!(busy(store, "a", &charge, 1_000).await, "b");
    assert!(created(store, "b", "ord_9").await);
    let held = fresh(store, "a", &charge, 3).await;
    assert!(sending(store, "a", held, 3).await);
    assert!(matches!(known(store, "a", &charge, 4).await.state, ChargeState::Sent(_)));
}
