//! What stands in the log, and what does not.

use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::post;
use octany_axum::OctanyEvent;
use tower::ServiceExt;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{deliver, layer, memory, subscription_created};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

async fn handler(_: OctanyEvent) {
    tracing::info!("in the handler");
}

#[tokio::test]
async fn the_lines_of_a_handler_name_the_event_and_the_delivery_and_nothing_secret() {
    for layer in [layer(), memory().1] {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        let logging = tracing::subscriber::set_default(subscriber);
        let app = Router::new().route("/", post(handler)).layer(layer);
        app.clone().oneshot(deliver(subscription_created(4711))).await.unwrap();
        app.oneshot(deliver("[\"user_42\"]")).await.unwrap();
        drop(logging);

        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let line = log.lines().find(|line| line.contains("in the handler")).unwrap();
        assert!(line.contains("octany_delivery{"), "{line}");
        assert!(line.contains("event=subscription.created delivery=4711"), "{line}");
        assert!(log.contains("not_an_event"), "{log}");
        for secret in ["user_42", "0123456789abcdef", "76963688"] {
            assert!(!log.contains(secret), "{log}");
        }
    }
}
