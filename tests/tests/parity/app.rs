//! What both servers are: the same stores, the same gates, the same behaviour of handlers.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use octany_core::signature::{SigningSecret, Verifier};
use octany_core::{
    AccessPolicy, DeliveryId, Event, Payload, ReferenceId, Snapshot, Source, SubscriptionStatus,
    Version,
};
use octany_entitlement::{
    Checkout, CheckoutLog, Claim, ClaimToken, DeliveryLog, Gate, GuardPages, Inbox, ManualClock,
    MemoryStore, OnOutage, Receiver, StoreError, SubscriptionStore,
};
use octany_tests::away::Away;
use tokio::sync::Semaphore;

use super::billing::{Mounts, mounts};

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// Bodies may be so large here, so that the cases need not be.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_millis(300);

/// Who is signed in: the header `x-user`, for want of a session.
#[derive(Clone, Debug)]
pub(crate) struct CurrentUser(pub(crate) String);

impl CurrentUser {
    pub(crate) fn reference_id(&self) -> ReferenceId {
        self.0.as_str().into()
    }
}

/// What a server is made of.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) verifier: Verifier,
    pub(crate) receiver: Receiver,
    /// One whose store is away.
    pub(crate) away: Receiver,
    /// One whose log is away, one that loses its claims, and one that cannot complete them.
    pub(crate) log_away: Receiver,
    pub(crate) lost: Receiver,
    pub(crate) incomplete: Receiver,
    /// One that puts into an inbox, which nobody runs.
    pub(crate) inbox: Receiver,
    pub(crate) gate: Gate,
    pub(crate) shadow: Gate,
    pub(crate) gate_away: Gate,
    pub(crate) shadow_away: Gate,
    /// Ones that look whether a checkout is in flight, and one whose log is away.
    pub(crate) checkouts: Gate,
    pub(crate) checkouts_away: Gate,
    pub(crate) pages: GuardPages,
    pub(crate) billing: Mounts,
    /// Handlers that were told to wait do so for a permit here, and give one there before.
    pub(crate) permits: Arc<Semaphore>,
    pub(crate) waiting: Arc<Semaphore>,
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).expect("a day in 2026")
}

/// A subscription in every status, under a reference of that name; and two that end.
async fn known() -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::new());
    let statuses = SubscriptionStatus::KNOWN.iter().map(SubscriptionStatus::as_str);
    for status in statuses.chain(["frozen"]) {
        let version = Version::new(now(), Source::Api);
        let mut snapshot = Snapshot::new(status, status, version);
        snapshot.reference = Some(status.into());
        store.apply(&snapshot).await.expect("memory");
        for (name, days) in [("over", -1), ("paid", 1)] {
            snapshot.subscription = format!("{status}_{name}").into();
            snapshot.reference = Some(format!("{status}_{name}").into());
            snapshot.ends_at = Some(now() + TimeDelta::days(days));
            store.apply(&snapshot).await.expect("memory");
        }
    }
    store
}

/// How long a checkout that somebody came back from is in flight.
const WITHIN: Duration = Duration::from_mins(15);

/// Some came back from a checkout just now, one long ago, and one went there and did not.
async fn checkouts() -> MemoryStore {
    let log = MemoryStore::new();
    let ago = |minutes| now() - TimeDelta::minutes(minutes);
    for (user, returned_at) in [
        ("stranger", Some(ago(0))),
        ("unpaid", Some(ago(5))),
        ("active", Some(ago(5))),
        ("future_start", Some(ago(5))),
        ("expired", Some(ago(16))),
        ("visitor", None),
    ] {
        let checkout = Checkout::new(user, user, "42", ago(60));
        log.begin(&checkout).await.expect("memory");
        if let Some(at) = returned_at {
            log.returned(&user.into(), ago(60), at).await.expect("memory");
        }
    }
    log
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FailsAt {
    Claim,
    Complete,
    /// But the claim is lost to somebody else meanwhile.
    Nothing,
}

#[async_trait]
impl DeliveryLog for FailsAt {
    async fn claim(
        &self,
        _: &DeliveryId,
        _: DateTime<Utc>,
        _: Duration,
    ) -> Result<Claim, StoreError> {
        match self {
            Self::Claim => Err(StoreError::unavailable("away")),
            _ => Ok(Claim::Fresh(ClaimToken::random())),
        }
    }

    async fn complete(
        &self,
        _: &DeliveryId,
        _: ClaimToken,
        _: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Complete => Err(StoreError::unavailable("away")),
            _ => Ok(false),
        }
    }

    async fn release(&self, _: &DeliveryId, _: ClaimToken) -> Result<bool, StoreError> {
        Ok(false)
    }
}

fn failing(at: FailsAt) -> Receiver {
    Receiver::builder().deliveries(at).build()
}

fn inbox() -> Inbox {
    let behind = Receiver::builder().build();
    Inbox::builder(MemoryStore::new(), behind, |_| async { Ok::<_, StoreError>(()) }).build()
}

/// Whom a session says is there: nobody, somebody, or a store of sessions that is away.
pub(crate) fn session(user: Option<&str>) -> Result<Option<ReferenceId>, StoreError> {
    match user {
        Some("frozen") => Err(StoreError::unavailable("sessions are away")),
        user => Ok(user.map(ReferenceId::from)),
    }
}

impl App {
    pub(crate) async fn new() -> Self {
        let secret = SigningSecret::new(SECRET).expect("it is not empty");
        let clock = ManualClock::at(now());
        let store = known().await;
        let receiver = |builder: octany_entitlement::ReceiverBuilder| {
            builder.deliveries(MemoryStore::new()).clock(clock.clone()).build()
        };
        let gate = |store: Arc<dyn SubscriptionStore>| {
            Gate::new(store, AccessPolicy::new(), OnOutage::Deny).clock(clock.clone())
        };
        let pages = GuardPages::new()
            .sign_in("/sign-in?next=å")
            .paywall("/pricing")
            .pending("/billing/pending?to=ä")
            .checkout_url("https://checkout.example/\"42\"");
        let (open, away) = (gate(store.clone()), gate(Arc::new(Away)));
        Self {
            billing: mounts(open, away, &pages, &clock),
            verifier: Verifier::new(secret),
            receiver: receiver(Receiver::builder().store(store.clone())),
            away: receiver(Receiver::builder().store(Away)),
            log_away: failing(FailsAt::Claim),
            lost: failing(FailsAt::Nothing),
            incomplete: failing(FailsAt::Complete),
            inbox: Receiver::builder().inbox(inbox()).build(),
            gate: gate(store.clone()),
            shadow: gate(store.clone()).shadow(),
            gate_away: gate(Arc::new(Away)),
            shadow_away: gate(Arc::new(Away)).shadow(),
            checkouts: gate(store.clone()).checkouts(checkouts().await, WITHIN),
            checkouts_away: gate(store.clone()).checkouts(Away, WITHIN),
            pages,
            permits: Arc::new(Semaphore::new(0)),
            waiting: Arc::new(Semaphore::new(0)),
        }
    }

    /// What the handler answers: a `test.hook` says it itself.
    pub(crate) async fn handle(&self, event: &Event) -> u16 {
        let Payload::TestHook(told) = &event.payload else { return 204 };
        match told.get("do").and_then(|told| told.decode::<String>().ok()).as_deref() {
            Some("panic") => std::panic::resume_unwind(Box::new("told to")),
            Some("wait") => {
                self.waiting.add_permits(1);
                self.permits.acquire().await.expect("it is never closed").forget();
                204
            }
            Some(status) => status.parse().unwrap_or(500),
            None => 204,
        }
    }
}
