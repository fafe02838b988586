//! Hears other nodes.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::backoff::Backoff;
use super::message::{self, Heard};
use crate::cache::stamps::Stamps;
use crate::cache::{Invalidation, InvalidationListener};

/// Listens, again and again.
pub(super) async fn listen(transport: Arc<dyn Invalidation>, stamps: Arc<Stamps>, name: u64) {
    let mut backoff = Backoff::new();
    loop {
        let ears = Ears { stamps: &stamps, name, connected: AtomicBool::new(false) };
        let error = transport.listen(&ears).await;
        tracing::warn!(error = &error as &dyn Error, "other nodes are not heard for the moment");
        if ears.connected.into_inner() {
            backoff.reset();
        }
        backoff.wait().await;
    }
}

struct Ears<'a> {
    stamps: &'a Stamps,
    name: u64,
    connected: AtomicBool,
}

impl InvalidationListener for Ears<'_> {
    fn connected(&self) {
        self.connected.store(true, Ordering::Relaxed);
        self.stamps.stamp_everything();
    }

    fn heard(&self, message: &str) {
        match message::decode(message) {
            Some(Heard { from, .. }) if from == self.name => {}
            Some(Heard { ids, everything: false, .. }) => {
                self.stamps.stamp(ids.iter().map(String::as_str));
            }
            Some(_) => self.stamps.stamp_everything(),
            None => {
                tracing::warn!("a message of another node could not be read; all copies are old");
                self.stamps.stamp_everything();
            }
        }
    }
}
