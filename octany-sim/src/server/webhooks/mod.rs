//! Sending webhooks: what is planned, what is tried, and what came of it.

mod by_hand;
mod log;
mod outbox;
mod plan;
mod send;

use url::Url;

pub(super) use self::by_hand::Hand;
pub(super) use self::log::Log;
pub use self::log::{Attempt, Logged, Progress};
pub(super) use self::outbox::{Outbox, Queue};
pub(super) use self::plan::{Job, plan};
pub(super) use self::send::send;

/// The URL of an endpoint, in the one way it is written in.
pub(super) fn endpoint_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.filter(Url::has_host)
}
