//! What answers have in common.

use octany_entitlement::{Answer, Denial};

use crate::{Billing, Head};

/// In seconds.
const RETRY_AFTER_OUTAGE: &str = "5";

/// Sends somebody on. Where it leads is told to nobody on the way.
pub(crate) fn see_other(location: String) -> Answer {
    let answer = Answer::empty(303).with("location", location);
    answer.with("cache-control", "no-store").with("referrer-policy", "no-referrer")
}

pub(crate) fn problem(
    status: u16,
    kind: &'static str,
    title: &'static str,
    reason: &'static str,
) -> Answer {
    let answer = Answer::problem(status, kind, title, reason).with("cache-control", "no-store");
    if status == 503 { answer.with("retry-after", RETRY_AFTER_OUTAGE) } else { answer }
}

impl Billing {
    /// As a guard answers it.
    pub(crate) fn denied(&self, denial: &Denial, head: &Head<'_>) -> Answer {
        denial.record();
        denial.answer(head.accept, &self.inner.pages)
    }
}
