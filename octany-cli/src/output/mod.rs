//! What people and programs are told.

mod plain;
mod progress;
mod table;
mod tone;

use std::error::Error;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

pub(crate) use self::plain::{plain, plain_lines};
pub(crate) use self::progress::Progress;
pub(crate) use self::table::{Cell, Table};
pub(crate) use self::tone::Tone;
use crate::failure::Failure;

/// Whether a result could not be written: a full disk is no success.
static LOST: AtomicBool = AtomicBool::new(false);

/// Where results go: to people as text, to programs as JSON, one document a line.
///
/// Text may be painted ([`Tone::paint`]): colours are left out where they are not wanted, or nobody
/// could see them. What comes from outside is made [`plain()`] first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether a program reads.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Tells a result: for people as text, for programs as JSON.
    pub(crate) fn tell(self, text: &str, json: &impl Serialize) {
        if self.json {
            self.document(json);
        } else {
            written(writeln!(anstream::stdout().lock(), "{text}"));
        }
    }

    /// Tells a list: for people as a table, or what is said of an empty one; for programs as one
    /// document for each row.
    pub(crate) fn list<T: Serialize>(self, table: &Table, none: &str, rows: &[T]) {
        if self.json {
            for row in rows {
                self.document(row);
            }
        } else if rows.is_empty() {
            written(writeln!(anstream::stdout().lock(), "{none}"));
        } else {
            written(writeln!(anstream::stdout().lock(), "{table}"));
        }
    }

    /// Tells people how it goes, beside the results; programs are told nothing.
    pub(crate) fn note(self, text: &str) {
        if !self.json {
            let _ = writeln!(anstream::stderr().lock(), "{text}");
        }
    }

    /// Says why something could not be done, with all of its causes.
    pub(crate) fn failed(self, failure: &Failure) {
        let mut text = failure.to_string();
        let mut cause = failure.source();
        while let Some(error) = cause {
            let why = error.to_string();
            // Some say what their cause says.
            if !text.ends_with(&why) {
                text = format!("{text}: {why}");
            }
            cause = error.source();
        }
        if self.json {
            let line = serde_json::json!({ "error": text });
            let _ = writeln!(io::stderr().lock(), "{line}");
        } else {
            let name = Tone::Bad.paint("octany:");
            let _ = writeln!(anstream::stderr().lock(), "{name} {}", plain_lines(&text));
        }
    }

    /// Whether all results were written, or nobody wanted to read more of them.
    pub(crate) fn is_complete() -> bool {
        !LOST.load(Ordering::Relaxed)
    }

    fn document(self, json: &impl Serialize) {
        debug_assert!(self.json);
        let line = serde_json::to_string(json).expect("a result has string keys");
        written(writeln!(io::stdout().lock(), "{line}"));
    }
}

/// Whoever reads may have read enough. Everything else that keeps a result back is a failure.
fn written(result: io::Result<()>) {
    if result.is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}
