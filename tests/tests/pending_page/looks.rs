//! How the page looks on a desk and on a phone, by day and by night, and to those who do not see it.

use octany_tests::browser::{Axe, Screen, View, with_browser};

use super::app::Plan;
use super::{axum_app, press_the_button};

/// Set `OCTANY_SCREENSHOTS` to a folder to see them.
#[test]
fn the_page_fits_every_screen_and_everybody_by_day_and_by_night() {
    with_browser(|browser| {
        let axe = Axe::fetch();
        let app = axum_app::start(Plan::default());
        let slow =
            axum_app::start(Plan { give_up_after: std::time::Duration::ZERO, ..Plan::default() });
        for (state, app) in [("waiting", &app), ("slow", &slow)] {
            press_the_button(browser, app);
            browser.wait_for_text("heading Confirming your payment");
            for view in View::on(&[Screen::DESK, Screen::PHONE, Screen::SMALL]) {
                browser.look(view);
                let name = format!("pending-{state}-{}-{}", view.screen.name, view.scheme);
                assert!(browser.fits(), "{name}: it has to be scrolled sideways");
                let paper = browser.evaluate("getComputedStyle(document.body).backgroundColor");
                let expected =
                    if view.scheme == "dark" { "rgb(13, 17, 23)" } else { "rgb(255, 255, 255)" };
                assert_eq!(paper, expected, "{name}");
                let violations = axe.as_ref().map(|axe| axe.violations(browser));
                assert_eq!(violations.unwrap_or_default(), Vec::<String>::new(), "{name}");
                browser.screenshot(&name);
            }
        }
    });
}
