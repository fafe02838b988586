//! The simulator over HTTP, met by the client and the receivers of this family.

use octany_test_trace as _;

mod api;
mod by_hand;
mod faults;
mod pages;
mod support;
mod webhooks;
