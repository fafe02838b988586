//! While the store is away.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use octany_core::AccessPolicy;
use octany_entitlement::{
    Cached, DecisionSource, Gate, ManualClock, OnOutage, StoreErrorKind, SubscriptionStore,
};
use std::sync::atomic::Ordering;

use crate::common::{Fragile, at};
use crate::tools::report;

#[tokio::test]
async fn a_copy_whose_time_is_over_is_no_answer_even_in_an_outage() {
    let (clock, inner) = (ManualClock::at(at(0)), Fragile::default());
    let away = Arc::clone(&inner.away);
    let store = Arc::new(Cached::new(inner).clock(clock.clone()));
    let strict = Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny).clock(clock.clone());
    let lenient = OnOutage::AllowLastKnown { at_most: Duration::from_mins(10) };
    let lenient = Gate::new(store.clone(), AccessPolicy::new(), lenient).clock(clock.clone());
    store.apply(&report("1", Some("user"), 0)).await.unwrap();
    for gate in [&strict, &lenient] {
        assert!(gate.decide(&"user".into()).await.unwrap().is_allowed());
    }

    away.store(true, Ordering::SeqCst);
    assert!(strict.decide(&"user".into()).await.unwrap().is_allowed(), "a copy is still good");
    clock.advance(TimeDelta::seconds(60));
    let error = store.look_up(&"user".into()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(strict.decide(&"user".into()).await.is_err(), "its time is over");
    let decision = lenient.decide(&"user".into()).await.unwrap();
    assert_eq!(decision.source(), DecisionSource::LastKnown, "that is for the gate to say");

    away.store(false, Ordering::SeqCst);
    let decision = strict.decide(&"user".into()).await.unwrap();
    assert_eq!(decision.source(), DecisionSource::Store);
    assert_eq!(strict.try_decide(&"user".into()).unwrap().source(), DecisionSource::Memory);
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let inner = Fragile::default();
    let away = Arc::clone(&inner.away);
    let store = Cached::new(inner);
    away.store(true, Ordering::SeqCst);
    assert!(store.look_up(&"user".into()).await.is_err());
    assert!(store.peek(&"user".into()).is_none());
    assert!(store.apply(&report("1", Some("user"), 0)).await.is_err());
    away.store(false, Ordering::SeqCst);
    assert!(store.look_up(&"user".into()).await.unwrap().is_empty());
}
