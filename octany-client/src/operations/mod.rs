//! The operations of the contract.

mod endpoints;
mod orders;
mod products;
mod subscribe;
mod subscriptions;

pub use self::orders::{ChargeRequest, ListOrders};
pub use self::products::{ListProducts, ProductUpdate};
pub use self::subscribe::NewSubscription;
pub use self::subscriptions::ListSubscriptions;
