//! Charges on a server: nothing is made twice, whatever becomes of connections.

use std::time::Duration;

use octany_entitlement::{
    Charge, ChargeIntents, ChargePrepared, ChargeState, OrdersBefore, StoreErrorKind, conformance,
};

use crate::place::{ISOLATION, Place, PoolOptions, Store};
use crate::server::lost_connections::Way;
use crate::server::reports::{at, kind};

const LEASE: Duration = Duration::from_mins(1);

fn charge(subscription: &str) -> Charge {
    Charge::new(subscription, 55, 4995, None, None, None)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn intents_keep_their_promises_at_every_isolation_level() {
    let place = Place::new().await;
    place.store().await.close().await;
    for isolation in ISOLATION {
        let store = Store::new(place.pool_at(isolation).await);
        let make = async || {
            place.empty().await;
            store.clone()
        };
        assert_eq!(conformance::charge_intents(make).await, 21, "{isolation}");
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_that_gets_lost_loses_no_intent() {
    let place = Place::new().await;
    place.store().await.close().await;
    let options = place.options();
    let way = Way::new(options.get_host().to_owned(), options.get_port()).await;
    let pool = PoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .connect_lazy_with(options.host("127.0.0.1").port(way.port));
    let store = Store::new(pool);
    let before = OrdersBefore { as_of: at(0), latest: vec!["ord_0".into()], complete: true };
    for lost in 0..24_u32 {
        let (id, other) = (format!("id_{lost}"), format!("other_{lost}"));
        let charge = charge(&format!("sub_{lost}"));
        way.swallow_answer(lost);
        let prepared = store.prepare(&other, &charge, at(0), LEASE).await.unwrap();
        let ChargePrepared::Fresh(token) = prepared else {
            panic!("{lost}: it is the caller's own, not {prepared:?}");
        };
        assert!(store.refused(&other, token, at(1)).await.unwrap(), "{lost}");
        let prepared = store.prepare(&id, &charge, at(1), LEASE).await.unwrap();
        let ChargePrepared::Fresh(token) = prepared else {
            panic!("{lost}: it is the caller's own, not {prepared:?}");
        };
        assert!(store.sending(&id, token, &before, at(2)).await.unwrap(), "{lost}");
        assert!(store.doubted(&id, token, at(1)).await.unwrap(), "{lost}");
        assert_eq!(store.unknown(at(9), 9).await.unwrap().len(), 1, "{lost}");
        let order = format!("ord_{lost}").into();
        assert!(store.created(&id, &order, at(3)).await.unwrap(), "{lost}");
        assert_eq!(store.made_by(&order).await.unwrap(), Some(id.clone()), "{lost}");
        let known = store.intent(&id).await.unwrap().unwrap();
        assert_eq!(known.state, ChargeState::Created(order), "{lost}");
        way.swallow_answer(0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_cannot_be_read_is_corrupt() {
    let place = Place::new().await;
    let store = place.store().await;
    store.prepare("a", &charge("sub"), at(0), LEASE).await.unwrap();
    for damage in ["quantity = -1", "begun_at = 9223372036854775807", "state = 1", "state = 2"] {
        place.execute(&format!("UPDATE octany_charges SET {damage}")).await;
        assert_eq!(kind(store.intent("a").await), StoreErrorKind::Corrupt, "{damage}");
        place.execute("UPDATE octany_charges SET quantity = 1, begun_at = 0, state = 0").await;
    }
}
