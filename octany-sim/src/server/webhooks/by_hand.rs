//! Sending when it is asked for.

use chrono::{DateTime, Utc};

use super::send::{client, try_once};
use crate::server::state::Shared;

/// What sends by hand.
pub(in crate::server) struct Hand {
    http: reqwest::Client,
    /// Held by whoever sends, so that nothing is sent twice.
    turn: tokio::sync::Mutex<()>,
}

impl Hand {
    pub(in crate::server) fn new() -> Self {
        // A connection that rests may be closed by the other side at the moment of its next use,
        // and what then happens is a matter of luck.
        let http = client().pool_max_idle_per_host(0).build();
        let http = http.expect("an HTTP client without TLS settings can be made");
        Self { http, turn: tokio::sync::Mutex::default() }
    }

    /// Sends what is due by then, one after the other. Gives how many attempts that took.
    pub(in crate::server) async fn send(&self, shared: &Shared, by: DateTime<Utc>) -> usize {
        let _turn = self.turn.lock().await;
        let mut attempts = 0;
        loop {
            let (first, now) = {
                let mut state = shared.state();
                (state.outbox.queue().and_then(|queue| queue.first(by)), state.engine.now())
            };
            let Some((place, mut job)) = first else { return attempts };
            let again = try_once(&self.http, &mut job, shared, now).await;
            if let Some(queue) = shared.state().outbox.queue() {
                queue.tried(place, job, again);
            }
            attempts += 1;
        }
    }
}
