//! Who may pass, when the store answers and when it does not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use common::{Fragile, at};
use octany_core::{AccessPolicy, Applied, Reason, ReferenceId, Snapshot, Source, Version};
use octany_entitlement::{
    DecisionSource, Gate, GateError, ManualClock, MemoryStore, OnOutage, Refresh, Refreshed,
    StoreError, SubscriptionStore,
};

fn report(reference: &str, status: &str) -> Snapshot {
    let mut report = Snapshot::new(reference, status, Version::new(at(0), Source::Api));
    report.reference = Some(reference.into());
    report
}

async fn fragile(status: &str) -> (Fragile, Arc<AtomicBool>) {
    let store = Fragile::default();
    let mut report = report("user", status);
    report.ends_at = Some(at(600));
    store.apply(&report).await.unwrap();
    let away = store.away.clone();
    (store, away)
}

#[tokio::test]
async fn a_decision_tells_why_from_what_and_until_when() {
    let (store, _) = fragile("cancelled").await;
    let clock = ManualClock::at(at(10));
    let policy = AccessPolicy::new().feature("export", [42]);
    let gate = Gate::new(store, policy, OnOutage::Deny).clock(clock.clone());
    let decision = gate.decide(&"user".into()).await.unwrap();
    assert!(decision.is_allowed() && decision.lets_pass());
    assert_eq!(decision.reason(), Reason::PaidUntilEnd);
    assert_eq!(decision.valid_until(), Some(at(600)));
    assert_eq!(decision.as_of(), Some(at(0)));
    assert_eq!(decision.decided_at(), at(10));
    assert_eq!(decision.source(), DecisionSource::Store);
    assert_eq!(decision.subscription().unwrap().subscription, "user");
    assert!(!decision.has_feature("export"));

    clock.advance(TimeDelta::seconds(590));
    let decision = gate.decide(&"user".into()).await.unwrap();
    assert!(!decision.lets_pass());
    assert_eq!(decision.reason(), Reason::Ended);
}

#[tokio::test]
async fn a_decision_knows_the_features_of_what_was_bought() {
    let store = Arc::new(MemoryStore::new());
    let mut report = report("user", "active");
    report.product = Some(43.into());
    store.apply(&report).await.unwrap();
    for (policy, exports) in [
        (AccessPolicy::new().feature("export", [43]), true),
        (AccessPolicy::new().feature("export", [42]), false),
        (AccessPolicy::new(), false),
    ] {
        let gate = Gate::new(store.clone(), policy, OnOutage::Deny);
        let decision = gate.try_decide(&"user".into()).unwrap();
        assert_eq!((decision.is_allowed(), decision.has_feature("export")), (true, exports));
    }
}

#[tokio::test]
async fn a_store_in_memory_is_asked_without_waiting() {
    let store = MemoryStore::new();
    store.apply(&report("user", "active")).await.unwrap();
    let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
    let decision = gate.try_decide(&"user".into()).unwrap();
    assert!(decision.is_allowed());
    assert_eq!(decision.source(), DecisionSource::Memory);
    assert!(!gate.try_decide(&"stranger".into()).unwrap().is_allowed());

    let (store, _) = fragile("active").await;
    let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
    assert!(gate.try_decide(&"user".into()).is_none());
}

#[tokio::test]
async fn an_outage_is_no_denial() {
    let (store, away) = fragile("active").await;
    let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny).clock(ManualClock::at(at(1)));
    assert!(gate.decide(&"user".into()).await.unwrap().is_allowed());
    away.store(true, Ordering::SeqCst);
    assert!(matches!(gate.decide(&"user".into()).await, Err(GateError::CouldNotTell(_))));
    away.store(false, Ordering::SeqCst);
    assert!(gate.decide(&"user".into()).await.unwrap().is_allowed());
}

#[tokio::test]
async fn known_payers_pass_an_outage_for_as_long_as_configured_and_paid() {
    let (store, away) = fragile("active").await;
    let mut unpaid = report("debtor", "unpaid");
    unpaid.ends_at = None;
    store.apply(&unpaid).await.unwrap();
    let clock = ManualClock::at(at(1));
    let at_most = Duration::from_mins(5);
    let gate = Gate::new(store, AccessPolicy::new(), OnOutage::AllowLastKnown { at_most })
        .clock(clock.clone());
    for reference in ["user", "debtor", "stranger"] {
        gate.decide(&reference.into()).await.unwrap();
    }
    away.store(true, Ordering::SeqCst);
    let passes = async |reference: &str| gate.decide(&reference.into()).await.is_ok();

    clock.set(at(301));
    let decision = gate.decide(&"user".into()).await.unwrap();
    assert_eq!(decision.source(), DecisionSource::LastKnown);
    assert!(!passes("debtor").await, "who did not pay does not pass");
    assert!(!passes("stranger").await, "who is not known does not pass");
    clock.set(at(302));
    assert!(!passes("user").await, "an answer from memory prolongs nothing");

    away.store(false, Ordering::SeqCst);
    clock.set(at(599));
    assert!(passes("user").await);
    away.store(true, Ordering::SeqCst);
    assert!(passes("user").await);
    clock.set(at(600));
    assert!(!passes("user").await, "what ended during the outage has ended");
}

