//! A guard that asks Octany before it denies.

use std::time::Duration;

use octany_core::{AccessPolicy, Reason};
use octany_entitlement::{DecisionSource, Refresh, Refreshed, SubscriptionStore};
use serde_json::json;

use crate::octany::at;
use crate::support::{App, deliver, might_happen, until, webhook};

#[tokio::test]
async fn with_all_webhooks_blocked_a_payer_passes_at_the_first_request() {
    let app = App::start().await;
    app.octany.subscribe(1, "payer", "active");
    assert!(app.gate.try_decide(&"payer".into()).is_none());
    let decision = app.gate.decide(&"payer".into()).await.unwrap();
    assert!(decision.is_allowed());
    assert_eq!(decision.source(), DecisionSource::Engine);

    let stranger = app.gate.decide(&"stranger".into()).await.unwrap();
    assert_eq!(stranger.reason(), Reason::NoSubscription);
}

#[tokio::test]
async fn what_is_reconciled_through_the_cache_is_seen_at_once() {
    let app = App::start().await;
    assert!(!app.passes("payer").await);
    app.octany.subscribe(1, "payer", "active");
    app.clock.advance(chrono::TimeDelta::seconds(6));
    assert!(app.store.peek(&"payer".into()).is_none(), "an empty copy is not kept for so long");
    assert!(app.store.look_up(&"payer".into()).await.unwrap().is_empty());
    assert!(app.store.peek(&"payer".into()).is_some(), "now there is one again");

    assert_eq!(app.reconciler.reconcile(&"payer".into()).await.unwrap().changed, 1);
    assert!(app.store.peek(&"payer".into()).is_none(), "which is old by now");
    assert!(app.passes("payer").await);
    assert!(app.gate.try_decide(&"payer".into()).unwrap().is_allowed());
}

#[tokio::test]
async fn while_octany_is_down_the_gate_denies_from_what_it_has() {
    let app = App::start().await;
    app.octany.subscribe(1, "payer", "active");
    app.octany.set_down(true);
    let decision = app.gate.decide(&"payer".into()).await.unwrap();
    assert_eq!(decision.reason(), Reason::NoSubscription);
    let calls = app.octany.calls();
    assert!(!app.passes("payer").await);
    assert_eq!(app.octany.calls(), calls, "a failure is not asked about again at once");

    app.octany.set_down(false);
    app.clock.advance(chrono::TimeDelta::seconds(5));
    assert!(app.passes("payer").await);
}

#[tokio::test]
async fn while_octany_is_slow_the_gate_does_not_wait_and_the_answer_still_lands() {
    let deadline = Duration::from_millis(20);
    let app = App::with(|set_up| set_up.deadline(deadline)).await;
    app.octany.subscribe(1, "payer", "active");
    app.octany.hold("payer");
    let decision = app.gate.decide(&"payer".into()).await.unwrap();
    assert_eq!(decision.reason(), Reason::NoSubscription);

    app.octany.let_go();
    until(async || !app.store.subscriptions(&"payer".into()).await.unwrap().is_empty()).await;
    assert!(app.passes("payer").await);
    assert_eq!(app.octany.calls(), 1);
}

#[tokio::test]
async fn whoever_looked_before_the_answer_landed_looks_again() {
    let app = App::start().await;
    app.octany.subscribe(1, "payer", "active");
    // Two requests look, and are about to be denied; only the first one gets to ask.
    for _ in 0..2 {
        let refreshed = Refresh::refresh(&app.reconciler, &"payer".into()).await.unwrap();
        assert_eq!(refreshed, Refreshed::Applied);
    }
    assert_eq!(app.octany.calls(), 1);
}

fn needs_a_product() -> AccessPolicy {
    AccessPolicy::new().products([42])
}

#[tokio::test]
async fn a_product_that_an_event_does_not_tell_is_asked_for_before_a_denial() {
    let app = App::policed(needs_a_product()).await;
    let data = json!({"id": 1, "status": "active", "reference_id": "payer"});
    deliver(&app.receiver, &webhook(1, "subscription.updated", at(0), &data)).await;
    app.octany.subscribe(1, "payer", "active");
    app.octany.set(1, "product", json!({"id": 42, "name": "Gold"}));
    assert!(app.passes("payer").await);
    assert!(app.passes("payer").await);
    assert_eq!(app.octany.calls(), 1, "and then it is known");
}

#[tokio::test]
async fn a_product_that_nobody_tells_is_not_asked_for_in_a_loop() {
    let app = App::policed(needs_a_product()).await;
    app.octany.subscribe(1, "payer", "active");
    for _ in 0..100 {
        let decision = app.gate.decide(&"payer".into()).await.unwrap();
        assert_eq!(decision.reason(), Reason::ProductNotKnown);
    }
    assert_eq!(app.octany.calls(), 1);
}

/// Two deliveries of one second that contradict each other; Octany knows which one is right.
async fn contest(app: &App) {
    for (id, status) in [(1, "unpaid"), (2, "active")] {
        let data = json!({"id": 1, "status": status, "reference_id": "payer"});
        deliver(&app.receiver, &webhook(id, "subscription.updated", at(0), &data)).await;
    }
    app.octany.subscribe(1, "payer", "unpaid");
}

#[tokio::test]
async fn whoever_passes_on_contested_reports_passes_at_once_and_is_asked_about_meanwhile() {
    let app = App::start().await;
    contest(&app).await;
    app.octany.hold("payer");
    assert!(app.passes("payer").await, "nobody waits for the answer");
    assert!(app.gate.try_decide(&"payer".into()).unwrap().is_allowed());
    app.octany.let_go();
    until(async || {
        let known = app.store.subscriptions(&"payer".into()).await.unwrap();
        !known[0].contested
    })
    .await;
    assert!(!app.passes("payer").await);
    assert_eq!(app.octany.calls(), 1, "however many passed meanwhile");
}

#[tokio::test]
async fn a_renewal_that_nobody_heard_of_is_asked_about_once_in_a_while() {
    let app = App::start().await;
    app.octany.subscribe(1, "payer", "active");
    app.octany.set(1, "renews_at", json!(at(3_600)));
    assert!(app.passes("payer").await);
    for hours in [1, 24] {
        app.clock.set(at(3_600 * hours));
        assert!(app.passes("payer").await);
        might_happen().await;
    }
    assert_eq!(app.octany.calls(), 1, "it may take a day");

    app.clock.set(at(3_600 * 26));
    for _ in 0..10 {
        assert!(app.passes("payer").await);
    }
    until(async || {
        let known = app.store.subscriptions(&"payer".into()).await.unwrap();
        known[0].as_of() == at(3_600 * 26)
    })
    .await;
    app.clock.set(at(3_600 * 40));
    assert!(app.passes("payer").await);
    might_happen().await;
    assert_eq!(app.octany.calls(), 2, "what was answered counts for another day");
}
