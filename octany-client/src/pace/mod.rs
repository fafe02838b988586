//! Whose turn it is to call.

mod bucket;
mod limit;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

pub(crate) use self::bucket::Bucket;
pub use self::limit::RateLimit;

/// The longest pause that is kept. A server, or a proxy that stands before it, that asks for more
/// is asked again after this.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// Who waits for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Nobody: backfills, audits, sweeps. People go first, and half of what can be called at once
    /// is left to them.
    Background,
    /// A person.
    Person,
}

/// Gives turns out: people first, then in the order in which they were asked for, no faster than
/// the limit, and none while Octany asks for a pause.
#[derive(Debug)]
pub(crate) struct Pace {
    queue: Mutex<Queue>,
}

#[derive(Debug)]
struct Queue {
    bucket: Bucket,
    paused_until: Instant,
    waiting: BTreeMap<Ticket, Arc<Notify>>,
    last: u64,
}

/// A place in the queue; the lowest goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ticket {
    background: bool,
    number: u64,
}

/// What there is to do for one that waits.
enum Next {
    Go,
    Sleep(Instant),
    BeCalled,
}

impl Pace {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let queue = Queue {
            bucket: Bucket::new(limit.interval, limit.burst),
            paused_until: Instant::now(),
            waiting: BTreeMap::new(),
            last: 0,
        };
        Self { queue: Mutex::new(queue) }
    }

    /// Waits for a turn. It is refused, with the time that is left of it, if a pause lasts longer
    /// than `patience`.
    ///
    /// Whoever is dropped while it waits gives its place up, and no turn is lost.
    pub(crate) async fn turn(&self, priority: Priority, patience: Instant) -> Result<(), Duration> {
        let place = Place::take(self, priority);
        loop {
            match place.next(patience)? {
                Next::Go => return Ok(()),
                Next::Sleep(until) => sleep_until(until).await,
                Next::BeCalled => place.called.notified().await,
            }
        }
    }

    /// Lets nobody go for so long.
    pub(crate) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait.min(LONGEST_PAUSE);
        let mut queue = self.lock();
        queue.paused_until = queue.paused_until.max(until);
        queue.bucket.empty_until(until);
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One that waits.
struct Place<'a> {
    pace: &'a Pace,
    ticket: Ticket,
    called: Arc<Notify>,
}

impl<'a> Place<'a> {
    fn take(pace: &'a Pace, priority: Priority) -> Self {
        let called = Arc::new(Notify::new());
        let mut queue = pace.lock();
        queue.last += 1;
        let ticket = Ticket { background: priority == Priority::Background, number: queue.last };
        queue.waiting.insert(ticket, called.clone());
        Self { pace, ticket, called }
    }

    fn next(&self, patience: Instant) -> Result<Next, Duration> {
        let now = Instant::now();
        let mut queue = self.pace.lock();
        if queue.paused_until > patience.max(now) {
            return Err(queue.paused_until - now);
        }
        if queue.waiting.first_key_value().is_some_and(|(first, _)| *first != self.ticket) {
            return Ok(Next::BeCalled);
        }
        let spare = if self.ticket.background { queue.bucket.burst() / 2 } else { 0 };
        let ready_at = queue.bucket.ready_at(spare).max(queue.paused_until);
        if ready_at > now {
            return Ok(Next::Sleep(ready_at));
        }
        queue.bucket.take(now);
        Ok(Next::Go)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut queue = self.pace.lock();
        queue.waiting.remove(&self.ticket);
        if let Some((_, first)) = queue.waiting.first_key_value() {
            first.notify_one();
        }
    }
}
