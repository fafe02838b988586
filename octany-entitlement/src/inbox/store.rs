//! What a database must do for an inbox.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::DeliveryId;
use octany_core::signature::VerifiedBody;

use super::{Claimed, DeadLetter, Depth, KeptLetter, Letter, Put};
use crate::store::{ClaimToken, StoreError};

/// Keeps letters from when they are put until they are done, and gives them out to workers.
///
/// A letter *waits*, *runs*, is *dead* or is *done*. Each method is **one atomic step**, whatever
/// runs at the same time, in this process or another. What is written is durable when the method
/// returns. Who says again how a letter ended, since the first answer was lost, may be told `true`
/// again. The suite behind the feature `conformance` proves an implementation.
///
/// # Order
///
/// Of one [key](Letter::key), one letter runs at a time. The next is the lowest in
/// [version](Letter::version), and of equal ones the one put first, among those that wait, those
/// that wait for another attempt included. Letters of different keys do not wait for each other,
/// and nothing waits for a dead letter. A letter that ran when its lease ended goes before those
/// that wait: what was begun is brought to its end first.
#[async_trait]
pub trait InboxStore: Send + Sync {
    /// Stores a letter, unless one of the same delivery is known, whatever became of that. It may be
    /// given out at once.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was stored. The delivery is then refused, and
    /// repeated.
    async fn put(&self, letter: &Letter) -> Result<Put, StoreError>;

    /// Gives out letters that may run, at most `limit` of them and at most one of each key: those
    /// that could have run first, in any order. They run until `now + lease`; after that they are
    /// given out again, under another token and with one attempt more: whoever had it may have died
    /// of it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether any were given out. Those that were are given out
    /// again when their lease ends.
    async fn claim(
        &self,
        now: DateTime<Utc>,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Claimed>, StoreError>;

    /// Lets a letter run until another instant. `false` if it does not run under this token.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it does.
    async fn extend(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// A letter that ran is done, for good. `false` if it does not run under this token.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it is done.
    async fn done(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// A letter that ran waits again, with one attempt more and the last error, and is not given out
    /// before `at`. `false` if it does not run under this token.
    ///
    /// The error has at most 500 characters, none of them NUL.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it waits; its lease ends by itself.
    async fn retry(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        at: DateTime<Utc>,
        error: &str,
    ) -> Result<bool, StoreError>;

    /// A letter that ran waits again, and is not given out before `at`. No attempt is counted: it
    /// was not the letter's fault. `false` if it does not run under this token.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it waits; its lease ends by itself.
    async fn postpone(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// A letter that ran is dead, with one attempt more and the last error: nobody tries again until
    /// it is [replayed](Self::replay). `false` if it does not run under this token.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it is dead; its lease ends by itself.
    async fn bury(
        &self,
        id: &DeliveryId,
        token: ClaimToken,
        error: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Dead letters in the order in which they were put, at most `limit` of them, from behind the
    /// one whose [`number`](DeadLetter::number) is `after`; 0 for the first ones.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    async fn dead(&self, after: i64, limit: usize) -> Result<Vec<DeadLetter>, StoreError>;

    /// A dead letter waits again, as if it had never been tried, and may be given out at once.
    /// `false` if there is no dead letter of this delivery.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it waits.
    async fn replay(&self, id: &DeliveryId) -> Result<bool, StoreError>;

    /// [Replays](Self::replay) all dead letters. Gives how many those were.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether all wait again.
    async fn replay_all(&self) -> Result<u64, StoreError>;

    /// A dead letter is given up, and counts as done. `false` if there is no dead letter of this
    /// delivery.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was given up.
    async fn discard(&self, id: &DeliveryId) -> Result<bool, StoreError>;

    /// Forgets letters that were done before an instant. Gives how many those were. One that is
    /// delivered again after it was forgotten is a new one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether all were forgotten. What remains goes with the
    /// next call.
    async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StoreError>;

    /// Letters that are not done, dead ones included, in the order in which they were put: at most
    /// `limit` of them, from behind the one whose [`number`](KeptLetter::number) is `after`; 0 for the
    /// first ones.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    async fn letters(&self, after: i64, limit: usize) -> Result<Vec<KeptLetter>, StoreError>;

    /// A letter and its body, done or not; `None` if there is none of this delivery. The body holds
    /// customers' data.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    async fn letter(
        &self,
        id: &DeliveryId,
    ) -> Result<Option<(KeptLetter, VerifiedBody)>, StoreError>;

    /// How many letters there are that are not done.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    async fn depth(&self) -> Result<Depth, StoreError>;
}
