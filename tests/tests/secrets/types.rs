//! Which public types a crate has, read off its source.
//!
//! A `pub` that cannot be reached from outside is refused by the lint `unreachable_pub`, so what says
//! `pub` is public.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What the names of errors end with.
const ERRORS: [&str; 8] =
    ["Cause", "Denial", "Error", "ErrorKind", "Hint", "Problem", "Refusal", "Signature"];

/// The public types of a crate.
#[derive(Debug)]
pub(crate) struct Types {
    krate: String,
    /// Module and name: `octany_core::resource::order::Order`.
    all: BTreeSet<String>,
    /// The variants of those that are errors.
    variants: BTreeSet<String>,
}

impl Types {
    /// Of a crate in this workspace, named by its folder.
    pub(crate) fn of(krate: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(krate).join("src");
        let mut types = Self::none(krate);
        let files = files(&root);
        assert!(!files.is_empty(), "{krate} has no source");
        for file in files {
            let text = fs::read_to_string(&file).expect("a source is text");
            types.read(&module(krate, file.strip_prefix(&root).expect("it is below")), &text);
        }
        types
    }

    pub(crate) fn none(krate: &str) -> Self {
        Self { krate: krate.to_owned(), all: BTreeSet::new(), variants: BTreeSet::new() }
    }

    pub(crate) fn krate(&self) -> &str {
        &self.krate
    }

    /// Takes in what a file declares, also inside of a macro's call.
    pub(crate) fn read(&mut self, module: &str, text: &str) {
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let (mut error, mut ids, mut before) = (None, false, "");
        for line in text.lines() {
            let declared = line.trim_start();
            let is_enum = declared.strip_prefix("pub enum ");
            let name = is_enum.or(declared.strip_prefix("pub struct ")).and_then(word);
            // What has to be `pub` and cannot be named from outside says so.
            if let Some(name) = name.filter(|_| !before.contains("allow(unreachable_pub)")) {
                self.all.insert(format!("{module}::{name}"));
                let is_error = ERRORS.iter().any(|kind| name.ends_with(kind));
                error = is_enum.filter(|_| is_error).map(|_| name);
            }
            before = line;
            match (line, error) {
                ("}", _) => (error, ids) = (None, false),
                // The one macro that takes names only.
                ("ids! {", _) => ids = true,
                _ if ids && line.ends_with(';') => {
                    self.all.extend(word(declared).map(|name| format!("{module}::{name}")));
                }
                (_, Some(name)) if line.len() - declared.len() == 4 => {
                    let variant =
                        word(declared).filter(|first| first.starts_with(char::is_uppercase));
                    self.variants.extend(variant.map(|it| format!("{module}::{name}::{it}")));
                }
                _ => {}
            }
        }
    }

    pub(crate) fn remove(&mut self, own: &[&str]) {
        for name in own {
            assert!(self.all.remove(*name), "there is no {name}");
        }
    }

    /// What was not shown.
    pub(crate) fn missed(
        &self,
        shown: &BTreeSet<String>,
        variants: &BTreeSet<String>,
    ) -> Vec<String> {
        self.all.difference(shown).chain(self.variants.difference(variants)).cloned().collect()
    }
}

/// A type's own name, without those of what it is made of.
pub(crate) fn name_of(name: &str) -> String {
    name.trim_start_matches('&').split('<').next().unwrap_or_default().to_owned()
}

/// The identifier that a text begins with.
fn word(text: &str) -> Option<&str> {
    let end = text.find(|end: char| !end.is_alphanumeric() && end != '_').unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

fn module(krate: &str, file: &Path) -> String {
    let parts = file.iter().filter_map(|part| part.to_str());
    let parts = parts.map(|part| part.strip_suffix(".rs").unwrap_or(part));
    let parts = parts.filter(|part| !["mod", "lib"].contains(part));
    [krate.replace('-', "_").as_str()].into_iter().chain(parts).collect::<Vec<_>>().join("::")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a crate has a source");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    paths
        .flat_map(|path| {
            let is_source = path.extension().is_some_and(|kind| kind == "rs");
            if path.is_dir() {
                files(&path)
            } else {
                is_source.then_some(path).into_iter().collect()
            }
        })
        .collect()
}
