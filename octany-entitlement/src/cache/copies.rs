//! Where copies are kept.

use std::ops::Deref;

use octany_core::ReferenceId;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, UnitWeighter};

use super::copy::Copy;

/// So many that threads rarely meet, and one that grows keeps few waiting, not for long.
const SHARDS: usize = 64;

/// A bounded map from references to copies.
pub(super) struct Copies(Cache<ReferenceId, Copy>);

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
    type Target = Cache<ReferenceId, Copy>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
