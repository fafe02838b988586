//! A delivery that is being dealt with.

use std::fmt;
use std::sync::Arc;

use octany_core::{Applied, DeliveryId};

use crate::Clock;
use crate::store::{ClaimToken, DeliveryLog, StoreError};

/// A delivery that was claimed and whose report is durable.
///
/// Complete it when the handler succeeded, release it when it failed. One that is dropped, because
/// the handler panicked or the client went away, releases itself where a runtime is there to do
/// so, and else when its lease ends.
#[must_use]
pub struct Delivery {
    id: DeliveryId,
    claim: Option<(Arc<dyn DeliveryLog>, ClaimToken)>,
    clock: Arc<dyn Clock>,
    end: End,
    pub(super) applied: Option<Applied>,
}

/// What becomes of the claim if this is dropped now.
#[derive(Clone, Copy)]
enum End {
    Release,
    Complete,
}

impl Delivery {
    pub(super) fn new(
        id: DeliveryId,
        claim: Option<(Arc<dyn DeliveryLog>, ClaimToken)>,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let clock = Arc::clone(clock);
        Self { id, claim, clock, end: End::Release, applied: None }
    }

    /// What the store did with the report; `None` for an event that is not about a subscription,
    /// and without a store.
    pub fn applied(&self) -> Option<Applied> {
        self.applied
    }

    /// Marks the delivery as dealt with, for good.
    ///
    /// If this is dropped while it waits, because the client went away, it is finished all the
    /// same, where a runtime is there to do so: the handler has run.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when that failed, or when the lease ended before the handler did and
    /// somebody else holds the claim now. The delivery must not be acknowledged then.
    pub async fn complete(mut self) -> Result<(), StoreError> {
        self.end = End::Complete;
        let Some((log, token)) = &self.claim else { return Ok(()) };
        let completed = log.complete(&self.id, *token, self.clock.now()).await;
        self.claim = None;
        if completed? {
            return Ok(());
        }
        Err(StoreError::rejected("the claim's lease ended before the handler did"))
    }

    /// Gives the delivery back, so that the next attempt runs.
    pub async fn release(mut self) {
        if let Some((log, token)) = &self.claim {
            give_back(&**log, &self.id, *token).await;
            self.claim = None;
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        let Some((log, token)) = self.claim.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (id, end, now) = (self.id.clone(), self.end, self.clock.now());
        runtime.spawn(async move {
            match end {
                End::Release => give_back(&*log, &id, token).await,
                End::Complete => {
                    if let Err(error) = log.complete(&id, token, now).await {
                        warn("a claim could not be completed; its lease will end", &id, &error);
                    }
                }
            }
        });
    }
}

/// A failure costs time, not the delivery: the lease ends by itself.
pub(super) async fn give_back(log: &dyn DeliveryLog, id: &DeliveryId, token: ClaimToken) {
    if let Err(error) = log.release(id, token).await {
        warn("a claim could not be given back; its lease will end", id, &error);
    }
}

fn warn(what: &str, delivery: &DeliveryId, error: &StoreError) {
    tracing::warn!(%delivery, error = error as &dyn std::error::Error, "{what}");
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("claimed", &self.claim.is_some())
            .field("applied", &self.applied)
            .finish_non_exhaustive()
    }
}
