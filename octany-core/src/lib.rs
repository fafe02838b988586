//! (docs follow)

mod applied;
mod event;
mod id;
mod json;
mod money;
mod rate;
mod raw;
mod snapshot;
mod status;
mod text;
mod version;

pub mod checkout;
pub mod policy;
pub mod resource;
pub mod signature;

pub use crate::applied::Applied;
pub use crate::event::{Event, EventError, EventErrorCause, EventName, Payload};
pub use crate::id::{
    AccountNumber, AccountUuid, CustomerId, DeliveryId, OrderId, ProductId, ReferenceId,
    SubscriptionId,
};
pub use crate::money::{Currency, CurrencyError, Money};
pub use crate::policy::{AccessPolicy, Reason, Verdict, evaluate};
pub use crate::rate::{BasisPoints, Percent};
pub use crate::raw::RawJson;
pub use crate::snapshot::Snapshot;
pub use crate::status::{OrderState, SubscriptionStatus};
pub use crate::text::Text;
pub use crate::version::{Rank, Source, Version};
