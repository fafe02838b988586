//! What a store of letters answers.

use chrono::{DateTime, Utc};
use octany_core::DeliveryId;

use super::Letter;
use crate::store::ClaimToken;

/// What became of a letter that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Put {
    /// It is stored.
    Stored,
    /// One of the same delivery was known.
    Known,
}

/// A letter that was given out.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The letter.
    pub letter: Letter,
    /// Proves who has it.
    pub token: ClaimToken,
    /// How often it was tried and failed, or was being tried when its lease ended.
    pub attempts: u32,
}

/// A letter that nobody tries any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its place in the order in which letters were put.
    pub number: i64,
    /// The delivery.
    pub id: DeliveryId,
    /// What it is about.
    pub key: String,
    /// The event's name.
    pub event: String,
    /// When it was put.
    pub received_at: DateTime<Utc>,
    /// When it was given up.
    pub died_at: DateTime<Utc>,
    /// How often it was tried and failed.
    pub attempts: u32,
    /// How it failed the last time.
    pub last_error: String,
}

/// What is kept of a letter, without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLetter {
    /// Its place in the order in which letters were put.
    pub number: i64,
    /// The delivery.
    pub id: DeliveryId,
    /// What it is about.
    pub key: String,
    /// The event's name.
    pub event: String,
    /// When it was put.
    pub received_at: DateTime<Utc>,
    /// Where it stands.
    pub state: LetterState,
    /// How often it was tried and failed.
    pub attempts: u32,
    /// How it failed the last time; empty if it did not, or nobody was left to say so.
    pub last_error: String,
}

/// Where a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterState {
    /// It waits, for its first attempt or another.
    Waiting {
        /// It is not given out before.
        due_at: DateTime<Utc>,
    },
    /// Somebody has it.
    Running {
        /// When their lease ends.
        until: DateTime<Utc>,
    },
    /// Nobody tries it any more.
    Dead {
        /// Since when.
        died_at: DateTime<Utc>,
    },
    /// It was handled, or given up.
    Done {
        /// When it was handled; of one that was given up, when it had died.
        done_at: DateTime<Utc>,
    },
}

impl LetterState {
    /// The name of the state.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Running { .. } => "running",
            Self::Dead { .. } => "dead",
            Self::Done { .. } => "done",
        }
    }
}

/// How many letters there are that are not done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// That wait, for their first attempt or another.
    pub waiting: u64,
    /// That run, those included whose lease has ended and that nobody has taken up yet.
    pub running: u64,
    /// That are dead.
    pub dead: u64,
}
