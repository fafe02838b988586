//! A local Octany to develop and test against.

pub mod engine;
pub mod server;
pub mod wire;
