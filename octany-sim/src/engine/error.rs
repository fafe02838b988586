//! Why something was not done.

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// There is no such thing.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// It cannot be done to this one, or not as it was asked for.
    #[error("{0}")]
    Refused(&'static str),
    /// The payment failed.
    #[error("the charge could not be processed")]
    Declined {
        /// The order that it was for.
        order: u64,
    },
}
