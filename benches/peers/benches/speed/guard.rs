//! A guard that decides from copies of a million references, asked for at random, beside an empty layer
//! around the same route.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use criterion::Criterion;
use octany_benches::axum::{guarded, unguarded};
use octany_benches::everybody::reference;
use octany_benches::guard::{gate, once, request};
use octany_core::ReferenceId;
use tower_service::Service;

/// How many there are; fewer for who only wants to see that it works.
const REFERENCES: u64 = 1_000_000;
const FEW: u64 = 10_000;

/// So many requests are made before the clock starts, and then answered.
const CHUNK: u64 = 256;

pub(crate) fn measure(criterion: &mut Criterion) {
    let quick = std::env::var_os("OCTANY_BENCH_QUICK").is_some();
    let references = if quick { FEW } else { REFERENCES };
    let gate = gate(0..references);
    // In an order that no cache of the processor's follows.
    let asked: Vec<_> = (0..references).map(|n| reference(n * 7_919 % references)).collect();

    for threads in [1, 2] {
        let mut group = criterion.benchmark_group(format!("guard-{threads}"));
        for (name, router) in [("empty layer", unguarded()), ("ours", guarded(gate.clone()))] {
            let mut asked_for = 0;
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|requests| {
                    asked_for += requests;
                    each(threads, requests, asked_for, &router, &asked)
                });
            });
        }
    }
}

/// How long the slowest of so many threads took for so many requests.
fn each(
    threads: usize,
    requests: u64,
    first: u64,
    router: &Router,
    asked: &[ReferenceId],
) -> Duration {
    let ready = Barrier::new(threads);
    let run = |thread: usize| {
        let skip = usize::try_from(first).unwrap() + asked.len() * thread / threads;
        let mut users = asked.iter().cycle().skip(skip % asked.len());
        let (mut router, mut left, mut taken) = (router.clone(), requests, Duration::ZERO);
        ready.wait();
        while left > 0 {
            let count = left.min(CHUNK);
            let made: Vec<_> = users.by_ref().take(usize::try_from(count).unwrap()).collect();
            let made: Vec<_> = made.into_iter().map(request).collect();
            let started = Instant::now();
            for request in made {
                let response = once(router.call(request)).unwrap();
                assert!(response.status().is_success());
            }
            taken += started.elapsed();
            left -= count;
        }
        taken
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|thread| {
                let run = &run;
                scope.spawn(move || run(thread))
            })
            .collect();
        running.into_iter().map(|running| running.join().unwrap()).max().unwrap()
    })
}
