//! What is tried, in order: first what must work, then what must not.

mod forged;
mod genuine;
mod malformed;
mod refused;
mod repeated;
mod size;

use chrono::{DateTime, Utc};

use super::body::Bodies;
use super::endpoint::{Answer, Endpoint, Reply};
use super::finding::Finding;
use super::report::Report;
use crate::failure::Failure;

/// How far a genuine delivery came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    /// It was taken.
    Taken,
    /// It was refused, for its signature as it seems.
    Refused,
    /// The handler never saw it.
    Nothing,
}

/// An examination that is under way.
pub(super) struct Examination<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) bodies: &'a Bodies,
    pub(super) report: &'a mut Report,
    /// Whether a subscription may be reported, which the app then has in its store.
    pub(super) reports_subscription: bool,
}

/// Fires everything. Says whether a subscription was reported.
pub(super) async fn fire(it: &mut Examination<'_>) -> Result<bool, Failure> {
    let genuine = it.bodies.hook();
    let first = it.endpoint.fire(it.endpoint.signed(&genuine)).await;
    if let Reply::Away(error) = first {
        return Err(Failure::Unreachable(it.endpoint.url().to_string(), error));
    }
    let reached = genuine::first(it, &first).await;
    match reached {
        Reached::Taken => {
            genuine::others(it).await;
            repeated::all(it, &genuine, &first).await;
        }
        Reached::Refused => it.report.skip("other genuine deliveries", "none is taken"),
        Reached::Nothing => {
            it.report.skip("everything else", "the handler was not reached");
            return Ok(false);
        }
    }
    forged::all(it, &first).await;
    if reached == Reached::Taken {
        malformed::all(it).await;
    }
    size::all(it).await;
    Ok(reached == Reached::Taken && it.reports_subscription)
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn is_page(&self) -> bool {
        self.header("content-type").starts_with("text/html")
    }

    /// The instant that the endpoint's clock shows, and nothing if it tells none.
    fn date(&self) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc2822(self.header("date")).ok().map(|date| date.to_utc())
    }
}

/// What is wrong if a genuine delivery gets this for an answer, whatever it is.
fn if_refused(reply: &Reply, finding: Finding) -> Option<Finding> {
    match reply {
        Reply::Late => Some(Finding::TooSlow),
        _ if reply.is_success() => None,
        _ => Some(finding),
    }
}
