//! Asking Octany before a gate denies.

use std::error::Error;

use async_trait::async_trait;
use chrono::TimeDelta;
use octany_core::ReferenceId;
use octany_entitlement::{Refresh, Refreshed};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::budget::About;
use super::flights::{Boarding, Ticket};
use super::{Inner, ReconcileError, Reconciler};
use crate::Priority;

/// How often a reference that passes on what is in doubt is asked about.
const BETWEEN_NOTICES: TimeDelta = TimeDelta::minutes(10);

#[async_trait]
impl Refresh for Reconciler {
    /// Asks, within all the [bounds](super::ReconcilerBuilder). After the deadline the question goes
    /// on without the caller.
    async fn refresh(
        &self,
        reference: &ReferenceId,
    ) -> Result<Refreshed, Box<dyn Error + Send + Sync>> {
        let mut waiting = None;
        let asking = self.wait_for_answer(reference, &mut waiting);
        let failure = match timeout(self.inner.deadline, asking).await {
            Ok(Ok(refreshed)) => return Ok(refreshed),
            Ok(Err(error)) => error,
            Err(_) => ReconcileError::TimedOut,
        };
        // A part may have been answered, and that may have been what it takes.
        if waiting.is_some_and(|ticket: Ticket| ticket.has_changed()) {
            return Ok(Refreshed::Applied);
        }
        Err(failure.into())
    }

    /// Asks in the background, every ten minutes at most for each reference, and out of what the
    /// budget has for strangers.
    fn notice(&self, reference: &ReferenceId) {
        if Handle::try_current().is_ok() {
            let priority = Priority::Background;
            self.inner.board(reference, BETWEEN_NOTICES, About::Stranger, priority);
        }
    }
}

impl Reconciler {
    async fn wait_for_answer(
        &self,
        reference: &ReferenceId,
        waiting: &mut Option<Ticket>,
    ) -> Result<Refreshed, ReconcileError> {
        match self.inner.board_for_a_person(reference).await {
            Boarding::Aboard(ticket) => {
                let found = waiting.insert(ticket).outcome().await?;
                Ok(if found.asked { Refreshed::Applied } else { Refreshed::NotAsked })
            }
            // Who asks now may have looked before that changed.
            Boarding::TooSoon { changed: true } => Ok(Refreshed::Applied),
            Boarding::TooSoon { changed: false } | Boarding::OverBudget | Boarding::Full => {
                Ok(Refreshed::NotAsked)
            }
        }
    }
}

impl Inner {
    /// Has a question asked that somebody waits for. Whether they are known is only looked up once
    /// strangers have used up their part of the budget.
    pub(super) async fn board_for_a_person(
        self: &std::sync::Arc<Self>,
        reference: &ReferenceId,
    ) -> Boarding {
        let board = |about| self.board(reference, self.min_interval, about, Priority::Person);
        match board(About::Stranger) {
            Boarding::OverBudget if self.is_known(reference).await => board(About::Known),
            boarding => boarding,
        }
    }

    async fn is_known(&self, reference: &ReferenceId) -> bool {
        let known = self.store.look_up(reference).await;
        known.is_ok_and(|known| !known.is_empty())
            || self.checkouts_of(reference, 1).await.is_ok_and(|begun| !begun.is_empty())
    }
}
