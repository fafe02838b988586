//! What a backfill needs of memory; alone in its process, since that is what is measured.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use octany_test_trace as _;

#[allow(dead_code, reason = "it uses its share")]
#[path = "reconcile/octany.rs"]
mod octany;

use std::convert::Infallible;

use async_trait::async_trait;
use octany::{Octany, PER_PAGE, at};
use octany_client::{Backfill, Reconciler};
use octany_core::{Applied, ReferenceId, Snapshot};
use octany_entitlement::{ManualClock, Receiver, StoreError, SubscriptionStore};

/// A store that keeps nothing.
struct Sieve;

#[async_trait]
impl SubscriptionStore for Sieve {
    async fn apply(&self, _: &Snapshot) -> Result<Applied, StoreError> {
        Ok(Applied::Inserted)
    }

    async fn subscriptions(&self, _: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        Ok(Vec::new())
    }
}

/// How much memory this process has, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn it_needs_as_much_memory_for_many_pages_as_for_a_few() {
    let octany = Octany::start(&ManualClock::at(at(0))).await;
    for id in 0..2_500 * PER_PAGE as u64 {
        octany.subscribe(id, "user", "active");
    }
    let receiver = Receiver::builder().store(Sieve).build();
    let reconciler = Reconciler::builder(octany.client(), receiver, Sieve).build();
    let (mut early, mut late) = (0, 0);
    let backfill = reconciler.backfill(Backfill::new(), |progress| {
        match progress.page {
            100 => early = resident(),
            2_500 => late = resident(),
            _ => {}
        }
        async { Ok::<_, Infallible>(()) }
    });
    backfill.await.unwrap();
    // 48,000 subscriptions lie between the two, of some hundred bytes each as they are read.
    assert!(late < early + (4 << 20), "{early} bytes, then {late}");
}
