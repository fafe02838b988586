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
async fn a_report_that_cannot_be_read_is_corrupt() {
    let place = Place::new().await;
    let store = place.store().await;
    let record = place.key("sub", "1");
    let user = ReferenceId::from("user_42");
    let mut good = report(1, "active");
    good.product = Some("gold".into());
    good.renews_at = Some(at(60));
    store.apply(&good).await.unwrap();
    let stored: String = place.run(&cmd(&["HGET", &record, "report"])).await;
    let renews_at = at(60).timestamp_micros().to_string();
    for (part, other) in [
        (renews_at.as_str(), "tomorrow"),
        (&renews_at, "9223372036854775807"),
        (&renews_at, ""),
        (&stored[..20], "99999999999999999999"),
        (&stored[..20], "1.5e15"),
        (" 0 7:user_42", " 2 7:user_42"),
        ("7:user_42", "7;user_42"),
        ("6:active", "7:active"),
        ("6:active", "-6:active"),
        ("6:active", "99999999999999999999:active"),
        ("6:active", "-"),
        (" 4:gold", " 5:gold"),
        (" 4:gold", " 3:gold"),
        (" 4:gold", ""),
        (" 6:active 4:gold", ""),
    ] {
        let damaged = stored.replacen(part, other, 1);
        assert_ne!(damaged, stored);
        place.run::<()>(&cmd(&["HSET", &record, "report", &damaged])).await;
        let found = store.subscriptions(&user).await;
        assert_eq!(kind(found), StoreErrorKind::Corrupt, "{damaged}");
    }
    let no_reference = stored.replacen("7:user_42", "user_42", 1);
    place.run::<()>(&cmd(&["HSET", &record, "report", &no_reference])).await;
    assert_eq!(kind(store.owner(&1.into()).await), StoreErrorKind::Corrupt);
    for length in 0..stored.len() {
        place.run::<()>(&cmd(&["HSET", &record, "report", &stored[..length]])).await;
        assert_eq!(kind(store.subscriptions(&user).await), StoreErrorKind::Corrupt, "{length}");
    }
    let mut damaged = stored.clone().into_bytes();
    *damaged.last_mut().unwrap() = 0xff;
    let mut bytes = redis::cmd("HSET");
    bytes.arg(&record).arg("report").arg(damaged);
    place.run::<()>(&bytes).await;
    assert_eq!(kind(store.subscriptions(&user).await), StoreErrorKind::Corrupt, "no text");
    place.run::<()>(&cmd(&["HSET", &record, "report", &stored])).await;
    assert!(store.subscriptions(&user).await.unwrap()[0].agrees_with(&good));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_without_its_version_is_not_written_over() {
    let place = Place::new().await;
    let store = place.store().await;
    let record = place.key("sub", "1");
    store.apply(&report(1, "active")).await.unwrap();
    let stored: String = place.run(&cmd(&["HGET", &record, "report"])).await;
    let (short, moved) = (&stored[1..], stored.replacen(' ', "0", 1).replacen("00", "0 ", 1));
    for damage in [["resource", "{}"], ["report", "new"], ["report", short], ["report", &moved]] {
        place.run::<()>(&cmd(&["DEL", &record])).await;
        place.run::<()>(&cmd(&["HSET", &record, damage[0], damage[1]])).await;
        assert_eq!(kind(store.apply(&report(2, "active")).await), StoreErrorKind::Corrupt);
        assert_eq!(kind(store.owner(&1.into()).await), StoreErrorKind::Corrupt, "{damage:?}");
    }
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
    for claim in ["", "1", "1 2 3 4", "1 soon", "one 2", "1 2 3x"] {
        place.run::<()>(&cmd(&["SET", &place.key("delivery", "d"), claim])).await;
        let claimed = store.claim(&"d".into(), at(0), MINUTE).await;
        assert_eq!(kind(claimed), StoreErrorKind::Corrupt, "{claim}");
        let entered = store.enter(&"d".into(), at(0), MINUTE, &report(1, "active")).await;
        assert_eq!(kind(entered), StoreErrorKind::Corrupt, "{claim}");
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
    for damage in [["HSET", "report", "new"], ["RPUSH", "x", "x"]] {
        let [command, one, other] = damage;
        place.run::<()>(&cmd(&["DEL", &place.key("sub", "1")])).await;
        place.run::<()>(&cmd(&[command, &place.key("sub", "1"), one, other])).await;
        let entered = store.enter(&"d".into(), at(0), MINUTE, &report(1, "active")).await;
        assert_eq!(kind(entered), StoreErrorKind::Corrupt, "{command}");
    }
    // A claim whose lease is over stays as it was.
    let Claim::Fresh(token) = store.claim(&"late".into(), at(0), MINUTE).await.unwrap() else {
        panic!("nobody else claimed it");
    };
    let entered = store.enter(&"late".into(), at(90), MINUTE, &report(1, "active")).await;
    assert_eq!(kind(entered), StoreErrorKind::Corrupt);
    assert!(store.complete(&"late".into(), token, at(91)).await.unwrap());
    place.run::<()>(&cmd(&["DEL", &place.key("sub", "1")])).await;
    let entered = store.enter(&"d".into(), at(0), MINUTE, &report(1, "active")).await.unwrap();
    assert!(matches!(entered.claim, Claim::Fresh(_)));
    assert_eq!(entered.applied, Some(Applied::Inserted));
}
