//! Whatever goes wrong on the way, an app ends up with what is true.
//!
//! `reports` does it with reports alone. The rest plays an Octany and an app on it, out of a seed and
//! in virtual time: `run` and `acts` say what happens, `end` what must hold, `flaw` who must not pass.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it measured"
)]

use octany_test_trace as _;

mod actix_app;
mod acts;
mod app;
mod axum_app;
mod database;
mod end;
mod findings;
mod flaw;
mod octany;
mod people;
#[path = "../../../octany-sqlx/tests/postgres/place.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod place;
mod reports;
mod run;
mod seeds;
mod stage;
mod trouble;
mod truth;
mod visit;

use self::flaw::Flaw;
use self::run::Plan;

const STEPS: usize = 500;

#[test]
fn every_seed_ends_in_what_is_true() {
    seeds::play_all(seeds::seeds(), STEPS);
}

#[test]
fn a_seed_plays_the_same_again() {
    // One on each framework and database.
    for seed in 1_000..1_004 {
        let plan = Plan { seed, steps: 200, flaw: None };
        let (one, other) = (seeds::play(plan).history, seeds::play(plan).history);
        for (one, other) in one.iter().zip(&other) {
            assert_eq!(one, other, "of seed {seed}");
        }
        assert_eq!(one.len(), other.len(), "of seed {seed}");
    }
}

#[test]
fn no_receiver_with_a_flaw_passes() {
    for (flaw, check) in Flaw::ALL {
        let found = (0..6).find_map(|seed| {
            let outcome = seeds::play(Plan { seed, steps: 200, flaw: Some(flaw) });
            outcome.findings.into_iter().find(|finding| finding.check == check)
        });
        eprintln!("{flaw:?}: {}", found.unwrap_or_else(|| panic!("{flaw:?} is not caught")));
    }
}
