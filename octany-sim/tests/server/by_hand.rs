//! Webhooks that are sent when a test says so.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use chrono::{DateTime, TimeDelta, Utc};
use octany_sim::engine::{CheckoutRequest, Engine, Interval, PaymentMethod, Product};
use octany_sim::server::webhooks::Progress;
use octany_sim::server::{Chance, Faults, Simulator};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// An endpoint that refuses so many deliveries, and notes all of them.
struct Endpoint {
    url: String,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    async fn open(refuses: usize, hold: Option<Arc<Notify>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}/", listener.local_addr().expect("it is bound"));
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&bodies);
        let on_event = move |body: String| async move {
            let count = {
                let mut seen = seen.lock().expect("nobody panics");
                seen.push(body);
                seen.len()
            };
            if let Some(hold) = hold {
                hold.notify_one();
                std::future::pending::<()>().await;
            }
            if count <= refuses { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT }
        };
        let router = Router::new().route("/", post(on_event));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, bodies }
    }

    fn seen(&self) -> usize {
        self.bodies.lock().expect("nobody panics").len()
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// An Octany that sends by hand to that endpoint, and what sells there.
fn octany(endpoint: &Endpoint) -> (Simulator, octany_sim::engine::AccountKey) {
    let mut engine = Engine::new(1, at("2026-11-30T12:00:00Z"));
    let shop = engine.add_account();
    engine.add_product(shop, Product::recurring(42, "Reports", Interval::Month, 9_900));
    engine.register_endpoint(shop, &endpoint.url).expect("it is new");
    let simulator = Simulator::new(engine, "http://127.0.0.1:1").with_standing_clock();
    (simulator.with_webhooks_by_hand(), shop)
}

#[tokio::test]
async fn nothing_is_sent_before_it_is_asked_for_and_each_thing_at_its_time() {
    let endpoint = Endpoint::open(2, None).await;
    let (octany, shop) = octany(&endpoint);
    octany.with(|engine| engine.test_hook(shop));
    assert_eq!(endpoint.seen(), 0);
    assert_eq!(octany.deliver_due().await, 1);
    assert_eq!(octany.deliver_due().await, 0, "it waits to be tried again");
    assert_eq!(octany.next_delivery(), Some(at("2026-11-30T12:00:01Z")));

    assert_eq!(octany.deliver_until(at("2026-11-30T13:00:00Z")).await, 2);
    let delivery = &octany.deliveries()[0];
    assert_eq!(delivery.progress, Progress::Delivered);
    let tried: Vec<_> = delivery.attempts.iter().map(|it| (it.at, it.status)).collect();
    let expected = [
        (at("2026-11-30T12:00:00Z"), Some(503)),
        (at("2026-11-30T12:00:01Z"), Some(503)),
        (at("2026-11-30T12:00:02Z"), Some(204)),
    ];
    assert_eq!(tried, expected);
    assert_eq!(octany.next_delivery(), None);
    assert_eq!(octany.now(), at("2026-11-30T13:00:00Z"));
}

#[tokio::test]
async fn what_happens_on_the_way_is_delivered_on_the_way() {
    let endpoint = Endpoint::open(0, None).await;
    let (octany, shop) = octany(&endpoint);
    octany.with(|engine| {
        let session = engine.open_checkout(shop, CheckoutRequest::of(42).reference("user_42"));
        engine.pay(shop, &session.expect("it is on sale"), PaymentMethod::Card).expect("it is open")
    });
    octany.deliver_until(at("2027-02-01T00:00:00Z")).await;
    let renewed = octany.deliveries().into_iter().filter(|it| it.event == "subscription.renewed");
    let when: Vec<_> = renewed.map(|it| (it.at, it.attempts[0].at)).collect();
    let (one, other) = (at("2026-12-30T12:00:00Z"), at("2027-01-30T12:00:00Z"));
    assert_eq!(when, [(one, one), (other, other)]);
}

#[tokio::test]
async fn what_is_held_back_comes_at_its_time_or_when_all_is_sent() {
    let endpoint = Endpoint::open(0, None).await;
    let (octany, shop) = octany(&endpoint);
    let mut faults = Faults::default();
    faults.webhooks.burst = Chance(1.0);
    faults.webhooks.delay_up_to = Duration::from_hours(48);
    octany.set_faults(faults, 1);
    octany.with(|engine| engine.test_hook(shop));
    assert_eq!(octany.deliver_until(octany.now() + TimeDelta::hours(47)).await, 0);
    assert_eq!(octany.deliver_until(octany.now() + TimeDelta::hours(1)).await, 1);

    octany.with(|engine| engine.test_hook(shop));
    let now = octany.now();
    assert_eq!((octany.deliver_due().await, octany.deliver_all().await), (0, 1));
    assert_eq!(octany.now(), now);
}

/// Twenty test hooks under every fault.
async fn played(seed: u64) -> Vec<(u64, Vec<Option<u16>>, Progress)> {
    let endpoint = Endpoint::open(5, None).await;
    let (octany, shop) = octany(&endpoint);
    let mut faults = Faults::default();
    let (often, webhooks) = (Chance(0.3), &mut faults.webhooks);
    (webhooks.duplicate, webhooks.reorder, webhooks.drop) = (often, often, often);
    (webhooks.burst, webhooks.forge, webhooks.cut) = (often, often, often);
    octany.set_faults(faults, seed);
    for _ in 0..20 {
        octany.with(|engine| engine.test_hook(shop));
    }
    octany.deliver_until(octany.now() + TimeDelta::hours(1)).await;
    let all = octany.deliveries().into_iter();
    let statuses = |attempts: &[octany_sim::server::webhooks::Attempt]| {
        attempts.iter().map(|it| it.status).collect()
    };
    all.map(|it| (it.delivery, statuses(&it.attempts), it.progress)).collect()
}

#[tokio::test]
async fn a_seed_plays_the_same_again() {
    let one = played(7).await;
    assert_eq!(one, played(7).await);
    assert_ne!(one, played(8).await);
}

#[tokio::test]
async fn a_call_that_is_dropped_loses_nothing() {
    let held = Arc::new(Notify::new());
    let endpoint = Endpoint::open(0, Some(Arc::clone(&held))).await;
    let (octany, shop) = octany(&endpoint);
    octany.with(|engine| engine.test_hook(shop));
    tokio::select! {
        _ = octany.deliver_due() => unreachable!("the endpoint answers nothing"),
        () = held.notified() => {}
    }
    assert!(octany.next_delivery().is_some(), "it is still to be sent");
}
