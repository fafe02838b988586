//! Looking for secrets in what is written.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::bytes::{Regex, RegexBuilder};
use tracing_subscriber::fmt::MakeWriter;

/// What the tests plant, and what looks like it: secrets and keys of theirs, passwords in URLs, what a
/// portal link is signed with, mail addresses, Swedish personal numbers.
pub const SECRETS: &[&str] = &[
    "0123456789abcdef",
    "never-shown",
    "a demonstration's secret",
    "32 bytes out of a random source",
    "s3cret",
    r"secret@db\.internal",
    r"[?&;]signature=[0-9a-f]{8}",
    r"[A-Za-z0-9._+-]+(?:@|%40|\\u0040)[a-z0-9-]+\.(?:com|example|se)\b",
    r"\b(?:19|20)?[0-9]{2}[01][0-9][0-3][0-9]-[0-9]{4}\b",
];

static ANY: LazyLock<Regex> = LazyLock::new(|| {
    let any = RegexBuilder::new(&SECRETS.join("|")).unicode(false).build();
    any.expect("the expressions are correct")
});

/// How many outputs pass between two notes of their number.
const NOTED_EVERY: u64 = 256;

/// Whether a text shows one of the [`SECRETS`].
pub fn shows_a_secret(text: impl AsRef<[u8]>) -> bool {
    ANY.is_match(text.as_ref())
}

/// Searches what is written to it.
#[derive(Debug)]
pub struct Search(Mutex<Files>);

#[derive(Debug)]
struct Files {
    found: File,
    count: File,
    searched: u64,
}

impl Search {
    /// Writes what shows a secret to one file, and how much was searched to another.
    pub fn new(found: File, count: File) -> Self {
        Self(Mutex::new(Files { found, count, searched: 0 }))
    }
}

impl Files {
    fn search(&mut self, output: &[u8]) -> io::Result<()> {
        self.searched += 1;
        // Nobody says when a process ends, so a few of the last may be missing from the number.
        if self.searched.is_power_of_two() || self.searched.is_multiple_of(NOTED_EVERY) {
            self.count.rewind()?;
            writeln!(self.count, "{}", self.searched)?;
        }
        if shows_a_secret(output) { self.found.write_all(output) } else { Ok(()) }
    }
}

/// One event at a time: the formatter hands each over as a whole.
#[derive(Debug)]
pub struct Searched<'a>(&'a Search);

impl Write for Searched<'_> {
    fn write(&mut self, output: &[u8]) -> io::Result<usize> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).search(output)?;
        Ok(output.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Search {
    type Writer = Searched<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Searched(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_secret_is_seen() {
        for text in [
            "key=0123456789abcdef0123456789abcdef",
            "X-API-KEY: key-51f6cbd2e0-never-shown",
            "postgres://app:s3cret@localhost",
            "https://octany.example/portal?expires=1&signature=deadbeef99",
            r"https:\/\/octany.example\/portal?expires=1&amp;signature=deadbeef99",
            "mail anna@example.com",
            r#"{"email":"anna+test\u0040kund.example"}"#,
            "19850709-9805",
            "850709-9805",
        ] {
            assert!(shows_a_secret(text), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_left_alone() {
        for text in [
            "postgres://postgres@127.0.0.1/octany_test",
            "2026-11-21T18:15:23.625Z TRACE hyper::proto: flushed",
            "signature=missing",
            "delivery 00000000-0000-4000-8000-000000000001",
        ] {
            assert!(!shows_a_secret(text), "{text}");
        }
    }
}
