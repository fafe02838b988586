//! What the outside sees: the status, headers and body of every refusal, the same on every
//! framework. Adapters turn an [`Answer`] into their own response type and add nothing.
//!
//! | case | answer |
//! |---|---|
//! | signature missing, repeated, malformed or wrong | 401 |
//! | body over the limit | 413 |
//! | body not complete in time | 408 |
//! | signed, but no event | 400 |
//! | put into the inbox, to be handled in the background | 200 |
//! | duplicate that was dealt with, or is in the inbox | 200 |
//! | duplicate that is being dealt with | 409 and `Retry-After` |
//! | store, delivery log or inbox out of reach | 503 and `Retry-After` |
//! | handler panicked | 500 |
//! | guard: nobody signed in | 401, or a redirect to the sign-in page |
//! | guard: not paid for | 402, or a redirect to the paywall |
//! | guard: not paid for, and a checkout is in flight | 402 and `Retry-After`, or a redirect to the page that waits |
//! | guard: could not tell | 503 and `Retry-After` |
//!
//! Bodies are problem documents (RFC 9457) that name the case and nothing else: no cause, no
//! secret, no customer's data.

mod accept;
mod guard;
mod pages;
mod problem;
mod webhook;

use std::borrow::Cow;

pub use self::guard::Denial;
pub use self::pages::GuardPages;
pub use self::webhook::Refusal;

/// A complete answer, for an adapter to send.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers: lower-case names, and values of visible ASCII.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body; empty where there is none.
    pub body: Cow<'static, str>,
}

impl Answer {
    /// The delivery is in the inbox.
    pub fn accepted() -> Self {
        Self::empty(200)
    }

    /// The delivery is known and was dealt with.
    pub fn duplicate() -> Self {
        Self::empty(200)
    }

    fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Cow::Borrowed("") }
    }

    fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
