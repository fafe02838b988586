//! What a page looks like: on which screen, and by day or by night.

use std::path::Path;

use base64ct::{Base64, Encoding as _};
use serde_json::json;

use super::Browser;

/// A screen.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// What it is called.
    pub name: &'static str,
    width: u32,
    height: u32,
}

impl Screen {
    /// One that stands on a desk.
    pub const DESK: Self = Self { name: "desk", width: 1280, height: 800 };
    /// One for a hand.
    pub const PHONE: Self = Self { name: "phone", width: 390, height: 844 };
    /// One for a small hand.
    pub const SMALL: Self = Self { name: "small", width: 320, height: 480 };
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// On which screen.
    pub screen: Screen,
    /// `light` or `dark`.
    pub scheme: &'static str,
}

impl View {
    /// All of these screens, by day and by night.
    pub fn on(screens: &[Screen]) -> impl Iterator<Item = Self> {
        screens.iter().flat_map(|screen| {
            ["light", "dark"].into_iter().map(|scheme| Self { screen: *screen, scheme })
        })
    }
}

impl Browser {
    /// Looks at pages in this way from now on.
    pub fn look(&mut self, View { screen, scheme }: View) {
        let size = json!({
            "width": screen.width, "height": screen.height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.call("Emulation.setDeviceMetricsOverride", &size);
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// Whether the page fits the width of the screen.
    pub fn fits(&mut self) -> bool {
        self.evaluate("document.documentElement.scrollWidth <= innerWidth") == true
    }

    /// Keeps a picture of the whole page in the folder of `OCTANY_SCREENSHOTS`, if that is set.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn screenshot(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("OCTANY_SCREENSHOTS") else { return };
        let size = self.call("Page.getLayoutMetrics", &json!({}))["cssContentSize"].take();
        let (width, height) = (&size["width"], &size["height"]);
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        let all = json!({ "captureBeyondViewport": true, "clip": clip });
        let shot = self.call("Page.captureScreenshot", &all);
        let png = Base64::decode_vec(shot["data"].as_str().unwrap_or_default());
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let file = Path::new(&folder).join(format!("{name}.png"));
        std::fs::write(file, png.expect("it is base64")).expect("a folder to write to");
    }
}
