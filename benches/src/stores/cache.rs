//! A decision from the cache, with so many references that are asked for at random.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use octany_core::{AccessPolicy, Applied, ReferenceId, Snapshot, Source, Version};
use octany_entitlement::{Cached, Gate, OnOutage, StoreError, SubscriptionStore};

use crate::measure::median;
use crate::reports::at;

/// How often each is asked for, at a time; all take turns.
const ASKED: usize = 500_000;
const TURNS: usize = 7;

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
    // The largest first: its memory is measured before anything was freed.
    for references in [1_000_000, 100_000, 1_000] {
        among(references).await;
    }
}

async fn among(references: u64) {
    let before = resident();
    // A look-up of what is not kept costs the store; all of them have to fit.
    let capacity = usize::try_from(references * 2).unwrap();
    let store = Cached::new(Everybody).capacity(capacity).ttl(Duration::from_hours(24));
    let store = Arc::new(store);
    for number in 0..references {
        store.look_up(&reference(number)).await.unwrap();
    }
    let kept = resident().zip(before).map(|(after, before)| after.saturating_sub(before));
    let gate = |outage| Gate::new(Arc::clone(&store), AccessPolicy::new(), outage);
    let deny = gate(OnOutage::Deny);
    let last_known = gate(OnOutage::AllowLastKnown { at_most: Duration::from_mins(5) });
    let map: HashMap<ReferenceId, Arc<[Snapshot]>> = (0..references)
        .map(|number| {
            let reference = reference(number);
            let known = vec![snapshot(&reference)].into();
            (reference, known)
        })
        .collect();
    // Asked for in an order that no cache of the processor's follows.
    let asked: Vec<_> = (0..references).map(|n| reference(n * 7_919 % references)).collect();

    let layers: [(&str, &Work<'_>); 5] = [
        ("nothing", &|reference| {
            black_box(reference.as_str().len());
        }),
        ("hash map", &|reference| drop(black_box(map.get(reference).cloned()))),
        ("copy", &|reference| drop(black_box(store.peek(reference)))),
        ("decision", &|reference| {
            assert!(black_box(deny.try_decide(reference)).is_some_and(|it| it.is_allowed()));
        }),
        ("decision, last known", &|reference| {
            assert!(black_box(last_known.try_decide(reference)).is_some_and(|it| it.is_allowed()));
        }),
    ];
    let mut taken = vec![(Vec::new(), Vec::new()); layers.len()];
    for turn in 0..=TURNS {
        for ((_, work), (one, two)) in layers.iter().zip(&mut taken) {
            let (alone, beside) = (each(&asked, 1, work), each(&asked, 2, work));
            // The first turn fills caches.
            if turn > 0 {
                one.push(alone);
                two.push(beside);
            }
        }
    }
    for ((what, _), (one, two)) in layers.iter().zip(taken) {
        let (one, two) = (median(one), median(two));
        let what = format!("Cache, {references} references: {what}");
        println!("{what:<58} {one:>6.0} ns; {two:>6.0} ns with two threads");
    }
    if let Some(kept) = kept {
        println!("Cache, {references} references: {} bytes resident for each", kept / references);
    }
}

/// What is measured.
type Work<'a> = dyn Fn(&ReferenceId) + Sync + 'a;

/// Nanoseconds for one, in each of so many threads.
fn each(asked: &[ReferenceId], threads: usize, work: &Work<'_>) -> f64 {
    let ready = Barrier::new(threads);
    let times = thread::scope(|scope| {
        let run = |thread: usize| {
            let asked = asked.iter().cycle().skip(asked.len() * thread / threads).take(ASKED);
            ready.wait();
            let (started, on_cpu) = (Instant::now(), on_cpu());
            asked.for_each(work);
            let elapsed = started.elapsed();
            self::on_cpu()
                .zip(on_cpu)
                .map_or(elapsed, |(after, before)| after.saturating_sub(before))
        };
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || run(thread))).collect();
        running.into_iter().map(|running| running.join().unwrap()).max().unwrap()
    });
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let (nanos, asked) = (times.as_nanos() as f64, ASKED as f64);
    nanos / asked
}

/// For how long this thread ran so far, where the system tells: others may want the processor, too.
fn on_cpu() -> Option<Duration> {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    statistics.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Bytes of memory, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kibibytes| kibibytes * 1_024)
}
