//! Why a charge was not made by a call.

use chrono::{DateTime, Utc};
use octany_entitlement::StoreError;

use crate::Error;

/// Why a charge was not made by a call, or what became of it not found out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChargeError {
    /// Octany refused it, or could not be asked: nothing was charged, and the same id may try again.
    #[error("nothing was charged")]
    NotCharged(#[source] Error),
    /// Somebody else is making it at this moment. Call again, after this instant at the latest.
    #[error("the charge is being made at this moment")]
    InFlight {
        /// When their lease ends.
        until: DateTime<Utc>,
    },
    /// Another charge on the same subscription is being made, or is unknown: settle that one first.
    #[error("another charge on the subscription is open: {intent}")]
    Busy {
        /// Its id.
        intent: String,
    },
    /// The id stands for another request. Nothing was sent.
    #[error("the id stands for another charge")]
    Different,
    /// The charge was given up. Nothing was sent; another id may charge.
    #[error("the charge was given up")]
    Abandoned,
    /// There is no charge of this id.
    #[error("there is no charge of this id")]
    NoSuchIntent,
    /// The orders could not be listed. Nothing has changed.
    #[error("the orders could not be listed")]
    NotListed(#[source] Error),
    /// The intents could not be read or written.
    #[error("the charge could not be looked up or noted")]
    Store(#[from] StoreError),
}
