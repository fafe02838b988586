//! From the paywall through a whole Octany to the paid page: with webhooks, without them, and with
//! both, on both frameworks.

use octany_test_trace as _;

mod actix_app;
mod app;
mod axum_app;
mod visitor;
mod walk;
