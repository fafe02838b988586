//! Guarding: nobody passes but who paid.

mod extract;
mod future;
mod layer;
mod rejection;
mod service;
mod subject;
mod subscribed;

pub use self::extract::{ActiveSubscription, Decision};
pub use self::future::ResponseFuture;
pub use self::layer::RequireSubscription;
pub use self::rejection::{GuardRejection, SubscribedRejection};
pub use self::service::SubscriptionGuard;
pub use self::subject::{FromAsync, FromExtension, FromHttpRequest, Identify};
pub use self::subscribed::Subscribed;
