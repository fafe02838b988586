//! What people click through, in a real browser: the examples beside their local Octany, from the
//! paywall to the paid page and back, and a cart that is embedded in a page. Every page fits a desk
//! and a phone, and passes the accessibility check, by day and by night.
//!
//! Set `OCTANY_SCREENSHOTS` to a folder to see them.

use octany_test_trace as _;

mod cart;
mod paywall;
mod sight;
