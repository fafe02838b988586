//! Who is back from a checkout that has not been reported yet.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{Reason, ReferenceId};

use super::Decision;
use crate::store::{Checkout, CheckoutLog, StoreError};

/// How many are looked at, the newest first: one who begins this many without paying is at no loss.
const NEWEST: usize = 16;

#[derive(Clone)]
pub(super) struct Checkouts {
    pub(super) log: Arc<dyn CheckoutLog>,
    pub(super) within: TimeDelta,
}

impl Checkouts {
    /// Whether what the decision lacks may be what a checkout brings: a subscription. One that is
    /// known and starts later is no nearer for waiting.
    pub(super) fn may_cure(decision: &Decision) -> bool {
        !decision.lets_pass() && decision.reason() != Reason::FutureStart
    }

    /// The newest checkout that the visitor came back from, if that was not long ago.
    pub(super) async fn in_flight(
        &self,
        user: &ReferenceId,
        now: DateTime<Utc>,
    ) -> Result<Option<Checkout>, StoreError> {
        let begun = self.log.begun(user, DateTime::<Utc>::MIN_UTC, NEWEST).await?;
        // A clock that was set back must not make it last longer.
        let lasts = |returned_at| now.signed_duration_since(returned_at).abs() <= self.within;
        Ok(begun.into_iter().find(|checkout| checkout.returned_at.is_some_and(lasts)))
    }
}
