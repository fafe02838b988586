//! What must hold for whatever the outside sends: one module a fuzz target.
//!
//! Each `check` panics on the first promise that does not hold. `scripts/fuzz` runs them all.

pub mod answer;
pub mod apply;
pub mod checkout;
pub mod document;
pub mod event;
pub mod memory;
pub mod reference;
mod resources;
pub mod signature;
pub mod target;
mod view;
