//! Whether verifying takes the same time for every wrong signature, however many of its leading
//! bytes are right.
//!
//!     cargo run --release -p octany-constant-time     # by the clock, with statistics: for people
//!     scripts/constant-time                           # by counting instructions: for machines
//!
//! Both look at the verifier as it is used, and at a comparison that stops at the first difference,
//! which must be caught: a check that cannot see a leak shows nothing.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports")]

mod classes;
mod statistics;
mod subjects;
mod timing;

use std::hint::black_box;
use std::process::ExitCode;

use crate::classes::{SHARED, wrong};
use crate::subjects::{Delivery, Subject, verify_once};

const SAMPLES: usize = 1_000_000;
/// Signatures of each class whose instructions are counted.
const COUNTED: u64 = 2;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(first) = arguments.next() else { return timing::measure(SAMPLES) };
    match first.parse() {
        Ok(samples) => timing::measure(samples),
        Err(_) if first == "count" => count(),
        Err(_) => {
            eprintln!("usage: octany-constant-time [SAMPLES | count]");
            ExitCode::FAILURE
        }
    }
}

/// Calls `verify_once` for each class, and says for which, so that callgrind can count what each
/// call takes. The first calls find things that are made once; they are called `warm`.
fn count() -> ExitCode {
    let delivery = Delivery::new();
    for subject in Subject::ALL {
        for shared in SHARED {
            for seed in 0..COUNTED {
                let signature = wrong(&delivery.right, shared, seed);
                if shared == 0 && seed == 0 {
                    for _ in 0..3 {
                        println!("warm {} {shared}", subject.name());
                        black_box(verify_once(subject, &delivery, &signature));
                    }
                }
                println!("counted {} {shared}", subject.name());
                black_box(verify_once(subject, &delivery, &signature));
            }
        }
    }
    ExitCode::SUCCESS
}
