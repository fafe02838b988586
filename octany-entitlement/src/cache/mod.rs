//! Copies of what a store holds, and how nodes tell each other that they are old.

mod invalidation;

pub use self::invalidation::{Invalidation, InvalidationListener};
