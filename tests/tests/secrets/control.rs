//! The search itself: it finds what leaks, misses nothing that was not shown, and is not content with
//! less than there is.

use std::error::Error;
use std::fmt;

use crate::planted::{ALL, EMAIL, PORTAL, SECRET, SESSION};
use crate::search::{Search, shows};
use crate::types::Types;

/// Says its source in `Debug`, its document in `Display` of the source.
#[derive(Debug)]
struct Leaky {
    _body: Vec<u8>,
}

impl fmt::Display for Leaky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing to see")
    }
}

impl Error for Leaky {}

#[derive(Debug)]
struct Outer(std::io::Error);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it failed")
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

fn search() -> Search {
    Search::among(Types::none("control"))
}

#[test]
fn everything_planted_is_found_in_every_form() {
    for planted in ALL {
        assert!(shows(planted), "{planted}");
        assert!(shows(&format!("{:?}", planted.as_bytes())), "{planted}");
        assert!(shows(&format!("{:#?}", planted.as_bytes())), "{planted}");
        assert!(shows(&const_hex::encode(planted)), "{planted}");
        assert!(shows(&planted.replace('/', "\\/")), "{planted}");
    }
    assert!(!shows("Text(13 bytes), PortalUrl(..), [1, 2, 3]"));
}

#[test]
fn a_leak_is_caught_in_debug_in_a_source_and_in_an_answer() {
    let caught = |planted: &str, plant: fn(&mut Search)| {
        let mut search = search();
        plant(&mut search);
        let outcome = search.outcome(0);
        assert!(
            outcome.is_err_and(|found| found.contains("shows what it should not")),
            "{planted}"
        );
    };
    caught("Debug", |search| search.debug(&Leaky { _body: SECRET.into() }));
    caught("Display", |search| search.display(&EMAIL));
    caught("the source", |search| {
        search.error(&Outer(std::io::Error::other(format!("cannot open {PORTAL}"))));
    });
    caught("the header", |search| {
        search.answer("a refusal", 400, [("location", PORTAL.as_bytes())], b"");
    });
    caught("the body", |search| search.answer("a refusal", 400, [], SESSION.as_bytes()));
}

#[test]
fn what_was_not_shown_is_missed() {
    let source =
        "pub struct Shown;\npub enum SomeError {\n    One,\n    Two(String),\n}\nstruct Own;\n";
    let types = |module: &str| {
        let mut types = Types::none("control");
        types.read(module, source);
        types
    };
    let missed = Search::among(types("control")).outcome(0).expect_err("nothing was shown");
    for name in ["Shown", "SomeError", "SomeError::One", "SomeError::Two"] {
        assert!(missed.lines().any(|line| line == format!("control::{name}")), "{name}: {missed}");
    }
    assert!(!missed.contains("Own"), "{missed}");
    let mut search = Search::among(types(module_path!()));
    search.debug(&Shown);
    search.debug(&SomeError::One);
    let missed = search.outcome(0).expect_err("one variant was not shown");
    assert!(missed.contains("SomeError::Two") && missed.lines().count() == 2, "{missed}");
}

#[derive(Debug)]
struct Shown;

#[derive(Debug)]
enum SomeError {
    One,
}

#[test]
fn a_search_of_less_than_there_is_fails() {
    let mut search = search();
    search.text("one", "nothing");
    assert!(search.outcome(2).is_err());
}

#[test]
#[should_panic(expected = "is not refused")]
fn an_answer_that_lets_pass_is_no_refusal() {
    search().answer("a page", 200, [], b"");
}
