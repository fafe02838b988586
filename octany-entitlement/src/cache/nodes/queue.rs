//! What is to be told.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use octany_core::{ReferenceId, SubscriptionId};
use tokio::sync::Notify;

use super::Change;

/// Of how many changes it is told what they are about. Of more, it is told that there were many.
const BOUND: usize = 10_000;

/// What changed and was not told yet; what changed twice is told once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) everything: bool,
    pub(super) subscriptions: BTreeSet<SubscriptionId>,
    pub(super) references: BTreeSet<ReferenceId>,
}

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        !self.everything && self.subscriptions.is_empty() && self.references.is_empty()
    }

    fn add(&mut self, change: &Change<'_>) {
        match change {
            Change::Everything => self.everything = true,
            Change::Of { subscription, reference } => {
                self.subscriptions.extend(subscription.map(|id| id.clone().into_owned()));
                self.references.extend(reference.map(|id| id.clone().into_owned()));
            }
        }
        self.keep_to_the_bound();
    }

    fn merge(&mut self, mut other: Self) {
        self.everything |= other.everything;
        self.subscriptions.append(&mut other.subscriptions);
        self.references.append(&mut other.references);
        self.keep_to_the_bound();
    }

    fn keep_to_the_bound(&mut self) {
        if self.everything || self.subscriptions.len().max(self.references.len()) > BOUND {
            *self = Self { everything: true, ..Self::default() };
        }
    }
}

/// Hands changes from those who write to the task that tells.
pub(super) struct Queue {
    state: Mutex<State>,
    news: Notify,
}

#[derive(Default)]
struct State {
    pending: Pending,
    closed: bool,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self { state: Mutex::default(), news: Notify::new() }
    }

    pub(super) fn add(&self, change: &Change<'_>) {
        self.lock().pending.add(change);
        self.news.notify_one();
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.news.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// All that waits, as soon as there is something; `None` once nothing will come any more. What
    /// is not [told](Batch::told) waits again.
    pub(super) async fn next(&self) -> Option<Batch<'_>> {
        loop {
            {
                let mut state = self.lock();
                let pending = std::mem::take(&mut state.pending);
                if !pending.is_empty() {
                    return Some(Batch { queue: self, pending });
                }
                if state.closed {
                    return None;
                }
            }
            self.news.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No panic can leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is being told.
pub(super) struct Batch<'a> {
    queue: &'a Queue,
    pub(super) pending: Pending,
}

impl Batch<'_> {
    pub(super) fn told(mut self) {
        self.pending = Pending::default();
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if !pending.is_empty() {
            self.queue.lock().pending.merge(pending);
        }
    }
}
