//! What cannot be read is an error, and never left out.

use std::time::Duration;

use octany_core::{Applied, ReferenceId};
use octany_entitlement::{
    AccessLog, Claim, ClaimToken, DeliveryLog, Ledger, StoreErrorKind, SubscriptionLinks,
    SubscriptionStore,
};

use crate::place::{Place, at, cmd, kind, report};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_cannot_be_read_is_corrupt() {
    let place = Place::new().await;
    let store = place.store().await;
    let record = place.key("sub", "1");
    let user = ReferenceId::from("user_42");
    for (field, value) in [
        ("renews_at", "tomorrow"),
        ("ends_at", "9223372036854775807"),
        ("trial_ends_at", ""),
        ("version", "1.5e15"),
        ("version", "9223372036854775808"),
        ("contested", "maybe"),
    ] {
        store.apply(&report(1, "active")).await.unwrap();
        place.run::<()>(&cmd(&["HSET", &record, field, value])).await;
        let found = store.subscriptions(&user).await;
        assert_eq!(kind(found), StoreErrorKind::Corrupt, "{field} {value}");
        place.run::<()>(&cmd(&["DEL", &record])).await;
    }
    store.apply(&report(1, "active")).await.unwrap();
    for field in ["status", "version", "contested"] {
        place.run::<()>(&cmd(&["HDEL", &record, field])).await;
        assert_eq!(kind(store.subscriptions(&user).await), StoreErrorKind::Corrupt, "{field}");
    }
    let mut bytes = redis::cmd("HSET");
    bytes
        .arg(&record)
        .arg(&["status", "version", "contested"].map(|field| (field, "0")))
        .arg("product");
    place.run::<()>(bytes.arg(&[0xff_u8][..])).await;
    assert_eq!(kind(store.subscriptions(&user).await), StoreErrorKind::Corrupt, "no text");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_without_its_version_is_not_written_over() {
    let place = Place::new().await;
    let store = place.store().await;
    for damage in [["status", "active"], ["version", "new"]] {
        place.run::<()>(&cmd(&["DEL", &place.key("sub", "1")])).await;
        place.run::<()>(&cmd(&["HSET", &place.key("sub", "1"), damage[0], damage[1]])).await;
        assert_eq!(kind(store.apply(&report(1, "active")).await), StoreErrorKind::Corrupt);
    }
    place.run::<()>(&cmd(&["HDEL", &place.key("sub", "1"), "version"])).await;
    place.run::<()>(&cmd(&["HSET", &place.key("sub", "1"), "status", "active"])).await;
    assert_eq!(kind(store.owner(&1.into()).await), StoreErrorKind::Corrupt);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_gone_is_not_no_subscription() {
    let place = Place::new().await;
    let store = place.store().await;
    let user = ReferenceId::from("user_42");
    store.apply(&report(1, "active")).await.unwrap();
    place.run::<()>(&cmd(&["DEL", &place.key("sub", "1")])).await;
    assert_eq!(kind(store.subscriptions(&user).await), StoreErrorKind::Corrupt);
    store.apply(&report(1, "active")).await.unwrap();
    assert_eq!(store.subscriptions(&user).await.unwrap().len(), 1, "the next report mends it");
    // An index that names somebody else's.
    place.run::<()>(&cmd(&["SADD", &place.key("ref", "ann"), "1"])).await;
    assert_eq!(kind(store.subscriptions(&"ann".into()).await), StoreErrorKind::Corrupt);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_type_is_corrupt_for_every_call_and_changes_nothing() {
    let place = Place::new().await;
    let store = place.store().await;
    let other = async |kind: &str, id: &str| {
        let key = place.key(kind, id);
        place.run::<()>(&cmd(&["DEL", &key])).await;
        place.run::<()>(&cmd(&["RPUSH", &key, "x"])).await;
    };
    let corrupt = StoreErrorKind::Corrupt;
    let token = ClaimToken::random();
    other("sub", "1").await;
    other("ref", "user_42").await;
    other("delivery", "d").await;
    other("access", "user_42").await;
    place.run::<()>(&cmd(&["RPUSH", &format!("{}ends", place.prefix()), "x"])).await;
    let kinds = [
        kind(store.apply(&report(1, "active")).await),
        kind(store.subscriptions(&"user_42".into()).await),
        kind(store.resource(&1.into()).await),
        kind(store.owner(&1.into()).await),
        kind(store.link(&1.into(), &"user_42".into()).await),
        kind(store.claim(&"d".into(), at(0), MINUTE).await),
        kind(store.complete(&"d".into(), token, at(0)).await),
        kind(store.release(&"d".into(), token).await),
        kind(store.announce(&"user_42".into(), true, None, at(0)).await),
        kind(store.announce(&"ann".into(), true, Some(at(0)), at(0)).await),
        kind(store.due(at(0), 9).await),
    ];
    assert_eq!(kinds, [corrupt; 11]);

    // An index of another type stops a move before anything of it is done.
    place.run::<()>(&cmd(&["DEL", &place.key("sub", "1"), &place.key("ref", "user_42")])).await;
    store.apply(&report(1, "active")).await.unwrap();
    other("ref", "ann").await;
    let mut moved = report(2, "active");
    moved.reference = Some("ann".into());
    assert_eq!(kind(store.apply(&moved).await), corrupt);
    assert_eq!(store.subscriptions(&"user_42".into()).await.unwrap().len(), 1);
    assert_eq!(store.owner(&1.into()).await.unwrap(), Some("user_42".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_or_an_announcement_that_cannot_be_read_is_corrupt() {
    let place = Place::new().await;
    let store = place.store().await;
    for fields in [["token", "1"], ["claimed_until", "1"], ["other", "1"]] {
        place.run::<()>(&cmd(&["DEL", &place.key("delivery", "d")])).await;
        place.run::<()>(&cmd(&["HSET", &place.key("delivery", "d"), fields[0], fields[1]])).await;
        let claimed = store.claim(&"d".into(), at(0), MINUTE).await;
        assert_eq!(kind(claimed), StoreErrorKind::Corrupt, "{fields:?}");
        let entered = store.enter(&"d".into(), at(0), MINUTE, &report(1, "active")).await;
        assert_eq!(kind(entered), StoreErrorKind::Corrupt, "{fields:?}");
        assert_eq!(store.owner(&1.into()).await.unwrap(), None, "and takes no report in");
    }
    for fields in [["granted", "yes"], ["other", "1"]] {
        place.run::<()>(&cmd(&["DEL", &place.key("access", "a")])).await;
        place.run::<()>(&cmd(&["HSET", &place.key("access", "a"), fields[0], fields[1]])).await;
        let announced = store.announce(&"a".into(), true, None, at(0)).await;
        assert_eq!(kind(announced), StoreErrorKind::Corrupt, "{fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_whose_report_cannot_be_taken_in_is_not_claimed() {
    let place = Place::new().await;
    let store = place.store().await;
    for damage in [["HSET", "version", "new"], ["RPUSH", "x", "x"]] {
        let [command, one, other] = damage;
        place.run::<()>(&cmd(&["DEL", &place.key("sub", "1")])).await;
        place.run::<()>(&cmd(&[command, &place.key("sub", "1"), one, other])).await;
        let entered = store.enter(&"d".into(), at(0), MINUTE, &report(1, "active")).await;
        assert_eq!(kind(entered), StoreErrorKind::Corrupt, "{command}");
    }
    place.run::<()>(&cmd(&["DEL", &place.key("sub", "1")])).await;
    let entered = store.enter(&"d".into(), at(0), MINUTE, &report(1, "active")).await.unwrap();
    assert!(matches!(entered.claim, Claim::Fresh(_)));
    assert_eq!(entered.applied, Some(Applied::Inserted));
}
