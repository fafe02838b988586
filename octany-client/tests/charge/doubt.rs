//! Answers that say nothing, and lists of orders that say little.

use std::time::Duration;

use octany_client::{ChargeError, Settled};
use octany_core::OrderId;
use octany_entitlement::{
    Charge, ChargeIntents, ChargePrepared, ClaimToken, MemoryStore, OrdersBefore,
};

use crate::fake::{Deed, Fake, Makes, dated};
use crate::{PATIENT, already, charge, created, is_unknown};

/// The order is made, and the connection ends without an answer.
const LOST: Deed = Deed { send: Some(0), ..Deed::GOOD };
/// No order is made, and the connection ends without an answer.
const NEVER: Deed = Deed { makes: Makes::Never, ..LOST };

async fn settle(fake: &Fake, intents: &MemoryStore, id: &str) -> Result<Settled, ChargeError> {
    fake.client(PATIENT).settle_charge(intents, id).await
}

async fn prepare(intents: &MemoryStore, id: &str, subscription: &str) -> ClaimToken {
    let charge = Charge::new(subscription, 55, 4995, None, None, None);
    let prepared = intents.prepare(id, &charge, chrono::Utc::now(), PATIENT).await.unwrap();
    let ChargePrepared::Fresh(token) = prepared else { panic!("{prepared:?}") };
    token
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_looked_up() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    for (number, (status, body)) in
        [(500, "{}"), (502, "<html>"), (200, "{"), (200, r#"{"data":7}"#), (409, "{}"), (302, "")]
            .into_iter()
            .enumerate()
    {
        let (made, never) = (format!("made_{number}"), format!("never_{number}"));
        fake.does(Deed { status, body: Some(body), ..Deed::GOOD });
        let order = created(charge(&fake, &intents, &made, &made).await);
        assert_eq!(fake.orders(&made), [order], "{status}");
        fake.does(Deed { makes: Makes::Never, status, body: Some(body), ..Deed::GOOD });
        assert!(is_unknown(&charge(&fake, &intents, &never, &never).await), "{status}");
        assert_eq!((fake.posts(&made), fake.posts(&never)), (1, 1), "{status}");
    }
}

#[tokio::test]
async fn an_identical_order_of_somebody_elses_makes_it_unknown() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    // As a renewal's or an admin's, made while the charge is on its way.
    let beside = fake.clone();
    fake.decides(move |subscription| {
        beside.make(subscription, "55", &dated(4995));
        LOST
    });
    assert!(is_unknown(&charge(&fake, &intents, "sub", "a").await));
    assert!(is_unknown(&charge(&fake, &intents, "sub", "a").await));
    assert_eq!(settle(&fake, &intents, "a").await.unwrap(), Settled::StillUnknown);
    assert_eq!((fake.orders("sub").len(), fake.posts("sub")), (2, 1));
}

#[tokio::test]
async fn orders_that_can_only_be_others_change_nothing() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    fake.make("sub", "55", &dated(4995));
    let beside = fake.clone();
    fake.decides(move |subscription| {
        beside.make(subscription, "77", &dated(4995));
        beside.make(subscription, "55", &dated(1));
        beside.make("another", "55", &dated(4995));
        LOST
    });
    let order = created(charge(&fake, &intents, "sub", "a").await);
    assert_eq!(fake.orders("sub").last(), Some(&order), "the one that was made for it");
}

#[tokio::test]
async fn another_sum_is_no_match_and_no_proof_that_there_is_none() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    let beside = fake.clone();
    fake.decides(move |subscription| {
        beside.make(subscription, "55", &dated(1));
        NEVER
    });
    assert!(is_unknown(&charge(&fake, &intents, "sub", "a").await));
    assert_eq!(settle(&fake, &intents, "a").await.unwrap(), Settled::StillUnknown);
}

#[tokio::test]
async fn an_order_that_says_too_little_is_never_matched() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    for (number, members) in [
        "",
        r#","total":null"#,
        r#","total":3996"#,
        r#","total":4995,"created_at":"2001-01-01T00:00:00Z""#,
    ]
    .into_iter()
    .enumerate()
    {
        let subscription = format!("sub_{number}");
        let beside = fake.clone();
        fake.decides(move |subscription| {
            beside.make(subscription, "55", members);
            NEVER
        });
        assert!(is_unknown(&charge(&fake, &intents, &subscription, &subscription).await));
        let settled = settle(&fake, &intents, &subscription).await.unwrap();
        assert_eq!(settled, Settled::StillUnknown, "{members}");
    }
}

