//! Charges that go one way or another, and nothing is lost.

use std::sync::Arc;

use octany_client::{ChargeError, ChargeRequest, ErrorKind};
use octany_entitlement::{ChargeIntents, ChargeState, MemoryStore};

use crate::fake::{Deed, Fake};
use crate::{PATIENT, already, charge, created};

#[tokio::test]
async fn an_id_is_charged_once() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    let order = created(charge(&fake, &intents, "sub", "a").await);
    for _ in 0..3 {
        assert_eq!(already(charge(&fake, &intents, "sub", "a").await), order);
    }
    let next = created(charge(&fake, &intents, "sub", "b").await);
    assert_eq!(fake.orders("sub"), [order, next]);
    assert_eq!(fake.posts("sub"), 2);
}

#[tokio::test]
async fn what_was_refused_may_be_tried_again_under_its_id() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    for (status, kind) in [
        (402, ErrorKind::PaymentRequired),
        (422, ErrorKind::Validation),
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (429, ErrorKind::RateLimited),
    ] {
        let subscription = format!("sub_{status}");
        fake.does(Deed::refuses(status));
        for _ in 0..2 {
            match charge(&fake, &intents, &subscription, &subscription).await {
                Err(ChargeError::NotCharged(error)) => assert_eq!(error.kind(), kind),
                other => panic!("{other:?}"),
            }
        }
        fake.does(Deed::GOOD);
        let order = created(charge(&fake, &intents, &subscription, &subscription).await);
        assert_eq!(already(charge(&fake, &intents, &subscription, &subscription).await), order);
        assert_eq!(fake.orders(&subscription), [order]);
    }
}

#[tokio::test]
async fn what_could_not_be_begun_was_not_charged() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    fake.lists_with(500);
    let failed = charge(&fake, &intents, "sub", "a").await;
    assert!(matches!(failed, Err(ChargeError::NotCharged(_))), "{failed:?}");
    assert_eq!(fake.posts("sub"), 0);
    fake.lists_with(200);
    created(charge(&fake, &intents, "sub", "a").await);

    // A port that nobody listens on, since it was just given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = fake.at(port);
    match charge(&gone, &intents, "sub", "b").await {
        Err(ChargeError::NotCharged(error)) => assert_eq!(error.kind(), ErrorKind::Connect),
        other => panic!("{other:?}"),
    }
    assert_eq!(intents.intent("b").await.unwrap().unwrap().state, ChargeState::Refused);
}

#[tokio::test]
async fn an_id_with_another_request_is_an_error_and_nothing_is_sent() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    let client = fake.client(PATIENT);
    created(charge(&fake, &intents, "sub", "a").await);
    let other = ChargeRequest::new(55, 4996);
    let mut described = ChargeRequest::new(55, 4995);
    described.description = Some("November".to_owned());
    for request in [&other, &described] {
        let charged = client.charge_once(&intents, &"sub".into(), request, "a").await;
        assert!(matches!(charged, Err(ChargeError::Different)), "{charged:?}");
    }
    let elsewhere = charge(&fake, &intents, "other", "a").await;
    assert!(matches!(elsewhere, Err(ChargeError::Different)), "{elsewhere:?}");
    assert_eq!((fake.posts("sub"), fake.posts("other")), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_charge_one_id_at_once_make_one_order() {
    let fake = Fake::start().await;
    for round in 0..8 {
        let (intents, subscription) = (Arc::new(MemoryStore::new()), format!("sub_{round}"));
        let tasks: Vec<_> = (0..32)
            .map(|_| {
                let (fake, intents) = (fake.clone(), Arc::clone(&intents));
                let subscription = subscription.clone();
                tokio::spawn(async move { charge(&fake, &intents, &subscription, "a").await })
            })
            .collect();
        let mut orders = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(charged) => orders.extend(charged.order().map(ToString::to_string)),
                Err(ChargeError::InFlight { .. }) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        orders.dedup();
        assert_eq!(orders, fake.orders(&subscription));
        assert_eq!(fake.posts(&subscription), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_ids_on_one_subscription_are_never_sent_at_once() {
    let fake = Fake::start().await;
    for round in 0..16 {
        let (intents, subscription) = (MemoryStore::new(), format!("sub_{round}"));
        let (a, b) = tokio::join!(
            charge(&fake, &intents, &subscription, "a"),
            charge(&fake, &intents, &subscription, "b"),
        );
        let mut made = 0;
        for charged in [a, b] {
            match charged {
                Ok(charged) => made += usize::from(charged.order().is_some()),
                Err(ChargeError::Busy { intent }) => assert!(["a", "b"].contains(&&*intent)),
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(made >= 1, "one of them goes through");
        assert_eq!(fake.orders(&subscription).len(), made);
        for id in ["a", "b"] {
            drop(charge(&fake, &intents, &subscription, id).await.unwrap());
        }
        assert_eq!(fake.orders(&subscription).len(), 2, "each is charged in the end");
    }
}
