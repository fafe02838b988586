//! From the checkout to the paid page, with every webhook blocked.

use octany_core::{AccessPolicy, Snapshot, Source, Version};
use octany_entitlement::{
    CheckoutLog, Clock, Gate, ManualClock, MemoryStore, OnOutage, SubscriptionStore,
};
use url::form_urlencoded::byte_serialize;

use crate::support::{App, Away, ask, builder, header, location, reason, start};

const WAITING: &str = r#"{"ready":false,"redirect":null,"slow":false}"#;
const SLOW: &str = r#"{"ready":false,"redirect":null,"slow":true}"#;

#[tokio::test]
async fn one_poll_after_the_subscription_exists_the_visitor_is_sent_on() {
    let app = App::new();
    let checkout = app.subscribe("return_to=/reports/7").await;
    let page = app.ask("GET /pending?to=%2Freports%2F7", "").await;
    assert_eq!(page.status, 200);
    for _ in 0..3 {
        app.later(3);
        let told = app.ask("GET /pending/status?to=%2Freports%2F7", "").await;
        assert_eq!((told.status, &*told.body), (200, WAITING));
    }
    app.octany.paid("sub_1", &checkout);
    let asked = *app.octany.asked.lock().unwrap();
    let told = app.ask("GET /pending/status?to=%2Freports%2F7", "").await;
    assert_eq!(&*told.body, r#"{"ready":true,"redirect":"/reports/7","slow":false}"#);
    assert_eq!(*app.octany.asked.lock().unwrap(), asked + 1);
    assert_eq!(header(&told, "cache-control"), Some("no-store"));
    assert_eq!(header(&told, "content-type"), Some("application/json"));

    // Now it is in the store, and Octany is asked no more.
    let again = app.ask("GET /pending?to=%2Freports%2F7", "").await;
    assert_eq!((again.status, location(&again)), (303, "/reports/7"));
    assert_eq!(*app.octany.asked.lock().unwrap(), asked + 1);
}

#[tokio::test]
async fn a_webhook_that_was_faster_is_enough() {
    let app = App::new();
    app.subscribe("").await;
    let mut report = Snapshot::new("sub_1", "active", Version::new(start(), Source::Api));
    report.reference = Some("user_42".into());
    app.store.apply(&report).await.unwrap();
    let page = app.ask("GET /pending?to=myapp%3A%2F%2Fdone", "").await;
    assert_eq!((page.status, location(&page)), (303, "myapp://done"));
    assert_eq!(header(&page, "cache-control"), Some("no-store"));
}

#[tokio::test]
async fn the_first_return_is_noted_and_time_counts_from_it_across_reloads() {
    let app = App::new();
    app.subscribe("").await;
    app.later(600); // at the checkout
    assert!(app.ask("GET /pending", "").await.body.contains(r#"data-state="waiting""#));
    let returned_at = app.clock.now();
    app.later(119);
    assert!(app.ask("GET /pending", "").await.body.contains(r#"data-state="waiting""#));
    assert_eq!(app.ask("GET /pending/status", "").await.body, WAITING);
    app.later(1);
    assert_eq!(app.ask("GET /pending/status", "").await.body, SLOW);
    let slow = app.ask("GET /pending", "").await;
    assert!(slow.body.contains(r#"data-state="slow""#) && !slow.body.contains("http-equiv"));
    let begun = app.store.begun(&"user_42".into(), start(), 1).await.unwrap();
    assert_eq!(begun[0].returned_at, Some(returned_at));
}

#[tokio::test]
async fn who_never_came_back_is_waited_for_from_the_beginning_of_the_checkout() {
    let app = App::new();
    app.subscribe("").await;
    app.later(119);
    assert_eq!(app.ask("GET /pending/status", "").await.body, WAITING);
    app.later(1);
    assert_eq!(app.ask("GET /pending/status", "").await.body, SLOW);
}

#[tokio::test]
async fn who_began_no_checkout_has_nothing_to_wait_for() {
    let app = App::new();
    assert_eq!(app.ask("GET /pending/status", "").await.body, SLOW);
    assert!(app.ask("GET /pending", "").await.body.contains(r#"data-state="slow""#));
}

#[tokio::test]
async fn a_payment_that_comes_days_later_is_found_by_whoever_looks() {
    let app = App::new();
    let checkout = app.subscribe("").await;
    app.ask("GET /pending", "").await;
    app.later(7 * 24 * 60 * 60);
    assert_eq!(app.ask("GET /pending/status", "").await.body, SLOW);
    app.octany.paid("sub_1", &checkout);
    let page = app.ask("GET /pending", "").await;
    assert_eq!((page.status, location(&page)), (303, "/reports"));
}

#[tokio::test]
async fn a_target_that_was_tampered_with_does_not_keep_anybody_who_paid() {
    let app = App::new();
    let checkout = app.subscribe("").await;
    for to in ["https://evil.example", "//evil.example", "javascript:alert(1)", "/%5cevil", ""] {
        let to: String = byte_serialize(to.as_bytes()).collect();
        let page = app.ask(&format!("GET /pending?to={to}"), "").await;
        assert!(page.body.contains("href=\"/reports\"") && !page.body.contains("evil"), "{to}");
    }
    app.octany.paid("sub_1", &checkout);
    let page = app.ask("GET /pending?to=%2F%2Fevil.example", "").await;
    assert_eq!((page.status, location(&page)), (303, "/reports"));
    let told = app.ask("GET /pending/status?to=%2F%2Fevil.example", "").await;
    assert!(told.body.contains(r#""redirect":"/reports""#), "{}", told.body);
}

#[tokio::test]
async fn coming_back_lets_nobody_in() {
    let app = App::new();
    app.subscribe("").await;
    for _ in 0..3 {
        assert_eq!(app.ask("GET /pending?paid=true&status=active", "").await.status, 200);
    }
    assert_eq!(app.ask("GET /pending/status", "").await.body, WAITING);
    assert_eq!(app.store.subscriptions(&"user_42".into()).await.unwrap().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_outage_keeps_the_page_waiting_and_shows_no_error_to_who_has_just_paid() {
    let gate = Gate::new(Away, AccessPolicy::new(), OnOutage::Deny);
    let away = builder(gate, Away).build().unwrap();
    for user in ["user_42", "unclear"] {
        let page = ask(&away, Some(user), "GET /pending", "", &[]).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(r#"data-state="waiting""#) && !page.body.contains("hunter2"));
        let told = ask(&away, Some(user), "GET /pending/status", "", &[]).await;
        assert_eq!((told.status, &*reason(&told)), (503, "could_not_tell"));
    }
    // A log that is away, or does not answer, is no reason to stop waiting.
    let gate = Gate::new(MemoryStore::new(), AccessPolicy::new(), OnOutage::Deny);
    let billing = builder(gate, Away).clock(ManualClock::at(start())).build().unwrap();
    let page = ask(&billing, Some("user_42"), "GET /pending", "", &[]).await;
    assert!(page.body.contains(r#"data-state="waiting""#));
    let told = ask(&billing, Some("user_42"), "GET /pending/status", "", &[]).await;
    assert_eq!(told.body, WAITING);
}

#[tokio::test]
async fn a_gate_in_shadow_does_not_stand_for_having_paid() {
    let gate = Gate::new(MemoryStore::new(), AccessPolicy::new(), OnOutage::Deny).shadow();
    let billing = builder(gate, MemoryStore::new()).build().unwrap();
    let told = ask(&billing, Some("user_42"), "GET /pending/status", "", &[]).await;
    assert!(told.body.contains(r#""ready":false"#));
    let sold = ask(&billing, Some("user_42"), "POST /subscribe", "", &[]).await;
    assert!(location(&sold).starts_with("https://checkout.octany.com/"));
}
