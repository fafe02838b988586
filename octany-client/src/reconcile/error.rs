//! Why a reconciliation failed.

use std::sync::Arc;

use octany_entitlement::StoreError;

use crate::Error;

/// Why a reconciliation failed. What was taken in before that remains so. Cheap to clone, since all
/// who wait for one question hear of it.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReconcileError {
    /// Octany gave no answer that could be used.
    #[error("Octany gave no answer")]
    Client(#[source] Arc<Error>),
    /// It could not be found out what is known, or it is not known whether an answer was stored.
    #[error("the store gave no answer")]
    Store(#[source] Arc<StoreError>),
    /// The receiver keeps nothing. One in front of an inbox does not: take the one behind it.
    #[error("the receiver has no store")]
    NoStore,
    /// The question took longer than there is time for it, and may still be answered.
    #[error("Octany was not heard in time")]
    TimedOut,
    /// Whoever asked did not come to an end: it panicked, or the runtime ended.
    #[error("the question was given up")]
    GivenUp,
}

impl From<Error> for ReconcileError {
    fn from(error: Error) -> Self {
        Self::Client(Arc::new(error))
    }
}

impl From<StoreError> for ReconcileError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}
