//! Which deliveries were dealt with.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::DeliveryId;

use super::StoreError;

/// Remembers deliveries, so that one that was dealt with does not reach the handler again.
///
/// It protects what a handler does. The state of subscriptions does not rest on it: that is
/// settled by versions alone.
///
/// A claim is a lease. Whoever holds it runs the handler, and then completes or releases it. A
/// process that dies holding one leaves it to expire, after which the next delivery claims it
/// anew; a claim that was lost in this way can no longer be completed or released by its former
/// holder, whose token is not the current one.
#[async_trait]
pub trait DeliveryLog: Send + Sync {
    /// Claims a delivery until `now + lease`, in **one atomic step**: of any number of callers at
    /// the same time, one gets [`Claim::Fresh`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether the delivery was claimed.
    async fn claim(
        &self,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Claim, StoreError>;

    /// Marks a claimed delivery as dealt with, for good. `false` if the claim is no longer held.
    /// Who completed it may say so again, and gets `true`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was marked.
    async fn complete(
        &self,
        delivery: &DeliveryId,
        token: ClaimToken,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Gives a claim back, so that the next attempt runs. `false` if it is no longer held.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether it was given back; it expires by itself.
    async fn release(&self, delivery: &DeliveryId, token: ClaimToken) -> Result<bool, StoreError>;
}

/// The answer to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The delivery is the caller's to deal with.
    Fresh(ClaimToken),
    /// It was dealt with.
    Duplicate,
    /// Somebody else is dealing with it.
    InFlight {
        /// When that claim expires, if it is not completed or released before.
        until: DateTime<Utc>,
    },
}

/// Proves who holds a claim. A random number of 63 bits, so that it fits every database's integer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClaimToken(i64);

impl ClaimToken {
    /// A token that nobody else has.
    pub fn random() -> Self {
        use std::hash::{BuildHasher, RandomState};
        // Each `RandomState` has keys of its own, which come from the system's randomness.
        let random = RandomState::new().hash_one(std::thread::current().id());
        Self(i64::try_from(random >> 1).unwrap_or_default())
    }

    /// The token as a number, for storing.
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// A token that was stored.
    pub const fn from_i64(stored: i64) -> Self {
        Self(stored)
    }
}

impl fmt::Debug for ClaimToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimToken(..)")
    }
}
