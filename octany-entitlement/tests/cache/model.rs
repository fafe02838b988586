//! Any calls, interleaved in any way, against what really happened.

use std::sync::{Arc, Mutex};

use octany_core::{ReferenceId, Snapshot, SubscriptionId};
use octany_entitlement::{Cached, MemoryStore, SubscriptionLinks, SubscriptionStore};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::staged::{Fault, Staged};
use crate::tools::{Call, report, run};

const REFERENCES: [&str; 3] = ["one", "two", "three"];
const SUBSCRIPTIONS: [&str; 2] = ["1", "2"];

#[derive(Clone, Copy, Debug)]
enum Step {
    LookUp { reference: usize },
    Apply { subscription: usize, reference: Option<usize>, second: i64 },
    Link { subscription: usize, reference: usize },
    Run { call: usize },
    Cancel { call: usize },
    Fail(Fault),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..REFERENCES.len()).prop_map(|reference| Step::LookUp { reference }),
        3 => (0..SUBSCRIPTIONS.len(), prop::option::of(0..REFERENCES.len()), 0..40_i64).prop_map(
            |(subscription, reference, second)| Step::Apply { subscription, reference, second }
        ),
        1 => (0..SUBSCRIPTIONS.len(), 0..REFERENCES.len())
            .prop_map(|(subscription, reference)| Step::Link { subscription, reference }),
        24 => (0..8_usize).prop_map(|call| Step::Run { call }),
        1 => (0..8_usize).prop_map(|call| Step::Cancel { call }),
        1 => prop_oneof![Just(Fault::Undone), Just(Fault::Done)].prop_map(Step::Fail),
    ];
    vec(step, 1..120)
}

/// What there is to know of a reference: for each subscription the version, if it has it.
type Known = [Option<i64>; SUBSCRIPTIONS.len()];
type State = [Known; REFERENCES.len()];
/// For each reference and subscription, the first state that may still be seen: the last one that
/// a write about both has made which is over.
type Least = [[usize; SUBSCRIPTIONS.len()]; REFERENCES.len()];

fn summary(known: &[Snapshot]) -> Known {
    SUBSCRIPTIONS.map(|subscription| {
        let found = known.iter().find(|known| known.subscription == subscription);
        found.map(|found| found.version.as_i64())
    })
}

fn state(store: &MemoryStore) -> State {
    REFERENCES.map(|reference| summary(&store.peek(&reference.into()).unwrap()))
}

enum Outcome {
    Wrote,
    Found(Known),
    Failed,
}

struct Running {
    call: Call<Outcome>,
    about: About,
    /// For a write: the state that it made.
    made: Arc<Mutex<Option<usize>>>,
}

#[derive(Clone, Copy)]
enum About {
    /// A look-up of a reference, and what it may find.
    Reference(usize, Least),
    /// A write about a subscription, and whom it names.
    Subscription(usize, Option<usize>),
}

struct World {
    store: Arc<Cached<Staged>>,
    /// Every state that the store was in.
    states: Arc<Mutex<Vec<State>>>,
    /// The write that is being run tells here which state it made.
    writing: Arc<Mutex<Arc<Mutex<Option<usize>>>>>,
    least: Least,
    running: Vec<Running>,
}

impl World {
    fn new(store: Cached<Staged>) -> Self {
        let store = Arc::new(store);
        let states = Arc::new(Mutex::new(vec![State::default()]));
        let writing: Arc<Mutex<Arc<Mutex<Option<usize>>>>> = Arc::default();
        let on_write = {
            let (store, states) = (Arc::downgrade(&store), Arc::clone(&states));
            let writing = Arc::clone(&writing);
            move || {
                let mut states = states.lock().unwrap();
                states.push(state(&store.upgrade().unwrap().inner().inner));
                *writing.lock().unwrap().lock().unwrap() = Some(states.len() - 1);
            }
        };
        *store.inner().on_write.lock().unwrap() = Some(Box::new(on_write));
        Self { store, states, writing, least: Least::default(), running: Vec::new() }
    }

    fn begin(&mut self, call: Call<Outcome>, about: About) {
        self.running.push(Running { call, about, made: Arc::default() });
    }

