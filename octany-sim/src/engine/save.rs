//! Keeping an engine in a file.

use super::{Due, Engine};

/// Why a text is no engine.
#[derive(Debug, thiserror::Error)]
#[error("not an engine that was saved")]
pub struct LoadError(#[from] serde_json::Error);

impl Engine {
    /// All there is, as JSON. It holds keys and secrets.
    pub fn save(&self) -> String {
        serde_json::to_string(self).expect("an engine has string keys")
    }

    /// What was saved.
    ///
    /// # Errors
    ///
    /// [`LoadError`] for anything else.
    pub fn load(saved: &str) -> Result<Self, LoadError> {
        let mut engine: Self = serde_json::from_str(saved)?;
        let mut due = Vec::new();
        for (key, account) in engine.accounts() {
            for subscription in account.subscriptions.values() {
                due.extend(
                    subscription.due_at().map(|at| (at, key, Due::Subscription(subscription.id))),
                );
            }
            for order in account.orders.values() {
                due.extend(order.settles_at.map(|at| (at, key, Due::Order(order.id))));
            }
        }
        engine.due = due.into_iter().collect();
        Ok(engine)
    }
}
