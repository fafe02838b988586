//! What the tests here share.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use octany_client::{Reconciler, ReconcilerBuilder};
use octany_core::checkout::ReferenceKey;
use octany_core::signature::{SigningSecret, Verifier};
use octany_core::{AccessPolicy, Event};
use octany_entitlement::{Cached, Gate, ManualClock, MemoryStore, OnOutage, Receiver, References};
use serde_json::{Value, json};

use crate::octany::{Octany, at};

pub(crate) type Store = Arc<Cached<MemoryStore>>;

/// An app beside an Octany, whose webhooks never arrive unless a test delivers them.
pub(crate) struct App {
    pub(crate) octany: Octany,
    pub(crate) store: Store,
    pub(crate) receiver: Receiver,
    pub(crate) checkouts: Arc<MemoryStore>,
    pub(crate) clock: ManualClock,
    pub(crate) reconciler: Reconciler,
    pub(crate) gate: Gate,
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::with(|reconciler| reconciler).await
    }

    /// One whose reconciler is set up like this.
    pub(crate) async fn with(set_up: impl FnOnce(ReconcilerBuilder) -> ReconcilerBuilder) -> Self {
        Self::build(AccessPolicy::new(), References::plain(), set_up).await
    }

    /// One with this policy.
    pub(crate) async fn policed(policy: AccessPolicy) -> Self {
        Self::build(policy, References::plain(), |reconciler| reconciler).await
    }

    /// One that believes signed references only.
    pub(crate) async fn signed() -> Self {
        let references = References::signed(reference_key());
        Self::build(AccessPolicy::new(), references, |reconciler| reconciler).await
    }

    async fn build(
        policy: AccessPolicy,
        references: References,
        set_up: impl FnOnce(ReconcilerBuilder) -> ReconcilerBuilder,
    ) -> Self {
        let clock = ManualClock::at(at(0));
        let octany = Octany::start(&clock).await;
        let store = Arc::new(Cached::linked(MemoryStore::new()).clock(clock.clone()));
        let receiver = Receiver::builder().store(store.clone()).references(references).build();
        let checkouts = Arc::new(MemoryStore::new());
        let reconciler = Reconciler::builder(octany.client(), receiver.clone(), store.clone())
            .links(store.clone())
            .checkouts(checkouts.clone())
            // However slow the machine is.
            .deadline(Duration::from_mins(1))
            .clock(clock.clone());
        let reconciler = set_up(reconciler).build();
        let gate = Gate::new(store.clone(), policy, OnOutage::Deny)
            .clock(clock.clone())
            .refresh_before_deny(reconciler.clone());
        Self { octany, store, receiver, checkouts, clock, reconciler, gate }
    }

    /// Whether a guard lets a user pass.
    pub(crate) async fn passes(&self, reference: &str) -> bool {
        self.gate.decide(&reference.into()).await.unwrap().is_allowed()
    }
}

pub(crate) fn reference_key() -> ReferenceKey {
    ReferenceKey::new("an example, and not a random one").unwrap()
}

/// A delivery, as Octany signs it.
pub(crate) fn webhook(id: u64, name: &str, created_at: DateTime<Utc>, data: &Value) -> Event {
    let body = json!({"id": id, "name": name, "created_at": created_at, "data": data}).to_string();
    let secret = SigningSecret::new("0123456789abcdef").unwrap();
    let signature = secret.sign(body.as_bytes());
    Event::parse(Verifier::new(secret).verify(body.into(), &signature, Utc::now).unwrap()).unwrap()
}

/// Delivers it to a handler that succeeds.
pub(crate) async fn deliver(receiver: &Receiver, event: &Event) {
    receiver.receive(event, async || Ok::<_, &str>(())).await.unwrap();
}

/// Waits until something that is done in the background is done; a hang fails.
pub(crate) async fn until(mut is_done: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_done().await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("it never is");
}

/// Gives what must not happen in the background some time to happen.
pub(crate) async fn might_happen() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}
