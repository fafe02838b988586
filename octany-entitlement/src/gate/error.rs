//! Why there is no decision.

use crate::store::StoreError;

/// Why there is no decision.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// The store gave no answer, so that nobody can say whether access is paid for.
    #[error("it could not be told whether access is paid for")]
    CouldNotTell(#[source] StoreError),
}
