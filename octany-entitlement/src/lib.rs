//! (docs follow)

pub mod answer;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod gate;
mod receiver;
mod store;
mod telemetry;

pub use crate::answer::{Answer, Denial, GuardPages, Refusal};
pub use crate::clock::{Clock, ManualClock, SystemClock};
pub use crate::gate::{Decision, DecisionSource, Gate, GateError, OnOutage, Refresh, Refreshed};
pub use crate::receiver::{
    Access, AccessChanged, AccessObserver, Begun, Cause, Delivery, Receipt, ReceiveError, Receiver,
    ReceiverBuilder, References,
};
pub use crate::store::{
    AccessLog, Claim, ClaimToken, DeliveryLog, MemoryStore, StoreError, StoreErrorKind,
    SubscriptionLinks, SubscriptionStore,
};
