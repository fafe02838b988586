//! A Chromium without a window, spoken to over its pipe (the `DevTools` protocol).

mod act;
mod axe;
mod read;
mod view;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

pub use self::axe::Axe;
pub use self::view::{Screen, View};

/// So long it may take until something is there, before it counts as never.
const PATIENCE: Duration = Duration::from_mins(1);

/// Set where a test that needs a program must not be left out.
const REQUIRE: &str = "OCTANY_REQUIRE_CHROMIUM";

/// Runs a test with a browser. Without one there is no test, unless `OCTANY_REQUIRE_CHROMIUM` is set.
///
/// # Panics
///
/// If there is no browser and has to be one, and where the test does.
pub fn with_browser(test: impl FnOnce(&mut Browser)) {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let runs = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    if let Some(program) = names.iter().copied().find(|name| runs(name)) {
        return test(&mut Browser::start(program));
    }
    leave_out("the browser's tests need Chromium: sudo apt-get install chromium");
}

/// Goes on without what is missing, if that may be.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn leave_out(missing: &str) {
    assert!(std::env::var_os(REQUIRE).is_none(), "{missing}");
    eprintln!("left out, {missing}");
}

/// A browser with one page.
///
/// Its methods panic where the page or the browser does not do what they are for: that is a test's
/// failure.
#[derive(Debug)]
pub struct Browser {
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
            .args(["--disable-background-networking", "--disable-component-update"])
            .args(["--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars"])
            .args(["--remote-debugging-pipe", "--accept-lang=en"])
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
    ///
    /// # Panics
    ///
    /// If the browser refuses.
    pub fn call(&mut self, method: &str, parameters: &Value) -> Value {
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
