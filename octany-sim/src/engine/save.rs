//! Keeping an engine in a file.

use super::{Due, Engine};

/// Where a text is no engine. The parser's own error quotes what stands there.
#[derive(Debug, thiserror::Error)]
#[error("not an engine that was saved (line {line}, column {column})")]
pub struct LoadError {
    line: usize,
    column: usize,
}

impl From<serde_json::Error> for LoadError {
    fn from(error: serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column() }
    }
}

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
