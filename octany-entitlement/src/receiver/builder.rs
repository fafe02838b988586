//! How a receiver is put together.

use std::sync::Arc;
use std::time::Duration;

use octany_core::AccessPolicy;

use super::access::{AccessBook, AccessObserver, Announcer};
use super::quarantine::{Quarantine, QuarantineObserver};
use super::{Inner, Receiver, References};
use crate::inbox::Inbox;
use crate::store::{DeliveryLog, Ledger, SubscriptionLinks, SubscriptionStore};
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
                quarantine: None,
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

    /// Gives nobody a subscription whose product or price is not what its
    /// [signed](References::signed) reference was for, and tells the observer.
    ///
    /// A visitor can edit product and amount in the checkout's URL, and keep the reference. So each
    /// report, delivered or [answered](Receiver::report), is [compared] with the offer:
    ///
    /// - as offered: it is the user's, and is linked to them, also where it was linked to somebody
    ///   else. A later change of product or price, by an admin or through the API, takes it away from
    ///   nobody, in whatever order the reports arrive;
    /// - otherwise: the report names nobody. Unless it is linked, the subscription grants nothing.
    ///   To accept it all the same, [link](Receiver::link) it;
    /// - what cannot be told (no product is reported, and no amount was signed or no price is
    ///   reported) is the user's as without a quarantine, and is linked to nobody. Octany's published
    ///   contract has a price in a subscription and no product: sign the
    ///   [amount](octany_core::checkout::ReferenceKey::sign_with_amount), and every report can be
    ///   judged.
    ///
    /// The links are those of the store that reports go to; where that is [cached](crate::Cached),
    /// give the cache. A plain reference offers nothing to compare with. For one-off orders, there is
    /// [`compare_order`](octany_core::checkout::SignedReference::compare_order).
    ///
    /// [compared]: octany_core::checkout::SignedReference::compare
    ///
    /// ```
    /// # use std::sync::{Arc, Mutex};
    /// # use octany_core::checkout::ReferenceKey;
    /// # use octany_core::resource::Subscription;
    /// # use octany_entitlement::{MemoryStore, Quarantined, Receiver, References, SubscriptionStore};
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let now = chrono::DateTime::UNIX_EPOCH;
    /// # let expires_at = now + chrono::TimeDelta::hours(2);
    /// let key = ReferenceKey::new("an example, and not a random one")?;
    /// let (user, store) = ("user_42".into(), Arc::new(MemoryStore::new()));
    /// # let told = Arc::new(Mutex::new(Vec::new()));
    /// # let seen = Arc::clone(&told);
    /// # let mail_us = move |it: &Quarantined| seen.lock().unwrap().push(it.subscription.clone());
    /// let receiver = Receiver::builder()
    ///     .store(store.clone())
    ///     .references(References::signed(key.clone()))
    ///     .quarantine(store.clone(), move |it: Quarantined| mail_us(&it))
    ///     .build();
    ///
    /// let offer = key.sign_with_amount(&user, &7.into(), 9_900, expires_at)?;
    /// let bought = |id, price| {
    ///     let reference = offer.as_reference_id();
    ///     Subscription::parse(format!(
    ///         r#"{{"id": {id}, "status": "active", "price": {price}, "reference_id": "{reference}"}}"#
    ///     ))
    /// };
    /// receiver.report(&Arc::new(bought(1, 9_900)?), now).await?;
    /// assert_eq!(store.subscriptions(&user).await?.len(), 1);
    ///
    /// // Another one, with the amount edited.
    /// receiver.report(&Arc::new(bought(2, 100)?), now).await?;
    /// assert_eq!(store.subscriptions(&user).await?.len(), 1);
    /// # assert_eq!(*told.lock().unwrap(), ["2"]);
    ///
    /// // Somebody looked at it, and accepts it.
    /// receiver.link(&store, &2.into(), &user).await?;
    /// assert_eq!(store.subscriptions(&user).await?.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    pub fn quarantine(
        mut self,
        links: impl SubscriptionLinks + 'static,
        observer: impl QuarantineObserver + 'static,
    ) -> Self {
        let (links, observer) = (Arc::new(links), Arc::new(observer));
        self.inner.quarantine = Some(Quarantine { links, observer });
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
