//! What happens to a verified delivery: claim, apply, handle, complete or release.

mod access;
mod builder;
mod claiming;
mod delivery;
mod error;
mod quarantine;
mod references;

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use octany_core::resource::Subscription;
use octany_core::{Applied, Event, ReferenceId, Snapshot, Source, SubscriptionId, Version};

use self::access::Announcer;
pub use self::access::{Access, AccessBook, AccessChanged, AccessObserver, Cause};
pub use self::builder::ReceiverBuilder;
use self::claiming::Claiming;
pub use self::delivery::Delivery;
pub use self::error::ReceiveError;
use self::quarantine::{Quarantine, Report};
pub use self::quarantine::{QuarantineObserver, Quarantined};
pub use self::references::References;
use crate::inbox::{Inbox, Put};
use crate::store::{Claim, DeliveryLog, Ledger, StoreError, SubscriptionLinks, SubscriptionStore};
use crate::{Clock, telemetry};

/// Takes verified events in, from whichever side they come.
///
/// For each delivery it **claims** the delivery id, **applies** the report to the store, lets the
/// **handler** run, and **completes** the claim, or releases it when the handler failed, so that
/// the next attempt runs again. Nothing is acknowledged before it is durable. Events that are not
/// about a subscription pass to the handler under the same claim.
///
/// Cheap to clone.
///
/// ```
/// use octany_core::Event;
/// use octany_core::signature::{SigningSecret, Verifier};
/// use octany_entitlement::{MemoryStore, Receipt, ReceiveError, Receiver};
/// use std::sync::Arc;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let body = r#"{"id":1,"name":"test.hook","created_at":"2026-03-01T12:00:00+00:00","data":[]}"#;
/// # let secret = SigningSecret::new("0123456789abcdef0123456789abcdef")?;
/// # let signature = secret.sign(body.as_bytes());
/// # let now = chrono::DateTime::UNIX_EPOCH;
/// # let verified = Verifier::new(secret).verify(body.into(), &signature, || now)?;
/// # let event = Event::parse(verified)?;
/// let store = Arc::new(MemoryStore::new());
/// let receiver = Receiver::builder().store(store.clone()).deliveries(store).build();
///
/// // A handler that fails is called again when the delivery is repeated.
/// let failed = receiver.receive(&event, async || Err::<(), _>("out of coffee")).await;
/// assert!(matches!(failed, Err(ReceiveError::Handler("out of coffee"))));
///
/// let handled = receiver.receive(&event, async || Ok::<_, &str>("thanks")).await;
/// assert!(matches!(handled, Ok(Receipt::Handled("thanks"))));
///
/// // Once it was handled, a repeated delivery is acknowledged without the handler.
/// let repeated = receiver.receive(&event, async || Ok::<&str, &str>("again")).await;
/// assert!(matches!(repeated, Ok(Receipt::Duplicate)));
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Receiver {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    store: Option<Arc<dyn SubscriptionStore>>,
    deliveries: Option<Arc<dyn DeliveryLog>>,
    /// The two of them, if they are one.
    ledger: Option<Arc<dyn Ledger>>,
    inbox: Option<Inbox>,
    announcer: Option<Announcer>,
    quarantine: Option<Quarantine>,
    references: References,
    clock: Arc<dyn Clock>,
    lease: Duration,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt<T> {
    /// The handler ran, and this is what it gave.
    Handled(T),
    /// The delivery is in the [inbox](ReceiverBuilder::inbox), and no handler ran. Acknowledge it.
    Accepted,
    /// The delivery was dealt with before.
    Duplicate,
    /// Somebody else is dealing with it.
    InFlight {
        /// How long that can take at most.
        retry_after: Duration,
    },
}

/// What [`begin`](Receiver::begin) found.
#[derive(Debug)]
pub enum Begun {
    /// The delivery is the caller's: run the handler, then complete or release it.
    Fresh(Delivery),
    /// The delivery is in the [inbox](ReceiverBuilder::inbox): acknowledge it, and run no handler.
    Accepted,
    /// The delivery was dealt with before.
    Duplicate,
    /// Somebody else is dealing with it.
    InFlight {
        /// How long that can take at most.
        retry_after: Duration,
    },
}

impl Receiver {
    /// Starts with nothing: a receiver without store and delivery log lets every event pass.
    pub fn builder() -> ReceiverBuilder {
        ReceiverBuilder::default()
    }

    /// Takes it apart again, to change something.
    pub fn into_builder(self) -> ReceiverBuilder {
        ReceiverBuilder::from(Arc::unwrap_or_clone(self.inner))
    }

    /// Takes an event in, with a handler that runs inside of the claim.
    ///
    /// # Errors
    ///
    /// [`ReceiveError::Store`] when claiming, applying or completing failed, and
    /// [`ReceiveError::Handler`] with what the handler gave. In both cases the delivery must be
    /// refused, so that it is repeated.
    pub async fn receive<T, E, Fut>(
        &self,
        event: &Event,
        handler: impl FnOnce() -> Fut,
    ) -> Result<Receipt<T>, ReceiveError<E>>
    where
        Fut: Future<Output = Result<T, E>>,
    {
        let delivery = match self.begin(event).await? {
            Begun::Fresh(delivery) => delivery,
            Begun::Accepted => return Ok(Receipt::Accepted),
            Begun::Duplicate => return Ok(Receipt::Duplicate),
            Begun::InFlight { retry_after } => return Ok(Receipt::InFlight { retry_after }),
        };
        match handler().await {
            Ok(given) => {
                delivery.complete().await?;
                Ok(Receipt::Handled(given))
            }
            Err(error) => {
                delivery.release().await;
                Err(ReceiveError::Handler(error))
            }
        }
    }

    /// Claims and applies. The caller runs the handler. With an [inbox](ReceiverBuilder::inbox), it
    /// puts the delivery there and does nothing else.
    ///
    /// If this is dropped while it waits, because the client went away, a claim that was on its way is
    /// given back, where a runtime is there to do so.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the delivery could not be claimed, or its report not be applied; a
    /// claim that was made is given back, or ends with its lease where the store cannot be reached.
    /// With an inbox, when it could not be put there.
    pub async fn begin(&self, event: &Event) -> Result<Begun, StoreError> {
        if let Some(inbox) = &self.inner.inbox {
            return Ok(match inbox.put(event).await? {
                Put::Stored => Begun::Accepted,
                Put::Known => Begun::Duplicate,
            });
        }
        let now = self.inner.clock.now();
        let Some(log) = &self.inner.deliveries else {
            let delivery = Delivery::new(event.id.clone(), None, &self.inner.clock);
            return self.apply_to(delivery, event).await;
        };
        let lease = self.inner.lease;
        let at_once = self.at_once().and_then(|ledger| Some((ledger, self.report_of(event)?)));
        let (claiming, aside) = match at_once {
            Some((ledger, report)) => {
                report.link().await?;
                let Report { snapshot, aside } = report;
                let claiming = Claiming::with_report(log, ledger, &event.id, now, lease, snapshot);
                (claiming, Some(aside))
            }
            None => (Claiming::alone(log, &event.id, now, lease), None),
        };
        let (id, entered) = claiming.await;
        let entered = entered?;
        match entered.claim {
            Claim::Fresh(token) => {
                let claim = Some((Arc::clone(log), token));
                let mut delivery = Delivery::new(id, claim, &self.inner.clock);
                delivery.applied = entered.applied;
                match aside {
                    Some(aside) if entered.applied.is_some() => {
                        fresh(delivery, event, aside.tell().await).await
                    }
                    _ => self.apply_to(delivery, event).await,
                }
            }
            Claim::Duplicate => {
                telemetry::delivery(event, "duplicate");
                Ok(Begun::Duplicate)
            }
            Claim::InFlight { until } => {
                telemetry::delivery(event, "in_flight");
                let retry_after = (until - now).to_std().unwrap_or_default();
                Ok(Begun::InFlight { retry_after })
            }
        }
    }

    /// Takes in what the API answered about a subscription at that instant, by the rules for what is
    /// delivered: whose it is, which report is newer, and who is told. `None` without a store.
    ///
    /// There is nothing to claim and no handler. With an [inbox](ReceiverBuilder::inbox), ask the
    /// receiver that the inbox was [built](Inbox::builder) with.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether the report was applied. Reporting again does no
    /// harm.
    pub async fn report(
        &self,
        subscription: &Arc<Subscription>,
        as_of: DateTime<Utc>,
    ) -> Result<Option<Applied>, StoreError> {
        let cause = Cause::Answer { subscription: subscription.id.clone() };
        self.apply(self.report_at(subscription, as_of), cause).await
    }

    /// What [`report`](Self::report) takes in: what the API answered, in the name of whom we believe
    /// it to be about. It changes nothing.
    pub fn read(&self, subscription: &Arc<Subscription>, as_of: DateTime<Utc>) -> Snapshot {
        self.report_at(subscription, as_of).snapshot
    }

    /// How references are read.
    pub fn references(&self) -> &References {
        &self.inner.references
    }

    /// Says whose a subscription is that comes without a reference, or is
    /// [quarantined](ReceiverBuilder::quarantine), and tells whoever observes access what that changed
    /// for them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it is not known whether the link was made. Linking again does no harm.
    pub async fn link(
        &self,
        links: &impl SubscriptionLinks,
        subscription: &SubscriptionId,
        reference: &ReferenceId,
    ) -> Result<(), StoreError> {
        let link = links.link(subscription, reference);
        let Some(store) = &self.inner.store else { return link.await };
        let cause = Cause::Link { subscription: subscription.clone() };
        self.announced(store, subscription, Some(reference), cause, link).await
    }

    /// Tells whoever observes access what time alone has ended: trials, paid time, grace. Gives how
    /// many references were looked at.
    ///
    /// Any number of nodes may sweep: each change is told once. Without
    /// [`on_access_change`](ReceiverBuilder::on_access_change), there is nobody to tell.
    ///
    /// # Errors
    ///
    /// The first [`StoreError`] on the way. What is due remains due.
    pub async fn sweep(&self) -> Result<usize, StoreError> {
        match (&self.inner.announcer, &self.inner.store) {
            (Some(announcer), Some(store)) => announcer.sweep(store, &self.inner.clock).await,
            _ => Ok(0),
        }
    }

    /// [Sweeps](Self::sweep) again and again, with this pause in between. It never ends; spawn it.
    /// A sweep that fails is logged, and the next one takes up what was left.
    ///
    /// The pause bounds how late a change is told. It has no part in who may pass: the gate looks
    /// at the clock itself.
    pub async fn sweep_every(self, pause: Duration) -> Infallible {
        loop {
            if let Err(error) = self.sweep().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "a sweep failed");
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Whose an event is about: the reference of its subscription or order, opened if it is
    /// [signed](References::signed). `None` where there is none that can be believed.
    ///
    /// It is whom the event names, not whom it gives something: of what is
    /// [quarantined](ReceiverBuilder::quarantine), too.
    pub fn reference_of(&self, event: &Event) -> Option<ReferenceId> {
        use octany_core::Payload::{OrderConfirmed, OrderPaid};
        // When the checkout began, which is before a signed reference expires. Orders come for as
        // long as the subscription lives.
        let (reference, began) = match &event.payload {
            OrderConfirmed(order) | OrderPaid(order) => (&order.reference_id, None),
            payload => {
                let subscription = payload.subscription()?;
                (&subscription.reference_id, subscription.created_at)
            }
        };
        let named = self.inner.references.resolve(reference.as_ref()?, began)?;
        Some(named.user().clone())
    }

    /// The ledger, if nothing has to happen between claiming and applying.
    fn at_once(&self) -> Option<&Arc<dyn Ledger>> {
        self.inner.ledger.as_ref().filter(|_| self.inner.announcer.is_none())
    }

    /// What an event reports.
    fn report_of(&self, event: &Event) -> Option<Report<'_>> {
        Some(self.judge(event.snapshot()?, event.payload.subscription()?))
    }

    /// What the API reports.
    fn report_at(&self, subscription: &Arc<Subscription>, as_of: DateTime<Utc>) -> Report<'_> {
        self.judge(Snapshot::of(subscription, Version::new(as_of, Source::Api)), subscription)
    }

    fn judge(&self, snapshot: Snapshot, subscription: &Subscription) -> Report<'_> {
        let (inner, named) = (&self.inner, subscription.reference_id.as_ref());
        let named =
            named.and_then(|named| inner.references.resolve(named, subscription.created_at));
        Report::judge(snapshot, subscription, named.as_ref(), inner.quarantine.as_ref())
    }

    /// Applies what was claimed, or gives it back.
    async fn apply_to(&self, mut delivery: Delivery, event: &Event) -> Result<Begun, StoreError> {
        let taken_in = self.apply_event(event).await.map(|applied| delivery.applied = applied);
        fresh(delivery, event, taken_in).await
    }

    async fn apply_event(&self, event: &Event) -> Result<Option<Applied>, StoreError> {
        let Some(report) = self.report_of(event) else { return Ok(None) };
        let cause = Cause::Delivery { id: event.id.clone(), name: event.name.clone() };
        self.apply(report, cause).await
    }

    async fn apply(&self, report: Report<'_>, cause: Cause) -> Result<Option<Applied>, StoreError> {
        let Some(store) = &self.inner.store else { return Ok(None) };
        let snapshot = &report.snapshot;
        let write = async {
            report.link().await?;
            store.apply(snapshot).await
        };
        let (subscription, named) = (&snapshot.subscription, snapshot.reference.as_ref());
        let applied = self.announced(store, subscription, named, cause, write).await?;
        report.aside.tell().await?;
        Ok(Some(applied))
    }

    /// Makes a write about a subscription, and tells what it changed if somebody wants to know.
    async fn announced<T>(
        &self,
        store: &Arc<dyn SubscriptionStore>,
        subscription: &SubscriptionId,
        named: Option<&ReferenceId>,
        cause: Cause,
        write: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match &self.inner.announcer {
            Some(announcer) => {
                let clock = &self.inner.clock;
                announcer.around(store, clock, subscription, named, cause, write).await
            }
            None => write.await,
        }
    }
}

/// A delivery for the handler, or why it was given back.
async fn fresh(
    delivery: Delivery,
    event: &Event,
    taken_in: Result<(), StoreError>,
) -> Result<Begun, StoreError> {
    if let Err(error) = taken_in {
        delivery.release().await;
        return Err(error);
    }
    telemetry::delivery(event, delivery.applied.map_or("accepted", Applied::as_str));
    Ok(Begun::Fresh(delivery))
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver")
            .field("store", &self.inner.store.is_some())
            .field("deliveries", &self.inner.deliveries.is_some())
            .field("inbox", &self.inner.inbox.is_some())
            .field("references", &self.inner.references)
            .field("lease", &self.inner.lease)
            .finish_non_exhaustive()
    }
}
