//! Whether two JSON texts say the same.
//!
//! Numbers are compared by their digits, so that no integer is too large to tell apart, and `[]`
//! is not `{}`. Strings are compared as what they decode to, and dates as instants: an offset of
//! `+00:00` may be written as `Z`.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, FixedOffset};
use serde::Deserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members that Octany's documents give a date.
const DATES: [&str; 6] = [
    ".created_at",
    ".data.created_at",
    ".data.renews_at",
    ".data.ends_at",
    ".data.trial_ends_at",
    ".data.starts_at",
];

/// What the second says differently, at its path.
pub(crate) fn difference(sent: &str, written: &str) -> Option<String> {
    compare("", sent, written).err()
}

fn compare(path: &str, sent: &str, written: &str) -> Result<(), String> {
    let differs = || format!("`{path}` was {sent} and is written as {written}");
    if sent.as_bytes().first() != written.as_bytes().first() {
        return Err(differs());
    }
    match sent.as_bytes() {
        [b'{', ..] => {
            let (sent, written) = (members(sent)?, members(written)?);
            if !sent.keys().eq(written.keys()) {
                return Err(differs());
            }
            for (key, sent) in sent {
                compare(&format!("{path}.{key}"), sent.get(), written[&key].get())?;
            }
        }
        [b'[', ..] => {
            let (sent, written) = (elements(sent)?, elements(written)?);
            if sent.len() != written.len() {
                return Err(differs());
            }
            for (index, (sent, written)) in sent.iter().zip(written).enumerate() {
                compare(&format!("{path}[{index}]"), sent.get(), written.get())?;
            }
        }
        [b'"', ..] => {
            let (sent, written) = (text(sent)?, text(written)?);
            let same_instant = || instant(&sent).is_some_and(|at| Some(at) == instant(&written));
            if sent != written && !(DATES.contains(&path) && same_instant()) {
                return Err(differs());
            }
        }
        _ if sent != written => return Err(differs()),
        _ => {}
    }
    Ok(())
}

fn members(json: &str) -> Result<BTreeMap<String, &RawValue>, String> {
    let mut json = serde_json::Deserializer::from_str(json);
    json.deserialize_map(Members).map_err(|error| error.to_string())
}

fn elements(json: &str) -> Result<Vec<&RawValue>, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn text(json: &str) -> Result<String, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn instant(text: &str) -> Option<DateTime<FixedOffset>> {
    let without_colon = || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z");
    DateTime::parse_from_rfc3339(text).or_else(|_| without_colon()).ok()
}

/// An object's members. A map of serde's own would let one that is written twice pass.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = BTreeMap<String, &'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<String, _>()? {
            if members.insert(key.clone(), value).is_some() {
                return Err(A::Error::custom(format!("`{key}` is there twice")));
            }
        }
        Ok(members)
    }
}

#[test]
fn an_offset_and_an_escape_may_be_written_in_another_way() {
    let sent = r#"{"created_at":"2026-03-01T13:00:00+01:00","a":"\u00e5\/"}"#;
    let written = r#"{"a":"å/","created_at":"2026-03-01T12:00:00Z"}"#;
    assert_eq!(difference(sent, written), None);
}

#[test]
fn everything_else_may_not() {
    for (sent, written) in [
        ("{}", "[]"),
        ("1", r#""1""#),
        ("25", "25.0"),
        ("9007199254740993", "9007199254740992"),
        (r#"{"a":null}"#, "{}"),
        (r#"{"a":1}"#, r#"{"a":1,"a":1}"#),
        ("[1,2]", "[2,1]"),
        (r#"{"at":"2026-03-01T12:00:00+00:00"}"#, r#"{"at":"2026-03-01T12:00:00Z"}"#),
        (r#"{"created_at":"2026-03-01T12:00:00Z"}"#, r#"{"created_at":"2026-03-01T12:00:01Z"}"#),
    ] {
        assert!(difference(sent, written).is_some(), "{sent} is not {written}");
    }
}
