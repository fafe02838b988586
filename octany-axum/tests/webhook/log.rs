//! What stands in the log, and what does not.

use axum::Router;
use axum::routing::post;
use octany_axum::OctanyEvent;
use tower::ServiceExt;

use crate::capture::Log;
use crate::support::{Failing, deliver, layer, memory, subscription_created};

async fn handler(_: OctanyEvent) {
    tracing::info!("in the handler");
}

#[tokio::test]
async fn the_lines_of_a_handler_name_the_event_and_the_delivery_and_nothing_secret() {
    for layer in [layer(), memory().1] {
        let (log, logging) = Log::start();
        let app = Router::new().route("/", post(handler)).layer(layer);
        app.clone().oneshot(deliver(subscription_created(4711))).await.unwrap();
        app.oneshot(deliver("[\"user_42\"]")).await.unwrap();
        drop(logging);

        let log = log.text();
        let line = log.lines().find(|line| line.contains("in the handler")).unwrap();
        assert!(line.contains("octany_delivery{"), "{line}");
        assert!(line.contains("event=subscription.created delivery=4711"), "{line}");
        assert!(log.contains("not_an_event"), "{log}");
        for secret in ["user_42", "0123456789abcdef", "76963688"] {
            assert!(!log.contains(secret), "{log}");
        }
    }
}

#[tokio::test]
async fn a_delivery_that_could_not_be_stored_is_named_in_its_refusal() {
    for layer in [
        layer().sync(Failing::Apply),
        layer().deliveries(Failing::Claim),
        layer().deliveries(Failing::Complete),
    ] {
        let (log, logging) = Log::start();
        let app = Router::new().route("/", post(handler)).layer(layer);
        app.oneshot(deliver(subscription_created(4711))).await.unwrap();
        drop(logging);

        let log = log.text();
        let line = log.lines().find(|line| line.contains("store_unavailable")).unwrap();
        assert!(line.contains("event=subscription.created delivery=4711"), "{line}");
    }
}
