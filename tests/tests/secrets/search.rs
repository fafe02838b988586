//! Searching what is shown.

use std::any::type_name;
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::{Debug, Display, Write as _};

use octany_test_trace::shows_a_secret;

use crate::planted;
use crate::types::{Types, name_of};

/// What was searched of one crate, and what was found.
pub(crate) struct Search {
    types: Types,
    searched: u64,
    found: Vec<String>,
    /// The types that were shown by `Debug`, and the variants of those that are enums.
    shown: BTreeSet<String>,
    variants: BTreeSet<String>,
}

impl Search {
    /// In a crate, named by its folder.
    pub(crate) fn of(krate: &str) -> Self {
        Self::among(Types::of(krate))
    }

    pub(crate) fn among(types: Types) -> Self {
        let (found, shown, variants) = Default::default();
        Self { types, searched: 0, found, shown, variants }
    }

    /// But for types that nobody outside of the crate can have a value of.
    pub(crate) fn without(mut self, own: &[&str]) -> Self {
        self.types.remove(own);
        self
    }

    /// A text that is shown to somebody.
    pub(crate) fn text(&mut self, whose: &str, text: &str) {
        self.searched += 1;
        if shows(text) {
            self.found.push(format!("{whose}: {text}"));
        }
    }

    /// A value, in both forms of `Debug`.
    pub(crate) fn debug<T: Debug>(&mut self, value: &T) {
        let name = name_of(type_name::<T>());
        let text = format!("{value:?}");
        let variant = text.split(|end: char| !end.is_ascii_alphanumeric()).next();
        self.variants.insert(format!("{name}::{}", variant.unwrap_or_default()));
        self.text(type_name::<T>(), &text);
        self.text(type_name::<T>(), &format!("{value:#?}"));
        self.shown.insert(name);
    }

    pub(crate) fn debug_all<T: Debug>(&mut self, values: impl IntoIterator<Item = T>) {
        for value in values {
            self.debug(&value);
        }
    }

    /// An error as logs show it: itself and the whole chain of its sources.
    pub(crate) fn error<E: Error + 'static>(&mut self, error: &E) {
        self.debug(error);
        self.chain(error);
    }

    pub(crate) fn errors<E: Error + 'static>(&mut self, errors: &[E]) {
        for error in errors {
            self.error(error);
        }
    }

    pub(crate) fn chain(&mut self, error: &(dyn Error + 'static)) {
        let mut next = Some(error);
        while let Some(error) = next {
            self.text("an error", &error.to_string());
            self.text("an error", &format!("{error:?}"));
            self.text("an error", &format!("{error:#?}"));
            next = error.source();
        }
    }

    pub(crate) fn display(&mut self, value: &impl Display) {
        self.text("Display", &value.to_string());
    }

    /// An answer that refuses: headers and body.
    pub(crate) fn answer<'a>(
        &mut self,
        case: &str,
        status: u16,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        body: &[u8],
    ) {
        assert!(status >= 400, "{case} is not refused: {status}");
        let mut head = String::new();
        for (name, value) in headers {
            let value = String::from_utf8_lossy(value);
            writeln!(head, "{name}: {value}").expect("a string takes all");
        }
        self.text(case, &head);
        self.text(case, &String::from_utf8_lossy(body));
    }

    /// Fails if anything was found, or less was searched than there is: types, variants of errors,
    /// and `floor` texts.
    #[track_caller]
    #[expect(clippy::print_stderr, reason = "how much was searched is part of the proof")]
    pub(crate) fn end(self, floor: u64) {
        let outcome = self.outcome(floor);
        eprintln!("{}", outcome.as_ref().unwrap_or_else(|found| found));
        assert!(outcome.is_ok(), "{outcome:?}");
    }

    pub(crate) fn outcome(self, floor: u64) -> Result<String, String> {
        let krate = self.types.krate();
        if !self.found.is_empty() {
            return Err(format!("{krate} shows what it should not:\n{}", self.found.join("\n")));
        }
        let missed = self.types.missed(&self.shown, &self.variants);
        if !missed.is_empty() {
            return Err(format!("{krate} has what was not shown:\n{}", missed.join("\n")));
        }
        let (searched, types) = (self.searched, self.shown.len());
        if searched < floor {
            return Err(format!("{krate}: {searched} texts were searched, {floor} are expected"));
        }
        Ok(format!("{krate}: {searched} texts of {types} types were searched"))
    }
}

/// Whether a text shows what was planted, as text or as bytes.
pub(crate) fn shows(text: &str) -> bool {
    let numbers: String = text.split_whitespace().collect();
    shows_a_secret(text)
        || planted::ALL.iter().any(|planted| {
            let as_numbers: Vec<_> = planted.bytes().map(|byte| byte.to_string()).collect();
            let unescaped = text.replace("\\/", "/").replace("\\\"", "\"");
            unescaped.contains(planted)
                || text.contains(&const_hex::encode(planted))
                || numbers.contains(&as_numbers.join(","))
        })
}
