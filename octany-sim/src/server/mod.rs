//! The engine behind HTTP: API, checkout, portal, webhooks and a page to control it all.

mod api;
mod checkout;
mod clock;
mod control;
mod embed;
mod faults;
mod luck;
mod pages;
mod portal;
mod simulator;
mod state;
pub mod webhooks;

pub use self::faults::{ApiFaults, Chance, Faults, WebhookFaults};
pub use self::simulator::{Simulator, run};
