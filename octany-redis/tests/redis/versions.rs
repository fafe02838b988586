//! Whole numbers of 64 bits, on a server whose numbers are doubles.

use std::time::Duration;

use chrono::{DateTime, Utc};
use octany_core::{Applied, Snapshot, Version};
use octany_entitlement::{AccessLog, Claim, DeliveryLog, SubscriptionStore};

use crate::place::Place;

const EDGE: i64 = 1 << 53;

/// In order.
const NUMBERS: [i64; 25] = [
    i64::MIN,
    i64::MIN + 1,
    -EDGE - 3,
    -EDGE - 2,
    -EDGE - 1,
    -EDGE,
    -EDGE + 1,
    -1_000,
    -999,
    -10,
    -9,
    -1,
    0,
    1,
    9,
    10,
    99,
    1_000,
    EDGE - 1,
    EDGE,
    EDGE + 1,
    EDGE + 2,
    EDGE + 3,
    i64::MAX - 1,
    i64::MAX,
];

fn report(subscription: &str, version: i64, status: &str) -> Snapshot {
    let mut report = Snapshot::new(subscription, status, Version::from_i64(version));
    report.reference = Some(subscription.into());
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn each_version_is_told_from_its_neighbours() {
    let place = Place::new().await;
    let store = place.store().await;
    for (place_of_one, one) in NUMBERS.into_iter().enumerate() {
        for (place_of_other, other) in NUMBERS.into_iter().enumerate() {
            let subscription = format!("{one}/{other}");
            let first = store.apply(&report(&subscription, one, "active")).await.unwrap();
            assert_eq!(first, Applied::Inserted);
            let second = store.apply(&report(&subscription, other, "unpaid")).await.unwrap();
            let expected = match place_of_other.cmp(&place_of_one) {
                std::cmp::Ordering::Less => Applied::Stale,
                std::cmp::Ordering::Equal => Applied::Contested,
                std::cmp::Ordering::Greater => Applied::Updated,
            };
            assert_eq!(second, expected, "{other} after {one}");
            let known = store.subscriptions(&subscription.as_str().into()).await.unwrap();
            assert_eq!(known[0].version.as_i64(), one.max(other));
        }
    }
}

fn instant(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_ends_at_its_microsecond() {
    let place = Place::new().await;
    let store = place.store().await;
    for end in [-EDGE - 1, -EDGE, -1, 0, 1, 10, EDGE, EDGE + 1, EDGE + 2, EDGE + 3] {
        let delivery = end.to_string().as_str().into();
        let lease = Duration::from_micros(5);
        let claim = async |now| store.claim(&delivery, instant(now), lease).await.unwrap();
        assert!(matches!(claim(end - 5).await, Claim::Fresh(_)), "{end}");
        assert_eq!(claim(end - 1).await, Claim::InFlight { until: instant(end) });
        assert!(matches!(claim(end).await, Claim::Fresh(_)), "{end}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_of_access_is_due_at_its_microsecond() {
    let place = Place::new().await;
    let store = place.store().await;
    for end in [-EDGE + 1, -1, 0, 1_800_000_000_123_456, EDGE] {
        let store = place.empty(&store);
        store.announce(&"a".into(), true, Some(instant(end)), instant(0)).await.unwrap();
        assert!(store.due(instant(end - 1), 9).await.unwrap().is_empty(), "{end}");
        assert_eq!(store.due(instant(end), 9).await.unwrap(), ["a"], "{end}");
    }
}