#[tokio::test]
async fn an_order_without_its_date_is_known_by_its_place() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    for _ in 0..120 {
        fake.make("sub", "55", r#","total":4995"#);
    }
    let beside = fake.clone();
    fake.decides(move |subscription| {
        beside.make(subscription, "55", r#","total":4995"#);
        NEVER
    });
    let order = created(charge(&fake, &intents, "sub", "a").await);
    assert_eq!(fake.orders("sub").last(), Some(&order));
}

#[tokio::test]
async fn as_many_pages_are_read_as_it_takes() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    for _ in 0..120 {
        fake.make("sub", "55", r#","total":4995,"created_at":"2026-01-01T00:00:00Z""#);
    }
    fake.does(LOST);
    assert_eq!(created(charge(&fake, &intents, "sub", "a").await), "ord_120");
    // Behind the first page, another one that is alike.
    let beside = fake.clone();
    fake.decides(move |subscription| {
        beside.make(subscription, "55", &dated(4995));
        for _ in 0..60 {
            beside.make(subscription, "55", &dated(1));
        }
        LOST
    });
    assert!(is_unknown(&charge(&fake, &intents, "sub", "b").await));
}

#[tokio::test]
async fn an_order_of_another_intent_is_never_matched() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    // An order that the list showed only after it was known to be another's.
    let token = prepare(&intents, "other", "sub").await;
    let as_of = chrono::Utc::now();
    let before = OrdersBefore { as_of, latest: Vec::new(), complete: true };
    assert!(intents.sending("other", token, &before, as_of).await.unwrap());
    assert!(intents.created("other", &OrderId::from("ord_0"), as_of).await.unwrap());
    let beside = fake.clone();
    fake.decides(move |subscription| {
        beside.make(subscription, "55", &dated(4995));
        NEVER
    });
    assert!(is_unknown(&charge(&fake, &intents, "sub", "a").await));
    let settled = settle(&fake, &intents, "a").await.unwrap();
    assert!(matches!(settled, Settled::NotFound { .. }), "{settled:?}");
    fake.make("sub", "55", &dated(4995));
    let settled = settle(&fake, &intents, "a").await.unwrap();
    assert_eq!(settled, Settled::Created("ord_1".into()));
}

#[tokio::test]
async fn while_no_list_is_to_be_had_nothing_is_said() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    let beside = fake.clone();
    fake.decides(move |_| {
        beside.lists_with(503);
        LOST
    });
    assert!(is_unknown(&charge(&fake, &intents, "sub", "a").await));
    assert!(is_unknown(&charge(&fake, &intents, "sub", "a").await));
    let settled = settle(&fake, &intents, "a").await;
    assert!(matches!(settled, Err(ChargeError::NotListed(_))), "{settled:?}");
    fake.lists_with(200);
    assert_eq!(settle(&fake, &intents, "a").await.unwrap(), Settled::Created("ord_0".into()));
    assert_eq!(already(charge(&fake, &intents, "sub", "a").await), "ord_0");
    assert_eq!(fake.posts("sub"), 1);
}

#[tokio::test]
async fn an_unknown_charge_is_in_the_way_until_somebody_gives_it_up() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    fake.does(NEVER);
    assert!(is_unknown(&charge(&fake, &intents, "sub", "a").await));
    fake.does(Deed::GOOD);
    match charge(&fake, &intents, "sub", "b").await {
        Err(ChargeError::Busy { intent }) => assert_eq!(intent, "a"),
        other => panic!("{other:?}"),
    }
    assert!(intents.abandon("a", chrono::Utc::now()).await.unwrap());
    let order = created(charge(&fake, &intents, "sub", "b").await);
    let again = charge(&fake, &intents, "sub", "a").await;
    assert!(matches!(again, Err(ChargeError::Abandoned)), "{again:?}");
    assert!(matches!(settle(&fake, &intents, "a").await, Err(ChargeError::Abandoned)));
    assert!(matches!(settle(&fake, &intents, "z").await, Err(ChargeError::NoSuchIntent)));
    assert_eq!(fake.orders("sub"), [order]);
}

#[tokio::test]
async fn a_slow_holder_cannot_send_what_was_settled_as_not_charged() {
    let (fake, intents) = (Fake::start().await, MemoryStore::new());
    let charge = Charge::new("sub", 55, 4995, None, None, None);
    let long_ago = chrono::Utc::now() - PATIENT;
    let prepared = intents.prepare("a", &charge, long_ago, Duration::ZERO).await.unwrap();
    let ChargePrepared::Fresh(slow) = prepared else { panic!("{prepared:?}") };
    assert_eq!(settle(&fake, &intents, "a").await.unwrap(), Settled::NotCharged);

    let before = OrdersBefore { as_of: long_ago, latest: Vec::new(), complete: true };
    let until = chrono::Utc::now() + PATIENT;
    assert!(!intents.sending("a", slow, &before, until).await.unwrap());
    assert_eq!(settle(&fake, &intents, "a").await.unwrap(), Settled::NotCharged);
}
