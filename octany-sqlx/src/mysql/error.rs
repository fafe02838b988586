//! What a failure of MySQL or MariaDB means.

use octany_entitlement::{StoreError, StoreErrorKind};
use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

use crate::connections::Aftermath;

/// What passes without a change of the call, and leaves the connection as it was. The numbers are
/// those of <https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html> and
/// <https://mariadb.com/docs/server/reference/error-codes>.
const PASSES: &[u16] = &[
    1040, 1203, 1226, // Too many connections, those of one user included.
    1129, // A host that is blocked for its failures.
    1047, // A node that is not ready.
    1317, 1969, 3024, // A statement was interrupted, or took too long.
    1290, 1792, 1836, // A server that may only read, as after a failover.
    1021, 1030, 1114, // The disk is full, or the engine fails.
    1028, 1037, 1038, 1041, 1135, // Too little memory.
    1206, 1461, 1637, // Too many locks, prepared statements, transactions.
    1180, // A commit failed.
];

/// Every statement here is fixed, so one that does not fit meets another schema, or a damaged one.
const ANOTHER_SCHEMA: &[u16] = &[
    1146, 1054, // No such table, no such column.
    1136, 1364, // Another number of columns, one that has to be given.
    1264, 1366, // Columns of another type.
    1064, // A server that is too old.
    1034, 1035, 1194, 1195, 1712, 1932, // A damaged table or index.
];

/// Keeps sqlx's error as the source.
pub(super) fn store_error(error: sqlx::Error) -> StoreError {
    StoreError::new(kind(&error), error)
}

/// What a failed statement leaves behind.
pub(super) fn aftermath(error: &sqlx::Error) -> Aftermath {
    use sqlx::Error as E;
    match error {
        E::Database(error) => of_number(number(&**error)),
        E::Io(_) | E::Tls(_) | E::Protocol(_) | E::WorkerCrashed => Aftermath::Unknown,
        _ => Aftermath::Final,
    }
}

fn kind(error: &sqlx::Error) -> StoreErrorKind {
    crate::error::kind(error, of_mysql)
}

fn of_mysql(error: &sqlx::Error) -> Option<StoreErrorKind> {
    use sqlx::Error as E;
    match error {
        E::Database(error) => Some(database_kind(number(&**error))),
        // Bytes that are no message of the protocol, as from a connection that was cut.
        E::Protocol(_) => Some(StoreErrorKind::Unavailable),
        _ => None,
    }
}

/// The states of SQL are too coarse here: 42000 is a missing permission as well as a syntax error.
fn number(error: &dyn DatabaseError) -> u16 {
    error.try_downcast_ref().map_or(0, MySqlDatabaseError::number)
}

fn of_number(number: u16) -> Aftermath {
    match number {
        // A lock was not to be had, a deadlock; the row changed meanwhile (MariaDB, with
        // `innodb_snapshot_isolation`); a conflict within a group of servers; a table that was
        // altered since the statement was prepared.
        1205 | 1213 | 1020 | 3101 | 1412 | 1615 => Aftermath::Undone,
        // The session was ended: the server stops, an administrator did it (MariaDB), it was idle
        // (MySQL). Each rolls back. Or the statement was prepared on another server, behind a proxy.
        1053 | 1927 | 4031 | 1243 => Aftermath::Ended,
        // The connection failed while a message was read or written.
        1152 | 1158..=1161 | 1184 => Aftermath::Unknown,
        _ => Aftermath::Final,
    }
}

fn database_kind(number: u16) -> StoreErrorKind {
    if of_number(number) != Aftermath::Final || PASSES.contains(&number) {
        StoreErrorKind::Unavailable
    } else if ANOTHER_SCHEMA.contains(&number) {
        StoreErrorKind::Corrupt
    } else {
        StoreErrorKind::Rejected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_away_full_or_read_only_passes() {
        for number in [1040, 1053, 1114, 1205, 1213, 1290, 1317, 1836, 1927, 1969, 3024] {
            assert_eq!(database_kind(number), StoreErrorKind::Unavailable, "{number}");
        }
        for error in [sqlx::Error::PoolTimedOut, sqlx::Error::PoolClosed] {
            assert_eq!(kind(&error), StoreErrorKind::Unavailable);
        }
    }

    #[test]
    fn other_tables_are_corrupt() {
        for number in [1146, 1054, 1136, 1364, 1712] {
            assert_eq!(database_kind(number), StoreErrorKind::Corrupt, "{number}");
        }
    }

    #[test]
    fn what_the_server_does_not_want_is_rejected() {
        for number in [1044, 1045, 1046, 1049, 1062, 1142, 1406, 3819, 4025, 0] {
            assert_eq!(database_kind(number), StoreErrorKind::Rejected, "{number}");
        }
    }

    #[test]
    fn only_a_server_that_says_so_has_undone_the_statement() {
        assert_eq!(of_number(1213), Aftermath::Undone);
        assert_eq!(of_number(1927), Aftermath::Ended);
        assert_eq!(of_number(1317), Aftermath::Final);
        for error in [std::io::ErrorKind::ConnectionReset, std::io::ErrorKind::UnexpectedEof] {
            assert_eq!(aftermath(&sqlx::Error::Io(error.into())), Aftermath::Unknown);
        }
    }
}
