//! The engine behind HTTP: API, checkout, portal, webhooks and a page to control it all.

mod api;
mod clock;
mod faults;
mod simulator;
mod state;
pub mod webhooks;

pub use self::faults::{ApiFaults, Chance, Faults, WebhookFaults};
pub use self::simulator::{Simulator, run};
