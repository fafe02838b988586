//! Sending webhooks: what is planned, what is tried, and what came of it.

mod log;
mod plan;
mod send;

pub(super) use self::log::Log;
pub use self::log::{Attempt, Logged, Progress};
pub(super) use self::plan::{Job, plan};
pub(super) use self::send::send;
