//! Text is bytes, and none is ever cut.

use std::time::Duration;

use octany_core::{Applied, Snapshot, Source, Version};
use octany_entitlement::{
    AccessLog, Announced, Claim, DeliveryLog, StoreErrorKind, SubscriptionLinks, SubscriptionStore,
};
use octany_sqlx::MySqlStore;
use sqlx::Row;

use crate::place::Place;
use crate::server::reports::{at, kind, report};

const LEASE: Duration = Duration::from_mins(1);
/// A server that cuts what is too long, and takes text for something else than UTF-8.
const LENIENT: &str = "SET sql_mode = '', NAMES latin1";

const ALIKE: [&str; 12] = [
    "user",
    "user ",
    "user  ",
    "USER",
    "usér",
    "use\u{301}r",
    "user\0",
    "user\0\0",
    "user\t",
    "🦀",
    "🦞",
    "ß",
];

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_look_alike_to_a_collation_are_told_apart() {
    for settings in ["SET @nothing = 0", LENIENT] {
        let place = Place::new().await;
        place.store().await.close().await;
        let store = MySqlStore::new(place.pool_with(settings).await);
        for text in ALIKE {
            let mut snapshot = Snapshot::new(text, text, Version::new(at(0), Source::Api));
            snapshot.reference = Some(text.into());
            snapshot.product = Some(text.into());
            assert_eq!(store.apply(&snapshot).await.unwrap(), Applied::Inserted, "{text:?}");
            let announced = store.announce(&text.into(), true, Some(at(0)), at(0)).await.unwrap();
            assert_eq!(announced, Announced::Noted, "{text:?}");
            let claimed = store.claim(&text.into(), at(0), LEASE).await.unwrap();
            assert!(matches!(claimed, Claim::Fresh(_)), "{text:?}");
            store.link(&format!("{text}.").into(), &text.into()).await.unwrap();
        }
        for text in ALIKE {
            let known = store.subscriptions(&text.into()).await.unwrap();
            assert_eq!(known.len(), 1, "{text:?}");
            assert_eq!(known[0].subscription.as_str(), text);
            assert_eq!(known[0].status.as_str(), text);
            assert_eq!(known[0].product, Some(text.into()));
            assert_eq!(store.owner(&text.into()).await.unwrap(), Some(text.into()));
        }
        let due = store.due(at(0), 100).await.unwrap();
        assert!(ALIKE.iter().all(|text| due.contains(&(*text).into())), "{due:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_too_long_is_rejected_by_every_call_and_never_cut() {
    let place = Place::new().await;
    place.store().await.close().await;
    let store = MySqlStore::new(place.pool_with(LENIENT).await);
    // Characters of two bytes.
    let longest = "å".repeat(512);
    let long = format!("{longest}a");
    let mut snapshot = report(1, "active");
    snapshot.reference = Some(longest.as_str().into());
    assert_eq!(store.apply(&snapshot).await.unwrap(), Applied::Inserted);
    assert_eq!(store.subscriptions(&longest.as_str().into()).await.unwrap().len(), 1);

    let (subscription, reference) = (1.into(), long.as_str().into());
    let (mut of_long, mut with_long) = (report(2, "active"), report(2, "active"));
    of_long.reference = Some(long.as_str().into());
    with_long.product = Some(long.as_str().into());
    let Claim::Fresh(token) = store.claim(&longest.as_str().into(), at(0), LEASE).await.unwrap()
    else {
        panic!("nobody else claimed it");
    };
    let kinds = [
        kind(store.apply(&of_long).await),
        kind(store.apply(&with_long).await),
        kind(store.apply(&Snapshot::new(long.as_str(), "active", snapshot.version)).await),
        kind(store.apply(&Snapshot::new(1, long.as_str(), snapshot.version)).await),
        kind(store.subscriptions(&reference).await),
        kind(store.claim(&long.as_str().into(), at(0), LEASE).await),
        kind(store.complete(&long.as_str().into(), token, at(0)).await),
        kind(store.release(&long.as_str().into(), token).await),
        kind(store.announce(&reference, true, None, at(0)).await),
        kind(store.link(&subscription, &reference).await),
        kind(store.owner(&long.as_str().into()).await),
        kind(store.resource(&long.as_str().into()).await),
    ];
    assert_eq!(kinds, [StoreErrorKind::Rejected; 12]);
    assert_eq!(store.subscriptions(&longest.as_str().into()).await.unwrap()[0].as_of(), at(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instant_that_means_something_else_to_the_statement_is_an_instant() {
    let place = Place::new().await;
    let store = place.store().await;
    for micros in [-1, 0, 1, 2] {
        let until = chrono::DateTime::from_timestamp_micros(micros).unwrap();
        let delivery = format!("until {micros}").into();
        let claimed = store.claim(&delivery, until - LEASE, LEASE).await.unwrap();
        assert!(matches!(claimed, Claim::Fresh(_)));
        match store.claim(&delivery, until - LEASE, LEASE).await.unwrap() {
            // 0 is what a new row answers.
            Claim::InFlight { until } => {
                assert_eq!(until.timestamp_micros(), if micros == 0 { 1 } else { micros });
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_text_are_corrupt() {
    let place = Place::new().await;
    let store = place.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    for column in ["subscription_id", "status", "product_id"] {
        place.execute(&format!("UPDATE octany_subscriptions SET {column} = X'FF'")).await;
        let known = store.subscriptions(&"user_42".into()).await;
        assert_eq!(kind(known), StoreErrorKind::Corrupt, "{column}");
        place.execute(&format!("UPDATE octany_subscriptions SET {column} = '1'")).await;
    }
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_is_looked_up_by_index_alone() {
    let place = Place::new().await;
    let store = place.store().await;
    let rows = |row: &dyn Fn(u32) -> String| (1..=5000).map(row).collect::<Vec<_>>().join(", ");
    let subscriptions = rows(&|i| {
        format!("({i}, 'r{i}', NULL, 'active', NULL, NULL, NULL, 0, 0, FALSE, NULL, 1, 0)")
    });
    place.execute(&format!("INSERT INTO octany_subscriptions VALUES {subscriptions}")).await;
    let links = rows(&|i| format!("({i}, 'l{i}')"));
    place.execute(&format!("INSERT INTO octany_links VALUES {links}")).await;
    place.execute("ANALYZE TABLE octany_subscriptions, octany_links").await;
    assert_eq!(store.subscriptions(&"r7".into()).await.unwrap().len(), 1);
    let plan = "EXPLAIN SELECT s.status FROM octany_subscriptions AS s
         WHERE s.reference_id = ? UNION ALL
         SELECT s.status FROM octany_links AS l JOIN octany_subscriptions AS s
           ON s.subscription_id = l.subscription_id AND s.reference_id IS NULL
         WHERE l.reference_id = ?";
    let plan = sqlx::query(plan).bind("r7".as_bytes()).bind("l7".as_bytes());
    let plan = plan.fetch_all(&place.pool().await).await.unwrap();
    assert!(plan.len() >= 3);
    for step in plan {
        let (table, how): (Option<String>, Option<String>) = (step.get("table"), step.get("type"));
        let of_ours = table.is_some_and(|table| !table.starts_with('<'));
        assert!(!of_ours || how.as_deref().is_some_and(|how| how != "ALL"), "{how:?}");
    }
}
