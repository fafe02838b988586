//! Which route a request is for, and who may ask for it.

use octany_entitlement::Answer;
use percent_encoding::percent_decode_str;

use crate::answers::problem;
use crate::head::FORM_LIMIT;
use crate::portal::PortalPage;
use crate::{Billing, Head};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Route {
    /// `POST /subscribe`
    Subscribe,
    /// `GET /pending`
    Pending,
    /// `GET /pending/status`
    Status,
    /// `GET /portal/{page}`
    Portal(PortalPage),
}

impl Route {
    /// How many bytes of a body to read; 0 for a route that takes none.
    pub fn form_limit(self) -> usize {
        if self == Self::Subscribe { FORM_LIMIT } else { 0 }
    }

    /// The name in traces.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Pending => "pending",
            Self::Status => "status",
            Self::Portal(page) => page.as_str(),
        }
    }

    fn of(path: &str) -> Option<Self> {
        Some(match path {
            "subscribe" => Self::Subscribe,
            "pending" => Self::Pending,
            "pending/status" => Self::Status,
            path => Self::Portal(PortalPage::named(path.strip_prefix("portal/")?)?),
        })
    }

    /// `HEAD` is a `GET` whose body the server leaves out.
    fn allows(self, method: &str) -> bool {
        match self {
            Self::Subscribe => method == "POST",
            _ => method == "GET" || method == "HEAD",
        }
    }
}

impl Billing {
    /// What a request is for, before its body is read and anybody is asked who sent it.
    ///
    /// # Errors
    ///
    /// The answer to send instead: 404 for another path, 405 for another method, 403 for a form that
    /// another site sent, 415 for one that is none.
    pub fn route(&self, head: &Head<'_>) -> Result<Route, Answer> {
        // Frameworks differ in whether they decode a path before they route, and in what they make
        // of slashes that are repeated where something is mounted.
        let path = percent_decode_str(head.path).decode_utf8_lossy();
        let route = Route::of(path.trim_start_matches('/')).filter(|route| self.has(*route));
        let route = route
            .ok_or_else(|| problem(404, "no-route", "There is nothing at this path", "no_route"))?;
        if !route.allows(head.method) {
            let allowed = if route == Route::Subscribe { "POST" } else { "GET, HEAD" };
            let other = problem(405, "method", "This is asked for by another method", "method");
            return Err(other.with("allow", allowed));
        }
        if route == Route::Subscribe {
            self.check_form(head)?;
        }
        Ok(route)
    }

    fn has(&self, route: Route) -> bool {
        self.inner.portal.is_some() || !matches!(route, Route::Portal(_))
    }

    fn check_form(&self, head: &Head<'_>) -> Result<(), Answer> {
        if !self.is_own_site(head) {
            let title = "The form was sent by another site";
            return Err(problem(403, "cross-site", title, "cross_site"));
        }
        let is_form = |kind: &str| {
            let name = kind.split(';').next().unwrap_or_default().trim();
            name.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        };
        if head.content_type.is_some_and(|kind| !is_form(kind)) {
            let title = "The body is no form (application/x-www-form-urlencoded)";
            return Err(problem(415, "not-a-form", title, "not_a_form"));
        }
        Ok(())
    }

    /// Whether a request that changes something comes from the app's own pages: by what the browser
    /// says about it (`Sec-Fetch-Site`), and by the `Origin` of one that does not say. What has
    /// neither comes from no browser, and so with nobody's cookies.
    fn is_own_site(&self, head: &Head<'_>) -> bool {
        match (head.fetch_site, head.origin) {
            (Some(site), _) => site == "same-origin" || site == "none",
            (None, Some(origin)) => origin == self.inner.origin,
            (None, None) => true,
        }
    }
}
