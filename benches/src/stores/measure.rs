//! How often something is done in a second.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::reports::SUBSCRIPTIONS;

/// How long each side is measured at a time; sides take turns, so that both see the same machine.
const TURN: Duration = Duration::from_millis(700);
const TURNS: usize = 5;

/// Whether it is only to be seen that all of it works.
pub(crate) fn quick() -> bool {
    std::env::var_os("OCTANY_BENCH_QUICK").is_some()
}

/// How long and how often each side is measured.
pub(crate) fn turns() -> (Duration, usize) {
    if quick() { (TURN / 10, 1) } else { (TURN, TURNS) }
}

/// Runs the bare work and ours in turns, and prints the medians and their ratio.
pub(crate) async fn compare<B, O>(
    what: &str,
    goal: Option<f64>,
    tasks: usize,
    bare: impl Fn(usize, u64) -> B + Clone + Send + 'static,
    ours: impl Fn(usize, u64) -> O + Clone + Send + 'static,
) where
    B: Future<Output = bool> + Send,
    O: Future<Output = bool> + Send,
{
    let (mut of_bare, mut of_ours) = (Vec::new(), Vec::new());
    for turn in 0..=turns().1 {
        let (one, other) = (rate(tasks, bare.clone()).await, rate(tasks, ours.clone()).await);
        // The first turn fills caches.
        if turn > 0 {
            of_bare.push(one);
            of_ours.push(other);
        }
    }
    let (bare, ours) = (median(of_bare), median(of_ours));
    let goal = goal.map_or_else(String::new, |goal| format!("{goal:.2}"));
    println!("{what:<58} {bare:>9.0} {ours:>9.0} {:>6.2}x {goal:>6}", ours / bare);
}

/// How often so many tasks at once do it in a second. Each call gets the task's number and a number
/// that no other call has, and says whether it did it.
pub(crate) async fn rate<F>(
    tasks: usize,
    work: impl Fn(usize, u64) -> F + Clone + Send + 'static,
) -> f64
where
    F: Future<Output = bool> + Send,
{
    // Above those of the reports that are there before anything is measured.
    static NUMBER: AtomicU64 = AtomicU64::new(SUBSCRIPTIONS);
    let (turn, done) = (turns().0, Arc::new(AtomicU64::new(0)));
    let started = Instant::now();
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let (work, done) = (work.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                while started.elapsed() < turn {
                    let did = work(task, NUMBER.fetch_add(1, Ordering::Relaxed)).await;
                    done.fetch_add(u64::from(did), Ordering::Relaxed);
                }
            })
        })
        .collect();
    for task in running {
        task.await.unwrap();
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let done = done.load(Ordering::Relaxed) as f64;
    done / started.elapsed().as_secs_f64()
}

/// What else a machine does only adds to it.
pub(crate) fn fastest(times: Vec<f64>) -> f64 {
    times.into_iter().fold(f64::INFINITY, f64::min)
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
