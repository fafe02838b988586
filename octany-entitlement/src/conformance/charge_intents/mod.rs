//! What [`ChargeIntents`] promise.

mod doubt;
mod races;
mod steps;
mod subscriptions;

use std::sync::Arc;
use std::time::Duration;

use octany_core::OrderId;

use super::reports::at;
use crate::{Charge, ChargeIntent, ChargeIntents, ChargePrepared, ClaimToken, OrdersBefore};

const LEASE: Duration = Duration::from_mins(1);

/// Proves [`ChargeIntents`]. Gives the number of cases.
///
/// # Panics
///
/// On the first promise that is broken.
pub async fn charge_intents<S: ChargeIntents + 'static>(mut make: impl AsyncFnMut() -> S) -> usize {
    let mut cases = 0;
    let mut store = async || {
        cases += 1;
        Arc::new(make().await)
    };
    steps::an_intent_goes_from_prepared_to_its_order(&store().await).await;
    steps::an_intent_comes_back_as_it_was_prepared(&store().await).await;
    steps::a_refused_intent_may_try_again(&store().await).await;
    steps::an_id_stands_for_one_request(&store().await).await;
    steps::a_lost_token_can_do_nothing(&store().await).await;
    steps::what_is_said_twice_is_true_twice(&store().await).await;
    steps::no_step_is_left_out(&store().await).await;
    steps::ids_are_told_apart(&store().await).await;
    steps::an_order_is_one_intents(&store().await).await;
    subscriptions::an_open_intent_keeps_its_subscription_busy(&store().await).await;
    subscriptions::what_was_never_sent_gives_way_to_another_id(&store().await).await;
    subscriptions::a_refused_intent_waits_for_the_one_that_is_open(&store().await).await;
    doubt::what_was_sent_is_never_prepared_again(&store().await).await;
    doubt::what_is_unknown_is_listed(&store().await).await;
    doubt::what_is_abandoned_makes_room(&store().await).await;
    doubt::an_abandoned_intent_may_learn_its_order(&store().await).await;
    races::one_of_many_prepares_an_intent(&store().await).await;
    races::one_of_many_intents_opens_on_a_subscription(&store().await).await;
    races::one_of_many_takes_up_what_was_left(&store().await).await;
    races::what_gives_way_is_not_sent_beside_another(&store().await).await;
    races::one_of_many_intents_gets_an_order(&store().await).await;
    cases
}

/// A charge of so many öre on a subscription.
fn charge(subscription: &str, amount: i64) -> Charge {
    Charge::new(subscription, 55, amount, None, None, None)
}

fn before() -> OrdersBefore {
    OrdersBefore { as_of: at(-1), latest: vec!["ord_1".into(), 2.into()], complete: false }
}

async fn prepare<S: ChargeIntents>(
    store: &S,
    id: &str,
    charge: &Charge,
    seconds: i64,
) -> ChargePrepared {
    store.prepare(id, charge, at(seconds), LEASE).await.expect("prepare failed")
}

async fn fresh<S: ChargeIntents>(store: &S, id: &str, charge: &Charge, seconds: i64) -> ClaimToken {
    let prepared = prepare(store, id, charge, seconds).await;
    let ChargePrepared::Fresh(token) = prepared else {
        unreachable!("{id} was expected to be fresh, not {prepared:?}");
    };
    token
}

/// The intent that its id is known as.
async fn known<S: ChargeIntents>(
    store: &S,
    id: &str,
    charge: &Charge,
    seconds: i64,
) -> ChargeIntent {
    let prepared = prepare(store, id, charge, seconds).await;
    let ChargePrepared::Known(intent) = prepared else {
        unreachable!("{id} was expected to be known, not {prepared:?}");
    };
    assert_eq!(intent.id, id, "an id is known as itself");
    intent
}

/// The id of the intent that is in the way.
async fn busy<S: ChargeIntents>(store: &S, id: &str, charge: &Charge, seconds: i64) -> String {
    let prepared = prepare(store, id, charge, seconds).await;
    let ChargePrepared::Busy(open) = prepared else {
        unreachable!("{id} was expected to find another open, not {prepared:?}");
    };
    assert!(open.is_open(), "what is in the way is open");
    assert_eq!(open.charge.subscription, charge.subscription);
    open.id
}

/// Held until a minute after.
async fn sending<S: ChargeIntents>(store: &S, id: &str, token: ClaimToken, seconds: i64) -> bool {
    let sending = store.sending(id, token, &before(), at(seconds) + LEASE).await;
    sending.expect("sending failed")
}

async fn sent<S: ChargeIntents>(store: &S, id: &str, charge: &Charge, seconds: i64) -> ClaimToken {
    let token = fresh(store, id, charge, seconds).await;
    assert!(sending(store, id, token, seconds).await, "the holder sends");
    token
}

async fn created<S: ChargeIntents>(store: &S, id: &str, order: &str) -> bool {
    store.created(id, &order.into(), at(3)).await.expect("created failed")
}

async fn refused<S: ChargeIntents>(store: &S, id: &str, token: ClaimToken) -> bool {
    store.refused(id, token, at(3)).await.expect("refused failed")
}

async fn doubted<S: ChargeIntents>(store: &S, id: &str, token: ClaimToken, seconds: i64) -> bool {
    store.doubted(id, token, at(seconds)).await.expect("doubted failed")
}

async fn abandon<S: ChargeIntents>(store: &S, id: &str, seconds: i64) -> bool {
    store.abandon(id, at(seconds)).await.expect("abandon failed")
}

async fn intent<S: ChargeIntents>(store: &S, id: &str) -> ChargeIntent {
    store.intent(id).await.expect("intent failed").expect("there is one")
}

async fn made_by<S: ChargeIntents>(store: &S, order: impl Into<OrderId>) -> Option<String> {
    store.made_by(&order.into()).await.expect("made_by failed")
}

/// The ids of what is unknown.
async fn unknown<S: ChargeIntents>(store: &S, seconds: i64, limit: usize) -> Vec<String> {
    let unknown = store.unknown(at(seconds), limit).await.expect("unknown failed");
    unknown.into_iter().map(|intent| intent.id).collect()
}
