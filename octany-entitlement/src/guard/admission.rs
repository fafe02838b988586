//! Whether a request passes.

use std::error::Error;
use std::sync::Arc;

use octany_core::ReferenceId;

use super::Subject;
use crate::answer::Denial;
use crate::gate::{Decision, Gate, GateError};

/// Whether a request passes.
#[derive(Clone, Debug)]
pub enum Admission {
    /// It does, with the decision for its handler.
    Passes(Decision),
    /// It does, because the gate only records, which came to no decision.
    PassesUndecided(Denial),
    /// It does not.
    TurnedAway(Denial),
}

impl Gate {
    /// Whether a request passes, if that can be told without waiting.
    ///
    /// # Errors
    ///
    /// The reference to [`admit`](Self::admit), if it cannot.
    pub fn try_admit(&self, subject: Subject) -> Result<Admission, ReferenceId> {
        match subject {
            Subject::Reference(reference) => match self.try_decide(&reference) {
                Some(decision) => Ok(judge(decision)),
                None => Err(reference),
            },
            Subject::SignedOut => Ok(self.undecided(Denial::SignedOut)),
            Subject::NotKnown(error) => Ok(self.could_not_tell(GateError::CouldNotTell(error))),
        }
    }

    /// Whether a request passes.
    pub async fn admit(&self, reference: &ReferenceId) -> Admission {
        match self.decide(reference).await {
            Ok(decision) => judge(decision),
            Err(error) => self.could_not_tell(error),
        }
    }

    fn could_not_tell(&self, error: GateError) -> Admission {
        self.undecided(Denial::CouldNotTell(Arc::new(error)))
    }

    /// In shadow, nobody is turned away, those included that nobody knows.
    fn undecided(&self, denial: Denial) -> Admission {
        if !self.is_shadow() {
            return Admission::TurnedAway(denial);
        }
        let reason = denial.as_str();
        if let Denial::CouldNotTell(error) = &denial {
            tracing::warn!(reason, error = &**error as &dyn Error, "request not denied in shadow");
        } else {
            tracing::debug!(reason, "request not denied in shadow");
        }
        Admission::PassesUndecided(denial)
    }
}

fn judge(decision: Decision) -> Admission {
    if decision.lets_pass() {
        Admission::Passes(decision)
    } else {
        Admission::TurnedAway(Denial::NotPaid(Box::new(decision)))
    }
}
