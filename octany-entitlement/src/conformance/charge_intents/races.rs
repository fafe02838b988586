//! Many callers at once.

use std::sync::Arc;

use super::{charge, created, fresh, prepare, sending, sent};
use crate::conformance::TASKS;
use crate::conformance::race::race;
use crate::{ChargeIntents, ChargePrepared, ChargeState};

const ROUNDS: usize = 8;

/// What many get who prepare at once, each the id of its number.
async fn prepare_at_once<S: ChargeIntents + 'static>(
    store: &Arc<S>,
    id: impl Fn(usize) -> String,
    subscription: &str,
    seconds: i64,
) -> Vec<ChargePrepared> {
    let tasks = (0..TASKS).map(|task| {
        let (store, id, charge) = (Arc::clone(store), id(task), charge(subscription, 1));
        async move { prepare(&*store, &id, &charge, seconds).await }
    });
    race(tasks.collect()).await
}

fn is_fresh(prepared: &ChargePrepared) -> bool {
    matches!(prepared, ChargePrepared::Fresh(_))
}

fn assert_one_is_fresh(prepared: &[ChargePrepared]) {
    let count = prepared.iter().filter(|prepared| is_fresh(prepared)).count();
    assert_eq!(count, 1, "one of many at once: {prepared:?}");
}

pub(super) async fn one_of_many_prepares_an_intent<S: ChargeIntents + 'static>(store: &Arc<S>) {
    for round in 0..ROUNDS {
        let id = |_| format!("id_{round}");
        let prepared = prepare_at_once(store, id, &format!("sub_{round}"), 0).await;
        assert_one_is_fresh(&prepared);
        for other in prepared.iter().filter(|prepared| !is_fresh(prepared)) {
            let ChargePrepared::Known(intent) = other else {
                unreachable!("the same id is known, not {other:?}");
            };
            assert_eq!(intent.state, ChargeState::Prepared);
        }
    }
}

pub(super) async fn one_of_many_intents_opens_on_a_subscription<S: ChargeIntents + 'static>(
    store: &Arc<S>,
) {
    for round in 0..ROUNDS {
        let id = |task| format!("id_{round}_{task}");
        let prepared = prepare_at_once(store, id, &format!("sub_{round}"), 0).await;
        assert_one_is_fresh(&prepared);
        let winner = prepared.iter().position(is_fresh).map(id);
        for other in prepared.iter().filter(|prepared| !is_fresh(prepared)) {
            let ChargePrepared::Busy(open) = other else {
                unreachable!("another id is busy, not {other:?}");
            };
            assert_eq!(Some(&open.id), winner.as_ref(), "the winner is in the way");
        }
    }
}

/// By the same id, and by others.
pub(super) async fn one_of_many_takes_up_what_was_left<S: ChargeIntents + 'static>(store: &Arc<S>) {
    for round in 0..ROUNDS {
        let (left, subscription) = (format!("left_{round}"), format!("sub_{round}"));
        fresh(&**store, &left, &charge(&subscription, 1), 0).await;
        let ids = |task| match task % 2 {
            0 => left.clone(),
            _ => format!("other_{round}_{task}"),
        };
        assert_one_is_fresh(&prepare_at_once(store, ids, &subscription, 60).await);
    }
}

/// Its holder wakes up at the same moment.
pub(super) async fn what_gives_way_is_not_sent_beside_another<S: ChargeIntents + 'static>(
    store: &Arc<S>,
) {
    for round in 0..2 * ROUNDS {
        let (left, subscription) = (format!("left_{round}"), format!("sub_{round}"));
        let token = fresh(&**store, &left, &charge(&subscription, 1), 0).await;
        let late = {
            let (store, left) = (Arc::clone(store), left.clone());
            tokio::spawn(async move { sending(&*store, &left, token, 60).await })
        };
        let ids = |task| format!("other_{round}_{task}");
        let prepared = prepare_at_once(store, ids, &subscription, 60).await;
        let fresh = prepared.iter().filter(|prepared| is_fresh(prepared)).count();
        let late = usize::from(late.await.expect("a racing task panicked"));
        assert_eq!(fresh + late, 1, "one of a subscription goes on");
    }
}

pub(super) async fn one_of_many_intents_gets_an_order<S: ChargeIntents + 'static>(store: &Arc<S>) {
    for task in 0..TASKS {
        sent(&**store, &format!("id_{task}"), &charge(&format!("sub_{task}"), 1), 0).await;
    }
    let tasks = (0..TASKS).map(|task| {
        let store = Arc::clone(store);
        async move { created(&*store, &format!("id_{task}"), "ord_9").await }
    });
    let got = race(tasks.collect()).await;
    assert_eq!(got.iter().filter(|got| **got).count(), 1, "an order is one intent's");
}
