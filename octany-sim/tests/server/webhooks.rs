//! Webhooks, received by a receiver of this family.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use octany_axum::{OctanyEvent, OctanyWebhookLayer};
use octany_core::signature::{SigningSecret, Verifier};
use octany_entitlement::{MemoryStore, SubscriptionStore};
use octany_sim::server::webhooks::Progress;
use octany_sim::server::{Chance, Faults};
use tokio::net::TcpListener;

use crate::support::{MONTHLY, Shop};

/// An app that syncs, and the names of the events that reached its handler.
struct App {
    store: Arc<MemoryStore>,
    handled: Arc<Mutex<Vec<String>>>,
    url: String,
}

impl App {
    async fn of(shop: &Shop) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}/octany/webhook", listener.local_addr().expect("it is bound"));
        let account = shop.account;
        let secret = shop.simulator.with(|engine| engine.register_endpoint(account, &url));
        let secret = SigningSecret::new(secret.expect("it is new")).expect("it is one");
        let store = Arc::new(MemoryStore::new());
        let handled = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&handled);
        let on_event = move |event: OctanyEvent| async move {
            seen.lock().expect("nobody panics").push(event.name.to_string());
            StatusCode::NO_CONTENT
        };
        let layer = OctanyWebhookLayer::new(Verifier::new(secret)).ledger(Arc::clone(&store));
        let router = Router::new().route("/octany/webhook", post(on_event)).layer(layer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { store, handled, url }
    }

    fn handled(&self) -> Vec<String> {
        let mut handled = self.handled.lock().expect("nobody panics").clone();
        handled.sort();
        handled
    }
}

/// Waits until every delivery has come to an end.
async fn settled(shop: &Shop) {
    let wait = async {
        while shop.simulator.deliveries().iter().any(|it| it.progress == Progress::Open) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("it comes to an end");
}

#[tokio::test]
async fn what_is_bought_is_told_and_verified() {
    let shop = Shop::open().await;
    let app = App::of(&shop).await;
    shop.buy(MONTHLY, "user_42");
    shop.simulator.with(|engine| engine.test_hook(shop.account));
    settled(&shop).await;
    let expected = ["order.confirmed", "order.paid", "subscription.created", "test.hook"];
    assert_eq!(app.handled(), expected);
    let known = app.store.subscriptions(&"user_42".into()).await.expect("it answers");
    assert_eq!(known.len(), 1);
}

#[tokio::test]
async fn each_effect_happens_once_and_no_forgery_is_believed_whatever_goes_wrong() {
    let shop = Shop::open().await;
    let app = App::of(&shop).await;
    let mut faults = Faults::default();
    let often = Chance(0.5);
    let webhooks = &mut faults.webhooks;
    (webhooks.duplicate, webhooks.reorder, webhooks.forge, webhooks.cut) =
        (often, often, often, often);
    webhooks.delay_up_to = Duration::from_millis(200);
    shop.simulator.set_faults(faults, 5);
    for user in 0..20 {
        shop.buy(MONTHLY, &format!("user_{user}"));
    }
    settled(&shop).await;
    // What was sent twice may still be on its way when the first of them is delivered.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let handled = app.handled();
    assert_eq!(handled.len(), 60);
    for user in 0..20 {
        let own = app.store.subscriptions(&format!("user_{user}").into()).await;
        assert_eq!(own.expect("it answers").len(), 1);
        let forged = app.store.subscriptions(&format!("forged_user_{user}").into()).await;
        assert!(forged.expect("it answers").is_empty());
    }
    let tried: Vec<_> =
        shop.simulator.deliveries().into_iter().flat_map(|it| it.attempts).collect();
    assert!(tried.iter().any(|it| it.fault == Some("forged") && it.status == Some(401)));
    assert!(tried.iter().any(|it| it.fault == Some("cut")));
    assert!(tried.iter().any(|it| it.status == Some(200)), "a duplicate is acknowledged");
}

#[tokio::test]
async fn what_was_dropped_can_be_sent_again() {
    let shop = Shop::open().await;
    let app = App::of(&shop).await;
    let mut faults = Faults::default();
    faults.webhooks.drop = Chance(1.0);
    shop.simulator.set_faults(faults, 5);
    shop.buy(MONTHLY, "user_42");
    settled(&shop).await;
    assert!(app.handled().is_empty());
    for delivery in shop.simulator.deliveries() {
        assert_eq!(delivery.progress, Progress::Dropped);
        assert!(shop.simulator.redeliver(delivery.number));
    }
    let told = async {
        while app.handled().len() < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), told).await.expect("it is told");
    assert!(!shop.simulator.redeliver(999));
}

#[tokio::test]
async fn a_rotated_secret_signs_what_comes_after() {
    let shop = Shop::open().await;
    let app = App::of(&shop).await;
    let account = shop.account;
    shop.simulator.with(|engine| engine.rotate_secret(account, &app.url)).expect("it is known");
    shop.simulator.with(|engine| engine.test_hook(account));
    let refused = async {
        loop {
            let deliveries = shop.simulator.deliveries();
            if let Some(attempt) = deliveries[0].attempts.first() {
                break attempt.status;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let status = tokio::time::timeout(Duration::from_secs(30), refused).await.expect("it is tried");
    assert_eq!(status, Some(401));
    assert!(app.handled().is_empty());
}

#[tokio::test]
async fn a_forgery_is_refused_where_there_is_no_user_to_change_and_leaves_no_trace() {
    let shop = Shop::open().await;
    let app = App::of(&shop).await;
    let mut faults = Faults::default();
    (faults.webhooks.forge, faults.webhooks.drop) = (Chance(1.0), Chance(1.0));
    shop.simulator.set_faults(faults, 5);
    shop.simulator.with(|engine| engine.test_hook(shop.account));
    let tried = async {
        loop {
            let delivery = shop.simulator.deliveries().remove(0);
            if let Some(attempt) = delivery.attempts.first() {
                break (attempt.status, delivery.progress);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let tried = tokio::time::timeout(Duration::from_secs(30), tried).await.expect("it is tried");
    assert_eq!(tried, (Some(401), Progress::Dropped));
    assert!(app.handled().is_empty());
}
