//! Where copies are kept.

use std::hash::{Hash, Hasher};
use std::ops::Deref;

use octany_core::ReferenceId;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, Equivalent, OptionsBuilder, UnitWeighter};

use super::copy::Copy;

/// So many that threads rarely meet, and one that grows keeps few waiting, not for long.
const SHARDS: usize = 64;

/// A bounded map from references to copies.
pub(super) struct Copies(Cache<Key, Copy>);

/// A reference, hashed by its bytes: as text, it would be checked for being text.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key(pub(super) ReferenceId);

/// The same for a reference that belongs to somebody else.
pub(super) struct Asked<'a>(pub(super) &'a ReferenceId);

impl Copies {
    pub(super) fn new(references: usize) -> Self {
        let options = OptionsBuilder::new()
            .shards(SHARDS)
            .estimated_items_capacity(references)
            .weight_capacity(references.try_into().unwrap_or(u64::MAX))
            .build()
            .expect("both capacities are set");
        Self(Cache::with_options(
            options,
            UnitWeighter,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        ))
    }
}

impl Deref for Copies {
    type Target = Cache<Key, Copy>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Asked(&self.0).hash(state);
    }
}

impl Hash for Asked<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.0.as_bytes());
    }
}

impl Equivalent<Key> for Asked<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.0 == key.0
    }
}
