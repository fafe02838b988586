//! What was answered, and when.

use chrono::{DateTime, Utc};

/// What the API answered, and the instant at which it was true.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answered<T> {
    /// The resource.
    pub value: T,
    /// The answer's `Date`, in whole seconds, less those that the answer took: what a slow server
    /// read may be that old, and must not beat what was reported meanwhile. When the request was
    /// sent by this machine's clock, if the answer has none.
    pub as_of: DateTime<Utc>,
}
