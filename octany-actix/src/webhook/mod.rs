//! Receiving: nothing reaches a handler but what Octany signed.

mod extract;
mod future;
mod layer;
mod rejection;
mod service;
mod signed;

pub use self::extract::{Extracting, OctanyEvent, VerifiedBody, acknowledge};
pub use self::future::ResponseFuture;
pub use self::layer::OctanyWebhookLayer;
pub use self::rejection::WebhookRejection;
pub use self::service::OctanyWebhook;
