//! What a visitor does.

use std::time::Instant;

use serde_json::{Value, json};

use super::{Browser, PATIENCE};

impl Browser {
    /// Opens a page, and waits for it. It must not lead elsewhere.
    pub fn open(&mut self, url: &str) {
        self.visit(url);
        self.wait_for(url);
    }

    /// Opens a page, which may lead elsewhere.
    pub fn visit(&mut self, url: &str) {
        self.call("Page.navigate", &json!({ "url": url }));
    }

    /// Clicks on a point of the screen.
    pub fn click(&mut self, x: f64, y: f64) {
        // Before it is painted, there is nothing to click on.
        self.call("Page.captureScreenshot", &json!({}));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Clicks on a button, a link or a choice, as soon as it is there: by its role and its name, as a
    /// screen reader tells them. A name that ends in `…` stands for all that begin so.
    ///
    /// # Panics
    ///
    /// If it never is.
    pub fn press(&mut self, role: &str, name: &str) {
        let (x, y) = self.patiently(&format!("{role} {name}"), |browser| {
            let node = browser.find(role, name)?;
            browser.try_call("DOM.scrollIntoViewIfNeeded", &node).ok()?;
            let quads = browser.try_call("DOM.getContentQuads", &node).ok()?;
            let corner = |index: usize| quads["quads"][0][index].as_f64();
            let middle = |from: Option<f64>, to: Option<f64>| Some(f64::midpoint(from?, to?));
            Some((middle(corner(0), corner(4))?, middle(corner(1), corner(5))?))
        });
        self.click(x, y);
    }

    /// Writes into an empty field.
    ///
    /// # Panics
    ///
    /// If there never is one of this name.
    pub fn fill(&mut self, name: &str, text: &str) {
        self.patiently(name, |browser| {
            let node = browser.find("textbox", name)?;
            browser.try_call("DOM.focus", &node).ok()
        });
        self.call("Input.insertText", &json!({ "text": text }));
    }

    /// Lets pages run scripts, or not.
    pub fn run_scripts(&mut self, run: bool) {
        self.call("Emulation.setScriptExecutionDisabled", &json!({ "value": !run }));
    }

    /// What a script gives; it is waited for. One that comes between two pages is run on the next.
    pub fn evaluate(&mut self, script: &str) -> Value {
        let call = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let evaluated = self.patiently("page that stays", |browser| {
            browser.try_call("Runtime.evaluate", &call).ok()
        });
        let exception = &evaluated["exceptionDetails"];
        assert!(exception.is_null(), "{script:.200}: {exception}");
        evaluated["result"]["value"].clone()
    }

    /// Tries until there is something.
    pub(super) fn patiently<T>(
        &mut self,
        what: &str,
        mut find: impl FnMut(&mut Self) -> Option<T>,
    ) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = find(self) {
                return found;
            }
            let late = start.elapsed() > PATIENCE;
            assert!(!late, "no {what}, but {}:\n{}", self.url(), self.said());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    /// A node, by its role and its name.
    fn find(&mut self, role: &str, name: &str) -> Option<Value> {
        let is_called = |its: &str| match name.strip_suffix('…') {
            Some(beginning) => its.trim().starts_with(beginning),
            None => its.trim() == name,
        };
        let is_it = |node: &&Value| {
            node["ignored"] == false
                && node["role"]["value"] == role
                && node["name"]["value"].as_str().is_some_and(is_called)
        };
        let nodes = self.nodes();
        let id = &nodes.iter().find(is_it)?["backendDOMNodeId"];
        id.is_u64().then(|| json!({ "backendNodeId": id }))
    }
}
