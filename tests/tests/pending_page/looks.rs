//! How the page looks on a desk and on a phone, by day and by night.

use serde_json::json;

use super::app::Plan;
use super::axum_app;
use super::browser::with_browser;
use super::press_the_button;

/// Set `OCTANY_SCREENSHOTS` to a folder to see them.
#[test]
fn the_page_fits_every_screen_by_day_and_by_night() {
    with_browser(|browser| {
        let app = axum_app::start(Plan::default());
        let slow =
            axum_app::start(Plan { give_up_after: std::time::Duration::ZERO, ..Plan::default() });
        for (state, app) in [("waiting", &app), ("slow", &slow)] {
            press_the_button(browser, app);
            browser.wait_for_text("heading Confirming your payment");
            for (screen, width, height) in
                [("desk", 1280, 800), ("phone", 390, 844), ("small", 320, 480)]
            {
                for scheme in ["light", "dark"] {
                    let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
                    browser.call("Emulation.setDeviceMetricsOverride", &size);
                    let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
                    browser.call("Emulation.setEmulatedMedia", &json!({ "features": features }));
                    let name = format!("{state}, {screen}, {scheme}");
                    let wide = "document.documentElement.scrollWidth <= innerWidth";
                    assert_eq!(
                        browser.evaluate(wide),
                        true,
                        "{name}: it has to be scrolled sideways"
                    );
                    let paper = browser.evaluate("getComputedStyle(document.body).backgroundColor");
                    let expected =
                        if scheme == "dark" { "rgb(13, 17, 23)" } else { "rgb(255, 255, 255)" };
                    assert_eq!(paper, expected, "{name}");
                    if let Some(folder) = std::env::var_os("OCTANY_SCREENSHOTS") {
                        let shot = browser.call("Page.captureScreenshot", &json!({}));
                        let file = std::path::Path::new(&folder).join(format!("{name}.base64"));
                        let shot = shot["data"].as_str().unwrap_or_default();
                        std::fs::write(file, shot).expect("a folder to write to");
                    }
                }
            }
        }
    });
}
