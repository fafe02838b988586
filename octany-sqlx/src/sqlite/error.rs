//! What a failure of sqlx means to whoever asked the store.

use octany_entitlement::{StoreError, StoreErrorKind};
use sqlx::error::DatabaseError;

/// Keeps sqlx's error as the source.
pub(super) fn store_error(error: sqlx::Error) -> StoreError {
    StoreError::new(kind(&error), error)
}

/// Whether somebody else holds the lock, and waiting may help.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    const BUSY: i32 = 5;
    error.as_database_error().and_then(primary_code) == Some(BUSY)
}

/// Whether it is a matter of this statement alone.
pub(super) fn is_refusal(error: &sqlx::Error) -> bool {
    kind(error) == StoreErrorKind::Rejected
}

fn kind(error: &sqlx::Error) -> StoreErrorKind {
    crate::error::kind(error, of_sqlite)
}

fn of_sqlite(error: &sqlx::Error) -> Option<StoreErrorKind> {
    use sqlx::Error as E;
    match error {
        E::Database(error) => Some(database_kind(primary_code(&**error))),
        E::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Some(StoreErrorKind::Rejected)
        }
        _ => None,
    }
}

/// SQLite's result code without the extension in its upper bytes.
fn primary_code(error: &dyn DatabaseError) -> Option<i32> {
    let extended: i32 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// By the result codes of <https://www.sqlite.org/rescode.html>.
fn database_kind(code: Option<i32>) -> StoreErrorKind {
    match code {
        // ERROR: every statement here is fixed, so one that does not compile meets another schema.
        // CORRUPT, EMPTY, SCHEMA, FORMAT, NOTADB.
        Some(1 | 11 | 16 | 17 | 24 | 26) => StoreErrorKind::Corrupt,
        // TOOBIG, CONSTRAINT, MISMATCH, MISUSE, AUTH, RANGE.
        Some(18 | 19 | 20 | 21 | 23 | 25) => StoreErrorKind::Rejected,
        // BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL and the rest.
        _ => StoreErrorKind::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_a_full_disk_and_a_lost_file_pass() {
        for code in [5, 6, 8, 10, 13, 14] {
            assert_eq!(database_kind(Some(code)), StoreErrorKind::Unavailable, "{code}");
        }
    }

    #[test]
    fn what_is_not_a_database_or_has_other_tables_is_corrupt() {
        for code in [1, 11, 26] {
            assert_eq!(database_kind(Some(code)), StoreErrorKind::Corrupt, "{code}");
        }
    }

    #[test]
    fn a_pool_that_gives_no_connection_is_unavailable() {
        for error in [sqlx::Error::PoolTimedOut, sqlx::Error::PoolClosed] {
            assert_eq!(kind(&error), StoreErrorKind::Unavailable);
        }
    }
}
