//! Comparing the store with the API.

mod drift;
mod sample;

use std::ops::ControlFlow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::stream::{self, StreamExt};
use octany_core::resource::Subscription;
use octany_core::{ReferenceId, Snapshot, SubscriptionId};

pub use self::drift::{Drift, DriftedField};
pub use self::sample::Sample;
use super::question::warn_of;
use super::{Inner, ReconcileError, Reconciler};
use crate::Priority;

/// What an audit does about what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditMode {
    /// It tells.
    Report,
    /// It tells, and takes in what the API said.
    Repair,
}

/// What an audit found.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Audit {
    /// How many pages were looked at.
    pub pages: u64,
    /// How many subscriptions were compared.
    pub compared: u64,
    /// How many were not, since the store has a newer report than the answer.
    pub newer: u64,
    /// How many were not, since nobody owns them.
    pub unowned: u64,
    /// How many could not be read.
    pub unreadable: u64,
    /// How many differ.
    pub drifted: u64,
    /// How many of those were taken in anew.
    pub repaired: u64,
    /// The first thousand of those that differ.
    pub drifts: Vec<Drift>,
}

/// How many differences are told of one by one.
const DRIFTS: usize = 1_000;
/// How many subscriptions of a page are looked up at once.
const AT_ONCE: usize = 4;

/// What became of one comparison.
enum Compared {
    Same,
    Newer,
    Unowned,
    Drifted { drift: Box<Drift>, repaired: bool },
}

impl Reconciler {
    /// Compares what the API says with what the store has, on all pages or on some chosen at random,
    /// and with [`Repair`](AuditMode::Repair) takes the answers in where they differ.
    ///
    /// What the store has newer than the answer is left out. A webhook that is still on its way
    /// shows as drift. A subscription is looked up by whose it is: by its reference, then by its
    /// [link](super::ReconcilerBuilder::links). Subscriptions that the API does not list are not
    /// found by this.
    ///
    /// # Errors
    ///
    /// [`ReconcileError`] for the first page that is not answered, and the first subscription that
    /// cannot be looked up or repaired.
    pub async fn audit(&self, sample: Sample, mode: AuditMode) -> Result<Audit, ReconcileError> {
        self.audit_by_page(sample, mode, |_, _| ControlFlow::Continue(())).await
    }

    /// The same, and after each page `on_page` is given what was found by then, and how many pages are
    /// to be looked at, where that is known. Whether it goes on is for it to say; what was found before
    /// it stopped is the result.
    ///
    /// # Errors
    ///
    /// As [`audit`](Self::audit).
    pub async fn audit_by_page(
        &self,
        sample: Sample,
        mode: AuditMode,
        mut on_page: impl FnMut(&Audit, Option<u64>) -> ControlFlow<()> + Send,
    ) -> Result<Audit, ReconcileError> {
        let client = self.inner.client.clone().priority(Priority::Background);
        let mut audit = Audit::default();
        let first = client.subscriptions().send_for_readable().await?;
        let (pages, count) = (sample.choose(first.0.last), sample.count(first.0.last));
        let mut first = Some(first);
        for number in pages {
            let (page, unreadable) = match first.take().filter(|_| number == 1) {
                Some(first) => first,
                None => client.subscriptions().page(number).send_for_readable().await?,
            };
            warn_of(&unreadable);
            audit.pages += 1;
            audit.unreadable += unreadable.len() as u64;
            let comparing: Vec<_> =
                page.items.iter().map(|item| self.inner.compare(item, page.as_of, mode)).collect();
            let mut comparing = stream::iter(comparing).buffer_unordered(AT_ONCE);
            while let Some(compared) = comparing.next().await {
                audit.note(compared?);
            }
            let goes_on = on_page(&audit, count).is_continue();
            // Whatever was told of how many pages there are.
            if !goes_on || (page.items.is_empty() && unreadable.is_empty()) {
                break;
            }
        }
        Ok(audit)
    }
}

impl Audit {
    fn note(&mut self, compared: Compared) {
        match compared {
            Compared::Newer => self.newer += 1,
            Compared::Unowned => self.unowned += 1,
            Compared::Same => self.compared += 1,
            Compared::Drifted { drift, repaired } => {
                self.compared += 1;
                self.drifted += 1;
                self.repaired += u64::from(repaired);
                let (subscription, fields) = (&drift.subscription, &drift.fields);
                tracing::warn!(%subscription, ?fields, repaired, "the store differs from the API");
                if self.drifts.len() < DRIFTS {
                    self.drifts.push(*drift);
                }
            }
        }
    }
}

impl Inner {
    async fn compare(
        &self,
        subscription: &Arc<Subscription>,
        as_of: DateTime<Utc>,
        mode: AuditMode,
    ) -> Result<Compared, ReconcileError> {
        let answered = self.receiver.read(subscription, as_of);
        let stored = self.stored(&answered).await?;
        if stored.is_none() && answered.reference.is_none() {
            return Ok(Compared::Unowned);
        }
        if stored.as_ref().is_some_and(|stored| stored.version > answered.version) {
            return Ok(Compared::Newer);
        }
        let Some(drift) = Drift::between(answered, stored) else { return Ok(Compared::Same) };
        let repaired = match mode {
            AuditMode::Report => false,
            AuditMode::Repair => self.report(subscription, as_of).await?.changed(),
        };
        Ok(Compared::Drifted { drift: Box::new(drift), repaired })
    }

    /// What the store has of a subscription, under the name that was answered or its owner's.
    async fn stored(&self, answered: &Snapshot) -> Result<Option<Snapshot>, ReconcileError> {
        let (id, named) = (&answered.subscription, answered.reference.as_ref());
        if let Some(named) = named
            && let Some(stored) = self.stored_of(named, id).await?
        {
            return Ok(Some(stored));
        }
        let Some(links) = &self.links else { return Ok(None) };
        match links.owner(id).await? {
            Some(owner) if Some(&owner) != named => self.stored_of(&owner, id).await,
            _ => Ok(None),
        }
    }

    async fn stored_of(
        &self,
        owner: &ReferenceId,
        id: &SubscriptionId,
    ) -> Result<Option<Snapshot>, ReconcileError> {
        let known = self.store.subscriptions(owner).await?;
        Ok(known.into_iter().find(|known| known.subscription == *id))
    }
}
