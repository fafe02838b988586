//! What people and programs are told.

use std::error::Error;
use std::io::{self, Write};

use serde::Serialize;

use crate::failure::Failure;

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Tells a result: for people as text, for programs as JSON.
    pub(crate) fn tell(self, text: &str, json: &impl Serialize) {
        let line = if self.json {
            serde_json::to_string(json).expect("a result has string keys")
        } else {
            text.to_owned()
        };
        // Whoever reads may have read enough.
        let _ = writeln!(io::stdout().lock(), "{line}");
    }

    pub(crate) fn failed(self, failure: &Failure) {
        let mut text = failure.to_string();
        let mut cause = failure.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        let line = if self.json {
            serde_json::json!({ "error": text }).to_string()
        } else {
            format!("octany: {text}")
        };
        let _ = writeln!(io::stderr().lock(), "{line}");
    }
}
