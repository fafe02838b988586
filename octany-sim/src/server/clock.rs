//! What time it is.

use chrono::{DateTime, TimeDelta, Utc};

/// How the engine's clock goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Clock {
    /// As the real one, so far ahead of it.
    Runs { ahead: TimeDelta },
    /// Only when it is told to.
    Stands,
}

impl Clock {
    /// One that shows this instant and goes on from there.
    pub(super) fn from(now: DateTime<Utc>) -> Self {
        Self::Runs { ahead: now - Utc::now() }
    }

    /// What it shows, if the engine last saw that instant.
    pub(super) fn now(self, last: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Runs { ahead } => (Utc::now() + ahead).max(last),
            Self::Stands => last,
        }
    }

    /// The same clock, set forward to an instant.
    pub(super) fn set(self, to: DateTime<Utc>) -> Self {
        match self {
            Self::Runs { .. } => Self::from(to),
            Self::Stands => Self::Stands,
        }
    }
}
