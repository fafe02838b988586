//! How long each contestant takes for one delivery, and a guard for one request.
//!
//! `scripts/bench` runs this several times and compares within each run.

#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement that cannot go on should stop")]

mod contestants;
mod growth;
mod guard;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let wanted = |part: &str| {
        std::env::var("OCTANY_BENCH_PARTS")
            .map_or(true, |parts| parts.split(' ').any(|wanted| wanted == part))
    };
    if wanted("contestants") {
        contestants::measure(&mut criterion);
    }
    if wanted("growth") {
        growth::measure(&mut criterion);
    }
    if wanted("guard") {
        guard::measure(&mut criterion);
    }
    criterion.final_summary();
}
