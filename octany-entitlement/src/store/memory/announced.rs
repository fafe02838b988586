//! Which access was announced, and whose ends next.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use octany_core::ReferenceId;

use crate::store::Announced;

#[derive(Default)]
pub(super) struct Announcements {
    last: HashMap<ReferenceId, (bool, Option<DateTime<Utc>>)>,
    ends: BTreeSet<(DateTime<Utc>, ReferenceId)>,
}

impl Announcements {
    pub(super) fn announce(
        &mut self,
        reference: &ReferenceId,
        granted: bool,
        until: Option<DateTime<Utc>>,
    ) -> Announced {
        let reference = reference.clone().into_owned();
        let before = self.last.insert(reference.clone(), (granted, until));
        if before == Some((granted, until)) {
            return Announced::Unchanged;
        }
        if let Some((_, Some(end))) = before {
            self.ends.remove(&(end, reference.clone()));
        }
        if let Some(end) = until {
            self.ends.insert((end, reference));
        }
        match before {
            Some((before, _)) if before != granted => Announced::Changed,
            _ => Announced::Noted,
        }
    }

    pub(super) fn due(&self, now: DateTime<Utc>, limit: usize) -> Vec<ReferenceId> {
        let due = self.ends.iter().take_while(|(end, _)| *end <= now);
        due.take(limit).map(|(_, reference)| reference.clone()).collect()
    }
}
