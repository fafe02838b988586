//! Who is told when access begins or ends.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use octany_core::{
    AccessPolicy, DeliveryId, EventName, Reason, ReferenceId, SubscriptionId, Verdict, evaluate,
};
use tracing::Instrument;

use crate::Clock;
use crate::store::{AccessLog, Announced, StoreError, SubscriptionLinks, SubscriptionStore};

/// Whether access is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// It is.
    Granted,
    /// It is not.
    Denied,
}

impl Access {
    fn of(granted: bool) -> Self {
        if granted { Self::Granted } else { Self::Denied }
    }
}

/// Somebody's access began or ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccessChanged {
    /// Whose.
    pub reference: ReferenceId,
    /// What it was.
    pub before: Access,
    /// What it is.
    pub after: Access,
    /// Why it is what it is.
    pub reason: Reason,
    /// What brought the change.
    pub cause: Cause,
}

/// What brought a change of access.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Cause {
    /// A webhook delivery.
    Delivery {
        /// Which one.
        id: DeliveryId,
        /// What it reported.
        name: EventName,
    },
    /// An answer of the API.
    Answer {
        /// What it was about.
        subscription: SubscriptionId,
    },
    /// Somebody said whose a subscription is.
    Link {
        /// Which one.
        subscription: SubscriptionId,
    },
    /// Time ended it: it was paid for until then, and no report said more.
    Time,
    /// Something before the report that brought it to light: time ended the access and nobody
    /// swept, or an earlier change could not be told.
    Earlier,
}

/// Is told of every change of access, once. Closures over [`AccessChanged`] are observers.
#[async_trait]
pub trait AccessObserver: Send + Sync {
    /// Somebody's access began or ended. It runs inside of the delivery's claim, and the handler
    /// waits for it. In this process, nobody is told of two changes at once, and the last one told
    /// is the truth; between processes, calls may overtake each other, so ask the gate if in doubt.
    ///
    /// It must not receive or link anything about the same reference: that would wait for it.
    async fn access_changed(&self, change: AccessChanged);
}

#[async_trait]
impl<F: Fn(AccessChanged) + Send + Sync> AccessObserver for F {
    async fn access_changed(&self, change: AccessChanged) {
        self(change);
    }
}

/// Remembers what was announced, and knows whom a report is about. Every store of this family
/// does both.
pub trait AccessBook: AccessLog + SubscriptionLinks {}

impl<T: AccessLog + SubscriptionLinks> AccessBook for T {}

#[derive(Clone)]
pub(super) struct Announcer {
    pub(super) policy: Arc<AccessPolicy>,
    pub(super) book: Arc<dyn AccessBook>,
    pub(super) observer: Arc<dyn AccessObserver>,
    /// Who is being told about, so that one is not told of two changes at once.
    turns: Turns,
    /// Of whom something may have been told last that is not what is true, since looking again
    /// failed. The next sweep looks at them, too.
    doubtful: Arc<Mutex<HashSet<ReferenceId>>>,
}

/// How many are looked up at once in a sweep.
const PORTION: usize = 1_000;

/// A lock for each reference that is being told about.
type Turns = Arc<Mutex<HashMap<ReferenceId, Arc<tokio::sync::Mutex<()>>>>>;

impl Announcer {
    pub(super) fn new(
        policy: AccessPolicy,
        book: Arc<dyn AccessBook>,
        observer: Arc<dyn AccessObserver>,
    ) -> Self {
        let (turns, doubtful) = (Turns::default(), Arc::default());
        Self { policy: Arc::new(policy), book, observer, turns, doubtful }
    }

    /// Makes a write about a subscription that names this reference, if it names one, and tells
    /// what it changed: for its owner, and for whom it belonged to before.
    ///
    /// What was true before the write is written down before it. So if anything fails after it,
    /// the repeated delivery still finds a difference for those it concerns, and tells it.
    pub(super) async fn around<T>(
        &self,
        store: &Arc<dyn SubscriptionStore>,
        clock: &Arc<dyn Clock>,
        subscription: &SubscriptionId,
        named: Option<&ReferenceId>,
        cause: Cause,
        write: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut concerned = Vec::new();
        add(&mut concerned, self.book.owner(subscription).await?);
        add(&mut concerned, named.cloned());
        for reference in &concerned {
            self.settle(store, clock, reference, &Cause::Earlier).await?;
        }
        let written = write.await?;
        // A link may have made it somebody else's meanwhile.
        add(&mut concerned, self.book.owner(subscription).await?);
        let mut settled = Ok(());
        for reference in &concerned {
            // Whatever becomes of one, the others are told.
            settled = settled.and(self.settle(store, clock, reference, &cause).await);
        }
        settled.map(|()| written)
    }

