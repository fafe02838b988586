//! Billing: from the button to the paid page.

mod routes;
mod service;

pub use self::routes::BillingRoutes;
pub use self::service::ResponseFuture;
