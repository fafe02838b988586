//! Whatever order reports arrive in, and however many at once, they end in one state.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use octany_core::{Rank, ReferenceId, Snapshot, Source, Version};
use octany_entitlement::{MemoryStore, SubscriptionStore};
use octany_sqlx::SqliteStore;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const TASKS: usize = 8;
const STATUSES: [&str; 4] = ["active", "unpaid", "delayed", "cancelled"];

#[derive(Clone, Debug)]
struct Case {
    reports: Vec<(i64, Source, &'static str)>,
    orders: Vec<Vec<usize>>,
}

fn case() -> impl Strategy<Value = Case> {
    let sources = vec![
        Source::Webhook(Rank::Created),
        Source::Webhook(Rank::Updated),
        Source::Webhook(Rank::Cancelled),
        Source::Api,
    ];
    // Few instants and sources, so that many reports tie.
    let report =
        (0_i64..3, proptest::sample::select(sources), proptest::sample::select(&STATUSES[..]));
    let order = Just((0..6).collect::<Vec<_>>()).prop_shuffle();
    (proptest::collection::vec(report, 6), proptest::collection::vec(order, TASKS))
        .prop_map(|(reports, orders)| Case { reports, orders })
}

fn snapshots(case: &Case, key: usize) -> Vec<Snapshot> {
    let one = |(seconds, source, status): &(i64, Source, &str)| {
        let instant = DateTime::UNIX_EPOCH + TimeDelta::seconds(*seconds);
        let mut snapshot =
            Snapshot::new(format!("sub_{key}"), *status, Version::new(instant, *source));
        snapshot.reference = Some(format!("user_{key}").into());
        snapshot
    };
    case.reports.iter().map(one).collect()
}

/// Applies the reports from all tasks at once, each in its own order, and checks what is left.
async fn converges<S: SubscriptionStore + 'static>(
    store: &Arc<S>,
    case: &Case,
    key: usize,
) -> Result<(), TestCaseError> {
    let reports = snapshots(case, key);
    let tasks: Vec<_> = case
        .orders
        .iter()
        .map(|order| {
            let store = Arc::clone(store);
            let reports: Vec<_> = order.iter().map(|next| reports[*next].clone()).collect();
            tokio::spawn(async move {
                for report in &reports {
                    store.apply(report).await.expect("the store answers");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no task panics");
    }
    let newest = reports.iter().map(|report| report.version).max().expect("six reports");
    let tied: Vec<_> = reports.iter().filter(|report| report.version == newest).collect();
    let differ = tied.iter().any(|report| !report.agrees_with(tied[0]));
    let reference = ReferenceId::from(format!("user_{key}"));
    let known = store.subscriptions(&reference).await.expect("the store answers");
    prop_assert_eq!(known.len(), 1);
    prop_assert_eq!(known[0].version, newest);
    prop_assert!(tied.iter().any(|report| report.agrees_with(&known[0])));
    prop_assert_eq!(known[0].contested, differ, "contested exactly where newest reports differ");
    Ok(())
}

fn run<S: SubscriptionStore + 'static>(store: impl AsyncFnOnce() -> S) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime");
    let store = Arc::new(runtime.block_on(store()));
    let key = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(256));
    runner
        .run(&case(), |case| {
            key.set(key.get() + 1);
            runtime.block_on(converges(&store, &case, key.get()))
        })
        .unwrap_or_else(|failure| unreachable!("{failure}"));
}

#[test]
fn six_reports_from_eight_tasks_end_in_one_state_in_memory() {
    run(async || MemoryStore::new());
}

#[test]
fn six_reports_from_eight_tasks_end_in_one_state_on_sqlite() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("db.sqlite");
    run(async || SqliteStore::open(path).await.expect("the file can be made"));
}
