//! What a failure of Redis means.

use octany_entitlement::{StoreError, StoreErrorKind};
use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::script::lacks_script;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("no answer within the time allowed")]
    Silent,
    #[error("an answer that is no record of a store")]
    Unreadable,
    #[error("not a URL of a Redis server: redis://user:password@host:port/database")]
    Url,
    #[error("the server knows no such command")]
    UnknownCommand,
    #[error("the connection ended")]
    Ended,
    #[error(
        "the server may evict what is stored: its maxmemory-policy is {policy}, and must be \
         noeviction where maxmemory is set"
    )]
    Evicts { policy: String },
}

/// Keeps the library's error as the source, unless it repeats what was sent.
pub(crate) fn store_error(error: RedisError) -> StoreError {
    let kind = kind(&error);
    if says(&error, "unknown command") {
        return StoreError::new(kind, Failure::UnknownCommand);
    }
    StoreError::new(kind, error)
}

/// What a failed call leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aftermath {
    /// Nothing happened, and another try may go better on this connection.
    Undone,
    /// Nothing happened, nor will it on this connection: the server only follows another one.
    Elsewhere,
    /// The connection broke. Whether the command ran is not known.
    Unknown,
    /// An answer.
    Final,
}

impl Aftermath {
    pub(crate) fn of(error: &RedisError) -> Self {
        match error.kind() {
            kind if lacks_script(kind) => Self::Undone,
            ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown) => {
                Self::Elsewhere
            }
            ErrorKind::Io | ErrorKind::Parse => Self::Unknown,
            // Before Redis 7 a script's errors came as text.
            _ if says(error, "READONLY ") => Self::Elsewhere,
            _ => Self::Final,
        }
    }
}

/// Codes of a server that cannot serve now.
const NOT_NOW: [&str; 9] = [
    "BUSY",
    "CLUSTERDOWN",
    "LOADING",
    "MASTERDOWN",
    "MISCONF",
    "NOREPLICAS",
    "OOM",
    "READONLY",
    "TRYAGAIN",
];

fn kind(error: &RedisError) -> StoreErrorKind {
    match error.kind() {
        // Bytes that are no message of the protocol, as from a connection that was cut.
        ErrorKind::Io | ErrorKind::Parse => return StoreErrorKind::Unavailable,
        kind if lacks_script(kind) => return StoreErrorKind::Unavailable,
        ErrorKind::UnexpectedReturnType => return StoreErrorKind::Corrupt,
        _ => {}
    }
    let code = error.code().unwrap_or_default();
    // Before Redis 7 the errors of a script's commands came as text after another code.
    let is = |searched: &&str| code == *searched || says(error, &format!(": {searched} "));
    if NOT_NOW.iter().any(is) || says(error, "max number of clients") {
        StoreErrorKind::Unavailable
    } else if is(&"WRONGTYPE") || is(&"DAMAGED") {
        StoreErrorKind::Corrupt
    } else {
        StoreErrorKind::Rejected
    }
}

fn says(error: &RedisError, text: &str) -> bool {
    error.detail().is_some_and(|detail| detail.contains(text))
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::io;

    use redis::{RedisError, Value};

    use super::*;

    /// What the server says, as the library reads it.
    fn said(line: &str) -> RedisError {
        let value = redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
        value.extract_error().unwrap_err()
    }

    #[test]
    fn each_word_of_the_server_is_of_a_kind() {
        use StoreErrorKind::{Corrupt, Rejected, Unavailable};
        for (line, expected) in [
            ("LOADING Redis is loading the dataset in memory", Unavailable),
            ("BUSY Redis is busy running a script.", Unavailable),
            ("CLUSTERDOWN The cluster is down", Unavailable),
            ("READONLY You can't write against a read only replica.", Unavailable),
            ("MASTERDOWN Link with MASTER is down", Unavailable),
            ("OOM command not allowed when used memory > 'maxmemory'.", Unavailable),
            ("TRYAGAIN Multiple keys request during rehashing of slot", Unavailable),
            ("NOREPLICAS Not enough good replicas to write.", Unavailable),
            ("MISCONF Redis is configured to save RDB snapshots", Unavailable),
            ("NOSCRIPT No matching script.", Unavailable),
            ("ERR max number of clients reached", Unavailable),
            ("ERR Error running script: @user_script:7: OOM command not allowed", Unavailable),
            ("WRONGTYPE Operation against a key", Corrupt),
            ("ERR Error running script: @user_script:7: WRONGTYPE Operation against", Corrupt),
            ("DAMAGED a claim cannot be read", Corrupt),
            ("NOAUTH Authentication required.", Rejected),
            ("NOPERM this user has no permissions", Rejected),
            ("MOVED 3999 127.0.0.1:6381", Rejected),
            ("ERR something else", Rejected),
        ] {
            assert_eq!(store_error(said(line)).kind(), expected, "{line}");
        }
        let io = RedisError::from(io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!(store_error(io).kind(), Unavailable);
    }

    #[test]
    fn what_was_sent_is_not_in_the_error() {
        let error = store_error(said("ERR unknown command 'EVALSHA', with args: 'user_42'"));
        assert!(!error.source().unwrap().to_string().contains("user_42"));
    }

    #[test]
    fn only_what_did_not_run_or_may_not_have_run_is_tried_again() {
        for (line, expected) in [
            ("NOSCRIPT No matching script.", Aftermath::Undone),
            ("READONLY You can't write", Aftermath::Elsewhere),
            ("ERR Error running script: READONLY You can't write", Aftermath::Elsewhere),
            ("OOM command not allowed", Aftermath::Final),
            ("WRONGTYPE Operation against", Aftermath::Final),
        ] {
            assert_eq!(Aftermath::of(&said(line)), expected, "{line}");
        }
        let io = RedisError::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(Aftermath::of(&io), Aftermath::Unknown);
        assert!(Value::Nil.extract_error().is_ok());
    }
}
