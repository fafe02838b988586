//! A local Octany to develop and test against.

pub mod engine;
pub mod wire;
