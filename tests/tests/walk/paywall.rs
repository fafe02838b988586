//! The examples, each as a process of its own.

use octany_tests::browser::{Browser, with_browser};
use octany_tests::example::Example;

use super::sight::Sight;

#[test]
fn who_pays_is_in_at_once_and_who_cancels_stays_to_the_end_on_axum() {
    with_browser(|browser| walk(browser, "axum-paywall"));
}

#[test]
fn who_pays_is_in_at_once_and_who_cancels_stays_to_the_end_on_actix() {
    with_browser(|browser| walk(browser, "actix-paywall"));
}

/// A visitor, and what they see.
struct Walk<'a> {
    browser: &'a mut Browser,
    sight: Sight,
    app: Example,
    octany: String,
}

fn walk(browser: &mut Browser, package: &'static str) {
    let app = Example::start_beside_octany(package);
    let octany = app.octany.clone().expect("it has one");
    let mut walk = Walk { browser, sight: Sight::of(package), app, octany };
    walk.signs_in();
    walk.pays();
    walk.finds_the_portal();
    walk.cancels();
    walk.a_month_later();
    walk.waits_for_a_direct_debit();
}

impl Walk<'_> {
    fn signs_in(&mut self) {
        let app = self.app.url("/");
        self.browser.open(&app);
        self.browser.wait_for_text("Nobody is signed in");
        self.look("start");
        self.browser.press("link", "Sign in as Anna");
        self.browser.wait_for_text("user_42");
    }

    fn pays(&mut self) {
        self.browser.press("link", "The reports");
        self.is_at("/pricing");
        self.look("paywall");
        self.browser.press("button", "Subscribe");
        self.browser.wait_for_text("heading Checkout");
        self.look("checkout");
        self.browser.press("button", "Let the payment fail");
        self.browser.wait_for_text("The payment failed");
        self.look("checkout-failed");
        self.browser.fill("E-mail", "anna@example.com");
        self.browser.press("button", "Pay");
        self.is_at("/reports");
        self.browser.wait_for_text("Everything went up");
        self.look("reports");
    }

    fn finds_the_portal(&mut self) {
        self.browser.press("link", "Change how you pay");
        self.browser.press("radio", "Swish");
        self.look("portal-card");
        self.browser.press("button", "Save");
        self.browser.wait_for_text("From now on you pay this way");
        self.reports();
        self.browser.press("link", "Invoices");
        self.browser.wait_for_text("heading Your invoices");
        self.look("portal-invoices");
        self.reports();
    }

    fn cancels(&mut self) {
        self.browser.press("link", "Cancel");
        self.browser.wait_for_text("heading Cancel your subscription");
        self.look("portal-cancel");
        self.browser.press("button", "Cancel the subscription");
        self.browser.wait_for_text("The subscription is cancelled");
        self.look("portal-cancelled");
        // Open as before, and the app has heard of it.
        let reports = self.app.url("/reports");
        self.browser.wait("end of the paid time", |browser| {
            browser.open(&reports);
            browser.said().contains("They are yours until")
        });
        self.look("reports-cancelled");
        let me = self.app.url("/me");
        self.browser.open(&me);
        self.look("me");
    }

    fn a_month_later(&mut self) {
        self.control();
        self.look("control");
        self.browser.press("DisclosureTriangle", "order.paid delivered (204)…");
        self.browser.wait_for_text("Send again: delivery");
        self.look("control-delivery");
        self.advances("Advance 1 month");
        let reports = self.app.url("/reports");
        self.browser.visit(&reports);
        self.is_at("/pricing");
    }

    fn waits_for_a_direct_debit(&mut self) {
        let start = self.app.url("/");
        self.browser.open(&start);
        self.browser.press("link", "Sign in as Bob");
        self.browser.wait_for_text("user_43");
        self.browser.press("link", "The reports");
        self.browser.press("button", "Subscribe");
        self.browser.press("radio", "Direct debit (takes seven banking days)");
        self.browser.press("button", "Pay");
        self.browser.wait_for_text("This takes a moment");
        let pending = self.browser.url();
        self.look("pending");
        self.control();
        self.advances("Advance 1 day");
        self.browser.open(&pending);
        self.browser.wait_for_text("can take several days");
        self.look("pending-slow");
        self.control();
        // Seven banking days, and no renewal.
        for _ in 0..13 {
            self.advances("Advance 1 day");
        }
        self.browser.visit(&pending);
        self.is_at("/reports");
    }

    /// Opens the control page.
    fn control(&mut self) {
        let control = format!("{}/", self.octany);
        self.browser.open(&control);
        self.browser.wait_for_text("heading Local Octany");
    }

    /// Presses a button that sets the clock forward.
    fn advances(&mut self, button: &str) {
        let before = self.day();
        self.browser.press("button", button);
        let day = "document.querySelector('time')?.dateTime.slice(0, 10)";
        self.browser.wait("another day", |browser| {
            let now = browser.evaluate(day);
            now.as_str().is_some_and(|now| now > &*before)
        });
    }

    /// What the control page has as its day.
    fn day(&mut self) -> String {
        let day = self.browser.evaluate("document.querySelector('time').dateTime.slice(0, 10)");
        day.as_str().expect("the page tells the time").to_owned()
    }

    fn reports(&mut self) {
        let reports = self.app.url("/reports");
        self.browser.open(&reports);
    }

    fn is_at(&mut self, page: &str) {
        let page = self.app.url(page);
        self.browser.wait_for(&page);
    }

    fn look(&mut self, page: &str) {
        self.sight.look(self.browser, page);
    }
}
