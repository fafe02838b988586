//! Copies of what a store holds, and how nodes tell each other that they are old.
//!
//! # Why a copy is never older than a write that has returned
//!
//! A counter counts what happens: each read takes a ticket from it *before* it asks the store, and
//! each write takes one *after* the store has done it, stamps the buckets of the ids it is about,
//! and only then returns. A copy carries the ticket of its read, and counts while that is above the
//! stamps of its reference and of every subscription in it. That is judged each time it is used.
//!
//! Take a copy, and a write about it that has returned. If the copy's ticket is above the write's
//! stamp, then the store was asked after it had done the write, and its answer contains it, since
//! that is what [`SubscriptionStore::subscriptions`] promises. If it is below, the copy does not
//! count, whether it was put in place before the write, after it or meanwhile. So a slow read can
//! put back what it likes.
//!
//! It remains to see that a write is *about* every copy that it makes old:
//!
//! - Whoever has a subscription in their copy, or should have by a report that names them: both the
//!   subscription and the named reference are stamped. So a subscription that moves is dropped from
//!   the copy of whom it leaves, and an empty copy of whom it comes to is dropped by their own name.
//! - Whoever lacks it in their copy and gains it by a link. [`link`](SubscriptionLinks::link) names
//!   them. A report that names nobody may put an older link in force, so after it the store is asked
//!   for the owner, who is stamped. They own it from then on, or until another write that stamps.
//! - Where the owner cannot be found out (no links are known here, asking failed, nobody waited for
//!   the end), all copies are stamped.
//! - A write that failed or was cancelled may have been done, so it stamps as well. If the database
//!   does it later than it told, a copy may lack it as long as it lives. The repeated delivery's
//!   write ends that.
//!
//! A call that waits for the read of another takes its answer if it is current by then, or if that
//! read began after the call did: then it has seen all that had returned before the call.
//!
//! Other nodes' writes are stamped when their message comes, so they are seen as soon as that
//! arrives, and otherwise when the copy's time is over. From the moment a node listens (again), all
//! that it read before counts as old.

mod copies;
mod copy;
mod invalidation;
mod nodes;
mod passed;
mod settings;
mod stamps;
mod store;
mod writes;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use octany_core::{ReferenceId, SubscriptionId};

use self::copies::Copies;
use self::copy::Lifetimes;
pub use self::invalidation::{Invalidation, InvalidationListener};
use self::nodes::Nodes;
use self::stamps::Stamps;
use self::writes::{AskOwner, ask_owner};
use crate::clock::Time;
use crate::store::{SubscriptionLinks, SubscriptionStore};

/// A store around another one that keeps copies for guards, so that most requests wait for nothing.
///
/// [`peek`](SubscriptionStore::peek) serves a copy and [`look_up`](SubscriptionStore::look_up)
/// makes one; a [`Gate`](crate::Gate) asks in this order. [`subscriptions`] always asks the store.
///
/// What is written through it is seen at once, by whatever comes after the write has returned. So
/// everything that writes must write through the **same** cache: give the receiver and the gate
/// clones of one `Arc`. Whoever writes past it (in a transaction of their own, say) calls
/// [`invalidate`](Self::invalidate) and [`invalidate_subscription`](Self::invalidate_subscription)
/// afterwards. Other nodes are told through an [`Invalidation`](Self::invalidation).
///
/// A copy is never served after its time, not even while the store is away: what passes then is
/// for [`OnOutage`](crate::OnOutage) to say. It lives for its [`ttl`](Self::ttl) or until the
/// first date in it at which something may be reported, and an empty one for its
/// [`negative_ttl`](Self::negative_ttl).
///
/// Set it up before the first use: what is set later forgets what was set before.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use octany_core::{AccessPolicy, Snapshot, Source, Version};
/// use octany_entitlement::{
///     Cached, DecisionSource, Gate, MemoryStore, OnOutage, SubscriptionStore,
/// };
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let store = MemoryStore::new(); // or one of octany-sqlx, or your own
/// let store = Arc::new(Cached::linked(store).ttl(Duration::from_secs(30)));
/// let gate = Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny);
///
/// // The first look-up asks the store, the second does not.
/// assert!(!gate.decide(&"user_42".into()).await?.is_allowed());
/// assert_eq!(gate.decide(&"user_42".into()).await?.source(), DecisionSource::Memory);
///
/// // What is written is seen by whoever asks next, and then again without asking.
/// let mut report =
///     Snapshot::new(76963688, "active", Version::new(chrono::Utc::now(), Source::Api));
/// report.reference = Some("user_42".into());
/// store.apply(&report).await?;
/// assert!(gate.try_decide(&"user_42".into()).is_none());
/// assert!(gate.decide(&"user_42".into()).await?.is_allowed());
/// assert!(gate.try_decide(&"user_42".into()).unwrap().is_allowed());
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
///
/// [`subscriptions`]: SubscriptionStore::subscriptions
pub struct Cached<S> {
    store: S,
    ask_owner: Option<AskOwner<S>>,
    copies: Copies,
    stamps: Arc<Stamps>,
    lifetimes: Lifetimes,
    time: Time,
    nodes: Option<Nodes>,
}

