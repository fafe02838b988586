//! Sending webhooks: what is planned, what is tried, and what came of it.

mod log;
mod plan;
mod send;

pub(super) use self::log::Log;
use url::Url;

pub use self::log::{Attempt, Logged, Progress};
pub(super) use self::plan::{Job, plan};
pub(super) use self::send::send;

/// The URL of an endpoint, in the one way it is written in.
pub(super) fn endpoint_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.filter(Url::has_host)
}
