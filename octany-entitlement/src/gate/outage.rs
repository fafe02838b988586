//! What to do when it cannot be told who may pass.

use std::time::Duration;

/// What to do when the store gives no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnOutage {
    /// Nobody passes: the answer is 503, with a time to come back.
    Deny,
    /// Those pass whom this process last saw to be paying, for so long after it last saw it, and
    /// only while the dates that were known then still say so. Nobody else passes.
    AllowLastKnown {
        /// How long after the store last said so, or a copy of a [cache](crate::Cached) that was
        /// still good.
        at_most: Duration,
    },
}
