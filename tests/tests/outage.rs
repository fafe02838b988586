//! A database that goes away: nothing is lost, nobody is wrongly denied, and it heals by itself.

use octany_test_trace as _;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::{get, post};
use axum::{Extension, Router};
use octany_axum::{OctanyWebhookLayer, RequireSubscription, acknowledge};
use octany_core::signature::{SigningSecret, Verifier};
use octany_core::{AccessPolicy, ReferenceId};
use octany_entitlement::{Gate, OnOutage};
use octany_sqlx::SqliteStore;
use tower::ServiceExt;

#[derive(Clone)]
struct User(&'static str);

struct App {
    router: Router,
    secret: SigningSecret,
}

impl App {
    async fn open(path: &Path, on_outage: OnOutage) -> Self {
        let store = Arc::new(SqliteStore::open(path).await.expect("the file can be made"));
        let secret = SigningSecret::new("0123456789abcdef").expect("it is not empty");
        let webhook = OctanyWebhookLayer::new(Verifier::new(secret.clone()))
            .sync(store.clone())
            .deliveries(store.clone());
        let gate = Gate::new(store, AccessPolicy::new(), on_outage);
        let router = Router::new()
            .route("/reports", get(async || "paid"))
            .route_layer(RequireSubscription::new(gate, |user: &User| ReferenceId::from(user.0)))
            .route("/octany/webhook", post(acknowledge).layer(webhook));
        Self { router, secret }
    }

    async fn deliver(&self, id: u32, status: &str) -> StatusCode {
        let body = format!(
            r#"{{"id":{id},"name":"subscription.updated","created_at":"2026-03-01T12:00:0{id}+00:00","data":{{"id":1,"status":"{status}","reference_id":"anna"}}}}"#
        );
        let request = Request::post("/octany/webhook")
            .header("octany-signature", self.secret.sign(body.as_bytes()).to_string())
            .body(Body::from(body))
            .expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            assert!(response.headers().contains_key("retry-after"));
        }
        response.status()
    }

    async fn reports(&self, user: &'static str) -> StatusCode {
        let router = self.router.clone().layer(Extension(User(user)));
        let request = Request::get("/reports").body(Body::empty()).expect("a request");
        let response = router.oneshot(request).await.expect("infallible");
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            assert!(response.headers().contains_key("retry-after"));
        }
        response.status()
    }
}

/// Takes a database away, and brings it back.
fn rename(from: &Path, to: &Path) {
    std::fs::rename(from, to).expect("it can be moved");
}

#[tokio::test]
async fn while_the_database_is_away_nothing_is_acknowledged_and_nobody_is_denied() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (path, away) = (directory.path().join("db.sqlite"), directory.path().join("away"));
    let app = App::open(&path, OnOutage::Deny).await;
    assert_eq!(app.deliver(1, "active").await, StatusCode::NO_CONTENT);
    assert_eq!(app.reports("anna").await, StatusCode::OK);
    assert_eq!(app.reports("bob").await, StatusCode::PAYMENT_REQUIRED);

    rename(&path, &away);
    assert_eq!(app.reports("anna").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(app.reports("bob").await, StatusCode::SERVICE_UNAVAILABLE);
    for _ in 0..3 {
        assert_eq!(app.deliver(2, "unpaid").await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(app.deliver(1, "active").await, StatusCode::SERVICE_UNAVAILABLE);
    }

    rename(&away, &path);
    assert_eq!(app.reports("anna").await, StatusCode::OK, "nothing was written meanwhile");
    assert_eq!(app.deliver(1, "active").await, StatusCode::OK, "a duplicate, still known");
    assert_eq!(app.deliver(2, "unpaid").await, StatusCode::NO_CONTENT, "redelivery heals");
    assert_eq!(app.reports("anna").await, StatusCode::PAYMENT_REQUIRED);
}

#[tokio::test]
async fn known_payers_pass_while_the_database_is_away_where_that_is_configured() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (path, away) = (directory.path().join("db.sqlite"), directory.path().join("away"));
    let at_most = Duration::from_mins(5);
    let app = App::open(&path, OnOutage::AllowLastKnown { at_most }).await;
    assert_eq!(app.deliver(1, "active").await, StatusCode::NO_CONTENT);
    assert_eq!(app.reports("anna").await, StatusCode::OK);

    rename(&path, &away);
    assert_eq!(app.reports("anna").await, StatusCode::OK, "she was seen to be paying");
    assert_eq!(app.reports("bob").await, StatusCode::SERVICE_UNAVAILABLE, "he was not");
    assert_eq!(app.deliver(2, "unpaid").await, StatusCode::SERVICE_UNAVAILABLE);

    rename(&away, &path);
    assert_eq!(app.deliver(2, "unpaid").await, StatusCode::NO_CONTENT);
    assert_eq!(app.reports("anna").await, StatusCode::PAYMENT_REQUIRED);
    rename(&path, &away);
    assert_eq!(app.reports("anna").await, StatusCode::SERVICE_UNAVAILABLE, "no longer");
}
