//! Who was last seen to be paying.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{ReferenceId, Snapshot};
use quick_cache::sync::Cache;

use super::{Decision, DecisionSource, OnOutage};
use crate::store::Known;

/// How many references are remembered; the ones not seen for longest make room.
const CAPACITY: usize = 100_000;
/// How far a memory may lag behind, so that a busy reference is not written at every request.
const REFRESH_AFTER: TimeDelta = TimeDelta::seconds(1);

/// What the store last said of those who passed.
pub(super) struct LastKnown {
    at_most: TimeDelta,
    seen: Cache<ReferenceId, (DateTime<Utc>, Known)>,
}

impl LastKnown {
    pub(super) fn for_outages(on_outage: OnOutage) -> Option<Self> {
        let OnOutage::AllowLastKnown { at_most } = on_outage else { return None };
        let at_most = TimeDelta::from_std(at_most).unwrap_or(TimeDelta::MAX);
        Some(Self { at_most, seen: Cache::new(CAPACITY) })
    }

    pub(super) fn remember(&self, reference: &ReferenceId, decision: &Decision) {
        if decision.source() == DecisionSource::LastKnown {
            return;
        }
        if !decision.is_allowed() {
            self.seen.remove(reference);
            return;
        }
        let (now, known) = (decision.decided_at(), decision.known());
        let fresh = self.seen.get(reference).is_some_and(|(seen_at, seen)| {
            is_same(&seen, known) && now.signed_duration_since(seen_at) < REFRESH_AFTER
        });
        if !fresh {
            self.seen.insert(reference.clone().into_owned(), (now, known.clone()));
        }
    }

    pub(super) fn recall(&self, reference: &ReferenceId, now: DateTime<Utc>) -> Option<Known> {
        let (seen_at, known) = self.seen.get(reference)?;
        // A clock that was set back must not make it last longer.
        (now.signed_duration_since(seen_at).abs() <= self.at_most).then_some(known)
    }
}

/// Whether both say the same.
fn is_same(one: &[Snapshot], other: &[Snapshot]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| one.version == other.version && one.agrees_with(other))
}

impl fmt::Debug for LastKnown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastKnown").field("at_most", &self.at_most).finish_non_exhaustive()
    }
}
