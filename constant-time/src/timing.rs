//! By the clock: classes in a random order, compared with the one that shares nothing.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use fastrand::Rng;

use crate::classes::{SHARED, wrong};
use crate::statistics::{largest_t, limits};
use crate::subjects::{Delivery, Subject, verify_once};

/// From where on two classes differ for certain.
const DIFFERENT: f64 = 10.0;
/// Different signatures of each class.
const OF_EACH: u64 = 64;

/// Measures all subjects and prints what came of it. It fails if the verifier leaks, and if the
/// control is not caught.
pub(crate) fn measure(samples: usize) -> ExitCode {
    println!("largest |t| against wrong signatures that share nothing, {samples} calls each\n");
    println!("{:>12} {:>14} {:>14} {:>14}", "bytes shared", "verifier", "without-hints", "leaky");
    let delivery = Delivery::new();
    let [verifier, without_hints, leaky] =
        Subject::ALL.map(|subject| differences(&times(subject, &delivery, samples)));
    for (shared, ((one, two), three)) in
        SHARED.skip(1).zip(verifier.iter().zip(&without_hints).zip(&leaky))
    {
        println!("{shared:>12} {one:>14.1} {two:>14.1} {three:>14.1}");
    }
    let largest = |differences: &[f64]| differences.iter().copied().fold(0.0, f64::max);
    let (ours, control) = (largest(&verifier).max(largest(&without_hints)), largest(&leaky));
    println!("\nverifier {ours:.1}, control {control:.1}; {DIFFERENT} is a leak");
    match (ours < DIFFERENT, control >= DIFFERENT) {
        (true, true) => println!("no leak was seen, and the control was caught"),
        (false, _) => println!("the verifier takes longer for some: LEAK"),
        (true, false) => println!("the control was not caught, so this says nothing: try again"),
    }
    if ours < DIFFERENT && control >= DIFFERENT { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How long each call took, in nanoseconds, by class.
fn times(subject: Subject, delivery: &Delivery, samples: usize) -> Vec<Vec<u32>> {
    let mut random = Rng::new();
    let signature = |class, seed| wrong(&delivery.right, class, seed);
    let signatures: Vec<Vec<_>> =
        SHARED.map(|class| (0..OF_EACH).map(|seed| signature(class, seed)).collect()).collect();
    let mut times: Vec<Vec<u32>> = SHARED.map(|_| Vec::new()).collect();
    for call in 0..samples + samples / 10 {
        let class = random.usize(SHARED);
        // Always in the same place: where it lies in memory takes time as well.
        let Some(signature) = random.choice(&signatures[class]).cloned() else { continue };
        let signature = black_box(&signature);
        let begun = Instant::now();
        black_box(verify_once(subject, delivery, signature));
        let took = begun.elapsed().as_nanos();
        // The first tenth warms up.
        if call >= samples / 10 {
            times[class].push(u32::try_from(took).unwrap_or(u32::MAX));
        }
    }
    times
}

/// How much each class differs from the first one.
fn differences(times: &[Vec<u32>]) -> Vec<f64> {
    let limits = limits(&times.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let Some((first, rest)) = times.split_first() else { return Vec::new() };
    rest.iter().map(|class| largest_t(first, class, &limits)).collect()
}
