//! Where the time comes from.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time. Nothing else in these crates does.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The instant that is now.
    fn now(&self) -> DateTime<Utc>;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> DateTime<Utc> {
        (**self).now()
    }
}

/// Whom the time is asked of: the system, unless something else was set.
#[derive(Clone, Debug)]
pub(crate) enum Time {
    System,
    Set(Arc<dyn Clock>),
}

impl Time {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => SystemClock.now(),
            Self::Set(clock) => clock.now(),
        }
    }
}

/// What is so long after an instant; the calendar's end where there is no such instant.
pub(crate) fn after(instant: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(time)
        .ok()
        .and_then(|time| instant.checked_add_signed(time))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// An instant as databases keep it here, the fraction of its microsecond left out.
pub(crate) fn to_the_microsecond(instant: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant)
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that is set by hand, for tests and demonstrations. Clones show the same time.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use octany_entitlement::{Clock, ManualClock};
///
/// let clock = ManualClock::at(DateTime::UNIX_EPOCH);
/// clock.advance(TimeDelta::days(31));
/// assert_eq!(clock.now(), DateTime::UNIX_EPOCH + TimeDelta::days(31));
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock {
    micros: Arc<AtomicI64>,
}

impl ManualClock {
    /// A clock that stands at `now`, to the microsecond.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { micros: Arc::new(AtomicI64::new(now.timestamp_micros())) }
    }

    /// Sets the time.
    pub fn set(&self, now: DateTime<Utc>) {
        self.micros.store(now.timestamp_micros(), Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        let by = by.num_microseconds().unwrap_or(i64::MAX);
        self.micros.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.micros.load(Ordering::SeqCst))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}
