//! A claim that is being made.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{DateTime, Utc};
use octany_core::{DeliveryId, Snapshot};

use super::delivery::give_back;
use crate::store::{Claim, DeliveryLog, Entered, Ledger, StoreError};

type Answer = (DeliveryId, Result<Entered, StoreError>);

/// Claims a delivery.
///
/// The store may claim what it was asked for whether or not somebody still waits. If this is dropped
/// meanwhile, because the client went away, the answer is waited for and the claim given back, where a
/// runtime is there to do so: else the delivery would count as in flight until the lease ends.
#[must_use]
pub(super) struct Claiming {
    log: Arc<dyn DeliveryLog>,
    answer: Option<Pin<Box<dyn Future<Output = Answer> + Send>>>,
}

impl Claiming {
    /// Nothing but the delivery.
    pub(super) fn alone(
        log: &Arc<dyn DeliveryLog>,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Self {
        let (asked, id) = (Arc::clone(log), delivery.clone());
        let answer = Box::pin(async move {
            let claim = asked.claim(&id, now, lease).await;
            (id, claim.map(|claim| Entered { claim, applied: None }))
        });
        Self { log: Arc::clone(log), answer: Some(answer) }
    }

    /// The delivery and its report.
    pub(super) fn with_report(
        log: &Arc<dyn DeliveryLog>,
        ledger: &Arc<dyn Ledger>,
        delivery: &DeliveryId,
        now: DateTime<Utc>,
        lease: Duration,
        report: Snapshot,
    ) -> Self {
        let (asked, id) = (Arc::clone(ledger), delivery.clone());
        let answer = Box::pin(async move {
            let entered = asked.enter(&id, now, lease, &report).await;
            (id, entered)
        });
        Self { log: Arc::clone(log), answer: Some(answer) }
    }
}

impl Future for Claiming {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        // One that panics is not polled again.
        let mut answer = self.answer.take().expect("a future is not polled after it is done");
        let polled = answer.as_mut().poll(cx);
        if polled.is_pending() {
            self.answer = Some(answer);
        }
        polled
    }
}

impl Drop for Claiming {
    fn drop(&mut self) {
        let Some(answer) = self.answer.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let log = Arc::clone(&self.log);
        runtime.spawn(async move {
            if let (id, Ok(Entered { claim: Claim::Fresh(token), .. })) = answer.await {
                give_back(&*log, &id, token).await;
            }
        });
    }
}
