//! Who may pass: the policy, and what it says about the subscriptions that are known.
//!
//! | status | grants access |
//! |---|---|
//! | `active`, `trialing` | while `ends_at` is null or still to come |
//! | `cancelled` | while `ends_at` is still to come: the paid time |
//! | `delayed` | no; with [`AccessPolicy::grace`] until `renews_at` plus the grace |
//! | `pending`, `future_start`, `unpaid`, `expired`, any other | no |
//!
//! The first row is the rule as Octany publishes it (`llms.txt`); the second is its remark that a
//! cancellation does not take back what was paid for. `ends_at == now` is over. Time alone can end
//! access but never begin it: what begins it is a new report.

mod evaluate;
mod reason;
mod rules;

pub use self::evaluate::{Verdict, evaluate};
pub use self::reason::Reason;
pub use self::rules::AccessPolicy;
