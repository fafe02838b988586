//! What a database must do, and one in memory that does it.

mod access_log;
mod charges;
mod checkouts;
mod delivery_log;
mod error;
mod known;
mod ledger;
mod links;
mod memory;
mod shared;
mod subscriptions;

pub use self::access_log::{AccessLog, Announced};
pub use self::charges::{
    Charge, ChargeIntent, ChargeIntents, ChargePrepared, ChargeState, OrdersBefore,
};
pub use self::checkouts::{Checkout, CheckoutLog};
pub use self::delivery_log::{Claim, ClaimToken, DeliveryLog};
pub use self::error::{StoreError, StoreErrorKind};
pub use self::known::Known;
pub use self::ledger::{Entered, Ledger};
pub use self::links::SubscriptionLinks;
pub use self::memory::MemoryStore;
pub use self::subscriptions::SubscriptionStore;
