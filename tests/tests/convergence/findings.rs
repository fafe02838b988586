//! What must hold, and where it did not.

use std::fmt;

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// The store has what the engine has.
    State,
    /// The audit says so, too.
    Audit,
    /// Those pass who may, at every instant.
    Decisions,
    /// Each delivery that was acknowledged has its effect, and once.
    Effects,
    /// No forgery was acknowledged.
    Forgeries,
    /// Whoever observes access was told each change, and the last one is the truth.
    Told,
    /// A repeated delivery is refused while the first one is dealt with.
    InFlight,
}

/// Where it did not hold.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) check: Check,
    pub(crate) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.check, self.what)
    }
}
