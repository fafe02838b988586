//! How a receiver is put together.

use std::sync::Arc;
use std::time::Duration;

use octany_core::AccessPolicy;

use super::access::{AccessBook, AccessObserver, Announcer};
use super::{Inner, Receiver, References};
use crate::inbox::Inbox;
use crate::store::{DeliveryLog, Ledger, SubscriptionStore};
use crate::{Clock, SystemClock};

/// Puts a [`Receiver`] together.
#[must_use]
pub struct ReceiverBuilder {
    inner: Inner,
}

impl Default for ReceiverBuilder {
    fn default() -> Self {
        Self {
            inner: Inner {
                store: None,
                deliveries: None,
                ledger: None,
                inbox: None,
                announcer: None,
                references: References::plain(),
                clock: Arc::new(SystemClock),
                lease: Duration::from_mins(1),
            },
        }
    }
}

impl From<Inner> for ReceiverBuilder {
    fn from(inner: Inner) -> Self {
        Self { inner }
    }
}

impl ReceiverBuilder {
    /// Where reports on subscriptions go and deliveries are remembered, where that is one database:
    /// it then takes both in at once. Where access is [observed](Self::on_access_change), something
    /// has to happen in between, and it is one after the other.
    pub fn ledger(mut self, ledger: impl Ledger + 'static) -> Self {
        let ledger: Arc<dyn Ledger> = Arc::new(ledger);
        self.inner.store = Some(Arc::clone(&ledger) as _);
        self.inner.deliveries = Some(Arc::clone(&ledger) as _);
        self.inner.ledger = Some(ledger);
        self
    }

    /// Where reports on subscriptions go.
    pub fn store(mut self, store: impl SubscriptionStore + 'static) -> Self {
        self.inner.ledger = None;
        self.inner.store = Some(Arc::new(store));
        self
    }

    /// Where deliveries are remembered. Without it, the handler runs for every delivery, repeated
    /// ones included.
    pub fn deliveries(mut self, deliveries: impl DeliveryLog + 'static) -> Self {
        self.inner.ledger = None;
        self.inner.deliveries = Some(Arc::new(deliveries));
        self
    }

    /// Puts every delivery into an inbox instead, from where it is taken in and handled in the
    /// background.
    ///
    /// That is all this receiver then does with one. What else it is made of counts for nothing:
    /// store, delivery log and observers belong to the receiver that the inbox was
    /// [built](Inbox::builder) with.
    pub fn inbox(mut self, inbox: Inbox) -> Self {
        self.inner.inbox = Some(inbox);
        self
    }

    /// Takes deliveries in itself again.
    pub(crate) fn without_inbox(mut self) -> Self {
        self.inner.inbox = None;
        self
    }

    /// How references are read; the default is [`References::plain`].
    pub fn references(mut self, references: References) -> Self {
        self.inner.references = references;
        self
    }

    /// Who is told when somebody's access begins or ends. The book sees to it that each change is
    /// told once; the policy should be that of the guard.
    ///
    /// A change is told when a report brings it to light, after the report is durable and before
    /// the handler runs. What time alone ended is told at the next report, or by a
    /// [sweep](Receiver::sweep). If the process dies between writing down that a change is told and
    /// telling it, or the observer panics, it is not told again. It needs a Tokio runtime.
    pub fn on_access_change(
        mut self,
        policy: AccessPolicy,
        book: impl AccessBook + 'static,
        observer: impl AccessObserver + 'static,
    ) -> Self {
        let announcer = Announcer::new(policy, Arc::new(book), Arc::new(observer));
        self.inner.announcer = Some(announcer);
        self
    }

    /// How long a handler may take before somebody else may claim its delivery; 60 seconds unless
    /// set. After a crash, a repeated delivery is refused for as long.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.inner.lease = lease;
        self
    }

    /// The clock for claims; the system's unless set.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.inner.clock = Arc::new(clock);
        self
    }

    /// The receiver.
    pub fn build(self) -> Receiver {
        Receiver { inner: Arc::new(self.inner) }
    }
}

impl std::fmt::Debug for ReceiverBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiverBuilder").finish_non_exhaustive()
    }
}
