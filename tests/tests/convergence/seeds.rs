//! Which seeds are played, and how a failure is told.

use std::ops::{Add, Range};
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::findings::{Check, Finding};
use super::place::Place;
use super::run::{Counts, Outcome, Plan, Run};

/// How many seeds are played unless the environment says otherwise.
const SEEDS: u64 = 20;
/// How many runs are under way at once: most of the time, each waits for a disk or a socket.
const AT_ONCE: usize = 4;
/// How many of the last steps a failure shows.
const SHOWN: usize = 30;

/// The seeds of `OCTANY_CONVERGENCE_SEED`, which is one, or of `OCTANY_CONVERGENCE_SEEDS`, which is
/// how many, or from which one up to before which one: `20..40`.
pub(crate) fn seeds() -> Range<u64> {
    let variable = |name| std::env::var(name).ok().filter(|text| !text.is_empty());
    if let Some(seed) = variable("OCTANY_CONVERGENCE_SEED") {
        let seed = seed.parse().expect("OCTANY_CONVERGENCE_SEED is a number");
        return seed..seed + 1;
    }
    let Some(seeds) = variable("OCTANY_CONVERGENCE_SEEDS") else { return 0..SEEDS };
    let (from, to) = seeds.split_once("..").unwrap_or(("0", &seeds));
    let number = |text: &str| text.parse().expect("OCTANY_CONVERGENCE_SEEDS is 200 or 20..40");
    number(from)..number(to)
}

/// Plays one plan, in a runtime and a folder of its own.
pub(crate) fn play(plan: Plan) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let place = Place::new().await;
        Run::play(plan, folder.path(), &place).await
    })
}

/// Plays all seeds, and fails after the last one if any failed.
pub(crate) fn play_all(seeds: Range<u64>, steps: usize) {
    let (next, began) = (AtomicU64::new(seeds.start), Instant::now());
    let work = || {
        let mut played = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return played;
            }
            let (plan, began) = (Plan { seed, steps, flaw: None }, Instant::now());
            let Ok(outcome) = catch_unwind(|| play(plan)) else {
                eprintln!("seed {seed} panicked\n{}", again(seed));
                played.push((seed, None));
                continue;
            };
            let (on, took) = (&outcome.on, began.elapsed());
            eprintln!("seed {seed} on {on}, {took:?}: {:?}", outcome.counts);
            if !outcome.passed() {
                eprintln!("{}", failure(plan, &outcome));
            }
            played.push((seed, Some(outcome)));
        }
    };
    let played: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let counts = played.iter().flat_map(|(_, outcome)| outcome).map(|outcome| outcome.counts);
    let total = counts.fold(Counts::default(), Add::add);
    eprintln!("{} runs in {:?}: {total:?}", played.len(), began.elapsed());
    let passed = |outcome: &Option<Outcome>| outcome.as_ref().is_some_and(Outcome::passed);
    let failed: Vec<_> =
        played.iter().filter(|(_, outcome)| !passed(outcome)).map(|(seed, _)| seed).collect();
    assert!(failed.is_empty(), "these seeds failed, see above: {failed:?}");
}

/// What there is to say of a run that failed, and how to play it again.
fn failure(plan: Plan, outcome: &Outcome) -> String {
    let seed = plan.seed;
    let findings: Vec<_> = outcome.findings.iter().take(10).map(ToString::to_string).collect();
    let is_step = |line: &&String| !line.starts_with("delivery ");
    let steps: Vec<_> = outcome.history.iter().take_while(is_step).map(String::as_str).collect();
    let shown = &steps[steps.len().saturating_sub(SHOWN)..];
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("convergence-{seed}.txt"));
    let kept = match std::fs::write(&file, outcome.history.join("\n")) {
        Ok(()) => format!("all of it is in {}", file.display()),
        Err(error) => format!("it could not be kept: {error}"),
    };
    format!(
        "seed {seed} failed on {}, in {} ways:\n{}\nits last steps ({kept}):\n{}\n{}",
        outcome.on,
        outcome.findings.len(),
        findings.join("\n"),
        shown.join("\n"),
        again(seed),
    )
}

/// How to play a seed again, alone.
fn again(seed: u64) -> String {
    format!(
        "play it again: OCTANY_CONVERGENCE_SEED={seed} cargo test -p octany-tests \
         --test convergence every_seed -- --nocapture"
    )
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            steps: self.steps + other.steps,
            days: self.days + other.days,
            subscriptions: self.subscriptions + other.subscriptions,
            deliveries: self.deliveries + other.deliveries,
            attempts: self.attempts + other.attempts,
            dropped: self.dropped + other.dropped,
            forged: self.forged + other.forged,
            cut: self.cut + other.cut,
            repeated: self.repeated + other.repeated,
            refused: self.refused + other.refused,
            calls_failed: self.calls_failed + other.calls_failed,
            processes: self.processes + other.processes,
            effects: self.effects + other.effects,
            decisions: self.decisions + other.decisions,
        }
    }
}

#[test]
fn a_failure_tells_what_differs_what_happened_and_how_to_play_it_again() {
    let finding = Finding { check: Check::State, what: "one is missing".to_owned() };
    let steps = (0..100).map(|step| format!("step {step}"));
    let history = steps.chain(["delivery 7".to_owned()]).collect();
    let (on, counts) = ("axum and SQLite".to_owned(), Counts::default());
    let outcome = Outcome { on, history, findings: vec![finding], counts };
    let told = failure(Plan { seed: u64::MAX, steps: 100, flaw: None }, &outcome);
    for part in ["State: one is missing", "step 99", "OCTANY_CONVERGENCE_SEED=18446744073709551615"]
    {
        assert!(told.contains(part), "{told}");
    }
    assert!(!told.contains("step 69\n") && !told.contains("delivery 7"), "{told}");
}
