//! The newest report counts, and is found again.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::resource::Subscription;
use octany_core::{Applied, Rank, Snapshot, Source, Version};
use octany_entitlement::{AccessLog, Claim, DeliveryLog, SubscriptionLinks, SubscriptionStore};

use crate::place::{Place, at, cmd, report};

fn document(seconds: i64, json: &str) -> Snapshot {
    let version = Version::new(at(seconds), Source::Webhook(Rank::Updated));
    Snapshot::of(&Arc::new(Subscription::parse(json.to_owned()).unwrap()), version)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_the_five_outcomes_is_told_apart() {
    let place = Place::new().await;
    let store = place.store().await;
    for (seconds, status, expected, marked) in [
        (10, "active", Applied::Inserted, false),
        (10, "active", Applied::Unchanged, false),
        (10, "unpaid", Applied::Contested, true),
        (10, "unpaid", Applied::Unchanged, true),
        (10, "active", Applied::Contested, true),
        (9, "expired", Applied::Stale, true),
        (11, "expired", Applied::Updated, false),
        (11, "expired", Applied::Unchanged, false),
    ] {
        assert_eq!(store.apply(&report(seconds, status)).await.unwrap(), expected);
        let known = store.subscriptions(&"user_42".into()).await.unwrap();
        assert_eq!(known[0].contested, marked, "after {expected:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_of_one_version_that_differ_are_contested() {
    let place = Place::new().await;
    let store = place.store().await;
    let one = r#"{"id": 1, "reference_id": "user_42", "status": "active", "note": 1}"#;
    assert_eq!(store.apply(&document(1, one)).await.unwrap(), Applied::Inserted);
    assert_eq!(store.apply(&document(1, one)).await.unwrap(), Applied::Unchanged);
    let other = one.replace("\"note\": 1", "\"note\": 2");
    assert_eq!(store.apply(&document(1, &other)).await.unwrap(), Applied::Contested);
    assert!(store.resource(&1.into()).await.unwrap().unwrap().contains("\"note\":2"));
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

    // A newer report that says less leaves nothing of the older one.
    let bare = report(6, "active");
    assert_eq!(store.apply(&bare).await.unwrap(), Applied::Updated);
    let known = store.subscriptions(&"user_42".into()).await.unwrap().remove(0);
    assert!(known.agrees_with(&bare), "{known:?}");
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
    assert_eq!(kept["note"], "\0");
    assert_eq!(store.resource(&2.into()).await.unwrap(), None);
    store.apply(&report(2, "active")).await.unwrap();
    assert_eq!(store.resource(&1.into()).await.unwrap(), None, "the newest has no document");
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_data_whatever_it_says() {
    let place = Place::new().await;
    let store = place.store().await;
    let long = "x".repeat(10_000);
    for nasty in ["", "1", "/", "sub/1", "a:b", "*", "{a}", "'\"\\", "🦀", "a\r\nb\0c", &long] {
        let mut snapshot = Snapshot::new(nasty, nasty, Version::new(at(0), Source::Api));
        snapshot.reference = Some(nasty.into());
        assert_eq!(store.apply(&snapshot).await.unwrap(), Applied::Inserted, "{nasty:?}");
        let known = store.subscriptions(&nasty.into()).await.unwrap();
        assert_eq!(known.len(), 1, "{nasty:?}");
        assert!(known[0].agrees_with(&snapshot));
        store.link(&nasty.into(), &"other".into()).await.unwrap();
        assert_eq!(store.owner(&nasty.into()).await.unwrap(), Some(nasty.into()));
        let claim = store.claim(&nasty.into(), at(0), Duration::from_mins(1)).await.unwrap();
        assert!(matches!(claim, Claim::Fresh(_)), "{nasty:?}");
        store.announce(&nasty.into(), true, Some(at(0)), at(0)).await.unwrap();
        assert_eq!(store.due(at(0), 9).await.unwrap(), [nasty]);
        store.announce(&nasty.into(), false, None, at(0)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_where_its_newest_report_or_link_says() {
    let place = Place::new().await;
    let store = place.store().await;
    let of = |seconds, reference: Option<&'static str>| {
        let mut report = report(seconds, "active");
        report.reference = reference.map(Into::into);
        report
    };
    let is_at = async |owner: Option<&str>| {
        for reference in ["ann", "bob", "cid", ""] {
            let known = store.subscriptions(&reference.into()).await.unwrap();
            assert_eq!(known.len(), usize::from(owner == Some(reference)), "{reference}");
        }
        assert_eq!(store.owner(&1.into()).await.unwrap(), owner.map(Into::into));
    };
    store.apply(&of(1, None)).await.unwrap();
    is_at(None).await;
    store.apply(&of(2, Some("ann"))).await.unwrap();
    is_at(Some("ann")).await;
    store.link(&1.into(), &"bob".into()).await.unwrap();
    is_at(Some("ann")).await;
    // Of one version, too.
    store.apply(&of(2, Some("cid"))).await.unwrap();
    is_at(Some("cid")).await;
    store.apply(&of(3, None)).await.unwrap();
    is_at(Some("bob")).await;
    store.link(&1.into(), &"ann".into()).await.unwrap();
    is_at(Some("ann")).await;
    assert_eq!(store.apply(&of(1, Some("cid"))).await.unwrap(), Applied::Stale);
    is_at(Some("ann")).await;
    store.apply(&of(4, Some("bob"))).await.unwrap();
    is_at(Some("bob")).await;
    let indexes: Vec<String> = place.run(&cmd(&["KEYS", &place.key("ref", "*")])).await;
    assert_eq!(indexes, [place.key("ref", "bob")], "nothing of former owners remains");
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_of_different_prefixes_never_meet() {
    let place = Place::new().await;
    let store = place.store().await;
    store.apply(&report(1, "active")).await.unwrap();
    let Claim::Fresh(token) =
        store.claim(&"d".into(), at(0), Duration::from_mins(1)).await.unwrap()
    else {
        panic!("nobody else claimed it");
    };
    store.announce(&"user_42".into(), true, Some(at(0)), at(0)).await.unwrap();
    for inner in ["a:", "sub:", "ref:", ":"] {
        let other = store.clone().key_prefix(&format!("{}{inner}", place.prefix())).unwrap();
        assert!(other.subscriptions(&"user_42".into()).await.unwrap().is_empty());
        assert_eq!(other.owner(&1.into()).await.unwrap(), None);
        assert!(!other.complete(&"d".into(), token, at(0)).await.unwrap());
        assert!(other.due(at(1), 9).await.unwrap().is_empty());
        assert_eq!(other.apply(&report(1, "active")).await.unwrap(), Applied::Inserted);
    }
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    let keys: Vec<String> = place.run(&cmd(&["KEYS", &format!("{}*", place.prefix())])).await;
    assert!(keys.len() > 10, "every key begins with the prefix: {keys:?}");
}
