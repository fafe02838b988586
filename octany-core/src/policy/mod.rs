//! Who may pass: the policy, and what it says about the subscriptions that are known.
//!
//! The rule as Octany publishes it (`llms.txt`, "Is this user paying?") asks for `active` or
//! `trialing` and an end that is null or still to come. Beside it stands that a cancellation does
//! not take back what was paid for. So a `cancelled` subscription opens the door until `ends_at`,
//! and whoever has paid passes. `ends_at == now` is over.
//!
//! Time alone can end access but never begin it: what begins it is a new report.
//!
#![doc = include_str!("../../docs/access-table.md")]

mod evaluate;
mod reason;
mod rules;

pub use self::evaluate::{Verdict, evaluate};
pub use self::reason::Reason;
pub use self::rules::AccessPolicy;
