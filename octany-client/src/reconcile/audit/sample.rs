//! Which pages to look at.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};

/// Which pages an audit looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// All.
    All,
    /// So many, chosen at random; the first ones where no answer says how many there are.
    Pages(u64),
}

impl Sample {
    /// How many those are, of so many that there are.
    pub(super) fn count(self, pages: Option<u64>) -> Option<u64> {
        match (self, pages) {
            (Self::All, pages) => pages,
            (Self::Pages(some), None) => Some(some),
            (Self::Pages(some), Some(pages)) => Some(some.min(pages)),
        }
    }

    /// The numbers of the pages, of so many that there are.
    pub(super) fn choose(self, pages: Option<u64>) -> Box<dyn Iterator<Item = u64> + Send> {
        match (self, pages) {
            (Self::Pages(some), Some(pages)) if some < pages => {
                let mut chosen = BTreeSet::new();
                // Each page beyond what is left out comes in, or one before it that was not chosen
                // yet: so all sets are as likely.
                for before_last in pages - some..pages {
                    let (last, random) = (before_last + 1, random(before_last + 1) + 1);
                    chosen.insert(if chosen.contains(&random) { last } else { random });
                }
                Box::new(chosen.into_iter())
            }
            (Self::Pages(some), None) => Box::new(1..=some),
            (_, pages) => Box::new(1..=pages.unwrap_or(u64::MAX)),
        }
    }
}

/// A random number below another one.
fn random(below: u64) -> u64 {
    // Each `RandomState` has keys of its own, which come from the system's randomness.
    RandomState::new().hash_one(below) % below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_different_pages_are_chosen() {
        for some in [1, 2, 50, 99] {
            let chosen: Vec<_> = Sample::Pages(some).choose(Some(100)).collect();
            assert_eq!(chosen.len() as u64, some);
            assert!(chosen.is_sorted_by(|one, next| one < next));
            assert!(chosen.iter().all(|page| (1..=100).contains(page)));
        }
    }

    #[test]
    fn all_pages_are_looked_at_where_there_are_no_more() {
        for sample in [Sample::All, Sample::Pages(3), Sample::Pages(u64::MAX)] {
            assert_eq!(sample.choose(Some(3)).collect::<Vec<_>>(), [1, 2, 3]);
        }
    }

    #[test]
    fn no_number_of_pages_that_is_told_is_too_large() {
        let of_all = |sample: Sample| sample.choose(Some(u64::MAX)).take(9).collect::<Vec<_>>();
        assert!(of_all(Sample::Pages(0)).is_empty());
        assert_eq!(of_all(Sample::Pages(3)).len(), 3);
        assert_eq!(of_all(Sample::Pages(u64::MAX)), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(of_all(Sample::All).len(), 9);
        assert!(Sample::Pages(0).choose(None).next().is_none());
        assert!(Sample::Pages(0).choose(Some(0)).next().is_none());
    }

    #[test]
    fn every_page_has_its_turn() {
        let chosen: BTreeSet<_> =
            (0..500).flat_map(|_| Sample::Pages(2).choose(Some(10))).collect();
        assert_eq!(chosen.len(), 10);
    }
}