#[tokio::test]
async fn a_clock_that_is_set_back_lets_nobody_pass_for_longer() {
    let (store, away) = fragile("active").await;
    let clock = ManualClock::at(at(500));
    let at_most = Duration::from_mins(1);
    let gate = Gate::new(store, AccessPolicy::new(), OnOutage::AllowLastKnown { at_most })
        .clock(clock.clone());
    assert!(gate.decide(&"user".into()).await.unwrap().is_allowed());
    away.store(true, Ordering::SeqCst);
    clock.set(at(499));
    assert!(gate.decide(&"user".into()).await.is_ok(), "a second does no harm");
    clock.set(at(100));
    assert!(gate.decide(&"user".into()).await.is_err(), "it would be for 460 seconds");
}

#[tokio::test]
async fn who_was_denied_since_is_no_known_payer() {
    let (store, away) = fragile("active").await;
    let store = Arc::new(store);
    let on_outage = OnOutage::AllowLastKnown { at_most: Duration::from_hours(1) };
    let gate =
        Gate::new(store.clone(), AccessPolicy::new(), on_outage).clock(ManualClock::at(at(1)));
    assert!(gate.decide(&"user".into()).await.unwrap().is_allowed());
    let mut revoked = report("user", "unpaid");
    revoked.version = Version::new(at(1), Source::Api);
    store.apply(&revoked).await.unwrap();
    assert!(!gate.decide(&"user".into()).await.unwrap().is_allowed());
    away.store(true, Ordering::SeqCst);
    assert!(gate.decide(&"user".into()).await.is_err());
}

/// A store that never answers.
struct Silent;

#[async_trait]
impl SubscriptionStore for Silent {
    async fn apply(&self, _: &Snapshot) -> Result<Applied, StoreError> {
        std::future::pending().await
    }

    async fn subscriptions(&self, _: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_an_outage() {
    let gate = Gate::new(Silent, AccessPolicy::new(), OnOutage::Deny);
    assert!(matches!(gate.decide(&"user".into()).await, Err(GateError::CouldNotTell(_))));
}

/// An engine that knows that the user has paid.
struct Engine {
    store: Arc<MemoryStore>,
    asked: Arc<AtomicUsize>,
    mood: Mood,
}

enum Mood {
    Helpful,
    OverBudget,
    Broken,
}

#[async_trait]
impl Refresh for Engine {
    async fn refresh(
        &self,
        reference: &ReferenceId,
    ) -> Result<Refreshed, Box<dyn std::error::Error + Send + Sync>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.mood {
            Mood::Helpful => {
                if reference == "user" {
                    self.store.apply(&report("user", "active")).await?;
                }
                Ok(Refreshed::Applied)
            }
            Mood::OverBudget => Ok(Refreshed::NotAsked),
            Mood::Broken => Err("timed out".into()),
        }
    }
}

#[tokio::test]
async fn the_engine_is_asked_before_a_payer_is_denied() {
    for (mood, allowed) in [(Mood::Helpful, true), (Mood::OverBudget, false), (Mood::Broken, false)]
    {
        let (store, asked) = (Arc::new(MemoryStore::new()), Arc::new(AtomicUsize::new(0)));
        let engine = Engine { store: store.clone(), asked: asked.clone(), mood };
        let gate =
            Gate::new(store, AccessPolicy::new(), OnOutage::Deny).refresh_before_deny(engine);
        assert!(gate.try_decide(&"user".into()).is_none(), "a denial is not final yet");
        let decision = gate.decide(&"user".into()).await.unwrap();
        assert_eq!(decision.is_allowed(), allowed);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        if allowed {
            assert_eq!(decision.source(), DecisionSource::Engine);
            gate.decide(&"user".into()).await.unwrap();
            assert_eq!(asked.load(Ordering::SeqCst), 1, "who passes is not asked about");
            let stranger = gate.decide(&"stranger".into()).await.unwrap();
            assert_eq!(stranger.reason(), Reason::NoSubscription);
        }
    }
}

/// An engine that takes the store away with its answer.
struct Toppling(Arc<AtomicBool>);

#[async_trait]
impl Refresh for Toppling {
    async fn refresh(
        &self,
        _: &ReferenceId,
    ) -> Result<Refreshed, Box<dyn std::error::Error + Send + Sync>> {
        self.0.store(true, Ordering::SeqCst);
        Ok(Refreshed::Applied)
    }
}

#[tokio::test]
async fn a_store_that_fails_after_the_engine_was_asked_is_an_outage_and_no_denial() {
    let (store, away) = fragile("unpaid").await;
    let gate =
        Gate::new(store, AccessPolicy::new(), OnOutage::Deny).refresh_before_deny(Toppling(away));
    assert!(matches!(gate.decide(&"user".into()).await, Err(GateError::CouldNotTell(_))));
}

#[tokio::test]
async fn who_is_denied_before_the_engine_topples_the_store_is_no_known_payer() {
    let (store, away) = fragile("active").await;
    let (store, clock) = (Arc::new(store), ManualClock::at(at(1)));
    let on_outage = OnOutage::AllowLastKnown { at_most: Duration::from_hours(1) };
    let gate = Gate::new(store.clone(), AccessPolicy::new(), on_outage)
        .clock(clock)
        .refresh_before_deny(Toppling(away));
    assert!(gate.decide(&"user".into()).await.unwrap().is_allowed());
    let mut revoked = report("user", "unpaid");
    revoked.version = Version::new(at(1), Source::Api);
    store.apply(&revoked).await.unwrap();
    assert!(gate.decide(&"user".into()).await.is_err());
}

#[tokio::test]
async fn a_shadow_gate_denies_nobody_and_still_tells() {
    let gate = Gate::new(MemoryStore::new(), AccessPolicy::new(), OnOutage::Deny).shadow();
    let decision = gate.decide(&"stranger".into()).await.unwrap();
    assert!(gate.is_shadow() && decision.lets_pass() && !decision.is_allowed());
}
