//! The page that waits, in a real browser: from the button to the paid page, on axum and on
//! actix-web, with and without a script, and with no webhook ever coming.

use octany_test_trace as _;

mod actix_app;
mod app;
mod axum_app;
mod looks;

use std::time::Duration;

use app::{App, Plan};
use octany_tests::browser::{Browser, with_browser};

type Start = fn(Plan) -> App;

const FRAMEWORKS: [(&str, Start); 2] = [("axum", axum_app::start), ("actix-web", actix_app::start)];

/// Long enough for the page to ask several times, if it did.
const SEVERAL_POLLS: Duration = Duration::from_secs(1);

fn press_the_button(browser: &mut Browser, app: &App) {
    browser.open(&app.url("/pricing"));
    browser.click(50.0, 50.0);
}

#[test]
fn the_page_turns_to_the_target_when_the_subscription_appears() {
    with_browser(|browser| {
        for (framework, start) in FRAMEWORKS {
            for script in [true, false] {
                let app = start(Plan { appears_at: 4, ..Plan::default() });
                browser.run_scripts(script);
                press_the_button(browser, &app);
                browser.wait_for(&app.url("/reports?week=7"));
                browser.wait("the paid page", |browser| browser.title() == "paid by sub_1");
                // Whoever asked when it was there was sent on: nobody had to ask again.
                assert_eq!(app.octany.asked(), 4, "{framework}, script: {script}");
                assert_eq!(browser.complaints(), Vec::<String>::new(), "{framework}");
            }
        }
    });
}

#[test]
fn who_has_paid_before_the_page_is_there_does_not_see_it() {
    with_browser(|browser| {
        for (framework, start) in FRAMEWORKS {
            let app = start(Plan { appears_at: 2, ..Plan::default() });
            press_the_button(browser, &app);
            browser.wait_for(&app.url("/reports?week=7"));
            assert_eq!(app.octany.asked(), 2, "{framework}");
        }
    });
}

#[test]
fn after_a_while_the_page_ends_and_says_what_happens_now() {
    with_browser(|browser| {
        for (_, start) in FRAMEWORKS {
            let app = start(Plan { give_up_after: Duration::from_secs(2), ..Plan::default() });
            for script in [true, false] {
                browser.run_scripts(script);
                press_the_button(browser, &app);
                browser.wait_for_text("can take several days");
                let asked = app.octany.asked();
                std::thread::sleep(SEVERAL_POLLS);
                assert_eq!(app.octany.asked(), asked, "script: {script}");
                let said = browser.said();
                assert!(
                    said.contains("link Check again") && said.contains("link Continue"),
                    "{said}"
                );
                assert!(!said.contains("This takes a moment"), "{said}");
                assert_eq!(browser.complaints(), Vec::<String>::new());
            }
            // It was worth looking again.
            app.octany.appear_now();
            browser.run_scripts(true);
            browser.evaluate("document.querySelector('a').click()");
            browser.wait_for(&app.url("/reports?week=7"));
        }
    });
}

#[test]
fn an_outage_is_waited_through() {
    with_browser(|browser| {
        let app = axum_app::start(Plan::default());
        press_the_button(browser, &app);
        browser.wait_for_text("This takes a moment");
        app.octany.away(true);
        app.wait_for_refusals(3);
        app.octany.away(false);
        app.octany.appear_now();
        browser.wait_for(&app.url("/reports?week=7"));
    });
}

#[test]
fn nothing_is_asked_while_nobody_looks() {
    with_browser(|browser| {
        let app = axum_app::start(Plan::default());
        press_the_button(browser, &app);
        browser.wait_for_text("This takes a moment");
        let look = |hidden: bool| {
            format!(
                "Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }});
                 document.dispatchEvent(new Event('visibilitychange'))"
            )
        };
        browser.evaluate(&look(true));
        // One question may be on its way.
        std::thread::sleep(SEVERAL_POLLS);
        let asked = app.octany.asked();
        app.octany.appear_now();
        std::thread::sleep(SEVERAL_POLLS);
        assert_eq!(app.octany.asked(), asked);
        browser.evaluate(&look(false));
        browser.wait_for(&app.url("/reports?week=7"));
    });
}

#[test]
fn the_page_has_a_heading_a_main_part_and_a_status_that_is_read_out() {
    with_browser(|browser| {
        let app = axum_app::start(Plan::default());
        press_the_button(browser, &app);
        browser.wait_for_text("This takes a moment");
        let said = browser.said();
        for part in [
            "RootWebArea Confirming your payment",
            "main",
            "heading Confirming your payment",
            "status",
        ] {
            assert!(said.lines().any(|line| line.trim() == part), "{part} in\n{said}");
        }
    });
}
