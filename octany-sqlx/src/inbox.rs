//! Letters out of their rows, whatever the database.

use std::error::Error;

use octany_core::Version;
use octany_core::signature::VerifiedBody;
use octany_entitlement::{
    ClaimToken, Claimed, DeadLetter, Depth, KeptLetter, Letter, LetterState, StoreError,
};

use crate::row::from_micros;

/// The columns of a [`LetterRow`], in its order.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
macro_rules! letter_columns {
    () => {
        "delivery_id, letter_key, event_name, version, received_at, secret_label, body, attempts"
    };
}
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) use letter_columns;

/// The columns of a [`DeadRow`], in its order.
macro_rules! dead_columns {
    () => {
        "arrival, delivery_id, letter_key, event_name, received_at, settled_at, attempts, \
         coalesce(last_error, '')"
    };
}
pub(crate) use dead_columns;

/// The columns of a [`KeptRow`], in its order, and the label and the body behind them. The state is
/// written as the database's number of 64 bits.
macro_rules! kept_columns {
    ($state:literal) => {
        concat!(
            "arrival, delivery_id, letter_key, event_name, received_at, ",
            $state,
            ", due_at, settled_at, attempts, coalesce(last_error, '')"
        )
    };
}
pub(crate) use kept_columns;

pub(crate) type LetterRow = (String, String, String, i64, i64, String, Vec<u8>, i64);
pub(crate) type DeadRow = (i64, String, String, String, i64, i64, i64, String);
pub(crate) type KeptRow = (i64, String, String, String, i64, i64, i64, Option<i64>, i64, String);
/// How many wait, run and are dead.
pub(crate) type DepthRow = (i64, i64, i64);

/// Letters that were given out under a token. One that cannot be read keeps its key waiting, but not
/// those that were given out together with it.
pub(crate) fn all_claimed(
    rows: impl Iterator<Item = Result<LetterRow, StoreError>>,
    token: ClaimToken,
) -> Result<Vec<Claimed>, StoreError> {
    let (mut readable, mut damaged) = (Vec::new(), None);
    for row in rows {
        match row.and_then(|row| claimed(row, token)) {
            Ok(letter) => readable.push(letter),
            Err(error) => damaged = Some(error),
        }
    }
    match damaged {
        Some(error) if readable.is_empty() => Err(error),
        Some(error) => {
            tracing::error!(error = &error as &dyn Error, "a letter of an inbox cannot be read");
            Ok(readable)
        }
        None => Ok(readable),
    }
}

fn claimed(row: LetterRow, token: ClaimToken) -> Result<Claimed, StoreError> {
    let (id, key, event, version, received_at, secret_label, body, attempts) = row;
    let letter = Letter {
        id: id.into(),
        key,
        event,
        version: Version::from_i64(version),
        received_at: from_micros(received_at, "received_at")?,
        body: VerifiedBody::danger_verified_before_storing(body, secret_label),
    };
    Ok(Claimed { letter, token, attempts: count(attempts) })
}

pub(crate) fn dead(row: DeadRow) -> Result<DeadLetter, StoreError> {
    let (number, id, key, event, received_at, died_at, attempts, last_error) = row;
    Ok(DeadLetter {
        number,
        id: id.into(),
        key,
        event,
        received_at: from_micros(received_at, "received_at")?,
        died_at: from_micros(died_at, "settled_at")?,
        attempts: count(attempts),
        last_error,
    })
}

#[derive(Debug, thiserror::Error)]
#[error("a letter is in the state {state}, settled at {settled_at:?}")]
struct NoState {
    state: i64,
    settled_at: Option<i64>,
}

pub(crate) fn kept(row: KeptRow) -> Result<KeptLetter, StoreError> {
    let (number, id, key, event, received_at, state, due_at, settled_at, attempts, last_error) =
        row;
    let due = || from_micros(due_at, "due_at");
    let settled = |at| from_micros(at, "settled_at");
    Ok(KeptLetter {
        number,
        id: id.into(),
        key,
        event,
        received_at: from_micros(received_at, "received_at")?,
        state: match (state, settled_at) {
            (0, _) => LetterState::Waiting { due_at: due()? },
            (1, _) => LetterState::Running { until: due()? },
            (2, Some(at)) => LetterState::Dead { died_at: settled(at)? },
            (3, Some(at)) => LetterState::Done { done_at: settled(at)? },
            _ => return Err(StoreError::corrupt(NoState { state, settled_at })),
        },
        attempts: count(attempts),
        last_error,
    })
}

pub(crate) fn depth((waiting, running, dead): DepthRow) -> Depth {
    Depth {
        waiting: waiting.unsigned_abs(),
        running: running.unsigned_abs(),
        dead: dead.unsigned_abs(),
    }
}

/// A number of rows for a `LIMIT`.
pub(crate) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn count(attempts: i64) -> u32 {
    u32::try_from(attempts).unwrap_or(u32::MAX)
}
