//! Many workers at once.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use octany_core::Version;

use super::{claim, done, letter, only, put};
use crate::conformance::TASKS;
use crate::conformance::race::race;
use crate::{Claimed, InboxStore};

/// So that those who find nothing leave the store to those who do.
const PAUSE: Duration = Duration::from_millis(5);

/// What runs and ran, as the workers see it.
#[derive(Default)]
struct Seen {
    running: HashSet<String>,
    ran: HashMap<String, Vec<Version>>,
    count: usize,
}

impl Seen {
    fn begin(&mut self, claimed: &Claimed) {
        let Claimed { letter, .. } = claimed;
        assert!(self.running.insert(letter.key.clone()), "two of {} run at once", letter.key);
        self.ran.entry(letter.key.clone()).or_default().push(letter.version);
    }

    fn end(&mut self, claimed: &Claimed) {
        self.running.remove(&claimed.letter.key);
        self.count += 1;
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Handles letters until so many are done.
async fn handle<S: InboxStore>(store: &S, seen: &Mutex<Seen>, all: usize, at_once: usize) {
    while lock(seen).count < all {
        let claimed = claim(store, 0, at_once).await;
        for claimed in &claimed {
            lock(seen).begin(claimed);
        }
        tokio::task::yield_now().await;
        for claimed in &claimed {
            lock(seen).end(claimed);
            let id = claimed.letter.id.as_str();
            assert!(done(store, id, claimed.token, 1).await, "who has it is heard");
        }
        if claimed.is_empty() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

pub(super) async fn many_workers_handle_each_letter_once_and_in_order<S: InboxStore + 'static>(
    store: &Arc<S>,
) {
    let (keys, each) = (12, 10);
    for seconds in (0..each).rev() {
        for key in 0..keys {
            let id = format!("d_{key}_{seconds}");
            put(&**store, &letter(&id, &format!("k_{key}"), seconds)).await;
        }
    }
    let (all, seen) = (120, Arc::new(Mutex::new(Seen::default())));
    let tasks = (0..TASKS).map(|task| {
        let (store, seen) = (Arc::clone(store), Arc::clone(&seen));
        async move { handle(&*store, &seen, all, 1 + task % 4).await }
    });
    race(tasks.collect()).await;
    let seen = lock(&seen);
    assert_eq!(seen.count, all, "each letter is handled once");
    for (key, ran) in &seen.ran {
        assert!(ran.is_sorted() && ran.len() == 10, "{key} is handled in order");
    }
}

pub(super) async fn one_of_many_takes_up_what_was_left<S: InboxStore + 'static>(store: &Arc<S>) {
    for round in 0..8 {
        let id = format!("d_{round}");
        put(&**store, &letter(&id, "k", round)).await;
        only(&**store, &id, 0).await;
        let tasks = (0..TASKS).map(|_| {
            let store = Arc::clone(store);
            async move { claim(&*store, 60, 3).await }
        });
        let claimed: Vec<_> = race(tasks.collect()).await.into_iter().flatten().collect();
        assert_eq!(claimed.len(), 1, "one takes it up");
        assert!(done(&**store, &id, claimed[0].token, 61).await);
    }
}

pub(super) async fn latecomers_never_run_beside_their_key<S: InboxStore + 'static>(store: &Arc<S>) {
    let (keys, each) = (4_usize, 40_i64);
    let all = keys * usize::try_from(each).unwrap_or_default();
    let seen = Arc::new(Mutex::new(Seen::default()));
    let tasks = (0..TASKS).map(|task| {
        let (store, seen) = (Arc::clone(store), Arc::clone(&seen));
        async move {
            if task >= keys {
                return handle(&*store, &seen, all, keys).await;
            }
            // Each earlier than the one before it.
            for seconds in (0..each).rev() {
                let id = format!("d_{task}_{seconds}");
                put(&*store, &letter(&id, &format!("k_{task}"), seconds)).await;
            }
        }
    });
    race(tasks.collect()).await;
    assert_eq!(lock(&seen).count, all, "each letter is handled once");
}
