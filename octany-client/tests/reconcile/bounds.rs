//! What visitors can cause, and no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use octany_client::{ReconcileError, Reconciler, ReconcilerBuilder};
use octany_core::{Applied, ReferenceId, Snapshot, Source, Version};
use octany_entitlement::{
    Checkout, CheckoutLog, Receiver, Refresh, Refreshed, StoreError, SubscriptionStore,
};

use crate::octany::at;
use crate::support::{App, might_happen, reference_key, until};

/// Runs all at the same time, and gives how many of them gave `true`.
async fn all<F: Future<Output = bool> + Send + 'static>(tasks: impl Iterator<Item = F>) -> usize {
    let tasks: Vec<_> = tasks.map(tokio::spawn).collect();
    let mut yes = 0;
    for task in tasks {
        yes += usize::from(task.await.unwrap());
    }
    yes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_tasks_cause_the_calls_of_one() {
    let mut app = App::start().await;
    let waiting = Arc::new(AtomicUsize::new(0));
    app.gate = app.gate.refresh_before_deny(Counting(app.reconciler.clone(), waiting.clone()));
    app.octany.subscribe(1, "payer", "active");
    let app = Arc::new(app);
    for (reference, pass) in [("payer", 1_000), ("stranger", 0)] {
        let before = app.octany.calls();
        app.octany.hold(reference);
        let passing = tokio::spawn(all((0..1_000).map({
            let app = Arc::clone(&app);
            move |_| {
                let app = Arc::clone(&app);
                async move { app.passes(reference).await }
            }
        })));
        until(async || waiting.load(Ordering::SeqCst) == 1_000).await;
        app.octany.let_go();
        assert_eq!(passing.await.unwrap(), pass);
        assert_eq!(app.octany.calls() - before, 1, "{reference}");
        waiting.store(0, Ordering::SeqCst);
    }
}

/// Counts who is about to wait.
struct Counting(Reconciler, Arc<AtomicUsize>);

