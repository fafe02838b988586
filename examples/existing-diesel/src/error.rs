//! What a failure means. None of them means "no subscription".

use diesel::result::{DatabaseErrorKind as K, Error as E};
use diesel_async::pooled_connection::bb8::RunError;
use octany_entitlement::{StoreError, StoreErrorKind};

#[derive(Debug, thiserror::Error)]
#[error("{0} microseconds are no instant")]
pub(crate) struct NoInstant(pub(crate) i64);

/// No connection was to be had.
pub(crate) fn connection_error(error: RunError) -> StoreError {
    StoreError::unavailable(error)
}

/// Diesel tells only some of PostgreSQL's codes; what it does not tell counts as a refusal.
pub(crate) fn store_error(error: E) -> StoreError {
    let kind = match &error {
        E::DatabaseError(
            K::ClosedConnection
            | K::UnableToSendCommand
            | K::SerializationFailure
            | K::ReadOnlyTransaction,
            _,
        )
        // The row that stood in the way was deleted meanwhile.
        | E::NotFound => StoreErrorKind::Unavailable,
        E::DeserializationError(_) => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Rejected,
    };
    StoreError::new(kind, error)
}
