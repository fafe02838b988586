//! How a reconciler is put together.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use octany_entitlement::{
    CheckoutLog, Clock, Receiver, SubscriptionLinks, SubscriptionStore, SystemClock,
};

use super::budget::Budget;
use super::flights::Flights;
use super::{Inner, Reconciler};
use crate::Client;

/// Puts a [`Reconciler`] together.
///
/// What visitors can cause is bounded by the minimum interval of each reference, the budget of all,
/// the number of questions at once and the deadline. All four hold for this process, and beside the
/// client's own rate limit.
#[must_use]
pub struct ReconcilerBuilder {
    client: Client,
    receiver: Receiver,
    store: Arc<dyn SubscriptionStore>,
    links: Option<Arc<dyn SubscriptionLinks>>,
    checkouts: Option<Arc<dyn CheckoutLog>>,
    clock: Arc<dyn Clock>,
    min_interval: Duration,
    deadline: Duration,
    budget: (u32, Duration),
    at_once: usize,
}

impl ReconcilerBuilder {
    pub(super) fn new(
        client: Client,
        receiver: Receiver,
        store: impl SubscriptionStore + 'static,
    ) -> Self {
        Self {
            client,
            receiver,
            store: Arc::new(store),
            links: None,
            checkouts: None,
            clock: Arc::new(SystemClock),
            min_interval: Duration::from_secs(2),
            deadline: Duration::from_secs(2),
            budget: (50, Duration::from_secs(10)),
            at_once: 32,
        }
    }

    /// Where it stands which checkouts a user was sent to, and with which texts. Where references
    /// are signed, it takes this to find what a checkout became.
    pub fn checkouts(mut self, checkouts: impl CheckoutLog + 'static) -> Self {
        self.checkouts = Some(Arc::new(checkouts));
        self
    }

    /// Who knows whose a subscription is; it is the store, as a rule. It tells an
    /// [audit](Reconciler::audit) what is stored under somebody else's name.
    pub fn links(mut self, links: impl SubscriptionLinks + 'static) -> Self {
        self.links = Some(Arc::new(links));
        self
    }

    /// How long to wait after an answer, a failure included, before the same reference is asked
    /// about again; 2 seconds unless set, which is shorter than a page that waits takes to ask again.
    pub fn min_interval(mut self, interval: Duration) -> Self {
        self.min_interval = interval;
        self
    }

    /// How many calls visitors may cause in this time; 50 in 10 seconds unless set. That many may be
    /// made at once. A question takes one for each text, page and known subscription; what it takes
    /// beyond the first one is made in any case, and missing afterwards.
    ///
    /// A half is for those who have, or had, a subscription or began a checkout. So any number of
    /// strangers leaves room for whoever has just paid.
    pub fn budget(mut self, calls: u32, per: Duration) -> Self {
        self.budget = (calls, per);
        self
    }

    /// How long a [gate](octany_entitlement::Gate) waits before it answers from what it has; 2
    /// seconds unless set. The question goes on.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How many questions may be under way at once; 32 unless set. While Octany is slow, whoever
    /// comes after those is not asked about.
    pub fn at_once(mut self, questions: usize) -> Self {
        self.at_once = questions;
        self
    }

    /// The clock for interval and budget, and for which checkouts are worth asking about; the
    /// system's unless set. Checkouts are noted by that of the billing routes: give both the same.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The reconciler.
    pub fn build(self) -> Reconciler {
        let (calls, per) = self.budget;
        let inner = Inner {
            budget: Budget::new(calls, per, self.clock.now()),
            flights: Flights::new(self.at_once),
            client: self.client,
            receiver: self.receiver,
            store: self.store,
            links: self.links,
            checkouts: self.checkouts,
            clock: self.clock,
            min_interval: TimeDelta::from_std(self.min_interval).unwrap_or(TimeDelta::MAX),
            deadline: self.deadline,
        };
        Reconciler { inner: Arc::new(inner) }
    }
}

impl fmt::Debug for ReconcilerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReconcilerBuilder").finish_non_exhaustive()
    }
}
