//! The state of subscriptions.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use octany_core::{Applied, ReferenceId, Snapshot};

use super::{Known, StoreError};

/// Keeps the newest report of every subscription.
///
/// Two methods, over any table with one row a subscription. The suite behind the feature
/// `conformance` proves an implementation. For one on a real database, see
/// [the guide](crate::guide::your_database).
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
///
/// use async_trait::async_trait;
/// use octany_core::{Applied, ReferenceId, Snapshot, SubscriptionId};
/// use octany_entitlement::{StoreError, SubscriptionStore};
///
/// struct MyStore(Mutex<HashMap<SubscriptionId, Snapshot>>);
///
/// #[async_trait]
/// impl SubscriptionStore for MyStore {
///     async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError> {
///         // One critical section here; in SQL, one `INSERT … ON CONFLICT … DO UPDATE … WHERE`.
///         let mut rows = self.0.lock().map_err(|_| StoreError::unavailable("poisoned"))?;
///         let mut new = snapshot.clone().into_owned();
///         let applied = match rows.get(&snapshot.subscription) {
///             None => Applied::Inserted,
///             Some(old) if old.version < new.version => Applied::Updated,
///             Some(old) if old.version > new.version => Applied::Stale,
///             Some(old) if old.agrees_with(&new) => Applied::Unchanged,
///             Some(_) => Applied::Contested,
///         };
///         new.contested |= applied == Applied::Contested;
///         if applied.changed() {
///             rows.insert(snapshot.subscription.clone(), new);
///         }
///         Ok(applied)
///     }
///
///     async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError> {
///         let rows = self.0.lock().map_err(|_| StoreError::unavailable("poisoned"))?;
///         Ok(rows.values().filter(|row| row.reference.as_ref() == Some(reference)).cloned().collect())
///     }
/// }
/// ```
#[async_trait]
pub trait SubscriptionStore: Send + Sync {
    /// Takes a report in, unless what is known is newer.
    ///
    /// The decision and the write are **one atomic step**: whatever runs at the same time, in this
    /// process or another, the record that remains is the one with the highest
    /// [`Version`](octany_core::Version). Among reports of one version that differ, the later
    /// arrival remains and is marked [`contested`](Snapshot::contested); a newer version clears
    /// the mark. When this returns `Ok`, the report is durable.
    ///
    /// What differs is for the store to say: one that keeps documents compares
    /// [digests](Snapshot::digest), one that does not what
    /// [decides access](Snapshot::agrees_with).
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether the report was taken in. The delivery is then
    /// refused, and repeated.
    async fn apply(&self, snapshot: &Snapshot) -> Result<Applied, StoreError>;

    /// All subscriptions of a reference, in any order; none is an empty list.
    ///
    /// It sees every [`apply`](Self::apply) that returned before it was called.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out. An empty list means "none", never "no
    /// answer".
    async fn subscriptions(&self, reference: &ReferenceId) -> Result<Vec<Snapshot>, StoreError>;

    /// The same for a guard: a copy of this process will do, as old as the store says that its
    /// copies may be. The default asks [`subscriptions`](Self::subscriptions).
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it could not be found out.
    async fn look_up(&self, reference: &ReferenceId) -> Result<Known, StoreError> {
        self.subscriptions(reference).await.map(Into::into)
    }

    /// What [`look_up`](Self::look_up) gives, without waiting, for stores that hold it in memory.
    /// The default answers `None`: wait for it.
    fn peek(&self, reference: &ReferenceId) -> Option<Known> {
        let _ = reference;
        None
    }

    /// The same for whoever has just asked the system's clock, which takes longer than most of the
    /// rest: a store whose copies age by that clock need not ask it again. The default is
    /// [`peek`](Self::peek).
    fn peek_at(&self, reference: &ReferenceId, now: DateTime<Utc>) -> Option<Known> {
        let _ = now;
        self.peek(reference)
    }
}
