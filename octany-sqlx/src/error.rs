//! What a failure of sqlx means to whoever asked a store, where no dialect has a say.

use octany_entitlement::StoreErrorKind;
use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

/// What a dialect knows better.
type OfDialect = fn(&sqlx::Error) -> Option<StoreErrorKind>;

pub(crate) fn kind(error: &sqlx::Error, of_dialect: OfDialect) -> StoreErrorKind {
    use sqlx::Error as E;
    if let Some(kind) = of_dialect(error) {
        return kind;
    }
    match error {
        E::Migrate(error) => migrate_kind(error, of_dialect),
        E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => {
            StoreErrorKind::Unavailable
        }
        E::RowNotFound
        | E::TypeNotFound { .. }
        | E::ColumnIndexOutOfBounds { .. }
        | E::ColumnNotFound(_)
        | E::ColumnDecode { .. }
        | E::Decode(_)
        | E::Protocol(_) => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Rejected,
    }
}

/// Whether a unique index was in the way.
pub(crate) fn is_duplicate(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(DatabaseError::is_unique_violation)
}

fn migrate_kind(error: &MigrateError, of_dialect: OfDialect) -> StoreErrorKind {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            kind(error, of_dialect)
        }
        MigrateError::VersionMissing(_)
        | MigrateError::VersionMismatch(_)
        | MigrateError::Dirty(_) => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Rejected,
    }
}
