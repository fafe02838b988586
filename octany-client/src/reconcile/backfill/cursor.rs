//! How far a backfill got.

use serde::{Deserialize, Serialize};

/// How far a backfill got: a small value to keep, in a file or a row of your own, and to
/// [go on](super::Backfill::resume) from. It holds counts and page numbers, nothing about anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cursor {
    /// The last page that was taken in; 0 for none.
    pub(super) page: u64,
    /// How many subscriptions there were then.
    total: Option<u64>,
    /// How many stand on a full page.
    per_page: u64,
    /// How many have come since the beginning.
    came: u64,
    /// Once all pages were taken in: up to which one the first ones are read again.
    again_to: Option<u64>,
    pub(super) seen: u64,
    pub(super) changed: u64,
    pub(super) unreadable: u64,
}

impl Cursor {
    /// Looks at a page before it is taken in: how many stand on it, and on all. Where some have
    /// vanished since the page before it, what stood behind those has moved up: then it goes back as
    /// far as that can be, and gives `false`.
    pub(super) fn goes_on_with(&mut self, page: u64, on_page: u64, total: Option<u64>) -> bool {
        self.per_page = self.per_page.max(on_page);
        let before = self.total.unwrap_or_default();
        self.total = total.or(self.total);
        let Some(total) = total else { return true };
        if before > 0 {
            self.came = self.came.saturating_add(total.saturating_sub(before));
        }
        let vanished = before.saturating_sub(total);
        if vanished == 0 || page == 1 {
            return true;
        }
        let pages = vanished.div_ceil(self.per_page.max(1));
        self.page = (page - 1).saturating_sub(pages);
        false
    }

    /// Notes that a page was taken in. Gives whether it was the last one to be.
    pub(super) fn took_in(&mut self, page: u64, has_next: bool) -> bool {
        self.page = page;
        match self.again_to {
            Some(again_to) => page >= again_to || !has_next,
            None if has_next => false,
            None if self.came == 0 => true,
            None => {
                self.again_to = Some(self.came.div_ceil(self.per_page.max(1)));
                self.page = 0;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(page: u64, total: u64) -> Cursor {
        Cursor { page, total: Some(total), per_page: 20, ..Cursor::default() }
    }

    #[test]
    fn it_goes_back_as_far_as_those_behind_the_vanished_can_have_moved() {
        for (vanished, page) in [(0, 9), (1, 8), (20, 8), (21, 7), (200, 0), (1_000, 0)] {
            let mut cursor = after(9, 2_000);
            let goes_on = cursor.goes_on_with(10, 20, Some(2_000 - vanished));
            assert_eq!((goes_on, cursor.page), (vanished == 0, page), "{vanished} vanished");
        }
    }

    #[test]
    fn the_first_pages_are_read_again_for_those_that_came() {
        let mut cursor = after(98, 1_980);
        assert!(cursor.goes_on_with(99, 20, Some(2_001)));
        assert!(!cursor.took_in(99, false));
        assert_eq!(cursor.page, 0);
        assert!(!cursor.took_in(1, true));
        assert!(cursor.took_in(2, true));
    }

    #[test]
    fn totals_that_cannot_be_true_do_no_harm() {
        let mut cursor = after(1, 1);
        for total in [u64::MAX, 1, u64::MAX] {
            cursor.goes_on_with(2, 20, Some(total));
        }
        assert_eq!(cursor.came, u64::MAX);
    }

    #[test]
    fn answers_without_totals_are_taken_in_one_after_the_other() {
        let mut cursor = Cursor::default();
        assert!(cursor.goes_on_with(1, 20, None) && !cursor.took_in(1, true));
        assert!(cursor.goes_on_with(2, 3, None) && cursor.took_in(2, false));
    }
}