    /// Settles for all whose access was to end by now. Gives how many those were.
    pub(super) async fn sweep(
        &self,
        store: &Arc<dyn SubscriptionStore>,
        clock: &Arc<dyn Clock>,
    ) -> Result<usize, StoreError> {
        let mut swept = 0;
        loop {
            let due = self.book.due(clock.now(), PORTION).await?;
            let doubtful: Vec<_> = self.doubtful().iter().cloned().collect();
            let mut settled = Ok(());
            // Whatever becomes of one, the others are told.
            for reference in &due {
                settled = settled.and(self.settle(store, clock, reference, &Cause::Time).await);
            }
            for reference in &doubtful {
                // One by one, so that a sweep that is given up forgets none.
                self.doubtful().remove(reference);
                settled = settled.and(self.settle(store, clock, reference, &Cause::Earlier).await);
            }
            settled?;
            swept += due.len() + doubtful.len();
            if due.len() < PORTION {
                return Ok(swept);
            }
        }
    }

    /// Tells whether access is granted, if that is not what was told last. It runs to its end even
    /// if nobody waits for it any more: what was written down as told is told.
    async fn settle(
        &self,
        store: &Arc<dyn SubscriptionStore>,
        clock: &Arc<dyn Clock>,
        reference: &ReferenceId,
        cause: &Cause,
    ) -> Result<(), StoreError> {
        let (this, store, clock) = (self.clone(), Arc::clone(store), Arc::clone(clock));
        let (reference, cause) = (reference.clone().into_owned(), cause.clone());
        let settling = async move {
            let settled = this.take_turn(&*store, &*clock, reference.clone(), cause).await;
            if settled.is_err() {
                this.doubtful().insert(reference);
            }
            settled
        };
        let settling = tokio::spawn(settling.in_current_span());
        // An observer that panics fails the delivery.
        settling.await.map_err(StoreError::rejected)?
    }

    /// One at a time for each reference, and until what was told is what is true: so the last one
    /// told is the truth.
    async fn take_turn(
        &self,
        store: &dyn SubscriptionStore,
        clock: &dyn Clock,
        reference: ReferenceId,
        cause: Cause,
    ) -> Result<(), StoreError> {
        let turn = Arc::clone(self.turns().entry(reference.clone()).or_default());
        let told = {
            let _turn = turn.lock().await;
            self.tell(store, clock, &reference, &cause).await
        };
        let mut turns = self.turns();
        // This one and the map's: nobody else waits.
        if Arc::strong_count(&turn) == 2 {
            turns.remove(&reference);
        }
        told
    }

    async fn tell(
        &self,
        store: &dyn SubscriptionStore,
        clock: &dyn Clock,
        reference: &ReferenceId,
        cause: &Cause,
    ) -> Result<(), StoreError> {
        let mut noted = None;
        loop {
            let (known, now) = (store.subscriptions(reference).await?, clock.now());
            let Verdict { reason, valid_until, .. } = evaluate(&self.policy, &known, now);
            let granted = reason.grants();
            if noted == Some((granted, valid_until)) {
                return Ok(());
            }
            match self.book.announce(reference, granted, valid_until, now).await? {
                Announced::Unchanged => return Ok(()),
                Announced::Noted => {}
                Announced::Changed => {
                    let change = AccessChanged {
                        reference: reference.clone(),
                        before: Access::of(!granted),
                        after: Access::of(granted),
                        reason,
                        cause: cause.clone(),
                    };
                    self.observer.access_changed(change).await;
                }
            }
            // Another node may have written what it saw earlier, and before this.
            noted = Some((granted, valid_until));
        }
    }

    fn doubtful(&self) -> MutexGuard<'_, HashSet<ReferenceId>> {
        // No panic can leave it half changed.
        self.doubtful.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<ReferenceId, Arc<tokio::sync::Mutex<()>>>> {
        // No panic can leave it half changed.
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add(concerned: &mut Vec<ReferenceId>, reference: Option<ReferenceId>) {
    if let Some(reference) = reference
        && !concerned.contains(&reference)
    {
        concerned.push(reference);
    }
}
