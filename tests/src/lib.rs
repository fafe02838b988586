//! What the suites in `tests/` share. Each target there is about one concern.

pub mod away;
pub mod browser;
pub mod example;
pub mod fixtures;
pub mod nobody;
