//! A decision from the cache, with so many references that are asked for at random.

use std::collections::HashMap;
use std::hint::black_box;
use std::process::Command;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use octany_benches::everybody::{Everybody, reference, snapshot};
use octany_core::{AccessPolicy, ReferenceId, Snapshot};
use octany_entitlement::{Cached, Gate, OnOutage, SubscriptionStore};

use crate::measure::{fastest, quick};

/// How often each is asked for, at a time; all take turns.
const ASKED: usize = 500_000;
const TURNS: usize = 7;

/// What a reference takes here at most: a copy, a row of a map, and a place in the order of asking.
const BYTES: u64 = 900;

/// How many references, a process each: what one has freed would be in the memory of the next.
const SIZES: [u64; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];

pub(crate) fn measure() {
    for references in SIZES {
        if quick() && references > 10_000 {
            continue;
        }
        if available().is_some_and(|available| available < references * BYTES) {
            println!("Cache, {references} references: left out, for want of memory");
            continue;
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        assert!(command.args(["among", &references.to_string()]).status().unwrap().success());
    }
}

/// Measures what a decision takes among so many, and what is kept for one of them.
pub(crate) async fn among(references: u64) {
    let before = resident();
    // A look-up of what is not kept costs the store; all of them have to fit.
    let capacity = usize::try_from(references * 2).unwrap();
    let store = Cached::new(Everybody { subscriptions: 1 })
        .capacity(capacity)
        .ttl(Duration::from_hours(24));
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
            let known = vec![snapshot(&reference, 0)].into();
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
        let (one, two) = (fastest(one), fastest(two));
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

/// Bytes of memory that this process has, where the system tells.
fn resident() -> Option<u64> {
    bytes_in("/proc/self/status", "VmRSS:")
}

/// Bytes of memory that there are for it, where the system tells.
fn available() -> Option<u64> {
    bytes_in("/proc/meminfo", "MemAvailable:")
}

fn bytes_in(file: &str, what: &str) -> Option<u64> {
    let lines = std::fs::read_to_string(file).ok()?;
    let line = lines.lines().find_map(|line| line.strip_prefix(what))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kibibytes| kibibytes * 1_024)
}
