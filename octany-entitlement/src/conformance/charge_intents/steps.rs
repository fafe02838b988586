//! One intent, step by step.

use octany_core::{BasisPoints, OrderId};

use super::{
    abandon, before, charge, created, doubted, fresh, intent, known, made_by, prepare, refused,
    sending, sent,
};
use crate::conformance::reports::at;
use crate::{Charge, ChargeIntents, ChargePrepared, ChargeState, ClaimToken};

pub(super) async fn an_intent_goes_from_prepared_to_its_order<S: ChargeIntents>(store: &S) {
    let charge = charge("sub", 4995);
    let token = fresh(store, "a", &charge, 0).await;
    assert_eq!(known(store, "a", &charge, 59).await.state, ChargeState::Prepared, "it is held");
    assert!(sending(store, "a", token, 30).await, "the holder sends");
    let held = known(store, "a", &charge, 89).await;
    assert_eq!(held.state, ChargeState::Sent(before()), "what there was before is kept");
    assert_eq!(held.claimed_until, at(90), "what is sent is held for another while");
    assert!(created(store, "a", "ord_9").await, "its order is noted");
    for seconds in [31, 90, 1_000_000] {
        let state = known(store, "a", &charge, seconds).await.state;
        assert_eq!(state, ChargeState::Created("ord_9".into()), "an order is for good");
    }
    assert_eq!(made_by(store, "ord_9").await.as_deref(), Some("a"), "an order tells its intent");
    assert_eq!(made_by(store, "ord_1").await, None, "what was there before is nobody's");
}

pub(super) async fn an_intent_comes_back_as_it_was_prepared<S: ChargeIntents>(store: &S) {
    let vat = Some(BasisPoints(1200));
    let whole = Charge::new("sub å", "prod", i64::MAX, Some(u32::MAX), vat, Some("November"));
    fresh(store, "invoice/2026-11/å", &whole, 7).await;
    let stored = intent(store, "invoice/2026-11/å").await;
    assert_eq!(stored.id, "invoice/2026-11/å");
    assert_eq!(stored.charge, whole);
    assert_eq!((stored.begun_at, stored.claimed_until), (at(7), at(67)));
    let bare = charge("other", -1);
    fresh(store, "b", &bare, 0).await;
    assert_eq!(intent(store, "b").await.charge, bare);
    assert!(store.intent("unheard of").await.expect("intent failed").is_none());
}

pub(super) async fn a_refused_intent_may_try_again<S: ChargeIntents>(store: &S) {
    let charge = charge("sub", 4995);
    let first = fresh(store, "a", &charge, 0).await;
    assert!(refused(store, "a", first).await, "nothing was sent");
    let second = fresh(store, "a", &charge, 1).await;
    assert_ne!(first, second, "every attempt has a token of its own");
    assert_eq!(intent(store, "a").await.begun_at, at(1));
    assert!(!sending(store, "a", first, 1).await, "an earlier attempt can do nothing");
    assert!(sending(store, "a", second, 1).await);
    assert!(refused(store, "a", second).await, "nothing was charged");
    assert_eq!(intent(store, "a").await.state, ChargeState::Refused);
    let third = sent(store, "a", &charge, 2).await;
    assert!(!refused(store, "a", second).await, "an earlier attempt can do nothing");
    assert!(created(store, "a", "ord_9").await);
    assert!(!refused(store, "a", third).await, "what was charged was not refused");
}

pub(super) async fn an_id_stands_for_one_request<S: ChargeIntents>(store: &S) {
    let charge = charge("sub", 4995);
    let vat = Some(BasisPoints(0));
    let others = [
        Charge::new("sub", 55, 4996, None, None, None),
        Charge::new("sub", 55, 4995, Some(2), None, None),
        Charge::new("sub", 55, 4995, None, vat, None),
        Charge::new("sub", 55, 4995, None, None, Some("November")),
        Charge::new("sub", 56, 4995, None, None, None),
        Charge::new("other", 55, 4995, None, None, None),
    ];
    let all_differ = async |seconds| {
        for other in &others {
            let prepared = prepare(store, "a", other, seconds).await;
            assert_eq!(prepared, ChargePrepared::Different, "another request, another id");
        }
    };
    let token = fresh(store, "a", &charge, 0).await;
    all_differ(1).await;
    all_differ(61).await;
    assert!(refused(store, "a", token).await);
    all_differ(61).await;
    let token = sent(store, "a", &charge, 61).await;
    all_differ(62).await;
    assert!(doubted(store, "a", token, 63).await);
    all_differ(200).await;
    assert!(abandon(store, "a", 200).await);
    all_differ(200).await;
    assert_eq!(intent(store, "a").await.charge, charge, "the first request stands");
}