#[async_trait]
impl Refresh for Counting {
    async fn refresh(
        &self,
        reference: &ReferenceId,
    ) -> Result<Refreshed, Box<dyn std::error::Error + Send + Sync>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Refresh::refresh(&self.0, reference).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_strangers_stay_within_the_budget_and_a_payer_still_has_a_turn() {
    let set_up =
        |builder: ReconcilerBuilder| builder.budget(50, Duration::from_secs(10)).at_once(1_000);
    let app = Arc::new(App::with(set_up).await);
    let strangers = |round: u32| {
        let app = Arc::clone(&app);
        all((0..10_000).map(move |stranger| {
            let app = Arc::clone(&app);
            async move { app.passes(&format!("stranger {round} {stranger}")).await }
        }))
    };
    assert_eq!(strangers(0).await, 0);
    assert_eq!(app.octany.calls(), 25, "the strangers' half of it");

    let checkout = Checkout::new("payer", "payer", 7, at(0));
    app.checkouts.begin(&checkout).await.unwrap();
    app.octany.subscribe(1, "payer", "active");
    assert!(app.passes("payer").await, "whoever began a checkout has the other half");

    app.octany.subscribe(2, "unknown payer", "active");
    assert!(!app.passes("unknown payer").await);
    app.clock.advance(TimeDelta::seconds(1));
    assert!(app.passes("unknown payer").await, "and the others a turn when there is one again");
    assert!(app.octany.calls() <= 50 + 5);
    assert_eq!(strangers(1).await, 0);
    assert!(app.octany.calls() <= 50 + 5);
}

#[tokio::test]
async fn a_budget_is_not_spent_on_questions_that_are_not_asked() {
    let app = App::signed().await;
    for stranger in 0..1_000 {
        assert!(!app.passes(&format!("stranger {stranger}")).await);
    }
    assert_eq!(app.octany.calls(), 0);
    let checkout = Checkout::new("a signed text", "user", 7, at(0));
    app.checkouts.begin(&checkout).await.unwrap();
    let found = app.reconciler.reconcile(&"user".into()).await.unwrap();
    assert!(found.asked && app.octany.calls() == 1);

    // Who passes on what is in doubt is asked about out of the same part as strangers.
    let signed = reference_key().sign(&"payer".into(), &7.into(), at(60)).unwrap();
    let mut contested = Snapshot::new(1, "active", Version::new(at(0), Source::Api));
    contested.reference = Some(signed.user().clone());
    contested.contested = true;
    app.store.apply(&contested).await.unwrap();
    assert!(app.passes("payer").await);
    until(async || app.octany.calls() == 2).await;
}

#[tokio::test]
async fn an_answer_counts_for_the_interval_whatever_it_was() {
    let app = App::start().await;
    for second in 0..20 {
        app.clock.set(at(second));
        assert!(!app.passes("stranger").await);
    }
    assert_eq!(app.octany.calls(), 10, "every two seconds");
}

#[tokio::test]
async fn no_more_than_so_many_questions_are_under_way() {
    let set_up =
        |builder: ReconcilerBuilder| builder.at_once(8).deadline(Duration::from_millis(20));
    let app = Arc::new(App::with(set_up).await);
    app.octany.hold("stranger");
    let passed = all((0..100).map(|stranger| {
        let app = Arc::clone(&app);
        async move { app.passes(&format!("stranger {stranger}")).await }
    }));
    assert_eq!(passed.await, 0);
    until(async || app.octany.calls() == 8).await;
    might_happen().await;
    assert_eq!(app.octany.calls(), 8);
    app.octany.let_go();
    app.octany.subscribe(1, "payer", "active");
    until(async || {
        app.clock.advance(TimeDelta::seconds(5));
        app.passes("payer").await
    })
    .await;
}

#[tokio::test]
async fn whoever_stops_waiting_takes_nobody_with_them() {
    let app = Arc::new(App::start().await);
    app.octany.subscribe(1, "payer", "active");
    app.octany.hold("payer");
    let wait = || {
        let app = Arc::clone(&app);
        tokio::spawn(async move { app.reconciler.reconcile(&"payer".into()).await })
    };
    let first = wait();
    until(async || app.octany.calls() == 1).await;
    let others: Vec<_> = (0..10).map(|_| wait()).collect();
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    app.octany.let_go();
    for other in others {
        let found = other.await.unwrap().unwrap();
        assert!(found.asked);
    }
    assert_eq!(app.octany.calls(), 1);
    assert_eq!(app.store.subscriptions(&"payer".into()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn who_joins_a_question_is_answered_by_it() {
    let app = Arc::new(App::start().await);
    app.octany.hold("user");
    let ask = || {
        let reconciler = app.reconciler.clone();
        tokio::spawn(async move { Refresh::refresh(&reconciler, &"user".into()).await.unwrap() })
    };
    let asking: Vec<_> = (0..3).map(|_| ask()).collect();
    until(async || app.octany.calls() == 1).await;
    app.octany.let_go();
    for asked in asking {
        assert_eq!(asked.await.unwrap(), Refreshed::Applied);
    }
    assert_eq!(ask().await.unwrap(), Refreshed::NotAsked, "a moment later, and nothing changed");
}

#[tokio::test]
async fn what_was_answered_by_the_deadline_counts_even_if_the_rest_was_not() {
    let app = App::with(|builder| builder.deadline(Duration::from_secs(2))).await;
    app.checkouts.begin(&Checkout::new("another text", "payer", 7, at(0))).await.unwrap();
    app.octany.subscribe(1, "payer", "active");
    app.octany.hold("another text");
    assert!(app.passes("payer").await);
}

#[tokio::test]
async fn who_stays_in_doubt_is_not_asked_about_at_every_request() {
    let app = App::start().await;
    app.octany.subscribe(1, "payer", "active");
    app.octany.set(1, "trial_ends_at", "some day");
    for second in (0..599).step_by(6) {
        app.clock.set(at(second));
        assert!(app.passes("payer").await);
        might_happen().await;
    }
    assert_eq!(app.octany.calls(), 1);
    app.clock.set(at(600));
    assert!(app.passes("payer").await);
    until(async || app.octany.calls() == 2).await;
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
async fn a_store_that_hangs_wedges_nothing() {
    let app = App::signed().await;
    let references = app.receiver.references().clone();
    let receiver = Receiver::builder().store(Silent).references(references).build();
    let reconciler = Reconciler::builder(app.octany.client(), receiver, Silent).build();
    for _ in 0..2 {
        let refreshed = Refresh::refresh(&reconciler, &"user".into()).await.unwrap_err();
        assert_eq!(refreshed.to_string(), "Octany was not heard in time");
    }
    let failed = reconciler.reconcile(&"user".into()).await;
    assert!(matches!(failed, Err(ReconcileError::TimedOut)));
}

/// A log that panics once.
struct Panicking(AtomicBool);

#[async_trait]
impl CheckoutLog for Panicking {
    async fn begin(&self, _: &Checkout) -> Result<(), StoreError> {
        Ok(())
    }

    async fn returned(
        &self,
        _: &ReferenceId,
        _: DateTime<Utc>,
        _: DateTime<Utc>,
    ) -> Result<Option<Checkout>, StoreError> {
        Ok(None)
    }

    async fn begun(
        &self,
        _: &ReferenceId,
        _: DateTime<Utc>,
        _: usize,
    ) -> Result<Vec<Checkout>, StoreError> {
        assert!(self.0.swap(true, Ordering::SeqCst), "it panics once");
        Ok(Vec::new())
    }

    async fn forget_begun_before(&self, _: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(0)
    }
}

#[tokio::test]
async fn a_panic_wedges_nothing() {
    let panicking = Panicking(AtomicBool::new(false));
    let app = App::with(|builder| builder.checkouts(panicking)).await;
    app.octany.subscribe(1, "payer", "active");
    let failed = app.reconciler.reconcile(&"payer".into()).await;
    assert!(matches!(failed, Err(ReconcileError::GivenUp)));
    app.clock.advance(TimeDelta::seconds(5));
    assert!(app.passes("payer").await);
}
