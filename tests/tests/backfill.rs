//! A backfill into PostgreSQL that is killed on the way.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

#[path = "../../octany-client/tests/reconcile/octany.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod octany;
#[path = "../../octany-sqlx/tests/postgres/place.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod place;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use octany::{Octany, at};
use octany_client::{AuditMode, Backfill, Cursor, Reconciler, Sample};
use octany_entitlement::{ManualClock, Receiver};
use place::Place;

const SUBSCRIPTIONS: u64 = 4_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backfill_into_postgres_that_is_killed_again_and_again_ends_with_all_there() {
    let (place, octany) = (Place::new().await, Octany::start(&ManualClock::at(at(0))).await);
    for id in 1..=SUBSCRIPTIONS {
        octany.subscribe(id, &format!("user {id}"), "active");
    }
    let store = Arc::new(place.store().await);
    let receiver = Receiver::builder().store(store.clone()).build();
    let reconciler =
        Reconciler::builder(octany.client(), receiver, store.clone()).links(store.clone()).build();
    let saved: Arc<Mutex<Cursor>> = Arc::default();
    let mut killed = 0;
    loop {
        let (reconciler, saved) = (reconciler.clone(), Arc::clone(&saved));
        let backfill = Backfill::resume(saved.lock().unwrap().clone()).at_once(8);
        let running = tokio::spawn(async move {
            reconciler
                .backfill(backfill, |progress| {
                    *saved.lock().unwrap() = progress.cursor;
                    async { Ok::<_, Infallible>(()) }
                })
                .await
        });
        // Wherever it is by the time that 70 more pages were asked for.
        let until = octany.calls() + 70;
        while octany.calls() < until && !running.is_finished() {
            tokio::task::yield_now().await;
        }
        running.abort();
        if let Ok(done) = running.await {
            assert!(done.unwrap().done);
            break;
        }
        killed += 1;
    }
    assert!(killed >= 2, "it was to be killed, {killed}");
    let audit = reconciler.audit(Sample::All, AuditMode::Report).await.unwrap();
    assert_eq!((audit.compared, audit.drifted), (SUBSCRIPTIONS, 0));
}
