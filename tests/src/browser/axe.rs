//! The accessibility check: axe-core, which npm installs from `package.json` beside this crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Browser, leave_out};

const PACKAGE: &str = include_str!("../../package.json");
const LOCK: &str = include_str!("../../package-lock.json");

/// What the check finds wrong on a page, a line each.
const RUN: &str = "typeof axe == 'undefined' ? null : axe.run(document, { resultTypes: ['violations'] }).then((found) =>
    found.violations.flatMap((rule) => rule.nodes.map((node) =>
        `${rule.id}: ${rule.help}: ${node.html} ${node.failureSummary}`)))";

/// The accessibility check.
#[derive(Debug)]
pub struct Axe {
    source: String,
}

impl Axe {
    /// Fetches it by npm, once for each version and target folder. Without npm there is none, and
    /// pages are not checked, unless `OCTANY_REQUIRE_CHROMIUM` is set.
    ///
    /// # Panics
    ///
    /// If there has to be one and is none.
    pub fn fetch() -> Option<Self> {
        let file = Path::new("node_modules/axe-core/axe.min.js");
        let folder = folder();
        if !folder.join(file).exists()
            && let Err(why) = install(&folder, file)
        {
            leave_out(&format!("the accessibility check needs npm and axe-core: {why}"));
            return None;
        }
        let source = fs::read_to_string(folder.join(file)).expect("it was installed");
        Some(Self { source })
    }

    /// What it finds wrong on the page as it is shown.
    ///
    /// # Panics
    ///
    /// If it cannot be run.
    pub fn violations(&self, browser: &mut Browser) -> Vec<String> {
        // A page may give way to another one at any moment.
        browser.patiently("page that is checked", |browser| {
            let found = browser.evaluate(RUN);
            if found.is_null() {
                browser.evaluate(&format!("{}; null", self.source));
            }
            let found = found.as_array()?.iter();
            Some(found.map(|it| it.as_str().unwrap_or_default().to_owned()).collect())
        })
    }
}

/// Where it is kept: beside what was built, by its version.
fn folder() -> PathBuf {
    let lock: Value = serde_json::from_str(LOCK).expect("npm writes JSON");
    let version = &lock["packages"]["node_modules/axe-core"]["version"];
    let version = version.as_str().expect("axe-core is locked");
    let test = std::env::current_exe().expect("a test has a path");
    let target = test.ancestors().nth(3).expect("target/<profile>/deps/<test>");
    target.join("npm").join(format!("axe-core-{version}"))
}

/// Installs it elsewhere and moves it, since several tests may do so at the same time.
fn install(folder: &Path, file: &Path) -> Result<(), String> {
    let parent = folder.parent().expect("it is in the target folder");
    fs::create_dir_all(parent).map_err(|error| error.to_string())?;
    let new = tempfile::tempdir_in(parent).map_err(|error| error.to_string())?;
    for (name, text) in [("package.json", PACKAGE), ("package-lock.json", LOCK)] {
        fs::write(new.path().join(name), text).map_err(|error| error.to_string())?;
    }
    let done = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(new.path())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("npm: {error}"))?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    match fs::rename(new.path(), folder) {
        // Somebody else was faster.
        Err(_) if folder.join(file).exists() => Ok(()),
        moved => moved.map_err(|error| error.to_string()),
    }
}
