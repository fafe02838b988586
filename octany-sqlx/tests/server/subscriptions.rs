//! The newest report counts, and is found again.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::resource::Subscription;
use octany_core::{Applied, Rank, Snapshot, Source, Version};
use octany_entitlement::{StoreErrorKind, SubscriptionStore};

use crate::place::Place;
use crate::server::reports::{at, kind, report};

fn document(seconds: i64, json: &str) -> Snapshot {
    let version = Version::new(at(seconds), Source::Webhook(Rank::Updated));
    Snapshot::of(&Arc::new(Subscription::parse(json.to_owned()).unwrap()), version)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_the_five_outcomes_is_told_apart() {
    let place = Place::new().await;
    let store = place.store().await;
    assert_eq!(store.apply(&report(10, "active")).await.unwrap(), Applied::Inserted);
    assert_eq!(store.apply(&report(10, "active")).await.unwrap(), Applied::Unchanged);
    assert_eq!(store.apply(&report(10, "unpaid")).await.unwrap(), Applied::Contested);
    assert_eq!(store.apply(&report(10, "unpaid")).await.unwrap(), Applied::Unchanged);
    assert_eq!(store.apply(&report(10, "active")).await.unwrap(), Applied::Contested);
    assert_eq!(store.apply(&report(9, "expired")).await.unwrap(), Applied::Stale);
    assert_eq!(store.apply(&report(11, "expired")).await.unwrap(), Applied::Updated);
    assert_eq!(store.apply(&report(11, "expired")).await.unwrap(), Applied::Unchanged);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_decides_access_comes_back_to_the_microsecond() {
    let place = Place::new().await;
    let store = place.store().await;
    let mut sent = report(5, "a_status_of_the_future");
    sent.product = Some(7.into());
    sent.renews_at = Some(at(60) + TimeDelta::microseconds(123_456));
    sent.ends_at = Some(DateTime::<Utc>::MAX_UTC);
    sent.trial_ends_at = Some(DateTime::UNIX_EPOCH - TimeDelta::microseconds(1));
    store.apply(&sent).await.unwrap();
    let known = store.subscriptions(&"user_42".into()).await.unwrap().remove(0);
    sent.ends_at = DateTime::from_timestamp_micros(DateTime::<Utc>::MAX_UTC.timestamp_micros());
    assert!(known.agrees_with(&sent), "{known:?}");
    assert_eq!(known.version, sent.version);
    assert!(!known.contested);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_kept_without_the_signed_links() {
    let place = Place::new().await;
    let store = place.store().await;
    let sent = document(
        1,
        r#"{"id": 1, "reference_id": "user_42", "status": "active", "note": "\u0000",
            "cancel_url": "https://portal.test/?signature=SECRET",
            "from_the_future": [1]}"#,
    );
    store.apply(&sent).await.unwrap();
    let kept = store.resource(&1.into()).await.unwrap().unwrap();
    assert!(!kept.contains("SECRET"));
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["from_the_future"], serde_json::json!([1]));
    assert_eq!(kept["note"], "\0", "escaped, a NUL can be kept");
    assert_eq!(store.resource(&2.into()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_data_whatever_it_says() {
    let place = Place::new().await;
    let store = place.store().await;
    for nasty in ["'; DROP TABLE octany_subscriptions; --", "%", "🦀", "$1", "\\x00"] {
        let mut snapshot = Snapshot::new(nasty, nasty, Version::new(at(0), Source::Api));
        snapshot.reference = Some(nasty.into());
        assert_eq!(store.apply(&snapshot).await.unwrap(), Applied::Inserted);
        let known = store.subscriptions(&nasty.into()).await.unwrap();
        assert_eq!(known.len(), 1, "{nasty:?}");
        assert!(known[0].agrees_with(&snapshot));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_is_an_error_and_never_left_out() {
    let place = Place::new().await;
    let store = place.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    for column in ["renews_at", "ends_at", "trial_ends_at"] {
        place.execute(&format!("UPDATE octany_subscriptions SET {column} = {}", i64::MAX)).await;
        assert_eq!(kind(store.subscriptions(&"user_42".into()).await), StoreErrorKind::Corrupt);
        place.execute(&format!("UPDATE octany_subscriptions SET {column} = NULL")).await;
    }
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
}
