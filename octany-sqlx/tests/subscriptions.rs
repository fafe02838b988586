//! The newest report counts, and is found again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use octany_test_trace as _;

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::{Place, at, document, kind, report};
use octany_core::{Applied, Rank, Snapshot, Source, SubscriptionStatus, Version};
use octany_entitlement::{StoreErrorKind, SubscriptionLinks, SubscriptionStore};
use sqlx::Row;

#[tokio::test(flavor = "multi_thread")]
async fn each_of_the_five_outcomes_is_told_apart() {
    let place = Place::new();
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
async fn a_tie_is_marked_until_a_newer_report() {
    let place = Place::new();
    let store = place.store().await;
    let known = async || store.subscriptions(&"user_42".into()).await.unwrap().remove(0);
    store.apply(&report(10, "active")).await.unwrap();
    assert!(!known().await.contested);
    store.apply(&report(10, "unpaid")).await.unwrap();
    assert!(known().await.contested);
    assert_eq!(known().await.status, SubscriptionStatus::Unpaid, "the later arrival counts");
    store.apply(&report(10, "unpaid")).await.unwrap();
    assert!(known().await.contested, "hearing it again settles nothing");
    store.apply(&report(9, "active")).await.unwrap();
    assert!(known().await.contested, "nor does an older report");
    store.apply(&report(11, "active")).await.unwrap();
    assert!(!known().await.contested);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_report_that_is_itself_in_doubt_is_an_update_and_marked() {
    let place = Place::new();
    let store = place.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    let strange = r#"{"id": 1, "reference_id": "user_42", "status": "active", "ends_at": "?"}"#;
    assert_eq!(store.apply(&document(2, strange)).await.unwrap(), Applied::Updated);
    let known = store.subscriptions(&"user_42".into()).await.unwrap();
    assert!(known[0].contested);
    assert_eq!(known[0].ends_at, Some(at(2)), "and access does not last for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_one_second_the_api_beats_a_delivery_and_a_cancellation_beats_an_update() {
    let place = Place::new();
    let store = place.store().await;
    let of = |source, status: &str| {
        let mut snapshot = Snapshot::new(1, status, Version::new(at(0), source));
        snapshot.reference = Some("user_42".into());
        snapshot
    };
    let cancelled = of(Source::Webhook(Rank::Cancelled), "cancelled");
    let updated = of(Source::Webhook(Rank::Updated), "active");
    assert_eq!(store.apply(&cancelled).await.unwrap(), Applied::Inserted);
    assert_eq!(store.apply(&updated).await.unwrap(), Applied::Stale);
    assert_eq!(store.apply(&of(Source::Api, "active")).await.unwrap(), Applied::Updated);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_decides_access_comes_back_to_the_microsecond() {
    let place = Place::new();
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
async fn a_reference_sees_all_of_its_own_and_none_of_anybody_else() {
    let place = Place::new();
    let store = place.store().await;
    for (id, reference) in [(1, Some("ann")), (2, Some("ann")), (3, Some("bob")), (4, None)] {
        let mut snapshot = Snapshot::new(id, "active", Version::new(at(0), Source::Api));
        snapshot.reference = reference.map(Into::into);
        store.apply(&snapshot).await.unwrap();
    }
    assert_eq!(store.subscriptions(&"ann".into()).await.unwrap().len(), 2);
    assert_eq!(store.subscriptions(&"bob".into()).await.unwrap().len(), 1);
    assert!(store.subscriptions(&"ANN".into()).await.unwrap().is_empty(), "letters count");
    assert!(store.subscriptions(&"".into()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_changes_hands_leaves_the_former_owner() {
    let place = Place::new();
    let store = place.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    let mut moved = report(2, "active");
    moved.reference = Some("bob".into());
    store.apply(&moved).await.unwrap();
    assert!(store.subscriptions(&"user_42".into()).await.unwrap().is_empty());
    assert_eq!(store.subscriptions(&"bob".into()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_counts_where_the_report_names_nobody_and_nowhere_else() {
    let place = Place::new();
    let store = place.store().await;
    let mut orphan = report(1, "active");
    orphan.reference = None;

    // Before its first report.
    store.link(&1.into(), &"ann".into()).await.unwrap();
    assert!(store.subscriptions(&"ann".into()).await.unwrap().is_empty());
    store.apply(&orphan).await.unwrap();
    let known = store.subscriptions(&"ann".into()).await.unwrap();
    assert_eq!(known[0].reference, Some("ann".into()), "told as hers");

    // A second link replaces the first; repeating it changes nothing.
    store.link(&1.into(), &"bob".into()).await.unwrap();
    store.link(&1.into(), &"bob".into()).await.unwrap();
    assert!(store.subscriptions(&"ann".into()).await.unwrap().is_empty());
    assert_eq!(store.subscriptions(&"bob".into()).await.unwrap().len(), 1);

    // The report's own word is stronger, and the link is there again when it falls silent.
    store.apply(&report(2, "active")).await.unwrap();
    assert!(store.subscriptions(&"bob".into()).await.unwrap().is_empty());
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    orphan.version = Version::new(at(3), Source::Api);
    store.apply(&orphan).await.unwrap();
    assert_eq!(store.subscriptions(&"bob".into()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_kept_without_the_signed_links() {
    let place = Place::new();
    let store = place.store().await;
    let sent = document(
        1,
        r#"{"id": 1, "reference_id": "user_42", "status": "active", "custom_fields": [],
            "cancel_url": "https://portal.test/?signature=SECRET",
            "invoices_url": "https:\/\/portal.test/?signature=SECRET",
            "update_card_url": ["https://portal.test/?signature=SECRET"],
            "from_the_future": [1]}"#,
    );
    store.apply(&sent).await.unwrap();
    let kept = store.resource(&1.into()).await.unwrap().unwrap();
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["from_the_future"], serde_json::json!([1]));
    assert_eq!(kept["id"], 1);

    // Nowhere in the files either.
    store.close().await;
    let bytes = std::fs::read(place.path()).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"SECRET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_document_of_what_is_not_known_or_came_without_one() {
    let place = Place::new();
    let store = place.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    assert_eq!(store.resource(&1.into()).await.unwrap(), None);
    assert_eq!(store.resource(&2.into()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_differ_in_one_version_are_contested_even_if_access_does_not() {
    let place = Place::new();
    let store = place.store().await;
    let one = document(1, r#"{"id": 1, "status": "active", "price": 100}"#);
    let other = document(1, r#"{"id": 1, "status": "active", "price": 200}"#);
    assert_eq!(store.apply(&one).await.unwrap(), Applied::Inserted);
    assert_eq!(store.apply(&other).await.unwrap(), Applied::Contested);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_is_an_error_and_never_left_out() {
    let place = Place::new();
    let store = place.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    let pool = place.pool().await;
    for column in ["renews_at", "ends_at", "trial_ends_at"] {
        let damage = format!("UPDATE octany_subscriptions SET {column} = {}", i64::MAX);
        sqlx::query(sqlx::AssertSqlSafe(damage)).execute(&pool).await.unwrap();
        assert_eq!(kind(store.subscriptions(&"user_42".into()).await), StoreErrorKind::Corrupt);
        let repair = format!("UPDATE octany_subscriptions SET {column} = NULL");
        sqlx::query(sqlx::AssertSqlSafe(repair)).execute(&pool).await.unwrap();
    }
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    // What the tables cannot hold in the first place.
    for damage in ["contested = 2", "ends_at = 'soon'", "version = NULL", "status = NULL"] {
        let damage = format!("UPDATE octany_subscriptions SET {damage}");
        sqlx::query(sqlx::AssertSqlSafe(damage)).execute(&pool).await.unwrap_err();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_data_whatever_it_says() {
    let place = Place::new();
    let store = place.store().await;
    for nasty in ["'; DROP TABLE octany_subscriptions; --", "%", "\u{0}x", "🦀", "?1"] {
        let mut snapshot = Snapshot::new(nasty, nasty, Version::new(at(0), Source::Api));
        snapshot.reference = Some(nasty.into());
        assert_eq!(store.apply(&snapshot).await.unwrap(), Applied::Inserted);
        let known = store.subscriptions(&nasty.into()).await.unwrap();
        assert_eq!(known.len(), 1, "{nasty:?}");
        assert!(known[0].agrees_with(&snapshot));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_is_looked_up_by_index_alone() {
    let place = Place::new();
    place.store().await;
    let pool = place.pool().await;
    let plan = sqlx::query(
        "EXPLAIN QUERY PLAN SELECT s.status FROM octany_subscriptions AS s
         WHERE s.reference_id = 'a' UNION ALL
         SELECT s.status FROM octany_links AS l JOIN octany_subscriptions AS s
           ON s.subscription_id = l.subscription_id AND s.reference_id IS NULL
         WHERE l.reference_id = 'a'",
    );
    for row in plan.fetch_all(&pool).await.unwrap() {
        let step: String = row.get("detail");
        assert!(!step.contains("SCAN"), "{step}");
    }
}
