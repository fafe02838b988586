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
    /// Its number, from 1.
    pub number: u64,
    /// The number of the last page, where the answer says so.
    pub last: Option<u64>,
    /// How many there are on all pages, where the answer says so.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// The number of the page after this one; `None` for the last one.
    pub fn next(&self) -> Option<u64> {
        match self.last {
            Some(last) => (self.number < last).then(|| self.number + 1),
            None => (!self.items.is_empty()).then(|| self.number + 1),
        }
    }
}

impl<T> Page<T> {
    pub(crate) fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(change).collect(),
            as_of: self.as_of,
            number: self.number,
            last: self.last,
            total: self.total,
        }
    }
}
