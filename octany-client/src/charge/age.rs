//! Whether an order was made after a charge was sent.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::OrderId;
use octany_core::resource::Order;
use octany_entitlement::OrdersBefore;

/// How far the clocks of the servers may be apart that date answers and orders.
const SLACK: TimeDelta = TimeDelta::seconds(5);
/// What was made later than this after the charge is not taken for its order: more and more else may
/// have been charged since.
const LATEST: TimeDelta = TimeDelta::hours(1);

/// When an order was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// Before.
    Old,
    /// After.
    New,
    /// It cannot be told.
    Doubtful,
}

/// Judges orders in the order of their list, latest first.
pub(super) struct Ages<'a> {
    before: &'a OrdersBefore,
    known: HashSet<&'a OrderId>,
    /// How many known ones came already.
    passed: usize,
}

impl<'a> Ages<'a> {
    pub(super) fn new(before: &'a OrdersBefore) -> Self {
        Self { before, known: before.latest.iter().collect(), passed: 0 }
    }

    /// When the next order of the list was made.
    pub(super) fn of(&mut self, order: &Order) -> Age {
        if self.known.contains(&order.id) {
            self.passed += 1;
            return Age::Old;
        }
        // Where not all are known, what comes behind the known ones may be older than they are.
        let all = self.before.complete;
        let is_above = all || self.passed == 0;
        let is_below = !is_above && self.passed == self.known.len();
        match order.created_at {
            None if is_below => Age::Old,
            None if is_above => Age::New,
            None => Age::Doubtful,
            // It was not listed before, and should have been.
            Some(at) if at < self.before.as_of - SLACK && is_above => Age::Doubtful,
            Some(at) if at < self.before.as_of - SLACK => Age::Old,
            Some(at) if is_below || at > latest(self.before.as_of) => Age::Doubtful,
            Some(_) => Age::New,
        }
    }
}

fn latest(as_of: DateTime<Utc>) -> DateTime<Utc> {
    as_of.checked_add_signed(LATEST).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Orders in the order of their list, with when they were made, in seconds after the charge.
    fn ages(latest: &[&str], complete: bool, listed: &[(&str, Option<i64>)]) -> Vec<Age> {
        let as_of = DateTime::from_timestamp(1_780_000_000, 0).expect("a day in 2026");
        let latest = latest.iter().map(|id| OrderId::from(*id)).collect();
        let before = OrdersBefore { as_of, latest, complete };
        let mut ages = Ages::new(&before);
        let age = |(id, at): &(&str, Option<i64>)| {
            let at = at.map(|at| (as_of + TimeDelta::seconds(at)).to_rfc3339());
            let at = at.map(|at| format!(r#","created_at":"{at}""#)).unwrap_or_default();
            let order = Order::parse(format!(r#"{{"id":"{id}"{at}}}"#)).expect("an order");
            ages.of(&order)
        };
        listed.iter().map(age).collect()
    }

    #[test]
    fn what_was_not_listed_before_is_new() {
        use Age::{New, Old};
        let listed = [("c", Some(1)), ("b", Some(-9)), ("a", Some(-99))];
        assert_eq!(ages(&["b", "a"], true, &listed), [New, Old, Old]);
        assert_eq!(ages(&["b"], false, &listed), [New, Old, Old]);
        assert_eq!(ages(&[], true, &listed[..1]), [New]);
        let undated = [("c", None), ("b", None), ("a", None)];
        assert_eq!(ages(&["b", "a"], true, &undated), [New, Old, Old]);
        assert_eq!(ages(&["b"], false, &undated), [New, Old, Old]);
        assert_eq!(ages(&[], false, &undated[..1]), [New]);
    }

    #[test]
    fn a_clock_may_be_some_seconds_off_and_not_more() {
        let listed = [("a", Some(-5)), ("b", Some(-6)), ("c", Some(3600)), ("d", Some(3601))];
        let judged = ages(&[], true, &listed);
        assert_eq!(judged, [Age::New, Age::Doubtful, Age::New, Age::Doubtful]);
    }

    #[test]
    fn what_stands_where_it_should_not_is_doubtful() {
        use Age::{Doubtful, Old};
        let behind = [("b", Some(-9)), ("c", Some(1))];
        assert_eq!(ages(&["b"], false, &behind), [Old, Doubtful]);
        let between = [("c", None), ("d", None), ("b", None)];
        assert_eq!(ages(&["c", "b"], false, &between), [Old, Doubtful, Old]);
    }
}
