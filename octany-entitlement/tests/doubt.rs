//! Whoever passes on what is in doubt passes, and whoever refreshes hears of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

mod common;

use std::error::Error;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use common::{Fragile, at};
use octany_core::{AccessPolicy, ReferenceId, Snapshot, Source, Version};
use octany_entitlement::{
    DecisionSource, Gate, ManualClock, MemoryStore, OnOutage, Refresh, Refreshed, SubscriptionStore,
};

/// Notes whom it hears of.
#[derive(Clone, Default)]
struct Listening(Arc<Mutex<Vec<ReferenceId>>>);

#[async_trait]
impl Refresh for Listening {
    async fn refresh(&self, _: &ReferenceId) -> Result<Refreshed, Box<dyn Error + Send + Sync>> {
        Ok(Refreshed::NotAsked)
    }

    fn notice(&self, reference: &ReferenceId) {
        self.0.lock().unwrap().push(reference.clone());
    }
}

impl Listening {
    fn heard(&self) -> Vec<ReferenceId> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn report(reference: &str, status: &str) -> Snapshot {
    let mut report = Snapshot::new(reference, status, Version::new(at(0), Source::Api));
    report.reference = Some(reference.into());
    report
}

#[tokio::test]
async fn it_hears_of_each_request_that_passes_on_a_contested_report() {
    let (store, listening) = (MemoryStore::new(), Listening::default());
    for (reference, status) in [("doubtful", "active"), ("denied", "unpaid"), ("sure", "active")] {
        let mut report = report(reference, status);
        report.contested = reference != "sure";
        store.apply(&report).await.unwrap();
    }
    let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny)
        .refresh_before_deny(listening.clone());
    for reference in ["doubtful", "denied", "sure", "stranger"] {
        let passes = gate.decide(&reference.into()).await.unwrap().is_allowed();
        let at_once = gate.try_decide(&reference.into());
        assert_eq!(at_once.is_some(), passes, "a denial is not final without asking");
    }
    assert_eq!(listening.heard(), ["doubtful", "doubtful"]);
}

#[tokio::test]
async fn it_hears_of_a_renewal_after_the_tolerance_that_was_set() {
    let (store, listening) = (MemoryStore::new(), Listening::default());
    let mut renewing = report("user", "active");
    renewing.renews_at = Some(at(60));
    store.apply(&renewing).await.unwrap();
    let clock = ManualClock::at(at(0));
    let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny)
        .clock(clock.clone())
        .renewal_tolerance(Duration::from_mins(10))
        .refresh_before_deny(listening.clone());
    for (seconds, hears) in [(0, false), (61, false), (660, false), (661, true)] {
        clock.set(at(seconds));
        assert!(gate.try_decide(&"user".into()).unwrap().is_allowed());
        assert_eq!(!listening.heard().is_empty(), hears, "after {seconds} seconds");
    }
}

#[tokio::test]
async fn it_hears_of_nobody_who_passes_an_outage() {
    let (store, listening) = (Fragile::default(), Listening::default());
    let mut contested = report("user", "active");
    contested.contested = true;
    store.apply(&contested).await.unwrap();
    let away = store.away.clone();
    let on_outage = OnOutage::AllowLastKnown { at_most: Duration::from_mins(1) };
    let gate =
        Gate::new(store, AccessPolicy::new(), on_outage).refresh_before_deny(listening.clone());
    gate.decide(&"user".into()).await.unwrap();
    assert_eq!(listening.heard().len(), 1);
    away.store(true, Ordering::SeqCst);
    let decision = gate.decide(&"user".into()).await.unwrap();
    assert_eq!(decision.source(), DecisionSource::LastKnown);
    assert!(listening.heard().is_empty(), "the store could not take an answer in");
}
