//! The same document, as `serde_json` reads it by itself: the referee.

use std::fmt;

use chrono::DateTime;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

/// Members that hold an instant, which is written again in one form.
const INSTANTS: [&str; 5] = ["created_at", "renews_at", "ends_at", "trial_ends_at", "starts_at"];

/// Whether the referee refuses a document for what it would rather not hold, though it is JSON.
pub(crate) fn is_its_own_limit(error: &serde_json::Error) -> bool {
    let said = error.to_string();
    [
        "recursion limit exceeded",
        "number out of range",
        "lone leading surrogate in hex escape",
        "unexpected end of hex escape",
        "invalid unicode code point",
    ]
    .iter()
    .any(|limit| said.starts_with(limit))
}

/// The names of an object's members, as often as they are there.
pub(crate) struct Names(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some((name, IgnoredAny)) = map.next_entry()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// Whether two documents say the same, read and written again; `data` and what is beside it may hold
/// instants.
pub(crate) fn same_document(read: &Value, written: &Value) -> bool {
    let (Some(read), Some(written)) = (read.as_object(), written.as_object()) else {
        return read == written;
    };
    let names = |name: &&String| !(*name == "data" && !read.contains_key("data"));
    written.keys().filter(names).count() == read.len()
        && read.iter().all(|(name, value)| {
            written.get(name).is_some_and(|other| match name.as_str() {
                "data" => same_document(value, other),
                name if INSTANTS.contains(&name) => same_instant(value, other),
                _ => same(value, other),
            })
        })
}

/// Whether two values are one, if `-0` and `0` are.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || (a.as_f64() == Some(0.0) && b.as_f64() == Some(0.0))
        }
        _ => one == other,
    }
}

fn same_instant(one: &Value, other: &Value) -> bool {
    let instant = |value: &Value| DateTime::parse_from_rfc3339(value.as_str()?).ok();
    match (instant(one), instant(other)) {
        (Some(one), Some(other)) => one == other,
        // In another form than the referee reads, it was either read or left as it came.
        _ => one.is_string() && other.is_string() || one == other,
    }
}
