//! What becomes of a letter after an attempt.

use std::error::Error;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::builder::Inner;
use crate::store::StoreErrorKind;
use crate::{Receipt, ReceiveError};

/// An outage ends for all at once, and nobody should wait much longer.
const LONGEST_OUTAGE_PAUSE: Duration = Duration::from_secs(30);
/// Nor does it end at once, even for whoever tries again without a pause.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// What is to become of a letter.
pub(super) enum Outcome {
    Done,
    /// Another attempt, after some time, with what went wrong in this one.
    Retry(Duration, String),
    /// Later, through no fault of the letter's.
    Postpone(Duration),
    Bury(String),
    /// It is somebody else's.
    Lost,
}

/// Why there is no success.
pub(super) enum Failure {
    Handler(String),
    /// Somebody wanted it to stop.
    Stopped,
}

impl Outcome {
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Retry(..) => "retried",
            Self::Postpone(_) => "postponed",
            Self::Bury(_) => "buried",
            Self::Lost => "lost",
        }
    }
}

/// What becomes of a letter that had failed so often before.
pub(super) fn judge(
    inner: &Inner,
    received: Result<Receipt<()>, ReceiveError<Failure>>,
    attempts: u32,
) -> Outcome {
    let failed = |error: String| {
        if attempts.saturating_add(1) >= inner.attempts {
            Outcome::Bury(error)
        } else {
            Outcome::Retry(inner.backoff.after(attempts), error)
        }
    };
    match received {
        Err(ReceiveError::Store(error)) if error.kind() == StoreErrorKind::Unavailable => {
            tracing::warn!(error = &error as &dyn Error, "a letter waits for the store");
            let outages = inner.outages.fetch_add(1, Ordering::Relaxed);
            let pause = inner.backoff.after(outages);
            return Outcome::Postpone(pause.clamp(SHORTEST_PAUSE, LONGEST_OUTAGE_PAUSE));
        }
        // Its claim in the delivery log outlived the one who had it.
        Ok(Receipt::InFlight { retry_after }) => {
            return Outcome::Postpone(retry_after.min(inner.backoff.base).max(SHORTEST_PAUSE));
        }
        _ => inner.outages.store(0, Ordering::Relaxed),
    }
    match received {
        Ok(_) => Outcome::Done,
        Err(ReceiveError::Store(error)) => {
            tracing::error!(error = &error as &dyn Error, "a letter could not be taken in");
            failed(error.to_string())
        }
        Err(ReceiveError::Handler(Failure::Handler(error))) => failed(error),
        Err(ReceiveError::Handler(Failure::Stopped)) => Outcome::Postpone(Duration::ZERO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Inbox, MemoryStore, Receiver, StoreError};

    #[test]
    fn there_is_a_pause_even_for_whoever_wants_none() {
        let inbox = Inbox::builder(MemoryStore::new(), Receiver::builder().build(), |_| async {
            Ok::<_, String>(())
        });
        let inner = inbox.backoff(Duration::ZERO, Duration::ZERO).build().inner;
        let away = || Err(ReceiveError::Store(StoreError::unavailable("away")));
        let elsewhere = || Ok(Receipt::InFlight { retry_after: Duration::from_mins(1) });
        for received in [away(), elsewhere()] {
            let outcome = judge(&inner, received, 0);
            assert!(matches!(outcome, Outcome::Postpone(pause) if !pause.is_zero()));
        }
    }
}
