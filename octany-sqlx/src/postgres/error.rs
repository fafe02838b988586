//! What a failure of PostgreSQL means.

use std::error::Error;
use std::fmt;

use octany_entitlement::{StoreError, StoreErrorKind};
use sqlx::postgres::PgDatabaseError;

use crate::connections::Aftermath;
use crate::error::is_duplicate;

/// What the server says of a statement, without detail and context: there it quotes rows, and all
/// parameters where it is set up to.
struct Said(sqlx::Error);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.0.as_database_error();
        let Some(error) = error.and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
        else {
            return f.debug_struct("Said").finish_non_exhaustive();
        };
        f.debug_struct("Said")
            .field("code", &error.code())
            .field("message", &error.message())
            .field("table", &error.table())
            .field("column", &error.column())
            .field("constraint", &error.constraint())
            .field("routine", &error.routine())
            .finish_non_exhaustive()
    }
}

impl Error for Said {}

/// Keeps as the source what may be shown.
pub(super) fn store_error(error: sqlx::Error) -> StoreError {
    let kind = kind(&error);
    match error {
        sqlx::Error::Database(_) => StoreError::new(kind, Said(error)),
        error => StoreError::new(kind, error),
    }
}

/// Whether what was written is there already.
pub(super) fn is_of_duplicate(error: &StoreError) -> bool {
    let said = error.source().and_then(|source| source.downcast_ref::<Said>());
    said.is_some_and(|said| is_duplicate(&said.0))
}

/// Whether a lock was not to be had in time.
pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() == Some("55P03")
}

/// What a failed statement leaves behind.
pub(super) fn aftermath(error: &sqlx::Error) -> Aftermath {
    use sqlx::Error as E;
    match error {
        E::Database(error) => error.code().map_or(Aftermath::Final, |code| of_code(&code)),
        E::Io(_) | E::Tls(_) | E::Protocol(_) | E::WorkerCrashed => Aftermath::Unknown,
        _ => Aftermath::Final,
    }
}

fn of_code(code: &str) -> Aftermath {
    match code {
        // Serialization failure, deadlock.
        "40001" | "40P01" => Aftermath::Undone,
        // The session was ended: by an administrator, by a crash elsewhere, because the server
        // stops, because the database was dropped, for being idle. Each rolls back.
        "57P01" | "57P02" | "57P03" | "57P04" | "57P05" => Aftermath::Ended,
        _ if code.starts_with("08") => Aftermath::Unknown,
        _ => Aftermath::Final,
    }
}

fn kind(error: &sqlx::Error) -> StoreErrorKind {
    crate::error::kind(error, of_postgres)
}

fn of_postgres(error: &sqlx::Error) -> Option<StoreErrorKind> {
    use sqlx::Error as E;
    match error {
        E::Database(error) => Some(database_kind(&error.code().unwrap_or_default())),
        // Bytes that are no message of the protocol, as from a connection that was cut.
        E::Protocol(_) => Some(StoreErrorKind::Unavailable),
        _ => None,
    }
}

/// By the codes of <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn database_kind(code: &str) -> StoreErrorKind {
    match code {
        // A transaction that may only read, as after a failover; a lock that was not to be had.
        "25006" | "55P03" => StoreErrorKind::Unavailable,
        // A missing permission.
        "42501" => StoreErrorKind::Rejected,
        // Damaged data, a damaged index.
        "XX001" | "XX002" => StoreErrorKind::Corrupt,
        _ => match code.get(..2) {
            // Connections, conflicts, resources, operators' interventions, the system.
            Some("08" | "40" | "53" | "57" | "58") => StoreErrorKind::Unavailable,
            // Every statement here is fixed, so one that does not fit meets another schema.
            Some("3F" | "42") => StoreErrorKind::Corrupt,
            _ => StoreErrorKind::Rejected,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_away_full_or_read_only_passes() {
        for code in ["08006", "53300", "57P01", "57P03", "57014", "58030", "40001", "25006"] {
            assert_eq!(database_kind(code), StoreErrorKind::Unavailable, "{code}");
        }
        for error in [sqlx::Error::PoolTimedOut, sqlx::Error::PoolClosed] {
            assert_eq!(kind(&error), StoreErrorKind::Unavailable);
        }
    }

    #[test]
    fn other_tables_are_corrupt() {
        for code in ["42P01", "42703", "42804", "3F000", "XX001"] {
            assert_eq!(database_kind(code), StoreErrorKind::Corrupt, "{code}");
        }
    }

    #[test]
    fn what_the_server_does_not_want_is_rejected() {
        for code in ["23505", "22021", "42501", "28P01", "3D000", ""] {
            assert_eq!(database_kind(code), StoreErrorKind::Rejected, "{code}");
        }
    }

    #[test]
    fn only_a_server_that_says_so_has_undone_the_statement() {
        assert_eq!(of_code("40P01"), Aftermath::Undone);
        assert_eq!(of_code("57P01"), Aftermath::Ended);
        assert_eq!(of_code("08006"), Aftermath::Unknown);
        assert_eq!(of_code("40003"), Aftermath::Final);
        let broken = sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into());
        assert_eq!(aftermath(&broken), Aftermath::Unknown);
    }
}
