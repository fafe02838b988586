//! Whom Octany is asked about, and whose an answer is.

use chrono::TimeDelta;
use octany_client::{ReconcileError, Reconciler};
use octany_entitlement::{Checkout, CheckoutLog, Receiver, SubscriptionStore};
use serde_json::json;

use crate::octany::{PER_PAGE, at};
use crate::support::{App, deliver, reference_key, webhook};

/// A user is sent to a checkout; the text that Octany is told.
async fn check_out(app: &App, user: &str, hours: i64) -> String {
    let expires_at = at(0) + TimeDelta::hours(hours);
    let signed = reference_key().sign(&user.into(), &7.into(), expires_at).unwrap();
    let checkout = Checkout::new(signed.as_reference_id().clone(), user, 7, at(hours));
    app.checkouts.begin(&checkout).await.unwrap();
    signed.as_reference_id().to_string()
}

#[tokio::test]
async fn a_payer_with_a_signed_reference_is_found_by_the_checkout() {
    let app = App::signed().await;
    check_out(&app, "payer", 24).await;
    let paid = check_out(&app, "payer", 48).await;
    check_out(&app, "payer", 72).await;
    app.octany.subscribe(1, &paid, "active");
    app.octany.set(1, "created_at", json!(at(0)));
    assert!(app.passes("payer").await);
    assert_eq!(app.octany.calls(), 3, "the texts, and not the plain reference");
    let known = app.store.subscriptions(&"payer".into()).await.unwrap();
    assert_eq!(known[0].reference.as_ref().unwrap(), "payer");
}

#[tokio::test]
async fn the_newest_checkouts_are_asked_about_and_no_old_ones() {
    let app = App::signed().await;
    for hours in 1..=20 {
        check_out(&app, "visitor", hours).await;
    }
    check_out(&app, "rare visitor", 1).await;
    app.reconciler.reconcile(&"visitor".into()).await.unwrap();
    assert_eq!(app.octany.calls(), 5);
    app.clock.advance(TimeDelta::days(31));
    assert!(!app.reconciler.reconcile(&"rare visitor".into()).await.unwrap().asked);
}

#[tokio::test]
async fn an_answer_belongs_to_whom_it_names_and_not_to_whom_it_was_asked_for() {
    let app = App::signed().await;
    let text = check_out(&app, "visitor", 24).await;
    app.octany.subscribe(1, &check_out(&app, "payer", 24).await, "active");
    app.octany.subscribe(2, "visitor", "active");
    app.octany.subscribe(3, &text.replacen("o1.", "o1.a", 1), "active");
    app.octany.forget_filters();
    let found = app.reconciler.reconcile(&"visitor".into()).await.unwrap();
    assert_eq!((found.seen, found.changed), (3, 3));
    assert!(!app.passes("visitor").await, "an unsigned name is nobody's, and so is a forged one");
    assert!(app.passes("payer").await);
}

#[tokio::test]
async fn what_no_list_brings_is_asked_for_by_its_id() {
    let app = App::start().await;
    app.octany.subscribe(1, "old name", "unpaid");
    let data = json!({"id": 1, "status": "active", "reference_id": "payer"});
    deliver(&app.receiver, &webhook(1, "subscription.updated", at(-1), &data)).await;
    assert!(app.passes("payer").await);
    let found = app.reconciler.reconcile(&"payer".into()).await.unwrap();
    assert_eq!((found.seen, found.changed, app.octany.calls()), (1, 1, 2));
    assert!(!app.passes("payer").await, "it belongs to somebody else, and is not paid for");
    let known = app.store.subscriptions(&"old name".into()).await.unwrap();
    assert_eq!(known.len(), 1);
}

#[tokio::test]
async fn what_the_api_does_not_know_is_told_and_changes_nothing() {
    let app = App::start().await;
    let data = json!({"id": 1, "status": "active", "reference_id": "payer"});
    deliver(&app.receiver, &webhook(1, "subscription.updated", at(0), &data)).await;
    let found = app.reconciler.reconcile(&"payer".into()).await.unwrap();
    assert!(found.asked);
    assert_eq!((found.seen, found.changed, found.unknown), (0, 0, vec!["1".into()]));
    assert!(app.reconciler.refresh(&"1".into()).await.unwrap().is_none());
    assert!(app.passes("payer").await);
}

#[tokio::test]
async fn one_subscription_is_refreshed_and_given_as_it_is() {
    let app = App::start().await;
    app.octany.subscribe(1, "payer", "active");
    app.octany.set(1, "cancel_url", json!("https://app.octany.com/portal/cancel?signature=1"));
    let fresh = app.reconciler.refresh(&"1".into()).await.unwrap().unwrap();
    assert!(fresh.value.cancel_url.is_some());
    assert_eq!(fresh.as_of, at(0));
    assert!(app.passes("payer").await);
    assert_eq!(app.octany.calls(), 1, "the gate had no reason to ask");
}

#[tokio::test]
async fn all_pages_are_read_up_to_a_bound() {
    let app = App::start().await;
    for id in 1..=3 * PER_PAGE as u64 {
        app.octany.subscribe(id, "team", "expired");
    }
    app.octany.subscribe(1_000, "team", "active");
    let found = app.reconciler.reconcile(&"team".into()).await.unwrap();
    assert_eq!((found.seen, found.cut_short, app.octany.calls()), (61, false, 4));
    assert!(app.passes("team").await);

    for id in 2_000..2_100 {
        app.octany.subscribe(id, "crowd", "active");
    }
    app.octany.subscribe(2_100, "crowd", "active");
    let found = app.reconciler.reconcile(&"crowd".into()).await.unwrap();
    assert_eq!((found.seen, found.cut_short), (5 * PER_PAGE, true));
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_and_hides_nothing_else() {
    let app = App::start().await;
    app.octany.subscribe(1, "payer", "active");
    app.octany.subscriptions().insert(0, json!({"id": 2, "reference_id": "payer"}));
    let found = app.reconciler.reconcile(&"payer".into()).await.unwrap();
    assert_eq!((found.seen, found.unreadable), (1, 1));
    assert!(app.passes("payer").await);
}

#[tokio::test]
async fn a_receiver_that_keeps_nothing_is_an_error() {
    let app = App::start().await;
    app.octany.subscribe(1, "payer", "active");
    let front = Receiver::builder().build();
    let reconciler = Reconciler::builder(app.octany.client(), front, app.store.clone()).build();
    let failed = reconciler.reconcile(&"payer".into()).await;
    assert!(matches!(failed, Err(ReconcileError::NoStore)));
}
