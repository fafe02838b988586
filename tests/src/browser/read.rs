//! What a visitor finds.

use serde_json::{Value, json};

use super::Browser;

impl Browser {
    /// Waits until a page of this URL is loaded.
    pub fn wait_for(&mut self, url: &str) {
        self.wait(url, |browser| browser.url() == url && !browser.said().is_empty());
    }

    /// Waits until something is there to be read.
    pub fn wait_for_text(&mut self, text: &str) {
        self.wait(text, |browser| browser.said().contains(text));
    }

    /// Waits until something is so.
    ///
    /// # Panics
    ///
    /// If it never is.
    pub fn wait(&mut self, what: &str, mut is_so: impl FnMut(&mut Self) -> bool) {
        self.patiently(what, |browser| is_so(browser).then_some(()));
    }

    /// The page's URL.
    pub fn url(&mut self) -> String {
        self.entry("url")
    }

    /// The page's title.
    pub fn title(&mut self) -> String {
        self.entry("title")
    }

    /// What a screen reader finds on the page: a line for each role and name.
    pub fn said(&mut self) -> String {
        let text = |node: &Value, part: &str| node[part]["value"].as_str().unwrap_or("").to_owned();
        let nodes = self.nodes();
        let seen = nodes.iter().filter(|node| node["ignored"] == false);
        let lines = seen.map(|node| format!("{} {}", text(node, "role"), text(node, "name")));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What the page has complained about since the last time.
    pub fn complaints(&mut self) -> Vec<String> {
        // What was complained about before is told before this is answered.
        self.call("Browser.getVersion", &json!({}));
        std::mem::take(&mut self.complaints)
    }

    /// What a screen reader knows of the page; nothing between two pages.
    pub(super) fn nodes(&mut self) -> Vec<Value> {
        let tree = self.try_call("Accessibility.getFullAXTree", &json!({})).unwrap_or_default();
        tree["nodes"].as_array().cloned().unwrap_or_default()
    }

    /// What the browser's history has of the page.
    fn entry(&mut self, part: &str) -> String {
        let history = self.try_call("Page.getNavigationHistory", &json!({})).unwrap_or_default();
        let current =
            history["currentIndex"].as_u64().and_then(|index| usize::try_from(index).ok());
        let page = current.map(|current| &history["entries"][current][part]);
        page.and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}
