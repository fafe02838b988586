//! Who may pass, now.

mod checkouts;
mod decision;
mod doubt;
mod error;
mod last_known;
mod outage;
mod refresh;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{AccessPolicy, ReferenceId, evaluate};

use self::checkouts::Checkouts;
pub use self::decision::{Decision, DecisionSource};
pub use self::error::GateError;
use self::last_known::LastKnown;
pub use self::outage::OnOutage;
pub use self::refresh::{Refresh, Refreshed};
use crate::clock::Time;
use crate::store::{CheckoutLog, Known, StoreError, SubscriptionStore};
use crate::{Clock, telemetry};

/// Decides who may pass: looks the reference up and asks the policy, at this instant.
///
/// There are three outcomes, never two: allowed, denied with a reason, and *could not tell*, which
/// follows the [`OnOutage`] that every gate must be given. A store that fails is never read as "no
/// subscription".
///
/// Cheap to clone.
///
/// ```
/// use octany_core::{AccessPolicy, Reason, Snapshot, Source, Version};
/// use octany_entitlement::{Gate, MemoryStore, OnOutage, SubscriptionStore};
/// use std::sync::Arc;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let store = Arc::new(MemoryStore::new());
/// let mut report =
///     Snapshot::new(76963688, "active", Version::new(chrono::Utc::now(), Source::Api));
/// report.reference = Some("user_42".into());
/// store.apply(&report).await?;
///
/// let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny);
/// assert!(gate.decide(&"user_42".into()).await?.is_allowed());
///
/// let refused = gate.decide(&"user_43".into()).await?;
/// assert!(!refused.is_allowed());
/// assert_eq!(refused.reason(), Reason::NoSubscription);
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Gate {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    store: Arc<dyn SubscriptionStore>,
    policy: Arc<AccessPolicy>,
    last_known: Option<Arc<LastKnown>>,
    refresh: Option<Arc<dyn Refresh>>,
    checkouts: Option<Checkouts>,
    time: Time,
    store_timeout: Duration,
    renewal_tolerance: TimeDelta,
    shadow: bool,
}

