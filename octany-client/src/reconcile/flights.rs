//! One question at a time for each reference, and not too often.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::ReferenceId;
use quick_cache::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;
use tracing::Instrument;

use super::budget::About;
use super::question::Question;
use super::{Inner, ReconcileError, Reconciled};
use crate::Priority;

/// Of how many references it is remembered when they were asked about; the others make room.
const REMEMBERED: usize = 100_000;
/// How long a question may take in all, so that a store that hangs holds nobody up for ever.
const LONGEST: Duration = Duration::from_mins(2);

type Outcome = Result<Reconciled, ReconcileError>;

/// The questions that are under way, and when the last ones ended.
pub(super) struct Flights {
    under_way: Mutex<HashMap<ReferenceId, Ticket>>,
    ended: Cache<ReferenceId, Ended>,
    room: Arc<Semaphore>,
}

#[derive(Clone, Copy)]
struct Ended {
    at: DateTime<Utc>,
    changed: bool,
}

/// What becomes of somebody who wants a question asked.
pub(super) enum Boarding {
    /// It is under way.
    Aboard(Ticket),
    /// It was asked a moment ago, and that did, or did not, change what is known.
    TooSoon {
        changed: bool,
    },
    OverBudget,
    /// Too many questions are under way.
    Full,
}

/// A place among those who wait for a question.
#[derive(Clone)]
pub(super) struct Ticket {
    changed: Arc<AtomicBool>,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Ticket {
    pub(super) async fn outcome(&mut self) -> Outcome {
        match self.outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or(Err(ReconcileError::GivenUp)),
            Err(_) => Err(ReconcileError::GivenUp),
        }
    }

    /// Whether what is known changed by what was answered so far.
    pub(super) fn has_changed(&self) -> bool {
        self.changed.load(Ordering::Acquire)
    }
}

impl Flights {
    pub(super) fn new(at_once: usize) -> Self {
        Self {
            under_way: Mutex::default(),
            ended: Cache::new(REMEMBERED),
            room: Arc::new(Semaphore::new(at_once.min(Semaphore::MAX_PERMITS))),
        }
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<ReferenceId, Ticket>> {
        // No panic can leave it half changed.
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Joins the question about a reference, or has it asked in a task of its own, which runs to its
    /// end whoever waits for it.
    pub(super) fn board(
        self: &Arc<Self>,
        reference: &ReferenceId,
        interval: TimeDelta,
        about: About,
        priority: Priority,
    ) -> Boarding {
        let flights = &self.flights;
        let now = self.clock.now();
        let mut under_way = flights.under_way();
        if let Some(ticket) = under_way.get(reference) {
            return Boarding::Aboard(ticket.clone());
        }
        if let Some(ended) = flights.ended.get(reference)
            // A clock that was set back must not make it last longer.
            && now.signed_duration_since(ended.at).abs() < interval
        {
            return Boarding::TooSoon { changed: ended.changed };
        }
        let Ok(room) = Arc::clone(&flights.room).try_acquire_owned() else {
            return Boarding::Full;
        };
        if !self.budget.take(now, about) {
            return Boarding::OverBudget;
        }
        let (sender, outcome) = watch::channel(None);
        let ticket = Ticket { changed: Arc::default(), outcome };
        let reference = reference.clone().into_owned();
        under_way.insert(reference.clone(), ticket.clone());
        // What lands takes this lock again.
        drop(under_way);
        let changed = Arc::clone(&ticket.changed);
        let landing = Landing {
            inner: Arc::clone(self),
            reference,
            changed,
            outcome: None,
            sender,
            _room: room,
        };
        tokio::spawn(landing.fly(priority).in_current_span());
        Boarding::Aboard(ticket)
    }
}

/// Sees to it that a question that was asked is over, however it ends.
struct Landing {
    inner: Arc<Inner>,
    reference: ReferenceId,
    changed: Arc<AtomicBool>,
    outcome: Option<Outcome>,
    sender: watch::Sender<Option<Outcome>>,
    _room: OwnedSemaphorePermit,
}

impl Landing {
    async fn fly(mut self, priority: Priority) {
        let question = Question::new(&self.inner, priority, &self.changed);
        let asking = timeout(LONGEST, question.ask(&self.reference));
        let outcome = asking.await.unwrap_or(Err(ReconcileError::TimedOut));
        match &outcome {
            Ok(found) => {
                let Reconciled { asked, seen, changed, unreadable, cut_short, .. } = *found;
                let unknown = found.unknown.len();
                tracing::debug!(asked, seen, changed, unknown, unreadable, cut_short, "reconciled");
            }
            // There may be nobody left who would say it.
            Err(error) => {
                let error: &dyn Error = error;
                tracing::warn!(error, "a reconciliation failed");
            }
        }
        self.outcome = Some(outcome);
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        let flights = &self.inner.flights;
        let asked = !matches!(&self.outcome, Some(Ok(found)) if !found.asked);
        let ended =
            Ended { at: self.inner.clock.now(), changed: self.changed.load(Ordering::Acquire) };
        {
            let mut under_way = flights.under_way();
            if asked {
                flights.ended.insert(self.reference.clone(), ended);
            }
            under_way.remove(&self.reference);
        }
        // Where there is none, those who wait hear that nobody will send one.
        if let Some(outcome) = self.outcome.take() {
            self.sender.send_replace(Some(outcome));
        }
    }
}

impl fmt::Debug for Flights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights")
            .field("under_way", &self.under_way().len())
            .finish_non_exhaustive()
    }
}
