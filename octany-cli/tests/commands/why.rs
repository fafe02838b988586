//! `octany why`

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::checkout::ReferenceKey;
use octany_core::{Snapshot, Source, Version};
use octany_entitlement::Checkout;

use crate::place::Place;
use crate::run::{Told, octany, told};

const KEY: &str = "an example, and not a random one";

fn report(id: u64, reference: &str, status: &str) -> Snapshot {
    let an_hour_ago = Utc::now() - TimeDelta::hours(1);
    let mut report = Snapshot::new(id, status, Version::new(an_hour_ago, Source::Api));
    report.reference = Some(reference.into());
    report.product = Some(42.into());
    report
}

/// What was cancelled and is paid for nine more days, and what renews in twenty.
async fn filled(place: &Place) -> DateTime<Utc> {
    let now = Utc::now();
    let mut renews = report(1, "user_42", "active");
    renews.renews_at = Some(now + TimeDelta::days(20));
    let mut cancelled = report(2, "user_43", "cancelled");
    let ends_at = DateTime::from_timestamp((now + TimeDelta::days(9)).timestamp(), 0).unwrap();
    cancelled.ends_at = Some(ends_at);
    for report in [&renews, &cancelled] {
        place.store.apply(report).await.unwrap();
    }
    ends_at
}

fn why(place: &Place, arguments: &[&str]) -> Told {
    place.asked(&[&["why"], arguments].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_store_is_asked_who_has_access_and_why() {
    for place in Place::all().await {
        let ends_at = filled(&place).await;
        let allowed = why(&place, &["user_42"]).exits(0).out;
        assert!(allowed.contains("user_42 is allowed: active, by subscription 1"), "{allowed}");
        assert!(allowed.contains("Nothing but a report changes that."), "{allowed}");

        let ending = why(&place, &["user_43", "--json"]).exits(0).document();
        assert_eq!(ending["reason"], "paid_until_end");
        assert_eq!(
            ending["changes"][0]["at"],
            ends_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        );
        assert_eq!(ending["changes"][0]["reason"], "ended");
        assert_eq!(ending["subscriptions"][0]["subscription"], "2");

        why(&place, &["user_43", "--at", "+8d"]).exits(0);
        let ended = why(&place, &["user_43", "--json", "--at", "+10d"]).exits(1).document();
        assert_eq!((&ended["allowed"], &ended["reason"]), (&false.into(), &"ended".into()));
        let nobody = why(&place, &["nobody"]).exits(1).out;
        assert!(nobody.contains("nobody is denied: no_subscription"), "{nobody}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_is_that_of_the_apps_gate() {
    let place = Place::sqlite().await;
    let mut late = report(1, "user_42", "delayed");
    late.renews_at = Some(Utc::now() - TimeDelta::days(1));
    place.store.apply(&late).await.unwrap();
    let reason = |arguments: &[&str]| {
        let told = why(&place, &[&["user_42", "--json"], arguments].concat());
        told.document()["reason"].as_str().unwrap().to_owned()
    };
    assert_eq!(reason(&[]), "delayed");
    assert_eq!(reason(&["--grace", "3d"]), "grace");
    assert_eq!(reason(&["--grace", "3d", "--product", "41", "--product", "42"]), "grace");
    assert_eq!(reason(&["--grace", "3d", "--product", "41"]), "other_product");
    assert_eq!(reason(&["--grace", "3d", "--max-stale", "1min"]), "stale");
    why(&place, &["user_42", "--grace", "for ever"]).exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_reference_is_whom_it_names() {
    let place = Place::sqlite().await;
    filled(&place).await;
    let key = ReferenceKey::new(KEY).unwrap();
    let an_hour_ago = Utc::now() - TimeDelta::hours(1);
    let signed = key.sign(&"user_42".into(), &42.into(), an_hour_ago).unwrap();
    let signed = signed.as_reference_id().as_str();
    let refused = why(&place, &[signed]).exits(2).err;
    assert!(refused.contains("OCTANY_REFERENCE_KEY"), "{refused}");
    let asked = |signed: &str| {
        let mut command = octany(&["why", signed]);
        told(place.given_to(command.env("OCTANY_REFERENCE_KEY", format!("{KEY}!\n{KEY}\n"))))
    };
    let named = asked(signed).exits(0).without(KEY).out;
    assert!(named.contains("user_42 is allowed"), "{named}");
    let (rest, last) = signed.split_at(signed.len() - 1);
    let other = if last == "A" { "B" } else { "A" };
    asked(&format!("{rest}{other}")).exits(2).without(KEY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_whose_report_is_on_its_way_is_told() {
    let place = Place::sqlite().await;
    let now = Utc::now();
    place.store.begin(&Checkout::new("user_44", "user_44", 42, now)).await.unwrap();
    place.store.returned(&"user_44".into(), now, now).await.unwrap();
    let denied = why(&place, &["user_44"]).exits(1).out;
    assert!(denied.contains("came back from a checkout of product 42"), "{denied}");
    let denied = why(&place, &["user_44", "--json", "--at", "+1h"]).exits(1).document();
    assert!(denied["checkout_in_flight"].is_null(), "{denied}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_called_themselves_does_nothing_to_the_terminal() {
    let place = Place::sqlite().await;
    let name = "\u{1b}[31muser\r\nuser_42 is allowed";
    let shown = why(&place, &[name, "--color", "always"]).exits(1).out;
    assert!(!shown.contains("\u{1b}[31muser") && !shown.contains('\r'), "{shown:?}");
}
