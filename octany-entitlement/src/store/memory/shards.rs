//! What readers see.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard};

use octany_core::{ReferenceId, Snapshot};

use super::lock;

type Shard = HashMap<ReferenceId, Arc<[Snapshot]>>;

/// References by hash, so that readers rarely meet.
pub(super) struct Shards {
    hasher: RandomState,
    shards: [Mutex<Shard>; 64],
}

impl Shards {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), shards: std::array::from_fn(|_| Mutex::default()) }
    }

    fn shard(&self, reference: &ReferenceId) -> MutexGuard<'_, Shard> {
        #[expect(clippy::cast_possible_truncation, reason = "only the low six bits are used")]
        let index = self.hasher.hash_one(reference) as usize % self.shards.len();
        lock(&self.shards[index])
    }

    pub(super) fn get(&self, reference: &ReferenceId) -> Option<Arc<[Snapshot]>> {
        self.shard(reference).get(reference).cloned()
    }

    pub(super) fn set(&self, reference: &ReferenceId, known: Arc<[Snapshot]>) {
        if known.is_empty() {
            self.shard(reference).remove(reference);
        } else {
            self.shard(reference).insert(reference.clone(), known);
        }
    }
}
