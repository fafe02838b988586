//! Which checkouts visitors were sent to.

use chrono::TimeDelta;
use octany_entitlement::{Checkout, CheckoutLog, StoreErrorKind};

use crate::place::{Place, at, cmd, kind};

#[tokio::test(flavor = "multi_thread")]
async fn checkouts_are_forgotten_90_days_later() {
    let place = Place::new().await;
    let store = place.store().await;
    let begin = async |user: &str, reference: &str, days| {
        let begun_at = at(0) + TimeDelta::days(days);
        store.begin(&Checkout::new(reference, user, "42", begun_at)).await.unwrap();
    };
    for (user, reference, days) in
        [("user", "first", 0), ("other", "first", 0), ("user", "second", 1), ("user", "third", 90)]
    {
        begin(user, reference, days).await;
    }
    let forever = at(0) - TimeDelta::days(1_000);
    assert_eq!(store.begun(&"user".into(), forever, 9).await.unwrap().len(), 3, "to the day");
    begin("user", "fourth", 91).await;
    let known = store.begun(&"user".into(), forever, 9).await.unwrap();
    let left: Vec<_> = known.iter().map(|checkout| checkout.reference.as_str()).collect();
    assert_eq!(left, ["fourth", "third", "second"]);

    let days_90 = 90 * 24 * 60 * 60;
    for key in [place.key("begun", "other"), place.key("checkouts", "other")] {
        let left: i64 = place.run(&cmd(&["TTL", &key])).await;
        assert!((days_90 - 600..=days_90).contains(&left), "{key} expires by itself: {left}");
    }
    let left: i64 = place.run(&cmd(&["ZCARD", &format!("{}begun", place.prefix())])).await;
    assert_eq!(left, 3, "nothing is left behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_that_cannot_be_read_is_corrupt() {
    let place = Place::new().await;
    let store = place.store().await;
    let (checkouts, user) = (place.key("checkouts", "user"), "user".into());
    for damage in ["", "7", "1800000000000000 -", "soon - 42", "1800000000000000 soon 42"] {
        store.begin(&Checkout::new("text", "user", "42", at(0))).await.unwrap();
        place.run::<()>(&cmd(&["HSET", &checkouts, "text", damage])).await;
        let found = store.begun(&user, at(0), 9).await;
        assert_eq!(kind(found), StoreErrorKind::Corrupt, "{damage:?}");
        let returned = store.returned(&user, at(0), at(1)).await;
        assert_eq!(kind(returned), StoreErrorKind::Corrupt, "{damage:?}");
        place.run::<()>(&cmd(&["DEL", &checkouts])).await;
        assert_eq!(kind(store.begun(&user, at(0), 9).await), StoreErrorKind::Corrupt, "gone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_type_stops_a_checkout_before_anything_is_written() {
    let place = Place::new().await;
    let store = place.store().await;
    let all = format!("{}begun", place.prefix());
    place.run::<()>(&cmd(&["SET", &all, "7"])).await;
    let checkout = Checkout::new("text", "user", "42", at(0));
    assert_eq!(kind(store.begin(&checkout).await), StoreErrorKind::Corrupt);
    place.run::<()>(&cmd(&["DEL", &all])).await;
    assert!(store.begun(&"user".into(), at(0), 9).await.unwrap().is_empty());
}
