//! Why a delivery was not taken in.

use crate::store::StoreError;

/// Why a delivery was not taken in. It must be refused, so that it is repeated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError<E> {
    /// The store or the delivery log failed.
    #[error("the delivery could not be stored")]
    Store(#[from] StoreError),
    /// The handler failed.
    #[error("the handler failed")]
    Handler(E),
}
