//! Text in columns of bytes.

use octany_entitlement::StoreError;
use sqlx::Row;
use sqlx::mysql::MySqlRow;

use super::error::store_error;

/// How long the columns are, in bytes. An index takes no more than three of them.
const LONGEST: usize = 1024;
/// A key has an id in it, and what kind of id that is.
const LONGEST_KEY: usize = 1040;
/// The 500 characters of an event's name or an error.
const LONGEST_WORDS: usize = 2000;

#[derive(Debug, thiserror::Error)]
#[error("a text of {length} bytes is too long: {longest} is the most")]
struct TooLong {
    length: usize,
    longest: usize,
}

/// The text as it is stored. Without the server's strict mode, one that is too long would be cut to
/// somebody else's.
///
/// Bytes, because the server takes text for that of the connection's character set.
pub(super) fn bytes(text: &str) -> Result<&[u8], StoreError> {
    up_to(LONGEST, text)
}

/// The same, of what a letter is about.
pub(super) fn key_bytes(text: &str) -> Result<&[u8], StoreError> {
    up_to(LONGEST_KEY, text)
}

/// The same, of what is there for people.
pub(super) fn long_bytes(text: &str) -> Result<&[u8], StoreError> {
    up_to(LONGEST_WORDS, text)
}

pub(super) fn bytes_if_any(text: Option<&str>) -> Result<Option<&[u8]>, StoreError> {
    text.map(bytes).transpose()
}

/// The text in a column of bytes.
pub(super) fn text(row: &MySqlRow, column: usize) -> Result<&str, StoreError> {
    utf8(row.try_get(column).map_err(store_error)?)
}

/// The same, of a column that may be NULL.
pub(super) fn text_if_any(row: &MySqlRow, column: usize) -> Result<Option<&str>, StoreError> {
    let bytes: Option<&[u8]> = row.try_get(column).map_err(store_error)?;
    bytes.map(utf8).transpose()
}

fn up_to(longest: usize, text: &str) -> Result<&[u8], StoreError> {
    match text.len() {
        length if length > longest => Err(StoreError::rejected(TooLong { length, longest })),
        _ => Ok(text.as_bytes()),
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, StoreError> {
    std::str::from_utf8(bytes).map_err(StoreError::corrupt)
}