pub(super) async fn a_lost_token_can_do_nothing<S: ChargeIntents>(store: &S) {
    let charge = charge("sub", 4995);
    let lost = fresh(store, "a", &charge, 0).await;
    let held = fresh(store, "a", &charge, 60).await;
    for token in [lost, ClaimToken::random()] {
        assert!(!sending(store, "a", token, 61).await, "a lost intent is not sent");
        assert!(!refused(store, "a", token).await, "a lost intent is not refused");
        assert!(!sending(store, "unheard of", token, 61).await);
        assert!(!refused(store, "unheard of", token).await);
        assert!(!doubted(store, "unheard of", token, 61).await);
    }
    assert!(sending(store, "a", held, 61).await, "the holder sends");
    assert!(!doubted(store, "a", lost, 62).await, "a lost intent is not doubted");
    assert!(!refused(store, "a", lost).await, "a lost intent is not refused");
    assert_eq!(intent(store, "a").await.claimed_until, at(121));
}

pub(super) async fn what_is_said_twice_is_true_twice<S: ChargeIntents>(store: &S) {
    let charge = charge("sub", 4995);
    let token = fresh(store, "a", &charge, 0).await;
    assert!(refused(store, "a", token).await && refused(store, "a", token).await);
    let token = fresh(store, "a", &charge, 0).await;
    assert!(sending(store, "a", token, 0).await && sending(store, "a", token, 0).await);
    assert!(doubted(store, "a", token, 1).await && doubted(store, "a", token, 1).await);
    assert!(created(store, "a", "ord_9").await && created(store, "a", "ord_9").await);
    assert!(!created(store, "a", "ord_8").await, "an intent has one order");
    assert_eq!(intent(store, "a").await.state, ChargeState::Created("ord_9".into()));
    sent(store, "b", &charge, 2).await;
    assert!(abandon(store, "b", 62).await && abandon(store, "b", 62).await);
}

pub(super) async fn no_step_is_left_out<S: ChargeIntents>(store: &S) {
    let charge = charge("sub", 4995);
    assert!(!created(store, "unheard of", "ord_9").await, "there is no such intent");
    assert!(!abandon(store, "unheard of", 0).await, "there is no such intent");
    let token = fresh(store, "a", &charge, 0).await;
    assert!(!created(store, "a", "ord_9").await, "what was not sent has no order");
    assert!(!doubted(store, "a", token, 1).await, "what was not sent is not doubted");
    assert!(refused(store, "a", token).await);
    assert!(!created(store, "a", "ord_9").await, "what was refused has no order");
    assert!(!sending(store, "a", token, 1).await, "what was refused is not sent");
    assert!(!abandon(store, "a", 100).await, "what is not open is not given up");
    let token = sent(store, "a", &charge, 1).await;
    assert!(created(store, "a", "ord_9").await);
    assert!(!sending(store, "a", token, 1).await, "what was charged is not sent");
    assert!(!doubted(store, "a", token, 1).await, "what was charged is not doubted");
    assert!(!abandon(store, "a", 1000).await, "what was charged is not given up");
}

pub(super) async fn ids_are_told_apart<S: ChargeIntents>(store: &S) {
    for (number, id) in ["1", "01", "1 ", "a", "A", "å", "a\u{30a}"].iter().enumerate() {
        let subscription = format!("sub_{number}");
        fresh(store, id, &charge(&subscription, 1), 0).await;
    }
    for (number, subscription) in ["s", "S", "s ", "å", "a\u{30a}"].iter().enumerate() {
        fresh(store, &format!("of_{number}"), &charge(subscription, 1), 0).await;
    }
}

pub(super) async fn an_order_is_one_intents<S: ChargeIntents>(store: &S) {
    sent(store, "a", &charge("sub_1", 1), 0).await;
    sent(store, "b", &charge("sub_2", 1), 0).await;
    assert!(store.created("a", &OrderId::from(9), at(1)).await.expect("created failed"));
    assert!(!created(store, "b", "9").await, "an order has one intent, whatever its id's form");
    assert!(matches!(intent(store, "b").await.state, ChargeState::Sent(_)), "nothing happened");
    assert_eq!(made_by(store, "9").await.as_deref(), Some("a"));
    assert!(created(store, "b", "09").await, "another order");
}
