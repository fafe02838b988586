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
use std::fmt;

pub use self::guard::Denial;
pub use self::pages::GuardPages;
use self::problem::Problem;
pub use self::webhook::Refusal;

/// A complete answer, for an adapter to send. `Debug` shows where it stands, and neither its body
/// nor where it sends anybody: a link into the billing portal is a secret.
#[derive(Clone, PartialEq, Eq)]
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
    /// With neither headers nor body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Cow::Borrowed("") }
    }

    /// A problem document: what kind it is (`urn:octany:problem:{kind}`), one sentence for people,
    /// and the name of the case for programs.
    pub fn problem(
        status: u16,
        kind: &'static str,
        title: &'static str,
        reason: &'static str,
    ) -> Self {
        Problem { status, kind, title, reason, checkout_url: None }.answer()
    }

    /// The delivery is in the inbox.
    pub fn accepted() -> Self {
        Self::empty(200)
    }

    /// The delivery is known and was dealt with.
    pub fn duplicate() -> Self {
        Self::empty(200)
    }

    /// With one header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Cow<'static, str>>) -> Self {
        self.body = body.into();
        self
    }
}

/// Whether a header is nobody's but the visitor's: a signed link, or a session.
fn is_for_the_visitor(header: &str) -> bool {
    ["location", "set-cookie"].iter().any(|name| header.eq_ignore_ascii_case(name))
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.headers.iter().filter(|(name, _)| !is_for_the_visitor(name));
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("headers", &headers.collect::<Vec<_>>())
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_where_a_visitor_is_sent_nor_their_session() {
        let answer = Answer::empty(303).with("vary", "accept");
        let shown = format!("{answer:?}");
        for name in ["location", "Location", "set-cookie", "Set-Cookie"] {
            assert_eq!(format!("{:?}", answer.clone().with(name, "signed")), shown);
        }
        assert!(shown.contains("accept"), "{shown}");
    }
}
