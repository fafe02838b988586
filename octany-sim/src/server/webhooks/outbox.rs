//! Where what is to be sent goes.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc::UnboundedSender;

use super::plan::Job;

/// Where what is to be sent goes.
pub(in crate::server) enum Outbox {
    /// To the task that sends it.
    AtOnce(UnboundedSender<Job>),
    /// Nowhere, until somebody has it sent.
    ByHand(Queue),
}

impl Outbox {
    /// Takes something in that is to be sent from now on. `false` if nobody will send it.
    pub(in crate::server) fn put(&mut self, job: Job, now: DateTime<Utc>) -> bool {
        match self {
            Self::AtOnce(jobs) => jobs.send(job).is_ok(),
            Self::ByHand(queue) => {
                queue.put(after(now, job.wait), job);
                true
            }
        }
    }

    /// What waits to be sent by hand.
    pub(in crate::server) fn queue(&mut self) -> Option<&mut Queue> {
        match self {
            Self::AtOnce(_) => None,
            Self::ByHand(queue) => Some(queue),
        }
    }
}

/// What waits, in the order of its time, and of its coming where that is the same.
#[derive(Default)]
pub(in crate::server) struct Queue {
    jobs: BTreeMap<Place, Job>,
    next: u64,
}

pub(super) type Place = (DateTime<Utc>, u64);

impl Queue {
    /// When the first one is due.
    pub(in crate::server) fn first_due(&self) -> Option<DateTime<Utc>> {
        self.jobs.first_key_value().map(|((due, _), _)| *due)
    }

    /// The first one, if it is due by then. It stays until it was [tried](Self::tried).
    pub(super) fn first(&self, by: DateTime<Utc>) -> Option<(Place, Job)> {
        let (place, job) = self.jobs.first_key_value()?;
        (place.0 <= by).then(|| (*place, job.clone()))
    }

    /// It was tried, and is to be tried again after that time, or not again.
    pub(super) fn tried(&mut self, place: Place, job: Job, again: Option<Duration>) {
        self.jobs.remove(&place);
        if let Some(wait) = again {
            self.put(after(place.0, wait), job);
        }
    }

    fn put(&mut self, due: DateTime<Utc>, job: Job) {
        self.jobs.insert((due, self.next), job);
        self.next += 1;
    }
}

/// In whole seconds, as the engine counts, and not before the wait is over.
fn after(instant: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let wait = i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds);
    wait.and_then(|wait| instant.checked_add_signed(wait)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
