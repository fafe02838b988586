//! Pages of a list.

use chrono::{DateTime, Utc};

/// One page of a list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The instant at which it was true; see [`Answered::as_of`](crate::Answered::as_of).
    pub as_of: DateTime<Utc>,
    /// Its number, from 1: the one that was asked for, whatever the answer calls it.
    pub number: u64,
    /// The number of the last page, where the answer says so; 0 for a list without any.
    pub last: Option<u64>,
    /// How many there are on all pages, where the answer says so.
    pub total: Option<u64>,
    /// Whether nothing was on it, not even what could not be read.
    pub(crate) is_empty: bool,
}

impl<T> Page<T> {
    /// The number of the page after this one; `None` for the last one, and for an empty one.
    pub fn next(&self) -> Option<u64> {
        let more = !self.is_empty && self.last.is_none_or(|last| self.number < last);
        more.then(|| self.number.saturating_add(1))
    }
}
