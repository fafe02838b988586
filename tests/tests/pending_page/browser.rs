//! A Chromium without a window, spoken to over its pipe (the `DevTools` protocol).

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// So long it may take until something is there, before it counts as never.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs a test with a browser. Without one there is no test, unless `OCTANY_REQUIRE_CHROMIUM` is set.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
pub(crate) fn with_browser(test: impl FnOnce(&mut Browser)) {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let runs = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    if let Some(program) = names.iter().copied().find(|name| runs(name)) {
        return test(&mut Browser::start(program));
    }
    let missing = "the browser's tests need Chromium: sudo apt-get install chromium";
    assert!(std::env::var_os("OCTANY_REQUIRE_CHROMIUM").is_none(), "{missing}");
    eprintln!("left out, {missing}");
}

pub(crate) struct Browser {
    child: Child,
    input: ChildStdin,
    output: Receiver<Value>,
    session: Option<String>,
    calls: u64,
    /// What the page complained about: exceptions, refused scripts and styles.
    complaints: Vec<String>,
    _profile: tempfile::TempDir,
}

impl Browser {
    fn start(program: &str) -> Self {
        let profile = tempfile::tempdir().expect("a folder for its profile");
        // It reads from descriptor 3 and writes to 4.
        let mut child = Command::new("sh")
            .args(["-c", r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null"#, "sh", program])
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
            .args(["--disable-dev-shm-usage", "--remote-debugging-pipe", "--accept-lang=en"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let input = child.stdin.take().expect("it is piped");
        let mut from = BufReader::new(child.stdout.take().expect("it is piped"));
        let (told, output) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while from.read_until(0, &mut message).is_ok_and(|length| length > 0) {
                let read = serde_json::from_slice(message.strip_suffix(&[0]).unwrap_or(&message));
                if !read.is_ok_and(|read| told.send(read).is_ok()) {
                    break;
                }
                message.clear();
            }
        });
        let (session, complaints) = (None, Vec::new());
        let mut browser =
            Self { child, input, output, session, calls: 0, complaints, _profile: profile };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", &attach);
        browser.session = attached["sessionId"].as_str().map(ToOwned::to_owned);
        for domain in ["Page", "Runtime", "Log", "Accessibility", "DOM"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Calls a method of the protocol.
    pub(crate) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        let answered = self.try_call(method, parameters);
        answered.unwrap_or_else(|error| unreachable!("{method}: {error}"))
    }

    /// The same, where it may come between two pages.
    fn try_call(&mut self, method: &str, parameters: &Value) -> Result<Value, Value> {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.input.write_all(format!("{message}\0").as_bytes()).expect("the browser reads");
        loop {
            let mut answer = self.output.recv_timeout(PATIENCE).expect("the browser answers");
            if answer["id"] == self.calls {
                return match answer.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(answer["result"].take()),
                };
            }
            self.note(&answer);
        }
    }

    pub(crate) fn open(&mut self, url: &str) {
        self.call("Page.navigate", &json!({ "url": url }));
        self.wait_for(url);
    }

    pub(crate) fn click(&mut self, x: u32, y: u32) {
        // Before it is painted, there is nothing to click on.
        self.call("Page.captureScreenshot", &json!({}));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    pub(crate) fn run_scripts(&mut self, run: bool) {
        self.call("Emulation.setScriptExecutionDisabled", &json!({ "value": !run }));
    }

    pub(crate) fn evaluate(&mut self, script: &str) -> Value {
        let evaluated = self.call("Runtime.evaluate", &json!({ "expression": script }));
        evaluated["result"]["value"].clone()
    }

    /// Waits until a page of this URL is loaded.
    pub(crate) fn wait_for(&mut self, url: &str) {
        self.wait(url, |browser| browser.page("url") == url && !browser.said().is_empty());
    }

    /// Waits until something is there to be read.
    pub(crate) fn wait_for_text(&mut self, text: &str) {
        self.wait(text, |browser| browser.said().contains(text));
    }

    pub(crate) fn title(&mut self) -> String {
        self.page("title")
    }

    /// What a screen reader finds on the page: a line for each role and name.
    pub(crate) fn said(&mut self) -> String {
        let tree = self.try_call("Accessibility.getFullAXTree", &json!({})).unwrap_or_default();
        let nodes = tree["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |node: &Value, part: &str| node[part]["value"].as_str().unwrap_or("").to_owned();
        let seen = nodes.iter().filter(|node| node["ignored"] == false);
        let lines = seen.map(|node| format!("{} {}", text(node, "role"), text(node, "name")));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What the page has complained about since the last time.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        // What was complained about before is told before this is answered.
        self.call("Browser.getVersion", &json!({}));
        std::mem::take(&mut self.complaints)
    }

    fn page(&mut self, part: &str) -> String {
        let history = self.try_call("Page.getNavigationHistory", &json!({})).unwrap_or_default();
        let current =
            history["currentIndex"].as_u64().and_then(|index| usize::try_from(index).ok());
        let page = current.map(|current| &history["entries"][current][part]);
        page.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn wait(&mut self, what: &str, mut is_there: impl FnMut(&mut Self) -> bool) {
        let start = Instant::now();
        while !is_there(self) {
            let late = start.elapsed() > PATIENCE;
            assert!(!late, "no {what}, but {}:\n{}", self.page("url"), self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn note(&mut self, event: &Value) {
        let is_error = event["params"]["entry"]["level"] == "error";
        if event["method"] == "Runtime.exceptionThrown" || is_error {
            self.complaints.push(event["params"].to_string());
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
