//! What an adapter fetches of a request.

use std::fmt;

/// The largest form that is read, in bytes: its fields are two short texts.
pub const FORM_LIMIT: usize = 8 * 1024;

/// The head of a request, as far as the routes look at it. The `Host` is no part of it, since
/// whoever sends a request chooses it.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) accept: Option<&'a str>,
    pub(crate) accept_language: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) origin: Option<&'a str>,
    pub(crate) fetch_site: Option<&'a str>,
}

impl fmt::Debug for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // All else is a visitor's, and may hold whatever a form or a link does.
        f.debug_struct("Head").field("method", &self.method).finish_non_exhaustive()
    }
}

impl<'a> Head<'a> {
    /// Of a request to a path below where the routes are mounted (`/subscribe`), without its query.
    ///
    /// The closure gives a header by its lower-case name; of one whose value is no text, `""`, so
    /// that it does not count as missing.
    pub fn new(
        method: &'a str,
        path: &'a str,
        query: Option<&'a str>,
        header: impl Fn(&'static str) -> Option<&'a str>,
    ) -> Self {
        Self {
            method,
            path,
            query: query.unwrap_or_default(),
            accept: header("accept"),
            accept_language: header("accept-language"),
            content_type: header("content-type"),
            origin: header("origin"),
            fetch_site: header("sec-fetch-site"),
        }
    }

    /// The first value of a parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        first(self.query.as_bytes(), name)
    }
}

/// The first value of a field of a form, or of a query.
pub(crate) fn first(form: &[u8], name: &str) -> Option<String> {
    let mut fields = form_urlencoded::parse(form);
    fields.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
