//! What is known about a subscription.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::resource::{Resource, Subscription};
use crate::{ProductId, ReferenceId, SubscriptionId, SubscriptionStatus, Version};

/// A report on a subscription, and what a store keeps of it: what decides access, and how new it
/// is.
///
/// A snapshot made from a document also carries the document. [`resource_json`] gives it for
/// keeping, without the portal's signed links: no store can store them by mistake.
///
/// [`resource_json`]: Self::resource_json
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Snapshot {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Whose it is; `None` for one that no checkout of yours started.
    pub reference: Option<ReferenceId>,
    /// What is subscribed to, where the report says so.
    pub product: Option<ProductId>,
    /// Where it stands.
    pub status: SubscriptionStatus,
    /// When it renews.
    pub renews_at: Option<DateTime<Utc>>,
    /// When it ends.
    pub ends_at: Option<DateTime<Utc>>,
    /// When its trial ends.
    pub trial_ends_at: Option<DateTime<Utc>>,
    /// How new the report is.
    pub version: Version,
    /// Whether the truth is in doubt until a newer report: another report of the same version
    /// said something else, or a date that decides access could not be read.
    pub contested: bool,
    resource: Option<Arc<Subscription>>,
}

impl Snapshot {
    /// A snapshot with nothing but what every report has; set the rest on it. For stores that
    /// build it from columns.
    pub fn new(
        subscription: impl Into<SubscriptionId>,
        status: impl Into<SubscriptionStatus>,
        version: Version,
    ) -> Self {
        Self {
            subscription: subscription.into(),
            reference: None,
            product: None,
            status: status.into(),
            renews_at: None,
            ends_at: None,
            trial_ends_at: None,
            version,
            contested: false,
            resource: None,
        }
    }

    /// The report that a document is.
    ///
    /// An end, of the subscription or of its trial, that could not be read counts as reached at
    /// the instant of the report, and the snapshot is contested: access must not last for ever
    /// because of a date in a strange format.
    pub fn of(subscription: &Arc<Subscription>, version: Version) -> Self {
        let unreadable = |end: &str| subscription.mistyped().any(|name| name == end);
        let end = |name: &str, read: Option<DateTime<Utc>>| {
            read.or_else(|| unreadable(name).then(|| version.instant()))
        };
        Self {
            subscription: subscription.id.clone(),
            reference: subscription.reference_id.clone(),
            product: subscription.product(),
            status: subscription.status.clone(),
            renews_at: subscription.renews_at,
            ends_at: end("ends_at", subscription.ends_at),
            trial_ends_at: end("trial_ends_at", subscription.trial_ends_at),
            version,
            contested: unreadable("ends_at") || unreadable("trial_ends_at"),
            resource: Some(Arc::clone(subscription)),
        }
    }

    /// When the report was true.
    pub fn as_of(&self) -> DateTime<Utc> {
        self.version.instant()
    }

    /// The rule as published (`llms.txt`, "Is this user paying?"), to the letter: `active` or
    /// `trialing`, and no end or one that is still to come.
    ///
    /// Access is more than that: see [`evaluate`](crate::evaluate).
    pub fn is_paying(&self, now: DateTime<Utc>) -> bool {
        matches!(self.status, SubscriptionStatus::Active | SubscriptionStatus::Trialing)
            && self.ends_at.is_none_or(|end| end > now)
    }

    /// The document for keeping, without the portal's signed links; `None` for a snapshot that
    /// was not made from one.
    pub fn resource_json(&self) -> Option<String> {
        let subscription = self.resource.as_deref()?;
        Some(
            serde_json::to_string(&Kept(subscription))
                .expect("a resource has string keys and holds JSON that was read"),
        )
    }

    /// Whether two reports agree on everything that decides access. Dates agree to the microsecond,
    /// which is what stores keep.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.subscription == other.subscription
            && self.reference == other.reference
            && self.product == other.product
            && self.status == other.status
            && self.dates() == other.dates()
    }

    /// In microseconds.
    fn dates(&self) -> [Option<i64>; 3] {
        let dates = [self.renews_at, self.ends_at, self.trial_ends_at];
        dates.map(|date| date.map(|date| date.timestamp_micros()))
    }

    /// A number for the content: equal for reports that say the same, the document (without the
    /// portal's links) included. It tells a store that keeps documents whether two reports of one
    /// version are contested, and is the same in every process and release.
    ///
    /// A snapshot that a store gives back has no document any more, and so another digest than the
    /// report it was stored from.
    pub fn digest(&self) -> i64 {
        let mut hash = Sha256::new();
        let mut part = |part: Option<&[u8]>| {
            hash.update([u8::from(part.is_some())]);
            let part = part.unwrap_or_default();
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        };
        part(Some(self.subscription.as_str().as_bytes()));
        part(self.reference.as_ref().map(|reference| reference.as_str().as_bytes()));
        part(self.product.as_ref().map(|product| product.as_str().as_bytes()));
        part(Some(self.status.as_str().as_bytes()));
        for date in self.dates() {
            part(date.map(i64::to_le_bytes).as_ref().map(|date| &date[..]));
        }
        part(self.resource_json().as_deref().map(str::as_bytes));
        let hash: [u8; 32] = hash.finalize().into();
        i64::from_le_bytes(std::array::from_fn(|index| hash[index]))
    }

    /// What a store needs to keep in memory: no document, and no body kept alive.
    #[must_use]
    pub fn into_owned(self) -> Self {
        Self {
            subscription: self.subscription.into_owned(),
            reference: self.reference.map(ReferenceId::into_owned),
            product: self.product.map(ProductId::into_owned),
            resource: None,
            ..self
        }
    }
}

/// A resource without what may not be kept.
struct Kept<'a>(&'a Subscription);

impl Serialize for Kept<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.serialize_members(&mut map, true)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;

    #[test]
    fn dates_agree_to_the_microsecond_that_stores_keep() {
        let at = |nanos| DateTime::from_timestamp_nanos(nanos);
        let report = |renews_at| {
            let version = Version::new(DateTime::UNIX_EPOCH, Source::Api);
            Snapshot { renews_at: Some(renews_at), ..Snapshot::new(1, "active", version) }
        };
        for (one, other, agree) in [(1_000, 1_999, true), (1_000, 2_000, false)] {
            let (one, other) = (report(at(one)), report(at(other)));
            assert_eq!(one.agrees_with(&other), agree);
            assert_eq!(one.digest() == other.digest(), agree);
        }
    }
}
