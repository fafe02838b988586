//! What was decided.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use octany_core::{AccessPolicy, Reason, Snapshot, Verdict};

use crate::store::{Checkout, Known};

/// What a [`Gate`](super::Gate) decided, and from what. Cheap to clone.
#[derive(Clone)]
pub struct Decision {
    verdict: Verdict,
    known: Known,
    /// Only one that has features: what all decisions share, threads contend for.
    policy: Option<Arc<AccessPolicy>>,
    decided_at: DateTime<Utc>,
    source: DecisionSource,
    shadow: bool,
    checkout: Option<Arc<Checkout>>,
}

/// Where the facts of a decision came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecisionSource {
    /// The store.
    Store,
    /// What the store holds in memory.
    Memory,
    /// The engine, which was asked before denying.
    Engine,
    /// What was last known, while the store gave no answer.
    LastKnown,
}

impl DecisionSource {
    /// The name in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Memory => "memory",
            Self::Engine => "engine",
            Self::LastKnown => "last_known",
        }
    }
}

impl Decision {
    pub(super) fn new(
        verdict: Verdict,
        known: Known,
        policy: Option<Arc<AccessPolicy>>,
        decided_at: DateTime<Utc>,
        source: DecisionSource,
        shadow: bool,
    ) -> Self {
        Self { verdict, known, policy, decided_at, source, shadow, checkout: None }
    }

    pub(super) fn with_checkout(self, checkout: Option<Checkout>) -> Self {
        Self { checkout: checkout.map(Arc::new), ..self }
    }

    /// Whether access is paid for.
    pub fn is_allowed(&self) -> bool {
        self.verdict.is_allowed()
    }

    /// Whether the request passes: access is paid for, or the gate only records.
    pub fn lets_pass(&self) -> bool {
        self.is_allowed() || self.shadow
    }

    /// Whether the gate only records.
    pub fn is_shadow(&self) -> bool {
        self.shadow
    }

    /// Why.
    pub fn reason(&self) -> Reason {
        self.verdict.reason
    }

    /// The checkout that the visitor came back from a moment ago, if they are denied and the gate
    /// [looks](super::Gate::checkouts). It proves no payment: what it became has yet to be reported.
    pub fn checkout_in_flight(&self) -> Option<&Checkout> {
        self.checkout.as_deref()
    }

    /// The subscription that the reason is about.
    pub fn subscription(&self) -> Option<&Snapshot> {
        self.known.get(self.verdict.subscription?)
    }

    /// All that is known of the reference.
    pub fn subscriptions(&self) -> &[Snapshot] {
        &self.known
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    /// When what is known of that subscription was true.
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        self.subscription().map(Snapshot::as_of)
    }

    /// When granted access ends if no report comes.
    pub fn valid_until(&self) -> Option<DateTime<Utc>> {
        self.verdict.valid_until
    }

    /// When this was decided.
    pub fn decided_at(&self) -> DateTime<Utc> {
        self.decided_at
    }

    /// Where the facts came from.
    pub fn source(&self) -> DecisionSource {
        self.source
    }

    /// Whether what grants access includes a feature of the policy.
    pub fn has_feature(&self, feature: &str) -> bool {
        let policy = self.policy.as_ref();
        policy.is_some_and(|policy| policy.has_feature(feature, &self.known, self.decided_at))
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision")
            .field("reason", &self.verdict.reason)
            .field("subscription", &self.subscription().map(|known| &known.subscription))
            .field("valid_until", &self.verdict.valid_until)
            .field("source", &self.source)
            .field("checkout_in_flight", &self.checkout.is_some())
            .field("shadow", &self.shadow)
            .finish_non_exhaustive()
    }
}