    fn step(&mut self, step: Step) {
        let store = Arc::clone(&self.store);
        match step {
            Step::LookUp { reference } => {
                let id = ReferenceId::from(REFERENCES[reference]);
                let call = Call::new(async move {
                    store
                        .look_up(&id)
                        .await
                        .map_or(Outcome::Failed, |known| Outcome::Found(summary(&known)))
                });
                self.begin(call, About::Reference(reference, self.least));
            }
            Step::Apply { subscription, reference, second } => {
                let about = About::Subscription(subscription, reference);
                let reference = reference.map(|reference| REFERENCES[reference]);
                let report = report(SUBSCRIPTIONS[subscription], reference, second);
                let call = async move {
                    store.apply(&report).await.map_or(Outcome::Failed, |_| Outcome::Wrote)
                };
                self.begin(Call::new(call), about);
            }
            Step::Link { subscription, reference } => {
                let about = About::Subscription(subscription, Some(reference));
                let subscription = SubscriptionId::from(SUBSCRIPTIONS[subscription]);
                let reference = ReferenceId::from(REFERENCES[reference]);
                let call = async move {
                    let linked = store.link(&subscription, &reference).await;
                    linked.map_or(Outcome::Failed, |()| Outcome::Wrote)
                };
                self.begin(Call::new(call), about);
            }
            Step::Run { call } => self.run(call),
            Step::Cancel { call } if call < self.running.len() => {
                let cancelled = self.running.remove(call);
                drop(cancelled.call);
                self.is_over(cancelled.about, &cancelled.made);
            }
            Step::Cancel { .. } => {}
            Step::Fail(fault) => self.store.inner().fail(fault),
        }
    }

    fn run(&mut self, call: usize) {
        if self.running.is_empty() {
            return;
        }
        let index = call % self.running.len();
        let running = &mut self.running[index];
        *self.writing.lock().unwrap() = Arc::clone(&running.made);
        let Some(outcome) = running.call.step() else { return };
        let ended = self.running.remove(index);
        if let (Outcome::Found(known), About::Reference(reference, least)) = (outcome, ended.about)
        {
            self.assert_was(reference, known, &least, "a look-up");
        }
        self.is_over(ended.about, &ended.made);
    }

    /// Whatever a write did counts from here on, for all for whom it changed something. If somebody
    /// else had done it already, it counts for whom the write names, or for the owner if it names
    /// nobody.
    fn is_over(&mut self, about: About, made: &Mutex<Option<usize>>) {
        let (About::Subscription(subscription, named), Some(made)) = (about, *made.lock().unwrap())
        else {
            return;
        };
        let states = self.states.lock().unwrap();
        for (reference, least) in self.least.iter_mut().enumerate() {
            let before = states[made - 1][reference][subscription];
            let after = states[made][reference][subscription];
            if before != after || named.map_or(after.is_some(), |named| named == reference) {
                least[subscription] = made.max(least[subscription]);
            }
        }
    }

    fn assert_was(&self, reference: usize, known: Known, least: &Least, what: &str) {
        let states = self.states.lock().unwrap();
        let least = &least[reference];
        assert!(
            states.iter().any(|state| state[reference] == known)
                && (0..SUBSCRIPTIONS.len()).all(|subscription| {
                    let mut later = states[least[subscription]..].iter();
                    later.any(|state| state[reference][subscription] == known[subscription])
                }),
            "{what} of {} gave {known:?}, which was not so since {least:?} of {states:?}",
            REFERENCES[reference],
        );
    }

    fn check_copies(&self) {
        for (index, reference) in REFERENCES.into_iter().enumerate() {
            if let Some(known) = self.store.peek(&reference.into()) {
                self.assert_was(index, summary(&known), &self.least, "a copy");
            }
        }
    }

    /// Lets everything end, and compares with what is true then.
    fn settle(&mut self) {
        *self.store.inner().next_fault.lock().unwrap() = None;
        for round in 0..10_000 {
            self.run(round);
            self.check_copies();
            if self.running.is_empty() {
                break;
            }
        }
        assert!(self.running.is_empty(), "something never ends");
        let truth = state(&self.store.inner().inner);
        for (index, reference) in REFERENCES.into_iter().enumerate() {
            let (store, id) = (Arc::clone(&self.store), ReferenceId::from(reference));
            if let Some(known) = store.peek(&id) {
                assert_eq!(summary(&known), truth[index], "a copy of {reference}, in the end");
            }
            let known = run(async move { store.look_up(&id).await }).unwrap();
            assert_eq!(summary(&known), truth[index], "a look-up of {reference}, in the end");
        }
    }
}

fn play(store: Cached<Staged>, steps: Vec<Step>) {
    let mut world = World::new(store);
    for step in steps {
        world.step(step);
        world.check_copies();
    }
    world.settle();
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_interleaving_shows_anything_older_than_what_returned(steps in steps()) {
        play(Cached::linked(Staged::default()), steps);
    }

    #[test]
    fn nor_does_one_where_links_cannot_be_asked(steps in steps()) {
        play(Cached::new(Staged::default()), steps);
    }
}
