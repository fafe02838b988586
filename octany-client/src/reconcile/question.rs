//! What Octany is asked about one reference.

use std::collections::HashSet;
use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use octany_core::resource::Subscription;
use octany_core::{ReferenceId, SubscriptionId};

use super::{Inner, ReconcileError, Reconciled};
use crate::{Client, Priority};

/// Of how many checkouts, the newest ones, the texts are asked for.
pub(super) const CHECKOUTS: usize = 5;
/// How long ago those may have begun: direct debits take seven banking days, invoices longer.
const CHECKOUTS_SINCE: TimeDelta = TimeDelta::days(30);
/// How many pages are read for one text.
pub(super) const PAGES: u64 = 5;
/// How many subscriptions that no list brought are asked for one by one.
pub(super) const KNOWN: usize = 20;

/// A question that is being asked.
pub(super) struct Question<'a> {
    inner: &'a Inner,
    client: Client,
    /// The first call was taken out of the budget before.
    calls: AtomicU32,
    /// Whether what is known changed by now.
    changed: &'a AtomicBool,
}

/// What a part of a question brought, and what went wrong on the way.
#[derive(Default)]
struct Part {
    found: Reconciled,
    brought: HashSet<SubscriptionId>,
    failed: Option<ReconcileError>,
}

impl Inner {
    /// The checkouts that a reference began and that may still become something, newest first.
    pub(super) async fn checkouts_of(
        &self,
        reference: &ReferenceId,
        limit: usize,
    ) -> Result<Vec<ReferenceId>, ReconcileError> {
        let Some(checkouts) = &self.checkouts else { return Ok(Vec::new()) };
        let since = self.clock.now() - CHECKOUTS_SINCE;
        let begun = checkouts.begun(reference, since, limit).await?;
        Ok(begun.into_iter().map(|checkout| checkout.reference).collect())
    }
}

impl<'a> Question<'a> {
    pub(super) fn new(inner: &'a Inner, priority: Priority, changed: &'a AtomicBool) -> Self {
        let client = inner.client.clone().priority(priority);
        Self { inner, client, calls: AtomicU32::new(0), changed }
    }

    /// Asks all there is to ask. What fails keeps the rest from nothing.
    pub(super) async fn ask(self, reference: &ReferenceId) -> Result<Reconciled, ReconcileError> {
        let mut whole = Part::default();
        let texts = self.texts(reference, &mut whole).await;
        for part in join_all(texts.into_iter().map(|text| self.list(text))).await {
            whole.add(part);
        }
        match self.inner.store.subscriptions(reference).await {
            Ok(known) => {
                let missing = known.into_iter().map(|known| known.subscription);
                let mut missing: Vec<_> =
                    missing.filter(|known| !whole.brought.contains(known)).collect();
                whole.found.cut_short |= missing.len() > KNOWN;
                missing.truncate(KNOWN);
                for part in join_all(missing.into_iter().map(|known| self.fetch(known))).await {
                    whole.add(part);
                }
            }
            Err(error) => whole.fail(error),
        }
        whole.found.asked = self.calls.load(Ordering::Relaxed) > 0;
        if !whole.found.asked {
            self.inner.budget.give_back(self.inner.clock.now());
        }
        match whole.failed {
            Some(error) => Err(error),
            None => Ok(whole.found),
        }
    }

    /// By which texts Octany may know the reference.
    async fn texts(&self, reference: &ReferenceId, whole: &mut Part) -> Vec<ReferenceId> {
        let mut texts = Vec::new();
        match self.inner.checkouts_of(reference, CHECKOUTS).await {
            Ok(begun) => texts = begun,
            Err(error) => whole.fail(error),
        }
        if self.inner.receiver.references().take_plain() && !texts.contains(reference) {
            texts.push(reference.clone());
        }
        // A filter for nothing is none.
        texts.retain(|text| !text.as_str().is_empty());
        texts
    }

    /// Asks for the subscriptions with a text. Whose they are is for each of them to say.
    async fn list(&self, text: ReferenceId) -> Part {
        let mut part = Part::default();
        for number in 1..=PAGES {
            self.count();
            let list = self.client.subscriptions().reference(text.clone()).page(number);
            let (page, unreadable) = match list.send_for_readable().await {
                Ok(answer) => answer,
                Err(error) => {
                    part.fail(error);
                    break;
                }
            };
            part.found.unreadable += unreadable.len();
            warn_of(&unreadable);
            for subscription in &page.items {
                self.report(subscription, page.as_of, &mut part).await;
            }
            part.found.cut_short = page.next().is_some();
            if !part.found.cut_short {
                break;
            }
        }
        part
    }

    /// Asks for a subscription that is known here.
    async fn fetch(&self, id: SubscriptionId) -> Part {
        let mut part = Part::default();
        self.count();
        match self.client.subscription(&id).await {
            Ok(answer) => self.report(&answer.value, answer.as_of, &mut part).await,
            Err(error) if error.is_not_found() => part.found.unknown.push(id),
            Err(error) => part.fail(error),
        }
        part
    }

    async fn report(
        &self,
        subscription: &Arc<Subscription>,
        as_of: DateTime<Utc>,
        part: &mut Part,
    ) {
        part.found.seen += 1;
        part.brought.insert(subscription.id.clone());
        match self.inner.report(subscription, as_of).await {
            Ok(applied) if applied.changed() => {
                part.found.changed += 1;
                self.changed.store(true, Ordering::Release);
            }
            Ok(_) => {}
            Err(error) => part.fail(error),
        }
    }

    fn count(&self) {
        if self.calls.fetch_add(1, Ordering::Relaxed) > 0 {
            self.inner.budget.owe(self.inner.clock.now());
        }
    }
}

impl Part {
    fn add(&mut self, other: Self) {
        self.found.add(other.found);
        self.brought.extend(other.brought);
        self.failed = self.failed.take().or(other.failed);
    }

    fn fail(&mut self, error: impl Into<ReconcileError>) {
        self.failed.get_or_insert(error.into());
    }
}

/// Says what was passed over on a page.
pub(super) fn warn_of(unreadable: &[crate::Error]) {
    for error in unreadable {
        let error = error.source().unwrap_or(error);
        tracing::warn!(error, "a subscription could not be read, and was passed over");
    }
}
