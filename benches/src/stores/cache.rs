//! A decision from the cache, with a million references that are asked for at random.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use octany_core::{AccessPolicy, Applied, ReferenceId, Snapshot, Source, Version};
use octany_entitlement::{Cached, Gate, OnOutage, StoreError, SubscriptionStore};

use crate::reports::at;

const REFERENCES: u64 = 1_000_000;
const ASKED: u64 = 2_000_000;

/// Knows everybody, without keeping anything.
struct Everybody;

#[async_trait]
impl SubscriptionStore for Everybody {
    async fn apply(&self, _: &Snapshot) -> Result<Applied, StoreError> {
        Ok(Applied::Unchanged)
    }

    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
        Ok(vec![snapshot(reference)])
    }
}

fn snapshot(reference: &ReferenceId) -> Snapshot {
    let id = format!("7{}", &reference.as_str()[5..]);
    let mut snapshot = Snapshot::new(id, "active", Version::new(at(), Source::Api));
    snapshot.reference = Some(reference.clone());
    snapshot
}

fn reference(number: u64) -> ReferenceId {
    ReferenceId::from(format!("user_{number}"))
}

/// Measures what a decision takes, and what is kept for one reference.
pub(crate) async fn measure() {
    let before = resident();
    let references = usize::try_from(REFERENCES).unwrap();
    // A look-up of what is not kept costs the store; all of them have to fit.
    let cached = Cached::new(Everybody).capacity(references * 2).ttl(Duration::from_hours(24));
    let store = Arc::new(cached);
    for number in 0..REFERENCES {
        store.look_up(&reference(number)).await.unwrap();
    }
    let kept = resident().zip(before).map(|(after, before)| (after - before) / REFERENCES);
    let gate = Gate::new(Arc::clone(&store), AccessPolicy::new(), OnOutage::Deny);
    let map: HashMap<ReferenceId, Arc<[Snapshot]>> = (0..REFERENCES)
        .map(|number| {
            let reference = reference(number);
            let known = vec![snapshot(&reference)].into();
            (reference, known)
        })
        .collect();
    // Asked for in an order that no cache of the processor's follows.
    let asked: Vec<_> = (0..REFERENCES).map(|n| reference(n * 7_919 % REFERENCES)).collect();

    let bare = each(&asked, |reference| drop(black_box(map.get(reference).cloned())));
    let ours = each(&asked, |reference| {
        assert!(black_box(gate.try_decide(reference)).is_some_and(|it| it.is_allowed()));
    });
    let hot = each(&asked[..1_000], |reference| {
        assert!(black_box(gate.try_decide(reference)).is_some_and(|it| it.is_allowed()));
    });
    println!("Cache, 1,000,000 references at random: hash map {bare} ns, decision {ours} ns");
    println!("Cache, 1,000 of them over and over: decision {hot} ns");
    if let Some(kept) = kept {
        println!("Cache, resident memory for each reference: {kept} bytes");
    }
}

/// Nanoseconds for one.
fn each(asked: &[ReferenceId], mut work: impl FnMut(&ReferenceId)) -> u128 {
    let mut best = u128::MAX;
    for _ in 0..3 {
        let started = Instant::now();
        for reference in asked.iter().cycle().take(usize::try_from(ASKED).unwrap()) {
            work(reference);
        }
        best = best.min(started.elapsed().as_nanos() / u128::from(ASKED));
    }
    best
}

/// Bytes of memory, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kibibytes| kibibytes * 1_024)
}
