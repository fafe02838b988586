//! What is known of a reference.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use octany_core::{Snapshot, SubscriptionStatus};

/// The subscriptions of a reference, as a guard gets them: a slice that is cheap to clone, and
/// needs no memory of its own for that.
///
/// ```
/// use octany_core::{Snapshot, Source, Version};
/// use octany_entitlement::Known;
///
/// let version = Version::new(chrono::DateTime::UNIX_EPOCH, Source::Api);
/// let known = Known::from(vec![Snapshot::new(76963688, "active", version)]);
/// assert_eq!(known.len(), 1);
/// assert!(Known::default().is_empty());
/// ```
#[derive(Clone)]
pub struct Known(Held);

/// Nearly everybody has one subscription. It stands where it is kept: a pointer to it would lead
/// to memory that the processor has to wait for.
#[derive(Clone)]
enum Held {
    Nothing,
    One(Snapshot),
    Shared(Arc<[Snapshot]>),
}

impl Deref for Known {
    type Target = [Snapshot];

    fn deref(&self) -> &[Snapshot] {
        match &self.0 {
            Held::Nothing => &[],
            Held::One(snapshot) => std::slice::from_ref(snapshot),
            Held::Shared(snapshots) => snapshots,
        }
    }
}

impl From<Vec<Snapshot>> for Known {
    fn from(mut snapshots: Vec<Snapshot>) -> Self {
        match (snapshots.pop(), snapshots.is_empty()) {
            (None, _) => Self(Held::Nothing),
            (Some(one), true) if is_cheap_to_clone(&one) => Self(Held::One(one)),
            (Some(last), _) => {
                snapshots.push(last);
                Self(Held::Shared(snapshots.into()))
            }
        }
    }
}

impl From<Arc<[Snapshot]>> for Known {
    fn from(snapshots: Arc<[Snapshot]>) -> Self {
        Self(Held::Shared(snapshots))
    }
}

/// The name of an unknown status is copied with it.
fn is_cheap_to_clone(snapshot: &Snapshot) -> bool {
    !matches!(snapshot.status, SubscriptionStatus::Unknown(_))
}

impl Default for Known {
    fn default() -> Self {
        Self(Held::Nothing)
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use octany_core::{Source, Version};

    use super::*;

    fn known(statuses: &[&str]) -> Known {
        let version = Version::new(DateTime::UNIX_EPOCH, Source::Api);
        let numbered = statuses.iter().zip(1_u64..);
        numbered.map(|(status, id)| Snapshot::new(id, *status, version)).collect::<Vec<_>>().into()
    }

    #[test]
    fn it_is_what_it_was_made_from() {
        for statuses in [&[][..], &["active"], &["paused"], &["active", "expired", "paused"]] {
            let known = known(statuses);
            let found: Vec<_> = known.iter().map(|one| one.status.as_str().to_owned()).collect();
            assert_eq!(found, statuses);
            let ids = known.iter().map(|one| one.subscription.as_str());
            assert!(ids.eq(["1", "2", "3"].into_iter().take(statuses.len())));
        }
    }

    #[test]
    fn what_would_need_memory_to_be_copied_is_shared() {
        assert!(matches!(known(&["active"]).0, Held::One(_)));
        for shared in [known(&["paused"]), known(&["active", "active"])] {
            assert_eq!(shared.as_ptr(), shared.clone().as_ptr());
        }
    }

    #[test]
    fn it_is_no_larger_than_a_snapshot() {
        assert_eq!(size_of::<Known>(), size_of::<Snapshot>());
    }
}
