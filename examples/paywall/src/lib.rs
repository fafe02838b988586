//! What the paywall examples share: one program on two frameworks.
//!
//! [`pages`] and [`mails`] are the application, [`settings`] how it is started, and [`demo`] plays
//! the recorded [`month`] against it over real HTTP.

pub mod demo;
pub mod mails;
pub mod month;
pub mod pages;
pub mod settings;

/// What these programs fail with.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
