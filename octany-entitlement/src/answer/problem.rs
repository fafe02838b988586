//! Problem documents (RFC 9457).

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::Answer;

/// A problem: what kind it is, in one word for programs and one sentence for people.
pub(super) struct Problem<'a> {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
    pub(super) reason: &'static str,
    pub(super) checkout_url: Option<&'a str>,
}

impl Problem<'_> {
    pub(super) fn answer(&self) -> Answer {
        let mut answer =
            Answer::empty(self.status).with("content-type", "application/problem+json");
        answer.body = serde_json::to_string(self).expect("a problem is a map of strings").into();
        answer
    }
}

impl Serialize for Problem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &format_args!("urn:octany:problem:{}", self.kind))?;
        map.serialize_entry("title", self.title)?;
        map.serialize_entry("status", &self.status)?;
        map.serialize_entry("reason", self.reason)?;
        if let Some(checkout_url) = self.checkout_url {
            map.serialize_entry("checkout_url", checkout_url)?;
        }
        map.end()
    }
}
