//! What the tests here share.

#![allow(dead_code, reason = "each test target uses its share")]

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use octany_core::signature::{SigningSecret, Verifier};
use octany_core::{Applied, Event, ReferenceId, Snapshot};
use octany_entitlement::{MemoryStore, StoreError, SubscriptionStore};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

pub(crate) fn event(id: u64, name: &str, seconds: i64, data: &Value) -> Event {
    let body = json!({"id": id, "name": name, "created_at": at(seconds), "data": data}).to_string();
    let secret = SigningSecret::new("0123456789abcdef").unwrap();
    let signature = secret.sign(body.as_bytes());
    Event::parse(Verifier::new(secret).verify(body.into(), &signature, Utc::now).unwrap()).unwrap()
}

pub(crate) fn updated(id: u64, seconds: i64, status: &str) -> Event {
    let data = json!({"id": 1, "status": status, "reference_id": "user"});
    event(id, "subscription.updated", seconds, &data)
}

/// A store that can be taken away.
#[derive(Default)]
pub(crate) struct Fragile {
    pub(crate) inner: MemoryStore,
    pub(crate) away: Arc<AtomicBool>,
}

impl Fragile {
    fn check(&self) -> Result<(), StoreError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("taken away"));
        }
        Ok(())
    }
}

#[async_trait]
impl SubscriptionStore for Fragile {
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
        self.check()?;
        self.inner.apply(snapshot).await
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        self.check()?;
        self.inner.subscriptions(reference).await
    }
}

/// A handler that succeeds.
#[allow(clippy::unused_async, reason = "a handler is async")]
pub(crate) async fn ok() -> Result<(), &'static str> {
    Ok(())
}

/// The statuses of all that a reference has.
pub(crate) async fn statuses(store: &MemoryStore, reference: &str) -> Vec<String> {
    let known = store.subscriptions(&reference.into()).await.unwrap();
    known.iter().map(|snapshot| snapshot.status.to_string()).collect()
}