impl Gate {
    /// A gate over a store, with a policy and an answer to outages.
    pub fn new(
        store: impl SubscriptionStore + 'static,
        policy: AccessPolicy,
        on_outage: OnOutage,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                store: Arc::new(store),
                policy: Arc::new(policy),
                last_known: LastKnown::for_outages(on_outage).map(Arc::new),
                refresh: None,
                checkouts: None,
                time: Time::System,
                store_timeout: Duration::from_secs(5),
                renewal_tolerance: TimeDelta::days(1),
                shadow: false,
            }),
        }
    }

    /// Asks the engine once more before denying, so that a payer whose webhook is late never meets
    /// the paywall. It also [hears](Refresh::notice) of those who pass on what is in doubt. The
    /// `Reconciler` of `octany-client` does both.
    #[must_use]
    pub fn refresh_before_deny(self, refresh: impl Refresh + 'static) -> Self {
        self.with(|inner| inner.refresh = Some(Arc::new(refresh)))
    }

    /// Tells apart who never paid from who is back from a checkout and not reported yet: a payment
    /// may take minutes, and some methods days.
    ///
    /// Where access is denied for want of a subscription, the visitor's checkouts are looked at. If
    /// they [returned](CheckoutLog::returned) from one so short a time ago, the decision
    /// [says so](Decision::checkout_in_flight). It remains a denial, since a return proves nothing;
    /// what changes is the [answer](crate::Denial::answer): not the paywall, where people pay a second
    /// time. Who only opened a checkout and left is denied as ever.
    ///
    /// A log that fails, or takes longer than a store [may](Self::store_timeout), changes nothing and is
    /// traced. A gate in [shadow](Self::shadow) does not ask.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use std::time::Duration;
    /// # use octany_core::AccessPolicy;
    /// use octany_entitlement::{Checkout, CheckoutLog, Gate, MemoryStore, OnOutage};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let store = Arc::new(MemoryStore::new());
    /// let gate = Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny)
    ///     .checkouts(store.clone(), Duration::from_mins(15));
    ///
    /// let (user, now) = ("user_42".into(), chrono::Utc::now());
    /// store.begin(&Checkout::new("user_42", "user_42", 7, now)).await?;
    /// assert!(gate.decide(&user).await?.checkout_in_flight().is_none());
    ///
    /// // They land on the page that the checkout sends them to.
    /// store.returned(&user, now, now).await?;
    /// let decision = gate.decide(&user).await?;
    /// assert!(!decision.is_allowed());
    /// assert_eq!(decision.checkout_in_flight().unwrap().product, "7");
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn checkouts(self, log: impl CheckoutLog + 'static, within: Duration) -> Self {
        let within = TimeDelta::from_std(within).unwrap_or(TimeDelta::MAX);
        self.with(|inner| inner.checkouts = Some(Checkouts { log: Arc::new(log), within }))
    }

    /// Lets everybody pass, and only records who would not have: for trying a policy out.
    ///
    /// A handler that asks for the subscription itself has none to get for those, and so still
    /// turns them away; while a gate is in shadow, take an `Option` of it, or the decision.
    #[must_use]
    pub fn shadow(self) -> Self {
        self.with(|inner| inner.shadow = true)
    }

    /// How long to wait for the store before it counts as out of reach; 5 seconds unless set.
    #[must_use]
    pub fn store_timeout(self, timeout: Duration) -> Self {
        self.with(|inner| inner.store_timeout = timeout)
    }

    /// How long after `renews_at` news of the renewal may take before what grants access is in
    /// doubt; a day unless set. Nobody is denied for it: whoever [refreshes](Refresh::notice) hears
    /// of it, again at the earliest when its answer is as old.
    #[must_use]
    pub fn renewal_tolerance(self, tolerance: Duration) -> Self {
        let tolerance = TimeDelta::from_std(tolerance).unwrap_or(TimeDelta::MAX);
        self.with(|inner| inner.renewal_tolerance = tolerance)
    }

    /// The clock for decisions; the system's unless set.
    #[must_use]
    pub fn clock(self, clock: impl Clock) -> Self {
        self.with(|inner| inner.time = Time::Set(Arc::new(clock)))
    }

    /// Whether this gate only records.
    pub fn is_shadow(&self) -> bool {
        self.inner.shadow
    }

    /// The decision, if it can be made without waiting: the store holds the reference in memory,
    /// and there is nothing to ask before denying.
    pub fn try_decide(&self, reference: &ReferenceId) -> Option<Decision> {
        let now = self.inner.time.now();
        let known = self.peek(reference, now)?;
        let decision = self.evaluate(known, now, DecisionSource::Memory);
        if !decision.is_allowed() && self.inner.refresh.is_some() {
            return None;
        }
        if self.inner.checkouts.is_some() && Checkouts::may_cure(&decision) {
            return None;
        }
        self.record(reference, &decision);
        Some(decision)
    }

    /// The decision.
    ///
    /// # Errors
    ///
    /// [`GateError`] when it could not be told whether to allow or to deny: the store failed, and
    /// the [`OnOutage`] knows no better.
    pub async fn decide(&self, reference: &ReferenceId) -> Result<Decision, GateError> {
        let decision = match self.look_up_and_reconsider(reference).await {
            Ok(decision) => self.look_for_checkout(reference, decision).await,
            Err(error) => self.during_outage(reference, error)?,
        };
        self.record(reference, &decision);
        Ok(decision)
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.inner));
        self
    }

    fn peek(&self, reference: &ReferenceId, now: DateTime<Utc>) -> Option<Known> {
        match self.inner.time {
            Time::System => self.inner.store.peek_at(reference, now),
            Time::Set(_) => self.inner.store.peek(reference),
        }
    }

    async fn look_up(
        &self,
        reference: &ReferenceId,
    ) -> Result<(Known, DecisionSource), StoreError> {
        if let Some(known) = self.peek(reference, self.inner.time.now()) {
            return Ok((known, DecisionSource::Memory));
        }
        let answer = self.inner.store.look_up(reference);
        match tokio::time::timeout(self.inner.store_timeout, answer).await {
            Ok(known) => Ok((known?, DecisionSource::Store)),
            Err(elapsed) => Err(StoreError::unavailable(elapsed)),
        }
    }

    fn evaluate(&self, known: Known, now: DateTime<Utc>, source: DecisionSource) -> Decision {
        let verdict = evaluate(&self.inner.policy, &known, now);
        let policy = &self.inner.policy;
        let policy = policy.has_features().then(|| Arc::clone(policy));
        Decision::new(verdict, known, policy, now, source, self.inner.shadow)
    }

    /// The decision on what the store says and, before a denial, the engine. An engine that gives
    /// no answer leaves the denial as it was; a store that gives none leaves everything open.
    async fn look_up_and_reconsider(
        &self,
        reference: &ReferenceId,
    ) -> Result<Decision, StoreError> {
        let (known, source) = self.look_up(reference).await?;
        let decision = self.evaluate(known, self.inner.time.now(), source);
        let refresh = match &self.inner.refresh {
            Some(refresh) if !decision.is_allowed() => refresh,
            _ => return Ok(decision),
        };
        // Should the store fail from here on, this is what was last known.
        if let Some(last_known) = &self.inner.last_known {
            last_known.remember(reference, &decision);
        }
        match refresh.refresh(reference).await {
            Ok(Refreshed::Applied) => {
                let (known, _) = self.look_up(reference).await?;
                Ok(self.evaluate(known, self.inner.time.now(), DecisionSource::Engine))
            }
            Ok(Refreshed::NotAsked) => Ok(decision),
            Err(error) => {
                tracing::warn!(error = &*error, "the engine could not be asked before denying");
                Ok(decision)
            }
        }
    }

    /// Says of a denial that a checkout is in flight, if one is.
    async fn look_for_checkout(&self, reference: &ReferenceId, decision: Decision) -> Decision {
        let checkouts = match &self.inner.checkouts {
            Some(checkouts) if Checkouts::may_cure(&decision) => checkouts,
            _ => return decision,
        };
        let found = checkouts.in_flight(reference, decision.decided_at());
        let found = tokio::time::timeout(self.inner.store_timeout, found).await;
        match found.unwrap_or_else(|elapsed| Err(StoreError::unavailable(elapsed))) {
            Ok(checkout) => decision.with_checkout(checkout),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "checkouts could not be looked up before denying");
                decision
            }
        }
    }

    fn during_outage(
        &self,
        reference: &ReferenceId,
        error: StoreError,
    ) -> Result<Decision, GateError> {
        let now = self.inner.time.now();
        let known = self.inner.last_known.as_ref().and_then(|known| known.recall(reference, now));
        known
            .map(|known| self.evaluate(known, now, DecisionSource::LastKnown))
            .filter(Decision::is_allowed)
            .inspect(|_| {
                // Whoever answers "could not tell" says why; nobody would say it here.
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "the store gave no answer; a last known payer passes");
            })
            .ok_or(GateError::CouldNotTell(error))
    }

    fn record(&self, reference: &ReferenceId, decision: &Decision) {
        telemetry::decision(decision);
        if let Some(last_known) = &self.inner.last_known {
            last_known.remember(reference, decision);
        }
        if let Some(refresh) = &self.inner.refresh
            && doubt::is_in_doubt(decision, self.inner.renewal_tolerance)
        {
            refresh.notice(reference);
        }
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate")
            .field("policy", &self.inner.policy)
            .field("last_known", &self.inner.last_known)
            .field("shadow", &self.inner.shadow)
            .finish_non_exhaustive()
    }
}
