//! Whether what grants access is in doubt.

use chrono::TimeDelta;

use super::{Decision, DecisionSource};

/// Whether access was granted on a report that the engine should be asked about: a contested one, or
/// one of a renewal that should have been heard of by now. One that is itself younger than the
/// tolerance was true then, so that what the engine answers is not in doubt again at once.
pub(super) fn is_in_doubt(decision: &Decision, tolerance: TimeDelta) -> bool {
    if !decision.is_allowed() || decision.source() == DecisionSource::LastKnown {
        return false;
    }
    let Some(granting) = decision.subscription() else { return false };
    let now = decision.decided_at();
    let is_overdue = |renews_at| {
        now.signed_duration_since(renews_at) > tolerance
            && now.signed_duration_since(granting.as_of()) > tolerance
    };
    granting.contested || granting.renews_at.is_some_and(is_overdue)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use octany_core::{AccessPolicy, Snapshot, Source, Version, evaluate};

    use super::*;

    /// A report of minute 0 that renews at minute 10, judged in that minute.
    fn doubted(minute: i64, change: impl FnOnce(&mut Snapshot)) -> bool {
        let at = |minute| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        let mut report = Snapshot::new(1, "active", Version::new(at(0), Source::Api));
        report.renews_at = Some(at(10));
        change(&mut report);
        let verdict = evaluate(&AccessPolicy::new(), std::slice::from_ref(&report), at(minute));
        let known = vec![report].into();
        let decision =
            Decision::new(verdict, known, None, at(minute), DecisionSource::Store, false);
        is_in_doubt(&decision, TimeDelta::minutes(5))
    }

    #[test]
    fn a_renewal_is_in_doubt_once_it_should_have_been_heard_of() {
        assert!(!doubted(9, |_| ()));
        assert!(!doubted(15, |_| ()));
        assert!(doubted(16, |_| ()));
        assert!(!doubted(16, |report| report.renews_at = None));
    }

    #[test]
    fn an_answer_that_still_tells_the_old_renewal_is_believed_for_as_long() {
        let asked_at =
            |minute| Version::new(DateTime::UNIX_EPOCH + TimeDelta::minutes(minute), Source::Api);
        assert!(!doubted(20, |report| report.version = asked_at(16)));
        assert!(doubted(22, |report| report.version = asked_at(16)));
    }

    #[test]
    fn what_is_contested_is_in_doubt_if_it_grants() {
        assert!(doubted(1, |report| report.contested = true));
        assert!(!doubted(1, |report| {
            report.contested = true;
            report.status = "unpaid".into();
        }));
    }
}
