//! What the paywall examples share: one program on two frameworks.
//!
//! The application is [`octany`] (who has paid, and how they do), [`mails`] and [`pages`], set up by
//! [`settings`]. Its routes and handlers are in `axum-paywall` and `actix-paywall`.
//!
//! Beside it, [`start`] runs it on the Octany of the environment, or with a [`local`] one in the same
//! process, which [`demo`] walks through.

pub mod demo;
pub mod local;
pub mod mails;
pub mod octany;
pub mod pages;
pub mod settings;
pub mod start;

/// What these programs fail with.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
