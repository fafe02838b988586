//! What was sent, and nobody knows what became of it.

use super::{
    abandon, busy, charge, created, doubted, fresh, intent, known, made_by, refused, sending, sent,
    unknown,
};
use crate::conformance::reports::at;
use crate::{ChargeIntents, ChargeState};

pub(super) async fn what_was_sent_is_never_prepared_again<S: ChargeIntents>(store: &S) {
    let charge = charge("sub", 1);
    let token = sent(store, "a", &charge, 0).await;
    for seconds in [1, 59, 60, 61, 1_000_000] {
        let state = known(store, "a", &charge, seconds).await.state;
        assert!(matches!(state, ChargeState::Sent(_)), "nobody may send it again");
    }
    assert!(doubted(store, "a", token, 1).await);
    assert_eq!(known(store, "a", &charge, 1).await.claimed_until, at(1), "doubt ends the lease");
    assert!(refused(store, "a", token).await, "its holder may know better later");
    let token = sent(store, "a", &charge, 2).await;
    assert!(doubted(store, "a", token, 3).await);
    assert!(created(store, "a", "ord_9").await, "its order may be found later");
}

pub(super) async fn what_is_unknown_is_listed<S: ChargeIntents>(store: &S) {
    assert!(unknown(store, 1_000, 9).await.is_empty(), "there is nothing yet");
    let mut tokens = Vec::new();
    for (id, seconds) in [("b", 2), ("a", 3), ("c", 1)] {
        tokens.push(sent(store, id, &charge(id, 1), seconds).await);
    }
    fresh(store, "prepared", &charge("prepared", 1), 0).await;
    let token = sent(store, "refused", &charge("refused", 1), 0).await;
    assert!(refused(store, "refused", token).await);
    sent(store, "created", &charge("created", 1), 0).await;
    assert!(created(store, "created", "ord_9").await);
    assert!(unknown(store, 60, 9).await.is_empty(), "what is held is not unknown");
    assert_eq!(unknown(store, 61, 9).await, ["c"], "a lease ends at its instant");
    assert_eq!(unknown(store, 99, 9).await, ["c", "b", "a"], "the first first");
    assert_eq!(unknown(store, 99, 2).await, ["c", "b"], "as many as asked for");
    assert!(doubted(store, "a", tokens[1], 10).await);
    assert_eq!(unknown(store, 99, 9).await, ["a", "c", "b"]);
    assert!(created(store, "a", "ord_8").await);
    assert!(abandon(store, "b", 99).await);
    assert_eq!(unknown(store, 99, 9).await, ["c"], "what is settled or given up is not listed");
}

pub(super) async fn what_is_abandoned_makes_room<S: ChargeIntents>(store: &S) {
    let charge = charge("sub", 1);
    let token = sent(store, "a", &charge, 0).await;
    assert!(!abandon(store, "a", 59).await, "what is held is not given up");
    assert_eq!(busy(store, "b", &charge, 60).await, "a");
    assert!(abandon(store, "a", 60).await);
    assert_eq!(known(store, "a", &charge, 61).await.state, ChargeState::Abandoned);
    assert!(!refused(store, "a", token).await, "what was given up stays so");
    assert!(!sending(store, "a", token, 61).await, "what was given up is not sent");
    assert!(!doubted(store, "a", token, 61).await);
    fresh(store, "b", &charge, 62).await;
    let left = fresh(store, "p", &super::charge("other", 1), 0).await;
    assert!(abandon(store, "p", 60).await, "so may be what was never sent");
    assert!(!sending(store, "p", left, 61).await);
}

pub(super) async fn an_abandoned_intent_may_learn_its_order<S: ChargeIntents>(store: &S) {
    let charge = charge("sub", 1);
    sent(store, "a", &charge, 0).await;
    assert!(abandon(store, "a", 60).await);
    sent(store, "b", &charge, 61).await;
    assert!(created(store, "a", "ord_9").await, "its answer came after all");
    assert_eq!(intent(store, "a").await.state, ChargeState::Created("ord_9".into()));
    assert_eq!(made_by(store, "ord_9").await.as_deref(), Some("a"));
    assert!(!created(store, "b", "ord_9").await, "and is nobody else's");
}
