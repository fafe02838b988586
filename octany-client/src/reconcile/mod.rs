//! Bringing Octany's answers into the store.

mod answers;
mod audit;
mod backfill;
mod before_deny;
mod budget;
mod builder;
mod error;
mod flights;
mod question;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::resource::Subscription;
use octany_core::{Applied, ReferenceId, SubscriptionId};
use octany_entitlement::{CheckoutLog, Clock, Receiver, SubscriptionLinks, SubscriptionStore};

pub use self::answers::Reconciled;
pub use self::audit::{Audit, AuditMode, Drift, DriftedField, Sample};
pub use self::backfill::{Backfill, BackfillError, Cursor, Progress, StopCause};
use self::budget::Budget;
pub use self::builder::ReconcilerBuilder;
pub use self::error::ReconcileError;
use self::flights::{Boarding, Flights};
use crate::{Answered, Client, Priority};

/// Asks Octany what is true, and takes the answers in by the same rules as deliveries: the
/// [`Receiver`] says whose a subscription is, the newest report wins, whoever observes access is
/// told once. So webhook and answer may come in any order, both or only one of them.
///
/// Given to a [`Gate`](octany_entitlement::Gate), it lets in whoever has paid and whose webhook is
/// late or lost, at the first request. It asks for the subscriptions with each text by which Octany
/// may know the user: those of the newest 5 checkouts of the last 30 days in the [`CheckoutLog`],
/// and the plain reference where the receiver's
/// [`References`](octany_entitlement::References) take plain ones; 5 pages of each. Then it asks for
/// those, 20 at most, that the store knows and no list brought. Whose an answered subscription is
/// is for its own reference to say, never for the question.
///
/// Cheap to clone. It needs a Tokio runtime.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use octany_client::{ApiKey, Client, Reconciler};
/// use octany_core::AccessPolicy;
/// use octany_entitlement::{Cached, Gate, MemoryStore, OnOutage, Receiver};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let key = ApiKey::new("key")?;
/// # let client = Client::builder("0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41", key).build()?;
/// let store = Arc::new(Cached::linked(MemoryStore::new())); // or one of octany-sqlx
/// let receiver = Receiver::builder().store(store.clone()).build();
/// let reconciler =
///     Reconciler::builder(client, receiver, store.clone()).links(store.clone()).build();
///
/// let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny)
///     .refresh_before_deny(reconciler.clone());
///
/// // Nothing came from Octany yet, so it is asked before anybody is denied.
/// let decision = gate.decide(&"user_42".into()).await?;
///
/// // A moment later it is not asked again.
/// assert!(!reconciler.reconcile(&"user_42".into()).await?.asked);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Reconciler {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    receiver: Receiver,
    store: Arc<dyn SubscriptionStore>,
    links: Option<Arc<dyn SubscriptionLinks>>,
    checkouts: Option<Arc<dyn CheckoutLog>>,
    clock: Arc<dyn Clock>,
    flights: Flights,
    budget: Budget,
    min_interval: TimeDelta,
    deadline: Duration,
}

impl Reconciler {
    /// Starts with a client, the receiver that takes the webhooks in (behind an inbox, the one
    /// [behind](octany_entitlement::Inbox::builder) it), and the store that it writes to.
    pub fn builder(
        client: Client,
        receiver: Receiver,
        store: impl SubscriptionStore + 'static,
    ) -> ReconcilerBuilder {
        ReconcilerBuilder::new(client, receiver, store)
    }

    /// Asks about a user, within the [bounds](ReconcilerBuilder) for what visitors can cause, so
    /// that a page may call it as often as it is polled. Who comes while the same question is under
    /// way gets its answer; it runs to its end even if nobody waits any more.
    ///
    /// An [observer of access](octany_entitlement::AccessObserver) must not wait for it: the answer
    /// waits for the observer.
    ///
    /// # Errors
    ///
    /// [`ReconcileError`], the first of those on the way. Whatever else was answered is taken in.
    pub async fn reconcile(&self, reference: &ReferenceId) -> Result<Reconciled, ReconcileError> {
        match self.inner.board_for_a_person(reference).await {
            Boarding::Aboard(mut ticket) => ticket.outcome().await,
            Boarding::TooSoon { .. } | Boarding::OverBudget | Boarding::Full => {
                Ok(Reconciled::default())
            }
        }
    }

    /// Asks about one subscription, takes the answer in, and gives it: fresh, with links to the
    /// portal that work. `None` if the API does not know it (any more), which changes nothing.
    ///
    /// It is asked each time, bounded by nothing but the client.
    ///
    /// # Errors
    ///
    /// [`ReconcileError`]
    pub async fn refresh(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<Option<Answered<Arc<Subscription>>>, ReconcileError> {
        let client = self.inner.client.clone().priority(Priority::Person);
        let answer = match client.subscription(subscription).await {
            Err(error) if error.is_not_found() => return Ok(None),
            answer => answer?,
        };
        self.inner.report(&answer.value, answer.as_of).await?;
        Ok(Some(answer))
    }
}

impl Inner {
    async fn report(
        &self,
        subscription: &Arc<Subscription>,
        as_of: DateTime<Utc>,
    ) -> Result<Applied, ReconcileError> {
        self.receiver.report(subscription, as_of).await?.ok_or(ReconcileError::NoStore)
    }
}

impl fmt::Debug for Reconciler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconciler")
            .field("client", &self.inner.client)
            .field("receiver", &self.inner.receiver)
            .field("checkouts", &self.inner.checkouts.is_some())
            .field("flights", &self.inner.flights)
            .finish_non_exhaustive()
    }
}
