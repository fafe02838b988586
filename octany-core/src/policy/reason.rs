//! Why access is granted or not.

use std::fmt;

/// Why access is granted or not.
///
/// The order is that of usefulness: of several subscriptions, the verdict tells the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Granted: active.
    Active,
    /// Granted: in its trial.
    Trialing,
    /// Granted: cancelled, and the paid time still runs.
    PaidUntilEnd,
    /// Granted: the renewal is overdue, within the policy's grace.
    Grace,

    /// Denied: the renewal is overdue.
    Delayed,
    /// Denied: the renewal failed.
    Unpaid,
    /// Denied: what is known is older than the policy accepts.
    Stale,
    /// Denied: the trial is over, under a policy that enforces its end.
    TrialOver,
    /// Denied: the end was reached.
    Ended,
    /// Denied: cancelled, without paid time left.
    Cancelled,
    /// Denied: its fixed number of cycles has run out.
    Expired,
    /// Denied: the first payment has not arrived.
    Pending,
    /// Denied: it starts at a later day.
    FutureStart,
    /// Denied: it would grant access, but to another product.
    OtherProduct,
    /// Denied: the policy requires a product, and no report says which this is.
    ProductNotKnown,
    /// Denied: a status that this version does not know.
    UnknownStatus,
    /// Denied: no subscription is known.
    NoSubscription,
}

impl Reason {
    /// Whether it is one of those that grant.
    pub const fn grants(self) -> bool {
        matches!(self, Self::Active | Self::Trialing | Self::PaidUntilEnd | Self::Grace)
    }

    /// The name in problem documents, logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Trialing => "trialing",
            Self::PaidUntilEnd => "paid_until_end",
            Self::Grace => "grace",
            Self::Delayed => "delayed",
            Self::Unpaid => "unpaid",
            Self::Stale => "stale",
            Self::TrialOver => "trial_over",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Pending => "pending",
            Self::FutureStart => "future_start",
            Self::OtherProduct => "other_product",
            Self::ProductNotKnown => "product_not_known",
            Self::UnknownStatus => "unknown_status",
            Self::NoSubscription => "no_subscription",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
