//! Looking at a page from all sides.

use octany_tests::browser::{Axe, Browser, Screen, View};

/// Somebody who looks at each page.
pub(crate) struct Sight {
    axe: Option<Axe>,
    walk: &'static str,
    seen: u32,
}

impl Sight {
    pub(crate) fn of(walk: &'static str) -> Self {
        Self { axe: Axe::fetch(), walk, seen: 0 }
    }

    /// Looks at the page that is open.
    pub(crate) fn look(&mut self, browser: &mut Browser, page: &str) {
        self.seen += 1;
        for view in View::on(&[Screen::PHONE, Screen::DESK]) {
            browser.look(view);
            let View { screen, scheme } = view;
            let name = format!("{}-{:02}-{page}-{}-{scheme}", self.walk, self.seen, screen.name);
            browser.screenshot(&name);
            assert!(browser.fits(), "{name}: it has to be scrolled sideways");
            let violations = self.axe.as_ref().map(|axe| axe.violations(browser));
            assert_eq!(violations.unwrap_or_default(), Vec::<String>::new(), "{name}");
        }
        assert_eq!(browser.complaints(), Vec::<String>::new(), "{page}");
    }
}