impl<S: SubscriptionLinks> Cached<S> {
    /// Copies of what a store holds that knows links, as all of this family do.
    pub fn linked(store: S) -> Self {
        Self::over(store, Some(ask_owner()))
    }
}

impl<S: SubscriptionStore> Cached<S> {
    /// Copies of what a store holds. Since it cannot be asked whose a subscription is, each report
    /// that names nobody makes all copies old; see [`linked`](Self::linked).
    pub fn new(store: S) -> Self {
        Self::over(store, None)
    }
}

impl<S> Cached<S> {
    fn over(store: S, ask_owner: Option<AskOwner<S>>) -> Self {
        Self {
            store,
            ask_owner,
            copies: Copies::new(100_000),
            stamps: Arc::new(Stamps::new()),
            lifetimes: Lifetimes {
                positive: Duration::from_mins(1),
                negative: Duration::from_secs(5),
            },
            time: Time::System,
            nodes: None,
        }
    }

    /// Makes the copy of a reference old, here and on the nodes that are told.
    pub fn invalidate(&self, reference: &ReferenceId) {
        self.changed(&Change::Of { subscription: None, reference: Some(reference) });
    }

    /// Makes each copy old that has this subscription, here and on the nodes that are told.
    pub fn invalidate_subscription(&self, subscription: &SubscriptionId) {
        self.changed(&Change::Of { subscription: Some(subscription), reference: None });
    }

    /// Makes all copies old, here and on the nodes that are told.
    pub fn clear(&self) {
        self.changed(&Change::Everything);
    }

    /// How many references there are copies of, old ones included.
    pub fn len(&self) -> usize {
        self.copies.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.copies.is_empty()
    }

    /// The store.
    pub fn inner(&self) -> &S {
        &self.store
    }

    /// The store, without copies.
    pub fn into_inner(self) -> S {
        self.store
    }

    /// Here first: whoever hears of it elsewhere may come back and ask.
    fn changed(&self, change: &Change<'_>) {
        match change {
            Change::Everything => self.stamps.stamp_everything(),
            Change::Of { subscription, reference } => {
                let subscription = subscription.map(SubscriptionId::as_str);
                let reference = reference.map(ReferenceId::as_str);
                self.stamps.stamp(subscription.into_iter().chain(reference));
            }
        }
        if let Some(nodes) = &self.nodes {
            nodes.tell(change);
        }
    }

    fn start(&self) {
        if let Some(nodes) = &self.nodes {
            nodes.start();
        }
    }
}

/// What may have changed.
enum Change<'a> {
    Of { subscription: Option<&'a SubscriptionId>, reference: Option<&'a ReferenceId> },
    Everything,
}

impl<S: fmt::Debug> fmt::Debug for Cached<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached")
            .field("store", &self.store)
            .field("copies", &self.copies.len())
            .field("lifetimes", &self.lifetimes)
            .field("tells_other_nodes", &self.nodes.is_some())
            .finish_non_exhaustive()
    }
}
