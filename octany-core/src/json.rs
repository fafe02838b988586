//! The one place that reads JSON text: values as slices of the verified body, left raw until asked.
//!
//! Everything is read one object deep; what is nested stays text. No input can recurse.

use std::borrow::Cow;
use std::fmt;

use bytestring::ByteString;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// How deep a field of a known shape may nest before it is taken for an attack instead of a quirk.
const MAX_DEPTH: usize = 128;

/// The text of one JSON value and the document it is a slice of.
#[derive(Clone, Copy)]
pub(crate) struct Raw<'a> {
    document: &'a ByteString,
    text: &'a str,
}

impl<'a> Raw<'a> {
    /// `text` must be a slice of `document` and hold one valid JSON value.
    pub(crate) fn new(document: &'a ByteString, text: &'a str) -> Self {
        Self { document, text }
    }

    pub(crate) fn text(self) -> &'a str {
        self.text
    }

    /// The same text, sharing the document's bytes.
    pub(crate) fn share(self) -> ByteString {
        self.document.slice_ref(self.text)
    }

    pub(crate) fn is_null(self) -> bool {
        self.text == "null"
    }

    pub(crate) fn is_object(self) -> bool {
        self.text.starts_with('{')
    }

    pub(crate) fn is_array(self) -> bool {
        self.text.starts_with('[')
    }

    /// An object or array without members; PHP writes `[]` for both.
    pub(crate) fn is_empty_collection(self) -> bool {
        let inner = self.text.strip_prefix(['[', '{']).and_then(|t| t.strip_suffix([']', '}']));
        inner.is_some_and(|inner| inner.trim_ascii().is_empty())
    }

    /// What stands between the quotes of a string, and whether it must be unescaped; the quotes
    /// are kept in that case, so that it is still a JSON string.
    pub(crate) fn string(self) -> Option<(&'a str, bool)> {
        let inner = self.text.strip_prefix('"')?.strip_suffix('"')?;
        if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
            return Some((inner, false));
        }
        surrogates_are_paired(inner.as_bytes()).then_some((self.text, true))
    }

    /// The same, sharing the document's bytes.
    pub(crate) fn shared_string(self) -> Option<(ByteString, bool)> {
        self.string().map(|(text, escaped)| (self.document.slice_ref(text), escaped))
    }

    /// The digits of an integer of any size.
    pub(crate) fn integer(self) -> Option<&'a str> {
        let digits = self.text.strip_prefix('-').unwrap_or(self.text);
        (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then_some(self.text)
    }

    /// Whether brackets nest deeper than any real document's do.
    pub(crate) fn is_too_deep(self) -> bool {
        let (mut depth, mut deepest) = (0_usize, 0_usize);
        let (mut in_string, mut escaped) = (false, false);
        for byte in self.text.bytes() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = in_string,
                b'"' => in_string = !in_string,
                b'[' | b'{' if !in_string => depth += 1,
                b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        deepest > MAX_DEPTH
    }

    /// Reads this value as an object.
    pub(crate) fn read_object(self, fields: &mut dyn Fields) -> Result<bool, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(self.text);
        let is_object = Object { document: self.document, fields }.deserialize(&mut json)?;
        json.end()?;
        Ok(is_object)
    }

    /// The values of an array; none for PHP's empty object.
    pub(crate) fn elements(self) -> Option<Vec<Raw<'a>>> {
        if !self.is_array() {
            return self.is_empty_collection().then(Vec::new);
        }
        let texts: Vec<&RawValue> = serde_json::from_str(self.text).ok()?;
        Some(texts.into_iter().map(|t| Raw::new(self.document, t.get())).collect())
    }
}

/// The content of a JSON string with escapes, quotes included.
pub(crate) fn unescape(quoted: &str) -> String {
    serde_json::from_str(quoted)
        .expect("the string was read from a JSON document and its surrogates are paired")
}

/// Takes the members of an object one by one.
pub(crate) trait Fields {
    fn field(&mut self, key: &str, value: Raw<'_>);
}

/// Reads an object straight from the parser, so that its text is walked once.
/// Answers `false` for a value that is not an object; an empty array is PHP's empty object.
pub(crate) struct Object<'a, 'f> {
    pub(crate) document: &'a ByteString,
    pub(crate) fields: &'f mut dyn Fields,
}

impl<'de> DeserializeSeed<'de> for Object<'de, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Object<'de, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        while let Some(key) = map.next_key_seed(Key)? {
            let value: &'de RawValue = map.next_value()?;
            self.fields.field(&key, Raw::new(self.document, value.get()));
        }
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        let mut empty = true;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            empty = false;
        }
        Ok(empty)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }
}

/// A member's name, borrowed unless escaped.
pub(crate) struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// Whether every `\uD800`..`\uDFFF` is half of a pair: the only escapes that a JSON parser lets
/// through although they name no character. The text is inside of valid JSON.
fn surrogates_are_paired(text: &[u8]) -> bool {
    let unit = |at: usize| -> Option<u16> {
        let hex = text.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
    };
    let mut at = 0;
    // Most escapes are a slash's, in URLs.
    while let Some(plain) = memchr::memchr(b'\\', text.get(at..).unwrap_or_default()) {
        at += plain;
        at += match unit(at) {
            Some(0xD800..=0xDBFF) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => return false,
            Some(_) => 6,
            None => 2,
        };
    }
    true
}
