//! What a policy can ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use chrono::{DateTime, TimeDelta, Utc};

use super::evaluate;
use crate::{ProductId, Snapshot};

/// What access asks for. The default is the table at the [module](crate::policy): the published
/// rule and the paid time of what was cancelled.
///
/// ```
/// use chrono::TimeDelta;
/// use octany_core::AccessPolicy;
///
/// let policy = AccessPolicy::new()
///     .grace(TimeDelta::days(3))       // a failed renewal may take three days to settle
///     .products([42, 43])              // only these products open the door
///     .feature("export", [43]);        // and only one of them exports
/// assert!(policy.is_feature_of("export", &43.into()));
/// assert!(!policy.is_feature_of("export", &42.into()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessPolicy {
    pub(super) grace: Option<TimeDelta>,
    pub(super) trial_end: Option<TimeDelta>,
    pub(super) max_stale: Option<TimeDelta>,
    pub(super) products: Option<BTreeSet<ProductId>>,
    features: BTreeMap<String, BTreeSet<ProductId>>,
}

impl AccessPolicy {
    /// The default policy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets a `delayed` subscription pass until this long after `renews_at`. A negative duration
    /// counts as none.
    #[must_use]
    pub fn grace(mut self, grace: TimeDelta) -> Self {
        self.grace = Some(grace.max(TimeDelta::zero()));
        self
    }

    /// Ends a trial this long after `trial_ends_at` even if no report says so. As published, a
    /// `trialing` subscription grants access until its status changes.
    #[must_use]
    pub fn enforce_trial_end(mut self, grace: TimeDelta) -> Self {
        self.trial_end = Some(grace.max(TimeDelta::zero()));
        self
    }

    /// Denies on reports that are older than this. It needs something that refreshes them:
    /// a webhook comes only when something changes.
    #[must_use]
    pub fn max_stale(mut self, age: TimeDelta) -> Self {
        self.max_stale = Some(age.max(TimeDelta::zero()));
        self
    }

    /// Lets only subscriptions to one of these products pass.
    ///
    /// A report that does not say which product it is about cannot pass: the reason is then
    /// [`ProductNotKnown`](super::Reason::ProductNotKnown). The API contract's subscription has no
    /// product, only Octany's older documents do. Look at what your account sends before you rely
    /// on this.
    #[must_use]
    pub fn products<P: Into<ProductId>>(mut self, products: impl IntoIterator<Item = P>) -> Self {
        self.products = Some(products.into_iter().map(Into::into).collect());
        self
    }

    /// Says which products have a feature; see [`has_feature`](Self::has_feature). It needs reports
    /// that say which product they are about, as [`products`](Self::products) does.
    #[must_use]
    pub fn feature<P: Into<ProductId>>(
        mut self,
        feature: impl Into<String>,
        products: impl IntoIterator<Item = P>,
    ) -> Self {
        self.features
            .entry(feature.into())
            .or_default()
            .extend(products.into_iter().map(Into::into));
        self
    }

    /// The same policy, open only to products with this feature. A feature that no product has
    /// is open to none.
    #[must_use]
    pub fn require_feature(mut self, feature: &str) -> Self {
        let with_feature = self.features.get(feature).cloned().unwrap_or_default();
        self.products = Some(match self.products {
            Some(products) => products.intersection(&with_feature).cloned().collect(),
            None => with_feature,
        });
        self
    }

    /// Whether one of the subscriptions grants access, by this policy, to a product with a
    /// feature.
    pub fn has_feature(
        &self,
        feature: &str,
        subscriptions: &[Snapshot],
        now: DateTime<Utc>,
    ) -> bool {
        subscriptions.iter().any(|snapshot| {
            snapshot.product.as_ref().is_some_and(|product| self.is_feature_of(feature, product))
                && evaluate(self, slice::from_ref(snapshot), now).is_allowed()
        })
    }

    /// Whether it says of any product that it has a feature.
    pub fn has_features(&self) -> bool {
        !self.features.is_empty()
    }

    /// Whether a product has a feature.
    pub fn is_feature_of(&self, feature: &str, product: &ProductId) -> bool {
        self.features.get(feature).is_some_and(|products| products.contains(product))
    }
}
